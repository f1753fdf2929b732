"""DeepLIFT through the convolutions of the CNN: each sample and each reference pass once.

Captum sends a sample and its reference through the network for every estimate. Here what the
layers make of them is kept, so that a sample meets many references, a reference is used for many
masks, and multipliers are carried back once for a pair. The rules are Captum's: rescale at
ReLUs, and at max pooling the part of each input's maximum, taken where that maximum is. Where two
inputs of a layer are the same, what is carried back there ends at genes whose difference is zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from helpers.models import CNN
from helpers.models.narrow import convolve_back

# Captum takes the gradient where the two inputs of a layer are closer than this.
_SAME_INPUT = 1e-10


@dataclass(frozen=True)
class Block:
    """What a block of convolution, pooling, BatchNorm and ReLU makes of some rows.

    Attributes
    ----------
    convolved, pooled, places
        Output of the convolution; its maxima over 2 × 2 places; and where these are.
    normed
        What goes into the ReLU.
    """

    convolved: Tensor
    pooled: Tensor
    places: Tensor
    normed: Tensor

    def of(self, rows: Tensor) -> Block:
        """Take some rows."""
        return Block(*(part[rows] for part in self.parts()))

    def parts(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return all that is kept."""
        return self.convolved, self.pooled, self.places, self.normed


@dataclass(frozen=True)
class Passed:
    """What the convolutions make of some rows.

    Attributes
    ----------
    x
        Rows × genes.
    blocks
        From the first to the last.
    features
        Mean of each feature map before dropout, rows × maps.
    area
        Places of a feature map.
    """

    x: Tensor
    blocks: tuple[Block, ...]
    features: Tensor
    area: int

    def of(self, rows: Tensor) -> Passed:
        """Take some rows."""
        blocks = tuple(block.of(rows) for block in self.blocks)
        return Passed(self.x[rows], blocks, self.features[rows], self.area)


def pass_through(model: CNN, x: Tensor) -> Passed:
    """Send rows through the blocks of convolutions."""
    blocks = []
    maps = model.grid(x)
    for conv, pool, norm in zip(_convolutions(model), _pools(model), _norms(model), strict=True):
        convolved = conv(maps)
        pooled, places = functional.max_pool2d(convolved, pool.kernel_size, return_indices=True)
        normed = norm(pooled)
        blocks.append(Block(convolved, pooled, places, normed))
        maps = normed.relu()
    return Passed(x, tuple(blocks), maps.mean(dim=(2, 3)), maps[0, 0].numel())


def head_multipliers(
    model: CNN,
    features: tuple[Tensor, Tensor],
    masks: tuple[Tensor, Tensor],
    weights: Tensor,
    area: int,
) -> tuple[Tensor, Tensor]:
    """Carry multipliers from the logit of a class back to the feature maps.

    Parameters
    ----------
    model
        The network.
    features
        Of the sample and of the reference: means of the feature maps before dropout, … × maps.
    masks
        Dropout masks of both.
    weights
        Of the class's logit, one for each map.
    area
        Places of a feature map.

    Returns
    -------
    tuple of torch.Tensor
        Of the sample and of the reference: a multiplier for each map, the same at all places.
    """
    norm = model.norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    slope = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    offset = norm.bias - norm.running_mean * slope
    sample, reference = (
        of * mask * slope + offset for of, mask in zip(features, masks, strict=True)
    )
    rescaled = (sample.relu() - reference.relu()) / (sample - reference)
    same = (sample - reference).abs() < _SAME_INPUT
    back = weights * slope / area
    first, second = (
        mask * back * torch.where(same, (of > 0).to(rescaled.dtype), rescaled)
        for of, mask in zip((sample, reference), masks, strict=True)
    )
    return first, second


def contributions(
    model: CNN, sample: Passed, reference: Passed, multipliers: tuple[Tensor, Tensor]
) -> Tensor:
    """Carry multipliers of the feature maps back to the genes.

    Parameters
    ----------
    model
        The network.
    sample, reference
        What the convolutions make of them; one row, or as many as there are multipliers.
    multipliers
        Of the sample and of the reference, see `head_multipliers`: rows × maps.

    Returns
    -------
    torch.Tensor
        DeepLIFT's contribution scores, rows × genes.
    """
    first, second = (of[:, :, None, None] for of in multipliers)
    layers = zip(_convolutions(model), _norms(model), sample.blocks, reference.blocks, strict=True)
    for conv, norm, of_sample, of_reference in reversed(list(layers)):
        first, second = _through_relu(first, second, of_sample.normed, of_reference.normed)
        assert norm.running_var is not None
        slope = (norm.weight / torch.sqrt(norm.running_var + norm.eps))[:, None, None]
        both = _through_pool(first * slope, second * slope, of_sample, of_reference)
        first = second = convolve_back(conv, both)
    return model.grid.to_genes(first) * (sample.x - reference.x)


def _through_relu(
    first: Tensor, second: Tensor, sample: Tensor, reference: Tensor
) -> tuple[Tensor, Tensor]:
    """Apply the rescale rule."""
    difference = sample - reference
    slope = (sample.relu() - reference.relu()) / difference
    same = difference.abs() < _SAME_INPUT
    if not same.any():
        return first * slope, second * slope
    return (
        first * torch.where(same, (sample > 0).to(slope.dtype), slope),
        second * torch.where(same, (reference > 0).to(slope.dtype), slope),
    )


def _through_pool(first: Tensor, second: Tensor, sample: Block, reference: Block) -> Tensor:
    """Divide each maximum's part of the change among the inputs by their own changes."""
    larger = torch.maximum(sample.pooled, reference.pooled)
    parts = _spread(first * (larger - reference.pooled), sample)
    parts += _spread(second * (sample.pooled - larger), reference)
    difference = sample.convolved - reference.convolved
    # Where nothing differs there is nothing to divide, and no gene below that counts.
    return torch.where(difference.abs() < _SAME_INPUT, 0.0, parts / difference)


def _spread(values: Tensor, block: Block) -> Tensor:
    """Put values to the places of the maxima, and zero elsewhere."""
    places = block.places.expand(values.shape)
    size = block.convolved.shape[2:]
    return functional.max_unpool2d(values, places, [2, 2], output_size=list(size))


def _convolutions(model: CNN) -> tuple[torch.nn.Conv2d, ...]:
    return model.conv1, model.conv2, model.conv3


def _pools(model: CNN) -> tuple[torch.nn.MaxPool2d, ...]:
    return model.pool1, model.pool2, model.pool3


def _norms(model: CNN) -> tuple[torch.nn.BatchNorm2d, ...]:
    return model.norm1, model.norm2, model.norm3
