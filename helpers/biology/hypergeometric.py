"""How far the hits of a list depart from those of a random list of the same length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Departure:
    """Hits against chance.

    Attributes
    ----------
    expected
        Hits of a random list, on average.
    fold, fold_low, fold_high
        Hits over expected, and its 95 % interval: Clopper and Pearson's for the share of the
        list that is in the set, divided by the set's share of all genes. Missing where nothing
        is expected.
    p_enriched, p_depleted
        Chance of as many hits or more, and of as many or fewer (hypergeometric).
    """

    expected: float
    fold: float
    fold_low: float
    fold_high: float
    p_enriched: float
    p_depleted: float

    @property
    def p(self) -> float:
        """Two-sided: twice the smaller tail, at most 1."""
        return min(1.0, 2 * min(self.p_enriched, self.p_depleted))


def share_interval(
    hits: npt.ArrayLike, size: npt.ArrayLike
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """Return the exact 95 % interval of the share of a list that is in a set.

    Parameters
    ----------
    hits, size
        Genes of each list that are in the set, and genes of the list; means over lists too.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper limit, by Clopper and Pearson (1934).
    """
    inside, genes = np.asarray(hits, dtype=float), np.asarray(size, dtype=float)
    out, tail = genes - inside, (1 - CONFIDENCE) / 2
    # The limits of the beta distribution at 0 and at all hits are 0 and 1 by definition.
    low = stats.beta.ppf(tail, np.where(inside > 0, inside, 1), out + 1)
    high = stats.beta.ppf(1 - tail, inside + 1, np.where(out > 0, out, 1))
    return np.where(inside > 0, low, 0.0), np.where(out > 0, high, 1.0)


def departure(hits: int, size: int, inside: int, total: int) -> Departure:
    """Compare a list's hits with those of random lists of the measured genes.

    Parameters
    ----------
    hits
        Genes of the list that are in the set.
    size
        Genes of the list, at least one.
    inside
        Measured genes that are in the set.
    total
        Measured genes.
    """
    chance = inside / total
    share_low, share_high = _share_of(hits, size)
    low, fold, high = (
        value / chance if chance else np.nan for value in (share_low, hits / size, share_high)
    )
    enriched, depleted = _tails(hits, size, inside, total)
    return Departure(
        expected=size * chance,
        fold=fold,
        fold_low=low,
        fold_high=high,
        p_enriched=enriched,
        p_depleted=depleted,
    )


# Lists are as long as each other, so that many share these numbers, which take a millisecond.
@lru_cache(maxsize=10_000)
def _share_of(hits: int, size: int) -> tuple[float, float]:
    """Return the exact interval of one share."""
    share = stats.binomtest(hits, size).proportion_ci(CONFIDENCE, method="exact")
    return float(share.low), float(share.high)


@lru_cache(maxsize=100_000)
def _tails(hits: int, size: int, inside: int, total: int) -> tuple[float, float]:
    """Return the chance of as many hits or more, and of as many or fewer."""
    return (
        float(stats.hypergeom.sf(hits - 1, total, inside, size)),
        float(stats.hypergeom.cdf(hits, total, inside, size)),
    )
