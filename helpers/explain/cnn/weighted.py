"""Sets of estimates by their weights, and the fewest means from which those of all sets follow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True)
class WeightedSets:
    """The estimates of every sample, and the sets of them.

    Attributes
    ----------
    weights
        Sets × estimates: weight of each estimate in each set's mean.
    references
        Estimates × genes, or None.
    noise_sd
        Standard deviation of SmoothGrad's noise, of all genes or of each, for explainers that
        `can_be_noisy`; None: none.
    """

    weights: Tensor
    references: Tensor | None
    noise_sd: Tensor | None = None


@dataclass(frozen=True)
class Mixtures:
    """Means of estimates from which the means of all sets follow.

    Attributes
    ----------
    shares
        Mixtures × estimates.
    weights
        Sets × mixtures: ``weights @ shares`` are the weights of the estimates in the sets.
    """

    shares: Tensor
    weights: Tensor


def mixtures(weights: Tensor) -> Mixtures:
    """Find the fewest mixtures: one for sets of the same proportions, or each estimate apart."""
    totals = weights.sum(dim=1)
    used = totals > 0
    shares, which = torch.unique(weights[used] / totals[used, None], dim=0, return_inverse=True)
    if len(shares) >= weights.shape[1]:
        return apart(weights)
    found = weights.new_zeros((len(weights), len(shares)))
    found[used, which] = totals[used]
    return Mixtures(shares, found)


def apart(weights: Tensor) -> Mixtures:
    """Take each estimate by itself."""
    return Mixtures(torch.eye(weights.shape[1], dtype=weights.dtype), weights)


def runs(references: Tensor) -> list[slice]:
    """Find the runs of equal rows."""
    changes = (references[1:] != references[:-1]).any(dim=1).nonzero()[:, 0] + 1
    ends = [0, *changes.tolist(), len(references)]
    return [slice(start, end) for start, end in pairwise(ends)]
