"""From hidden units to genes: products with W₁ᵀ, a strip of genes at a time.

A strip of the scores of one sample's estimates stays in the processor's cache until it has been
added up, so that no score of a single estimate ever reaches memory. Strips are the same
whatever the number of threads that work on them, and so are the results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.explain.threads import Run

# Genes in a strip: with 64 estimates and 128 units, 1 MB in single precision. Products are
# fastest where it is a multiple of 48.
STRIP = 1008


Work = Callable[[slice], None]


def add_up(works: Sequence[Work], genes: int, run: Run) -> None:
    """Do all works on a strip while its weights are at hand, strip by strip."""

    def work(strip: slice) -> None:
        for one in works:
            one(strip)

    run(work, (slice(start, start + STRIP) for start in range(0, genes, STRIP)))


@dataclass(frozen=True)
class _Part:
    """One sample's share of g, estimates × units, without units that are off in all estimates.

    `units` are the numbers of those that are left; None: all.
    """

    g: Tensor
    units: Tensor | None

    @classmethod
    def of(cls, g: Tensor) -> _Part:
        """Leave units out where that pays: it costs a copy of the others' weights."""
        units = torch.nonzero((g != 0).any(0)).ravel()
        if len(g) * (g.shape[1] - len(units)) > 10 * len(units):
            return cls(g.index_select(1, units), units)
        return cls(g.contiguous(), None)

    def scores(self, weights: Tensor) -> Tensor:
        """Multiply with W₁ of some genes: estimates × genes."""
        if self.units is not None:
            weights = weights.index_select(0, self.units)
        return self.g @ weights


def absolute(first: Tensor, g: Tensor, share: Tensor, result: Tensor) -> Work:
    """Prepare to add weighted sums of ``|W₁ᵀ g|``.

    Parameters
    ----------
    first
        W₁, hidden × genes.
    g
        Estimates × samples × hidden.
    share
        Weights of the estimates in each sum: sums × estimates.
    result
        What is added to: sums × samples × genes.

    Returns
    -------
    callable
        Does so for a strip of genes.
    """
    parts = [_Part.of(g[:, sample]) for sample in range(g.shape[1])]

    def add(genes: slice) -> None:
        weights, sums = first[:, genes], result[..., genes].unbind(1)
        for part, total in zip(parts, sums, strict=True):
            total.addmm_(share, part.scores(weights).abs_())

    return add


def products(
    first: Tensor,
    g: Tensor,
    references: Tensor | None,
    noise: Tensor | None,
    share: Tensor,
    result: Tensor,
) -> Work:
    """Prepare to add weighted sums of ``(noise − reference) ∘ W₁ᵀ g``.

    Parameters
    ----------
    references
        Estimates × genes; None: none.
    noise
        Estimates × samples × genes; None: none.
    first, g, share, result
        See `absolute`, and there for what is returned.
    """
    parts = [_Part.of(g[:, sample]) for sample in range(g.shape[1])]

    def add(genes: slice) -> None:
        weights, sums = first[:, genes], result[..., genes].unbind(1)
        minus = None if references is None else references[:, genes]
        for sample, (part, total) in enumerate(zip(parts, sums, strict=True)):
            factor, sign = minus, -1
            if noise is not None:
                factor, sign = noise[:, sample, genes], 1
                factor = factor if minus is None else factor - minus
            assert factor is not None
            total.addmm_(share, part.scores(weights).mul_(factor), alpha=sign)

    return add


def linear(first: Tensor, means: Tensor, factor: Tensor | None, result: Tensor) -> Work:
    """Prepare to add ``factor ∘ W₁ᵀ means``.

    Parameters
    ----------
    means
        Weighted sums of g: sums × samples × hidden.
    factor
        Samples × genes, or sums × samples × genes; None: 1.
    first, result
        See `absolute`, and there for what is returned.
    """
    flat = means.reshape(-1, means.shape[-1])

    def add(genes: slice) -> None:
        scores = (flat @ first[:, genes]).view(*means.shape[:-1], -1)
        result[..., genes] += scores if factor is None else scores.mul_(factor[..., genes])

    return add
