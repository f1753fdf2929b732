"""Weighted sums of what follows from single estimates' scores, compiled for the processor.

An estimate's scores are a sum of rows of W₁, one for each hidden unit. Dropout and ReLUs leave
half of the units out, or give them the value that most estimates of the sample share: only what
differs from that is added up, in registers. A strip of W₁ and the scores of single estimates stay
in a core's innermost caches, so that no score of a single estimate ever reaches memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import pad

from helpers.explain.mlp.simd import add_rows, compiled, numbers_in_row


@dataclass(frozen=True)
class Terms:
    """What rows are added up for each estimate.

    Attributes
    ----------
    usual
        Samples × hidden: what the units of a sample have in many estimates, or 0.
    units, factors
        The units that have something else, and how much more: for one estimate after the other
        of one sample after the other.
    ends
        Where each ends there: samples × estimates.
    """

    usual: npt.NDArray[np.floating]
    units: npt.NDArray[np.int32]
    factors: npt.NDArray[np.floating]
    ends: npt.NDArray[np.int64]

    @classmethod
    def of(cls, g: Tensor) -> Terms:
        """Take g, estimates × samples × hidden, apart."""
        return cls(*_take_apart(g.contiguous().numpy()))


class Sums:
    """Weighted sums over estimates.

    Parameters
    ----------
    terms
        What the estimates' scores are sums of.
    share
        Weights of the estimates in each sum: sums × estimates.
    """

    def __init__(self, terms: Terms, share: Tensor) -> None:
        self.terms = terms
        members = share != 0
        self.members = torch.nonzero(members)[:, 1].int().contiguous().numpy()
        self.shares = share[members].numpy()
        self.ends = members.sum(1).cumsum(0).numpy()

    def add(self, weights: Tensor, factor: Tensor | None, result: Tensor, start: int) -> None:
        """Add the sums for some genes.

        Parameters
        ----------
        weights
            W₁ of these genes, hidden × genes.
        factor
            What scores are multiplied by, estimates × samples (or 1) × genes; None: absolute
            values of the scores are added up.
        result
            What is added to, sums × samples × all genes; contiguous.
        start
            Where these genes start there.
        """
        rows = strips(weights)
        factors = rows.new_empty(0, 1, 1)
        if factor is not None:
            factors = strips(factor.transpose(0, 1)).flatten(2)
        _add(
            rows.flatten(1).numpy(),
            self.terms.usual,
            self.terms.units,
            self.terms.factors,
            self.terms.ends,
            factors.numpy(),
            self.members,
            self.shares,
            self.ends,
            result.numpy(),
            start,
            weights.shape[1],
        )


def compile_ahead() -> None:
    """Compile for single precision, which takes a second, before the first scores are wanted."""
    one = torch.ones(1, 1, 1)
    Sums(Terms.of(one), one[0]).add(one[0], None, one.clone(), 0)


def strips(values: Tensor) -> Tensor:
    """Cut the last axis, genes, into strips: strips × … × genes, the last one filled with 0."""
    width = numbers_in_row(values.numpy().dtype)
    missing = -values.shape[-1] % width
    whole = pad(values, (0, missing)) if missing else values
    return whole.unflatten(-1, (-1, width)).movedim(-2, 0).contiguous()


@compiled
def _take_apart(g: Any) -> Any:
    """Find what `Terms` holds."""
    estimates, samples, hidden = g.shape
    usual = np.zeros((samples, hidden), g.dtype)
    units = np.empty(g.size, np.int32)
    factors = np.empty(g.size, g.dtype)
    ends = np.empty((samples, estimates), np.int64)
    n = 0
    for sample in range(samples):
        for unit in range(hidden):
            # DeepLIFT's multipliers, as gradients, are largest where a unit is on all along.
            largest = g[0, sample, unit]
            for estimate in range(1, estimates):
                value = g[estimate, sample, unit]
                if abs(value) > abs(largest):
                    largest = value
            more = 0
            for estimate in range(estimates):
                value = g[estimate, sample, unit]
                more += int(value == largest) - int(value == 0)
            if more > 1:
                usual[sample, unit] = largest
        for estimate in range(estimates):
            for unit in range(hidden):
                units[n] = unit
                factors[n] = g[estimate, sample, unit] - usual[sample, unit]
                n += int(factors[n] != 0)
            ends[sample, estimate] = n
    return usual, units[:n].copy(), factors[:n].copy(), ends


@compiled
def score_strip(
    rows: Any, usual: Any, units: Any, factors: Any, ends: Any, begin: Any, base: Any, scores: Any
) -> Any:
    """Write one sample's scores of a strip of genes, estimate by estimate.

    Parameters
    ----------
    rows
        W₁ of these genes, one hidden unit after the other.
    usual, units, factors, ends
        Of `Terms`; `usual` and `ends` of this sample.
    begin
        Where its units and factors begin.
    base
        Room for what the estimates share, a strip.
    scores
        What is filled: estimates times genes of a strip.

    Returns
    -------
    int
        Where the units and factors of the next sample begin.
    """
    width = len(base)
    every = np.arange(len(usual)).astype(np.int32)
    base[:] = 0
    add_rows(base, base, rows, every, usual, 0, len(usual))
    for estimate, end in enumerate(ends):
        add_rows(scores[estimate * width :], base, rows, units, factors, begin, end)
        begin = end
    return begin


@compiled
def _add(
    weights: Any,
    usual: Any,
    units: Any,
    factors: Any,
    ends: Any,
    multipliers: Any,
    members: Any,
    shares: Any,
    member_ends: Any,
    result: Any,
    start: int,
    genes: int,
) -> None:
    """Add to `result`, strip by strip and sample by sample; all arrays are contiguous."""
    samples, estimates = ends.shape
    width = weights.shape[1] // usual.shape[1]
    nothing = np.zeros(width, weights.dtype)
    base = np.empty(width, weights.dtype)
    total = np.empty(width, weights.dtype)
    scores = np.empty(estimates * width, weights.dtype)
    for strip in range(len(weights)):
        begin = 0
        for sample in range(samples):
            begin = score_strip(
                weights[strip], usual[sample], units, factors, ends[sample], begin, base, scores
            )
            if len(multipliers):
                own = multipliers[strip, sample % multipliers.shape[1]]
                for i in range(len(scores)):
                    scores[i] *= own[i]
            else:
                for i in range(len(scores)):
                    scores[i] = abs(scores[i])
            first = 0
            for number, last in enumerate(member_ends):
                add_rows(total, nothing, scores, members, shares, first, last)
                first = last
                for gene in range(strip * width, min((strip + 1) * width, genes)):
                    result[number, sample, start + gene] += total[gene - strip * width]
