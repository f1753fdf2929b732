"""Explaining CNNs by gradients: estimates that differ in their masks share the forward pass.

The CNN drops whole feature maps, after its last convolution; what follows is their mean, an
affine map, a ReLU and a linear layer. The gradient with respect to feature map c is therefore one
number at all places, ``q_c = m_c s_c [z_c > 0] W[target, c] / places``, with the mask m, the slope
s of BatchNorm and the ReLU's input z. So the convolutions run forward once per sample, whatever
the number of estimates, and since they pass gradients on linearly, the mean of signed gradients
needs them backward only once, for the mean of q. Absolute values and guided backpropagation,
whose ReLUs cut gradients off, take a backward pass for each estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from captum import attr as captum
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.explain.cnn.rules import CnnRule, OneSample
from helpers.explain.cnn.weighted import apart, mixtures
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import explanation_mode
from helpers.models import CNN
from helpers.models.grid import GeneGrid
from helpers.models.narrow import convolve, convolve_and_pool

LAYER = "conv3"
"""The layer whose feature maps GuidedGradCam and GuidedGradCam++ can look at here."""


@dataclass(frozen=True)
class Maps:
    """What the convolutions make of some samples.

    Attributes
    ----------
    x
        Samples × genes.
    grid, laid
        The network's grid, and the samples on it, with gradients.
    convolved
        Output of the last convolution, samples × maps × height × width.
    maps
        What goes into the dropout: the same, pooled, normalised, negative values as 0.
    slope
        Slope of the BatchNorm between them, one number per map.
    """

    x: Tensor
    grid: GeneGrid
    laid: Tensor
    convolved: Tensor
    maps: Tensor
    slope: Tensor

    def backward(self, q: Tensor) -> Tensor:
        """Take gradients of the maps (samples × maps, the same at all places) to the genes."""
        # Convolutions are fast only if the gradient has their layout.
        spread = torch.empty_like(self.maps).copy_(q[:, :, None, None].expand_as(self.maps))
        (places,) = torch.autograd.grad(self.maps, self.laid, spread, retain_graph=True)
        return self.grid.to_genes(places)


@dataclass(frozen=True)
class BackwardRule(CnnRule):
    """How an explainer's scores follow from the gradients of the feature maps.

    Attributes
    ----------
    guided
        Whether ReLUs pass on positive gradients only.
    linear
        Whether scores are linear in these gradients, so that their mean can be taken first.
    absolute
        Whether each estimate's absolute value is taken.
    times_input
        Whether scores are multiplied by the sample.
    weigh
        ``weigh(gradients, maps)`` makes the weights of the maps, samples × maps, for an explainer
        that multiplies by a class activation map.
    """

    guided: bool = False
    linear: bool = False
    absolute: bool = False
    times_input: bool = False
    weigh: Callable[[Tensor, Maps], Tensor] | None = None

    def masks_each(self, steps: int) -> int:
        """Return one; two, for the map and for guided backpropagation, if these are multiplied."""
        return 1 if self.weigh is None else 2

    def parts(self, one: OneSample) -> Iterator[tuple[Tensor, Tensor]]:
        """Explain without references: one forward pass."""
        of = maps_of(one.model, one.x, self.guided)
        gradients = gradients_of(one.model, self, of, one.target, one.masks[:, :, None])
        mixed = mixtures(one.sets.weights) if self.linear else apart(one.sets.weights)
        for share, weights in zip(mixed.shares, mixed.weights.T, strict=True):
            mean = torch.tensordot(share.to(gradients), gradients, dims=1)
            yield weights[:, None], scores_of(one.model, self, of, mean)


def explain_shared(
    model: CNN,
    x: Tensor,
    target: Tensor,
    *,
    rule: BackwardRule,
    replicates: int,
    repeats: int,
    combine: str,
    mode: str,
    rows: int,
    seed: int,
    masks: npt.ArrayLike | None = None,
) -> npt.NDArray[np.floating]:
    """Compute what `explain` computes, for CNNs and explainers that need no reference.

    For the same masks scores are Captum's, up to rounding.

    Parameters
    ----------
    model
        Left as it was.
    x, target
        Samples × genes, and class index of each, found good.
    rule
        That of the explainer.
    replicates, repeats, combine, mode
        See `explain`; no mode ``"training"``.
    rows
        Samples that go through the network at once.
    seed
        Of the masks; each sample has a generator of its own, so that `rows` is of no influence.
    masks
        In place of drawn ones: factors of the feature maps, samples × replicates × repeats ×
        masks × maps. There is one mask; two, for the map and for guided backpropagation, for
        explainers that multiply these.

    Returns
    -------
    numpy.ndarray
        Replicates × samples × genes.
    """
    # A mean that is taken first is no way to a median.
    first = rule.linear and combine == "signed_mean"
    shape = (replicates, repeats, rule.masks_each(0), model.norm.num_features)
    given = None if masks is None else np.broadcast_to(np.asarray(masks), (len(x), *shape))
    probability = model.dropout.p if mode == "dropout" else 0.0
    device = device_of(model)
    result = np.empty((replicates, *x.shape), dtype=x.numpy().dtype)
    with explanation_mode(model, "eval", seed), channels_last(model):
        for part in torch.arange(len(x)).split(rows):
            of = maps_of(model, x[part].to(device), rule.guided)
            chosen = np.stack(
                [draw_masks(shape, probability, [seed, int(i)]) for i in part]
                if given is None
                else [given[i] for i in part],
                axis=3,
            )
            some = torch.as_tensor(chosen).to(of.maps.dtype).to(device)
            classes = target[part].to(device)
            for replicate in range(replicates):
                gradients = gradients_of(model, rule, of, classes, some[replicate])
                if first:
                    scores = scores_of(model, rule, of, gradients.mean(dim=0))
                else:
                    each = (scores_of(model, rule, of, gradient) for gradient in gradients)
                    scores = _COMBINED[combine](each, repeats)
                result[replicate, part] = scores.cpu().numpy()
    return result


def maps_of(model: CNN, x: Tensor, guided: bool) -> Maps:
    """Send samples through the three blocks of convolutions."""
    maps = laid = model.grid(x.detach()).requires_grad_()
    for conv, pool, norm, relu in (
        (model.conv1, model.pool1, model.norm1, model.relu1),
        (model.conv2, model.pool2, model.norm2, model.relu2),
    ):
        maps = relu(_guarded(norm(convolve_and_pool(conv, pool, maps)), guided))
    convolved = convolve(model.conv3, maps)
    maps = model.relu3(_guarded(model.norm3(model.pool3(convolved)), guided))
    slope = affine(model.norm3)[0].to(maps)
    return Maps(x, model.grid, laid, convolved.detach(), maps, slope)


def _guarded(normed: Tensor, guided: bool) -> Tensor:
    """Let the ReLU that follows pass on positive gradients only, if it is guided."""
    if guided:
        normed.register_hook(torch.relu)
    return normed


def affine(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return slope and offset of BatchNorm with its running statistics."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    slope = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return slope, norm.bias.double() - norm.running_mean.double() * slope


def draw_masks(
    shape: tuple[int, ...], probability: float, seed: list[int]
) -> npt.NDArray[np.floating]:
    """Draw the masks of one sample."""
    if probability in {0.0, 1.0}:
        return np.full(shape, 1 - probability)
    return (np.random.default_rng(seed).random(shape) >= probability) / (1 - probability)


def gradients_of(model: CNN, rule: BackwardRule, of: Maps, target: Tensor, masks: Tensor) -> Tensor:
    """Compute q for each mask: estimates × masks × samples × maps."""
    slope, offset = (of_each.to(of.maps) for of_each in affine(model.norm))
    weights = model.output.weight[target]
    on = masks * of.maps.detach().mean(dim=(2, 3)) * slope + offset > 0
    if rule.guided:
        # The class activation map, whose mask is the first of two, is of plain gradients.
        weights = torch.stack([*([weights] if rule.weigh else []), weights.relu()])
    return weights * masks * on * slope / of.maps[0, 0].numel()


def scores_of(model: CNN, rule: BackwardRule, of: Maps, gradients: Tensor) -> Tensor:
    """Make one estimate: samples × genes, from masks × samples × maps."""
    scores = of.backward(gradients[-1])
    if rule.absolute:
        scores = scores.abs()
    if rule.times_input:
        scores = scores * of.x
    if rule.weigh is not None:
        weights = rule.weigh(gradients[0] * of.slope, of)
        coarse = (weights[:, :, None, None] * of.convolved).sum(dim=1, keepdim=True).relu()
        side = model.grid.side
        enlarged = captum.LayerAttribution.interpolate(coarse, (side, side))
        scores = scores * model.grid.to_genes(enlarged)
    return scores


def _mean(estimates: Iterator[Tensor], count: int) -> Tensor:
    total = next(estimates).clone()
    for scores in estimates:
        total += scores
    return total / count


def _median(estimates: Iterator[Tensor], count: int) -> Tensor:
    stack = np.stack([scores.abs().cpu().numpy() for scores in estimates])
    return torch.from_numpy(np.median(stack, axis=0))


_COMBINED = {"signed_mean": _mean, "absolute_median": _median}
