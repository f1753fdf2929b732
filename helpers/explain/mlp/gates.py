"""What an explainer does at the ReLUs of the MLP: its rule for the engines of MLPs.

The network is ``f_c(x) = W₂[c] · (m ∘ relu(a)) + b`` with ``a`` an affine map of the genes and one
dropout mask m per estimate. Every explainer's score is then, up to a factor per gene, ``W₁ᵀ g``
with one number of g per hidden unit; explainers differ in how much of W₂ reaches ``a``, which is
what a *gate* says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

# Captum's DeepLIFT takes the gradient where the two inputs of a ReLU are closer than this.
_SAME_INPUT = 1e-10

Gate = Callable[[Tensor, "Tensor | None", Tensor], Tensor]
"""``gate(inputs, references, weights)``: how much of W₂ reaches the input of the ReLU.

`inputs` are those of the ReLU, estimates (or 1, if all have the same) × samples × hidden;
`references` the same of the references, estimates × 1 × hidden, or None; `weights` W₂ of each
sample's target, samples × hidden. Masks are never negative and come later, as a factor.
"""


@dataclass(frozen=True)
class GateRule:
    """How an explainer's scores follow from the hidden layer.

    Attributes
    ----------
    gate
        See `Gate`.
    absolute
        Whether each estimate's absolute value is taken before estimates are combined.
    times_input
        Whether scores are multiplied by the sample, or by its difference from the reference.
    path
        Whether the explainer integrates the gradient along the path from reference to sample, in
        steps of which each has a mask. `gate` is then that of the exact integral.
    """

    gate: Gate
    absolute: bool = False
    times_input: bool = False
    path: bool = False


def gradient(inputs: Tensor, references: Tensor | None, weights: Tensor) -> Tensor:
    """∂f/∂a: the units that are on pass their weight on."""
    return weights * (inputs > 0)


def guided(inputs: Tensor, references: Tensor | None, weights: Tensor) -> Tensor:
    """Guided backpropagation: the ReLU passes on what is positive only."""
    return weights.relu() * (inputs > 0)


def rescale(inputs: Tensor, references: Tensor | None, weights: Tensor) -> Tensor:
    """DeepLIFT's rescale rule, which is also the integral of the gradient along the path."""
    assert references is not None
    difference = inputs - references
    slope = (inputs.relu() - references.relu()) / difference
    on = (inputs > 0).to(slope.dtype)
    slope = torch.where(difference.abs() < _SAME_INPUT, on, slope)
    return slope * weights
