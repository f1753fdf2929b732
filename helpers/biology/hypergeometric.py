"""How far the hits of a list depart from those of a random list of the same length."""

from __future__ import annotations

from dataclasses import dataclass

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
    share = stats.binomtest(hits, size).proportion_ci(CONFIDENCE, method="exact")
    low, fold, high = (
        value / chance if chance else np.nan for value in (share.low, hits / size, share.high)
    )
    return Departure(
        expected=size * chance,
        fold=fold,
        fold_low=low,
        fold_high=high,
        p_enriched=float(stats.hypergeom.sf(hits - 1, total, inside, size)),
        p_depleted=float(stats.hypergeom.cdf(hits, total, inside, size)),
    )
