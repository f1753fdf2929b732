"""Means and medians over subsets of a pool of estimates, for curves over their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

from helpers.errors import BadInputError
from helpers.explain.mlp.engine import How, explain_estimates
from helpers.explain.settings import ExplanationSettings

# How far from 1 the weights of a set may add up to.
_ROUNDING = 1e-4


def explain_subsets(
    models: Sequence[nn.Module],
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    subsets: npt.ArrayLike,
    references: npt.ArrayLike | None = None,
    seed: int | Sequence[int],
    masks: npt.ArrayLike | None = None,
    noise: npt.ArrayLike | None = None,
    precision: str = "float32",
    threads: int | None = None,
    **settings: Any,
) -> npt.NDArray[np.floating]:
    """Compute many means, or medians, over one pool of estimates of each sample, for MLPs.

    This is what curves over the number of estimates need (paper, "Optimization of model
    explainers"): a pool of repeats, noisy copies or references, and means of some of them. The
    estimates of the pool are made once and never held, so that memory does not depend on their
    number but for `subsets` and `references`.

    Parameters
    ----------
    subsets
        Weights, sets × estimates or models × sets × estimates: entry (s, k) is what estimate k
        counts in mean s, and those of a set add up to 1. The mean of n chosen estimates has
        weights 1/n there and 0 elsewhere.
    references
        For explainers that need them: estimates × genes, one for each estimate of the pool, or
        1 × genes, the same for all. Ignored by the others.
    masks
        In place of drawn ones: factors of the hidden units that broadcast to models × estimates ×
        samples × hidden, for rule ``"steps"`` to models × estimates × steps × samples × hidden.
    noise
        In place of drawn noise: what is added to the samples, broadcast to
        models × estimates × samples × genes.
    models, x, target, explainer, seed, precision, threads, **settings
        See `explain_exact`. With ``combine="absolute_median"`` all estimates of a set must have
        the same weight.

    Returns
    -------
    numpy.ndarray
        Models × sets × samples × genes. With the same seed it is the mean of the estimates that
        `explain_exact` makes as replicates of one estimate each.

    Raises
    ------
    UnknownNameError
        As `explain_exact`.
    BadInputError
        As `explain_exact`, and if `subsets` is no such matrix. Nothing has been computed then.
    """
    weights = _weights(subsets, len(models))
    chosen = ExplanationSettings.of(settings)
    if chosen.combine == "absolute_median":
        _check_equal(weights)
    how = How(explainer, chosen, seed, precision, threads)
    estimates = weights.shape[2]
    pool = None if references is None else _pool(references, estimates)
    return explain_estimates(models, x, target, how, (1, estimates), pool, masks, noise, weights)


def _weights(subsets: npt.ArrayLike, models: int) -> npt.NDArray[np.floating]:
    """Check the weights and give them three axes."""
    array = np.asarray(subsets)
    if array.ndim == 2:
        array = array[None]
    if (
        array.dtype.kind != "f"
        or array.ndim != 3
        or not array.size
        or len(array) not in {1, models}
    ):
        raise BadInputError(
            f"Parameter 'subsets' must hold weights, sets × estimates or {models} models × sets × "
            f"estimates, but it has shape {np.shape(subsets)} and type {array.dtype}."
        )
    sums = array.sum(axis=2)
    # Not finite sums are not near 1 either.
    wrong = np.argwhere(~(np.abs(sums - 1) <= _ROUNDING))
    if len(wrong):
        raise BadInputError(
            f"The weights of a set in 'subsets' must add up to 1, but those of set {wrong[0, 1]} "
            f"(counted from 0) add up to {sums[tuple(wrong[0])]:g}."
        )
    return array


def _check_equal(weights: npt.NDArray[np.floating]) -> None:
    """Raise `BadInputError` unless all members of a set have the same weight."""
    largest = weights.max(axis=2, keepdims=True)
    wrong = np.argwhere((weights != 0) & (np.abs(weights - largest) > _ROUNDING * largest))
    if len(wrong):
        raise BadInputError(
            "A median takes all estimates of a set alike, but those of set "
            f"{wrong[0, 1]} in 'subsets' (counted from 0) have different weights."
        )


def _pool(references: npt.ArrayLike, estimates: int) -> npt.NDArray[np.generic]:
    """Give every estimate its reference."""
    array = np.asarray(references)
    if array.ndim != 2 or len(array) not in {1, estimates}:
        raise BadInputError(
            f"Parameter 'references' must be 1 × genes or {estimates} estimates × genes, as many "
            f"as 'subsets' weights, but it has shape {array.shape}."
        )
    return np.broadcast_to(array, (estimates, array.shape[1]))
