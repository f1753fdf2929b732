"""From hidden units to genes: products with W₁ᵀ, some genes at a time.

Genes are taken together as is good for a processor's caches, whatever the number of threads that
work on them, and so results do not depend on these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from helpers.explain.mlp.sums import Sums, Terms
from helpers.explain.mlp.threads import Run

# Genes that a processor works on at once. Their weights fit into a core's own cache, and they
# are whole strips of both precisions.
TOGETHER = 1920
# Estimates, of all samples together, whose scores a GPU holds at once.
_ROWS = 640


Work = Callable[[slice], None]
Factor = Callable[[slice], Tensor]


def add_up(works: Sequence[Work], genes: int, run: Run, width: int = TOGETHER) -> None:
    """Do all works on some genes while their weights are at hand, and go on to the next."""

    def work(some: slice) -> None:
        for one in works:
            one(some)

    run(work, (slice(start, start + width) for start in range(0, genes, width)))


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
        Does so for a slice of the genes.
    """
    return _weighted(first, g, None, share, result)


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

    def factor(genes: slice) -> Tensor:
        if references is None:
            assert noise is not None
            return noise[..., genes]
        minus = references[:, None, genes]
        return minus.neg() if noise is None else noise[..., genes] - minus

    return _weighted(first, g, factor, share, result)


def _weighted(
    first: Tensor, g: Tensor, factor: Factor | None, share: Tensor, result: Tensor
) -> Work:
    """Prepare to add weighted sums of scores times a factor, or of their absolute values."""
    if g.device.type != "cpu":
        return _weighted_at_once(first, g, factor, share, result)
    sums = Sums(Terms.of(g), share)

    def add(genes: slice) -> None:
        sums.add(first[:, genes], None if factor is None else factor(genes), result, genes.start)

    return add


def _weighted_at_once(
    first: Tensor, g: Tensor, factor: Factor | None, share: Tensor, result: Tensor
) -> Work:
    """Do so by dense products: a GPU multiplies faster than it looks for zeros."""
    # As many samples together as bounds the memory of their scores.
    size = max(1, _ROWS // len(g))

    def add(genes: slice) -> None:
        factors = None if factor is None else factor(genes)
        for start in range(0, g.shape[1], size):
            some = slice(start, start + size)
            scores = g[:, some] @ first[:, genes]
            if factors is None:
                scores.abs_()
            else:
                scores.mul_(factors if factors.shape[1] == 1 else factors[:, some])
            result[:, some, genes].add_(torch.tensordot(share, scores, dims=1))

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
