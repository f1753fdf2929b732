"""The hidden layer of the MLP: what an estimate amounts to before it reaches the genes.

In modes ``"dropout"`` and ``"eval"`` BatchNorm is an affine map, so the network is
``f_c(x) = W₂[c] · (m ∘ relu(a)) + b`` with ``a = s ∘ W₁x + t`` and one dropout mask m per
estimate. Every explainer's score is then, up to a factor per gene, ``W₁ᵀ g`` with one number
of g per hidden unit. This module computes g.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.errors import BadInputError
from helpers.models import MLP

# Captum's DeepLIFT takes the gradient where the two inputs of a ReLU are closer than this.
_SAME_INPUT = 1e-10


@dataclass(frozen=True)
class HiddenLayer:
    """A trained MLP with BatchNorm as an affine map.

    Attributes
    ----------
    first
        W₁, hidden × genes.
    scale, offset
        s and t: one number per hidden unit.
    second
        W₂, classes × hidden.
    dropout
        Probability with which a hidden unit is dropped.
    """

    first: Tensor
    scale: Tensor
    offset: Tensor
    second: Tensor
    dropout: float

    @classmethod
    def of(cls, model: nn.Module, dtype: torch.dtype) -> HiddenLayer:
        """Read the weights of an MLP; raise `BadInputError` if it is another network."""
        if not isinstance(model, MLP):
            raise BadInputError(
                f"The exact engine explains networks of architecture 'mlp' only, not "
                f"{type(model).__name__}: choose engine 'captum'."
            )
        norm = model.norm
        if norm.running_mean is None or norm.running_var is None:
            raise BadInputError(
                "The exact engine needs the running statistics of BatchNorm, which this network "
                "does not keep: choose engine 'captum'."
            )
        wide = [
            p.detach().cpu().double()
            for p in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        ]
        weight, bias, mean, variance = wide
        scale = weight / torch.sqrt(variance + norm.eps)
        offset = scale * (model.hidden.bias.detach().cpu().double() - mean) + bias
        return cls(
            first=model.hidden.weight.detach().cpu().to(dtype),
            scale=scale.to(dtype),
            offset=offset.to(dtype),
            second=model.output.weight.detach().cpu().to(dtype),
            dropout=float(model.dropout.p),
        )

    def inputs(self, x: Tensor) -> Tensor:
        """Map genes (last axis) to what goes into the ReLU of each hidden unit."""
        flat = x.reshape(-1, x.shape[-1]) @ self.first.T
        return (flat * self.scale + self.offset).reshape(*x.shape[:-1], -1)


@dataclass(frozen=True)
class Masks:
    """Dropout masks of one model: given, drawn, or none.

    Attributes
    ----------
    given
        Replicates × estimates × [steps ×] samples × hidden: the factors of the hidden units.
    probability
        Probability of a unit to be dropped where masks are drawn; 0: no unit is.
    rng
        What they are drawn with.
    """

    given: npt.NDArray[np.generic] | None
    probability: float
    rng: np.random.Generator

    def of(
        self, estimates: npt.NDArray[np.intp], repeats: int, step: int | None, like: Tensor
    ) -> Tensor | float:
        """Make the masks of some estimates, as factors that broadcast to `like`.

        Estimate e is estimate ``e % repeats`` of replicate ``e // repeats``.
        """
        if self.given is not None:
            chosen = self.given[estimates // repeats, estimates % repeats]
            return torch.as_tensor(chosen if step is None else chosen[:, step]).to(like.dtype)
        if self.probability == 0.0:
            return 1.0
        if self.probability == 1.0:
            return 0.0
        shape = (len(estimates), *like.shape[1:])
        kept = self.rng.random(shape, dtype=np.float32) >= self.probability
        return torch.from_numpy(kept).to(like.dtype) / (1 - self.probability)


@dataclass(frozen=True)
class Estimates:
    """A few estimates of every sample, at the hidden layer.

    Attributes
    ----------
    inputs
        Inputs of the ReLU, estimates (or 1, if all have the same) × samples × hidden.
    references
        The same of the references, estimates × 1 × hidden, for explainers that need them.
    weights
        W₂ of each sample's target, samples × hidden.
    count
        Number of estimates.
    masks
        ``masks(step)`` makes the dropout masks.
    steps
        Steps of the n-step rule of IntegratedGradients.
    """

    inputs: Tensor
    references: Tensor | None
    weights: Tensor
    count: int
    masks: Callable[[int | None], Tensor | float]
    steps: int


def gradient(of: Estimates) -> Tensor:
    """∂f/∂a: the units that are on pass their weight on."""
    return of.weights * of.masks(None) * (of.inputs > 0)


def guided(of: Estimates) -> Tensor:
    """Guided backpropagation: the ReLU passes on what is positive only."""
    return (of.weights * of.masks(None)).relu() * (of.inputs > 0)


def rescale(of: Estimates) -> Tensor:
    """DeepLIFT's rescale rule, which is also the integral of the gradient along the path."""
    assert of.references is not None
    difference = of.inputs - of.references
    slope = (of.inputs.relu() - of.references.relu()) / difference
    on = (of.inputs > 0).to(slope.dtype)
    slope = torch.where(difference.abs() < _SAME_INPUT, on, slope)
    return slope * of.weights * of.masks(None)


def steps(of: Estimates) -> Tensor:
    """Gauss–Legendre quadrature of the gradient along the path, a mask for each step.

    Captum rounds the weights of the steps to single precision, whatever the network's type;
    so does this.
    """
    assert of.references is not None
    nodes, node_weights = np.polynomial.legendre.leggauss(of.steps)
    difference = of.inputs - of.references
    total = torch.zeros(of.count, *of.inputs.shape[1:], dtype=of.inputs.dtype)
    for step, (node, weight) in enumerate(zip(nodes, node_weights, strict=True)):
        on = (of.references + (1 + node) / 2 * difference) > 0
        total += on.to(total.dtype) * of.masks(step) * float(np.float32(weight / 2))
    return total * of.weights
