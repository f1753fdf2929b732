"""The hidden layer of the MLP in training mode, where BatchNorm couples the rows of a batch.

With a batch's mean μ and variance v of a hidden unit, BatchNorm makes ``y = (z − μ) / √(v + ε)`` of
what comes in, z, and the ReLU gets ``a = γ y + β``. What comes back to a, u, is one number for
each row. As μ and v depend on every row, so does what comes back to z::

    c = γ / √(v + ε) · (u − mean(u) − y · mean(u · y))

Both means go over the rows of the batch. So the part of u that all rows share is taken away, and
so is the part that follows y: a unit that passes the same on from every sample of a tissue
contributes nothing to the score of any. Scores are then, up to a factor per gene, ``W₁ᵀ c``.

What a batch is depends on the explainer, since Captum sends different rows through the network:

========================== =======================================================================
explainer                  rows of one forward pass, and so of BatchNorm's batch
========================== =======================================================================
without references         the samples
DeepLift                   the samples and, after them, as many copies of the reference
DeepLiftShap               each sample as often as there are samples, and so the reference: the
                           same statistics, and dropout masks of which each sample has many
IntegratedGradients        for each step on the path from the reference, all samples at that step
========================== =======================================================================

Explained is the sum of all rows' outputs, each for its own class, as Captum does it: a sample's
score is how much it changes the outputs of the whole batch. All this happens in double precision:
it takes no time beside the products with W₁.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from helpers.errors import BadInputError
from helpers.explain.mlp.gates import Gate
from helpers.models import MLP

# Steps times rows times units that are worked on at once, so that they stay in a core's cache.
_CACHED = 2**18


@dataclass(frozen=True)
class TrainingLayer:
    """An MLP whose BatchNorm follows the batch. Its running statistics play no part.

    Attributes
    ----------
    first
        W₁, hidden × genes, in the type and on the device where products with it are made.
    weight, bias, epsilon
        γ, β (hidden) and ε of BatchNorm.
    second
        W₂, classes × hidden.
    dropout
        Probability with which a hidden unit is dropped.
    """

    first: Tensor
    weight: Tensor
    bias: Tensor
    epsilon: float
    second: Tensor
    dropout: float

    @classmethod
    def of(cls, model: nn.Module, dtype: torch.dtype) -> TrainingLayer:
        """Read the weights of an MLP; raise `BadInputError` if it is another network."""
        if not isinstance(model, MLP):
            raise BadInputError(
                f"The batch engine explains networks of architecture 'mlp' only, not "
                f"{type(model).__name__}: choose engine 'captum'."
            )
        weight, bias, second = (
            p.detach().cpu().double()
            for p in (model.norm.weight, model.norm.bias, model.output.weight)
        )
        first = model.hidden.weight.detach().to(dtype)
        return cls(first, weight, bias, model.norm.eps, second, float(model.dropout.p))

    def reach(self, x: Tensor) -> Tensor:
        """Map rows × genes to what reaches the hidden units, without their constant."""
        return (x @ self.first.T).cpu().double()


@dataclass(frozen=True)
class Normalised:
    """What BatchNorm makes of a batch.

    Attributes
    ----------
    y
        … × rows × hidden: mean 0 and, but for ε, variance 1 over the rows.
    slope
        γ / √(v + ε), … × 1 × hidden.
    bias
        β, hidden.
    weight
        γ, hidden.
    """

    y: Tensor
    slope: Tensor
    bias: Tensor
    weight: Tensor

    @classmethod
    def of(cls, z: Tensor, layer: TrainingLayer) -> Normalised:
        """Normalise … × rows × hidden over the rows."""
        centred = z - z.mean(dim=-2, keepdim=True)
        inverse = 1 / torch.sqrt(centred.square().mean(dim=-2, keepdim=True) + layer.epsilon)
        return cls(centred * inverse, layer.weight * inverse, layer.bias, layer.weight)

    @property
    def inputs(self) -> Tensor:
        """What goes into the ReLU, … × rows × hidden."""
        return self.weight * self.y + self.bias

    def back(self, u: Tensor, rows: Tensor) -> Tensor:
        """Take what comes back to the ReLU's inputs, … × rows × hidden, to what came in.

        Only for the rows asked for: … × those × hidden.
        """
        shared = u.mean(dim=-2, keepdim=True)
        along = (u * self.y).mean(dim=-2, keepdim=True)
        return self.slope * (u[..., rows, :] - shared - self.y[..., rows, :] * along)


def alone(
    layer: TrainingLayer, z: Tensor, weights: Tensor, masks: Tensor, gate: Gate, rows: Tensor
) -> Tensor:
    """Compute c where the batch is the samples.

    Parameters
    ----------
    layer
        The network.
    z
        ``W₁ x`` of the batch, estimates (or 1) × samples × hidden. A constant that is the same for
        all samples may be missing.
    weights
        W₂ of each sample's target, samples × hidden.
    masks
        Factors of the hidden units, estimates × samples × hidden.
    gate
        What of W₂ the ReLU lets through.
    rows
        The samples to return.

    Returns
    -------
    torch.Tensor
        Estimates × rows × hidden.
    """
    normed = Normalised.of(z, layer)
    return normed.back(gate(normed.inputs, None, weights) * masks, rows)


def beside_references(
    layer: TrainingLayer,
    z: Tensor,
    reference: Tensor,
    weights: Tensor,
    masks: Tensor,
    gate: Gate,
    rows: Tensor,
) -> Tensor:
    """Compute c where the batch is the samples and as many copies of a reference.

    What comes back to the copies counts too, since it passes through the same mean and variance.

    Parameters
    ----------
    reference
        ``W₁ r``, estimates (or 1) × 1 × hidden, without the same constant as `z`.
    masks
        Estimates × (2 · samples) × hidden: those of the samples, and those of the copies.
    layer, z, weights, gate, rows
        As `alone`.

    Returns
    -------
    torch.Tensor
        Estimates × rows × hidden.
    """
    samples = z.shape[-2]
    count = max(len(z), len(reference))
    copies = reference.expand(count, samples, -1)
    normed = Normalised.of(torch.cat([z.expand(count, -1, -1), copies], dim=-2), layer)
    own, others = normed.inputs.split(samples, dim=-2)
    u = torch.cat([gate(own, others, weights), gate(others, own, weights)], dim=-2)
    return normed.back(u * masks, rows)


def along_path(
    layer: TrainingLayer,
    z: Tensor,
    reference: Tensor,
    weights: Tensor,
    masks: Callable[[Tensor], Tensor],
    steps: int,
    rows: Tensor,
) -> Tensor:
    """Compute c of IntegratedGradients, where the batch is all steps of all samples, once.

    Between reference and sample, z changes linearly with the step's place α, and so does y. Hence
    three sums over the steps at which a unit is on and not dropped are all that is needed: of 1
    and of α, for the means over the batch; and of the steps' weights, for the integral.

    Parameters
    ----------
    z
        Samples × hidden, of one estimate.
    reference
        Hidden.
    masks
        Given numbers of samples: their masks, steps × those × hidden; asked for in turn, once.
    steps
        Steps of the Gauss–Legendre rule. Captum rounds their weights to single precision, whatever
        the network's type; so does this.
    layer, weights, rows
        As `alone`.

    Returns
    -------
    torch.Tensor
        Rows × hidden: the weighted sum over the steps.
    """
    nodes, lengths = (torch.from_numpy(a) for a in np.polynomial.legendre.leggauss(steps))
    places, step_weights = (1 + nodes) / 2, (lengths / 2).float().double()
    difference = z - reference
    middle = places.mean() * difference.mean(dim=0)
    variance = places.square().mean() * difference.square().mean(dim=0) - middle.square()
    inverse = 1 / torch.sqrt(variance + layer.epsilon)
    # y at place α is start + α · change, and what goes into the ReLU begins + α · grows.
    start, change = -middle * inverse, difference * inverse
    begins, grows = layer.weight * start + layer.bias, layer.weight * change
    functionals = torch.stack([torch.ones_like(places), places, step_weights])
    sums = z.new_empty(3, *z.shape)
    for some in torch.arange(len(z)).split(max(1, _CACHED // (steps * z.shape[1]))):
        on = torch.addcmul(begins, places[:, None, None], grows[some]) > 0
        passed = (masks(some) * on).flatten(1).double()
        sums[:, some] = (functionals @ passed).view(3, len(some), -1)
    sums *= weights
    count = steps * len(z)
    shared = sums[0].sum(dim=0) / count
    along = (start * sums[0] + change * sums[1]).sum(dim=0) / count
    total, mean = step_weights.sum(), step_weights @ places
    y = start * total + change[rows] * mean
    return layer.weight * inverse * (sums[2, rows] - total * shared - y * along)
