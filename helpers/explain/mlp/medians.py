"""Medians of the absolute scores of many estimates, compiled for the processor.

Unlike a mean, a median needs the score of every single estimate. These are made for one strip of
genes and one sample at a time, as in `sums`, put in order there, and forgotten: none of them ever
reaches memory, whatever their number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from helpers.explain.mlp.simd import compiled
from helpers.explain.mlp.sums import Terms, score_strip, strips

Work = Callable[[slice], None]
Factor = Callable[[slice], Tensor]

# Scores of single estimates that a GPU holds at once.
_SCORES = 2**26


def medians(
    first: Tensor, g: Tensor, factor: Factor | None, members: Tensor, result: Tensor
) -> Work:
    """Prepare to write medians of ``|factor ∘ W₁ᵀ g|`` over sets of estimates.

    Parameters
    ----------
    first
        W₁, hidden × genes.
    g
        Estimates × samples × hidden.
    factor
        Given some genes: what the scores are multiplied by, estimates × samples (or 1) × these
        genes. None: 1.
    members
        Sets × estimates, true for a member; no set is empty.
    result
        What is filled: sets × samples × genes.

    Returns
    -------
    callable
        Does so for a slice of the genes.
    """
    if g.device.type != "cpu":
        return _at_once(first, g, factor, members, result)
    terms = Terms.of(g)
    numbers = torch.nonzero(members)[:, 1].contiguous().numpy()
    ends = members.sum(1).cumsum(0).numpy()

    def write(genes: slice) -> None:
        rows = strips(first[:, genes])
        factors = rows.new_empty(0, 1, 1)
        if factor is not None:
            factors = strips(factor(genes).transpose(0, 1)).flatten(2)
        _write(
            rows.flatten(1).numpy(),
            terms.usual,
            terms.units,
            terms.factors,
            terms.ends,
            factors.numpy(),
            numbers,
            ends,
            result.numpy(),
            genes.start,
            first[:, genes].shape[1],
        )

    return write


def _at_once(
    first: Tensor, g: Tensor, factor: Factor | None, members: Tensor, result: Tensor
) -> Work:
    """Do so by dense products and sorting, for a GPU, as many genes at once as memory allows."""
    chosen = members.to(g.device)

    def write(genes: slice) -> None:
        size = max(1, _SCORES // (g.shape[0] * g.shape[1]))
        for start in range(genes.start, min(genes.stop, first.shape[1]), size):
            some = slice(start, min(start + size, genes.stop))
            scores = g @ first[:, some]
            scores = (scores if factor is None else scores.mul_(factor(some))).abs_()
            for number, own in enumerate(chosen):
                ordered = scores[own].sort(dim=0).values
                low, high = (len(ordered) - 1) // 2, len(ordered) // 2
                result[number, :, some] = (ordered[low] + ordered[high]) / 2

    return write


@compiled
def _exchange(low: Any, high: Any) -> None:
    """Put the smaller number of each place into `low` and the larger into `high`."""
    for place in range(len(low)):
        a, b = low[place], high[place]
        low[place] = min(a, b)
        high[place] = max(a, b)


@compiled
def _sort(values: Any, n: Any) -> None:
    """Put the first n rows in order, place by place, by Batcher's merge exchange.

    Which pairs are compared (Knuth, The Art of Computer Programming 5.2.2, algorithm M) does not
    depend on the numbers, so that a processor does so for many places at once.
    """
    largest = 1
    while 2 * largest < n:
        largest *= 2
    p = largest
    while p > 0:
        q, r, d = largest, 0, p
        while True:
            for i in range(n - d):
                if i & p == r:
                    _exchange(values[i], values[i + d])
            if q == p:
                break
            d, r, q = q - p, p, q // 2
        p //= 2


@compiled
def _write(
    weights: Any,
    usual: Any,
    units: Any,
    factors: Any,
    ends: Any,
    multipliers: Any,
    members: Any,
    member_ends: Any,
    result: Any,
    start: int,
    genes: int,
) -> None:
    """Fill `result`, strip by strip and sample by sample; all arrays are contiguous."""
    samples, estimates = ends.shape
    width = weights.shape[1] // usual.shape[1]
    base = np.empty(width, weights.dtype)
    scores = np.empty(estimates * width, weights.dtype)
    values = np.empty((len(members), width), weights.dtype)
    for strip in range(len(weights)):
        begin = 0
        last_gene = min(width, genes - strip * width)
        at = start + strip * width
        for sample in range(samples):
            begin = score_strip(
                weights[strip], usual[sample], units, factors, ends[sample], begin, base, scores
            )
            if len(multipliers):
                own = multipliers[strip, sample % multipliers.shape[1]]
                for i in range(len(scores)):
                    scores[i] *= own[i]
            for i in range(len(scores)):
                scores[i] = abs(scores[i])
            first = 0
            for number, last in enumerate(member_ends):
                n = last - first
                for row in range(n):
                    begins = members[first + row] * width
                    values[row] = scores[begins : begins + width]
                _sort(values, n)
                low, high = values[(n - 1) // 2], values[n // 2]
                for gene in range(last_gene):
                    result[number, sample, at + gene] = (low[gene] + high[gene]) / 2
                first = last
