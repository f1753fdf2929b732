"""Explainers by hand: a network of two genes and two hidden units, small enough for paper.

``f(x) = w · relu(W x + b) + c``, with a dropout mask m on the hidden units during explanation:
``f(x) = w · (m ∘ relu(W x + b)) + c``. Every function here is a line or two of arithmetic that
can be done on paper, and gives what Captum gives for the same network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helpers.errors import BadInputError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TinyNetwork:
    """A network with one hidden layer of ReLUs and one output, as plain numbers.

    Attributes
    ----------
    hidden
        W: a row for each hidden unit, a column for each gene.
    bias
        b: one number for each hidden unit.
    output
        w: one number for each hidden unit.
    output_bias
        c.
    """

    hidden: tuple[tuple[float, ...], ...] = ((2.0, -1.0), (-1.0, 1.0))
    bias: tuple[float, ...] = (-1.0, 0.5)
    output: tuple[float, ...] = (1.0, 2.0)
    output_bias: float = 0.5

    def inputs(self, x: Sequence[float]) -> Vector:
        """Return what enters the ReLU of each hidden unit, W x + b."""
        weights = np.array(self.hidden)
        if len(x) != weights.shape[1]:
            raise BadInputError(
                f"The network has {weights.shape[1]} genes, but the sample has {len(x)}."
            )
        result: Vector = weights @ np.asarray(x, dtype=float) + np.array(self.bias)
        return result

    def __call__(self, x: Sequence[float], mask: Sequence[float] | None = None) -> float:
        """Return the output for one sample, under a dropout mask where one is given."""
        return float(_outer(self, mask) @ relu(self.inputs(x)) + self.output_bias)


NETWORK = TinyNetwork()
"""At `SAMPLE` the first unit is on and the second off; at `REFERENCE` it is the other way round."""

SAMPLE, REFERENCE = (3.0, 1.0), (0.0, 0.0)
"""Expression of the two genes, log2(TPM + 1)."""


def relu(values: npt.ArrayLike) -> Vector:
    """Keep what is positive, replace the rest by 0."""
    return np.maximum(np.asarray(values, dtype=float), 0.0)


def dropout_masks(p: float = 0.25) -> dict[tuple[float, float], float]:
    """List the masks of two hidden units with the probability of each.

    A unit is dropped (0) with probability p, or else scaled by 1/(1 − p), so that the mean
    mask is 1.
    """
    if not 0 <= p < 1:
        raise BadInputError(f"A probability of dropout is at least 0 and below 1, not {p}.")
    if p == 0:
        return {(1.0, 1.0): 1.0}
    kept = 1 / (1 - p)
    chances = {0.0: p, kept: 1 - p}
    return {(a, b): chances[a] * chances[b] for a in chances for b in chances}


def gradient(
    network: TinyNetwork, x: Sequence[float], mask: Sequence[float] | None = None
) -> Vector:
    """Return ∂f/∂x: the weights of the units that are on. Saliency is its absolute value."""
    on = network.inputs(x) > 0
    return _to_genes(network, on, mask)


def guided_backprop(
    network: TinyNetwork, x: Sequence[float], mask: Sequence[float] | None = None
) -> Vector:
    """Return the gradient in which units pass on positive gradients only (Springenberg 2014)."""
    on = (network.inputs(x) > 0) & (_outer(network, mask) > 0)
    return _to_genes(network, on, mask)


def input_x_gradient(
    network: TinyNetwork, x: Sequence[float], mask: Sequence[float] | None = None
) -> Vector:
    """Return x ∘ ∂f/∂x (Shrikumar et al. 2016)."""
    return np.asarray(x, dtype=float) * gradient(network, x, mask)


def integrated_gradients(
    network: TinyNetwork,
    x: Sequence[float],
    reference: Sequence[float],
    mask: Sequence[float] | None = None,
    steps: int | None = None,
) -> Vector:
    """Return (x − r) ∘ the mean gradient on the way from r to x (Sundararajan et al. 2017).

    Parameters
    ----------
    network, x, reference, mask
        One mask for the whole way.
    steps
        Take the gradient at the middles of so many equal steps; None: exactly, since on the
        straight way the input of a unit moves from a(r) to a(x) at a constant speed, so the
        unit is on for the share of the way on which it is positive.
    """
    way = np.subtract(x, reference)
    if steps is None:
        return way * _to_genes(
            network, _share_on(network.inputs(reference), network.inputs(x)), mask
        )
    if steps < 1:
        raise BadInputError(f"Integration needs at least one step, not {steps}.")
    middles = (np.arange(steps) + 0.5) / steps
    points = [np.asarray(reference) + middle * way for middle in middles]
    mean: Vector = np.mean([gradient(network, list(point), mask) for point in points], axis=0)
    return way * mean


def deep_lift(
    network: TinyNetwork,
    x: Sequence[float],
    reference: Sequence[float],
    mask: Sequence[float] | None = None,
) -> Vector:
    """Return (x − r) ∘ the multipliers of DeepLIFT's rescale rule (Shrikumar et al. 2017).

    A unit's multiplier is what its output changes for what its input changes,
    (relu(a(x)) − relu(a(r))) / (a(x) − a(r)), and its slope where the input does not change.
    """
    a, b = network.inputs(x), network.inputs(reference)
    slope = (a > 0).astype(float)
    multiplier = np.divide(relu(a) - relu(b), a - b, out=slope, where=a != b)
    return np.subtract(x, reference) * _to_genes(network, multiplier, mask)


def _outer(network: TinyNetwork, mask: Sequence[float] | None) -> Vector:
    weights: Vector = np.array(network.output) * (1.0 if mask is None else np.asarray(mask))
    return weights


def _to_genes(network: TinyNetwork, units: npt.ArrayLike, mask: Sequence[float] | None) -> Vector:
    result: Vector = (_outer(network, mask) * np.asarray(units)) @ np.array(network.hidden)
    return result


def _share_on(start: Vector, end: Vector) -> Vector:
    """Return the share of the way from start to end on which a number is positive."""
    shares = []
    for a, b in zip(start, end, strict=True):
        if a > 0 and b > 0:
            shares.append(1.0)
        elif a <= 0 and b <= 0:
            shares.append(0.0)
        else:
            crossing = a / (a - b)
            shares.append(crossing if a > 0 else 1 - crossing)
    return np.array(shares)
