"""From hidden units to genes: products with W₁ᵀ, a strip of genes at a time.

A strip of the scores of single estimates stays in the processor's cache until it has been
added up, so that no score of a single estimate ever reaches memory. Strips are the same
whatever the number of threads that work on them, and so are the results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from helpers.explain.threads import Run

# Genes in a strip: with 640 estimates, 0.6 MB in single precision, which leaves room in a core's
# cache for the strip's weights. Products are fastest where it is a multiple of 48.
STRIP = 240
# Estimates, of all samples together, whose scores are held at once.
_ROWS = 640
# What adding one unit's weights to one estimate's scores takes, and copying the weights of one
# unit, in multiply-adds of a dense product: measured.
_ADDING, _COPYING = 1.8, 30.0


Work = Callable[[slice], None]
Product = Callable[[Tensor], Tensor]
"""``product(weights)``: (estimates · samples) × genes, from W₁ of some genes, hidden × genes."""


def add_up(works: Sequence[Work], genes: int, run: Run, width: int = STRIP) -> None:
    """Do all works on a strip while its weights are at hand, strip by strip."""

    def work(strip: slice) -> None:
        for one in works:
            one(strip)

    run(work, (slice(start, start + width) for start in range(0, genes, width)))


@dataclass(frozen=True)
class _Additions:
    """Products with rows of mostly zeros: the weights of each row's units, added up.

    Attributes
    ----------
    units, factors
        The units of all rows, row by row, and what each is multiplied by.
    starts
        Where each row's units start and, at last, end.
    usual
        Samples × hidden: rows that go before all; their products count as further units.
    """

    units: Tensor
    factors: Tensor
    starts: Tensor
    usual: Tensor | None

    @classmethod
    def of(cls, rows: Tensor, usual: Tensor | None) -> _Additions:
        """Find what is not zero."""
        where = rows != 0
        ends = where.sum(1).cumsum(0)
        return cls(
            units=torch.nonzero(where)[:, 1].contiguous(),
            factors=rows[where],
            starts=torch.cat([ends.new_zeros(1), ends]),
            usual=usual,
        )

    def __call__(self, weights: Tensor) -> Tensor:
        table = weights if self.usual is None else torch.cat([weights, self.usual @ weights])
        return embedding_bag(
            self.units,
            table,
            self.starts,
            mode="sum",
            per_sample_weights=self.factors,
            include_last_offset=True,
        )


def product(g: Tensor) -> Product:
    """Prepare to multiply g, estimates × samples × hidden, with W₁ of some genes.

    With dropout a score is the sum of its sample's units less those that are dropped, which are
    few: adding up only what differs takes fewer operations than the dense product. Where most
    units are off, adding up those that are on does. The cheapest of the three is chosen.
    """
    rows = g.flatten(0, 1)
    if g.device.type != "cpu":
        # A GPU multiplies faster than it looks for zeros.
        return lambda weights: rows @ weights
    usual = g.gather(0, g.abs().argmax(0, keepdim=True))
    less = (g - usual).flatten(0, 1)
    added = len(rows) + int(torch.count_nonzero(less))
    costs = {
        "dense": float(rows.numel()),
        "on": _ADDING * int(torch.count_nonzero(rows)) + _COPYING * g.shape[2],
        "dropped": _ADDING * added + _COPYING * (g.shape[2] + g.shape[1]),
    }
    cheapest = min(costs, key=lambda way: costs[way])
    if cheapest == "on":
        return _Additions.of(rows, None)
    if cheapest == "dropped":
        own = torch.eye(g.shape[1], dtype=g.dtype).repeat(len(g), 1)
        return _Additions.of(torch.cat([less, own], dim=1), usual[0])
    rows = rows.contiguous()
    return lambda weights: rows @ weights


def _parts(g: Tensor) -> list[tuple[slice, Product]]:
    """Take as many samples together as bounds the memory of their scores."""
    size = max(1, _ROWS // len(g))
    parts = (slice(start, start + size) for start in range(0, g.shape[1], size))
    return [(samples, product(g[:, samples])) for samples in parts]


def _weighted(share: Tensor, scores: Tensor) -> Tensor:
    """Sum estimates × samples × genes to sums × samples × genes."""
    return (share @ scores.flatten(1)).view(len(share), *scores.shape[1:])


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
    parts = _parts(g)

    def add(genes: slice) -> None:
        for samples, scores_of in parts:
            sums = result[:, samples, genes]
            scores = scores_of(first[:, genes]).abs_().view(len(g), *sums.shape[1:])
            sums.add_(_weighted(share, scores))

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
    parts = _parts(g)

    def add(genes: slice) -> None:
        minus = None if references is None else references[:, None, genes]
        for samples, scores_of in parts:
            sums = result[:, samples, genes]
            factor, sign = minus, -1
            if noise is not None:
                factor, sign = noise[:, samples, genes], 1
                factor = factor if minus is None else factor - minus
            assert factor is not None
            scores = scores_of(first[:, genes]).view(len(g), *sums.shape[1:]).mul_(factor)
            sums.add_(_weighted(share, scores), alpha=sign)

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
        result[..., genes].add_(scores if factor is None else scores.mul_(factor[..., genes]))

    return add
