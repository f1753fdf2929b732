"""Means over models, against the truth and against each other: more right, or only more alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.correctness.recovery import MEASURES, STRATUM_COLUMNS, Truth, by_stratum, recovery
from helpers.stability.model_scale import weighed
from helpers.stability.overlap import overlap_matrix

RECOVERY_COLUMNS = ["n", "draw", *MEASURES]


@dataclass(frozen=True)
class Ranking:
    """How genes are ranked.

    Attributes
    ----------
    k
        Genes in a list.
    by
        ``"absolute"`` or ``"signed"``.
    scale
        How models are weighed where they are averaged, see `helpers.stability.model_scale`.
    """

    k: int
    by: str
    scale: str


def disjoint_means(
    scores: npt.NDArray[np.floating],
    sizes: Sequence[int],
    seed: int | Sequence[int],
    scale: str = "unit",
) -> list[tuple[int, npt.NDArray[np.floating]]]:
    """Average over n models at a time, for every n; no two means of an n share a model.

    Parameters
    ----------
    scores
        Models × genes.
    sizes
        Each n; those above the number of models are left out.
    seed
        Of the order in which models are taken.
    scale
        See `Ranking`.

    Returns
    -------
    list of (int, numpy.ndarray)
        n, and means × genes: as many as fit.
    """
    models = len(scores)
    alike = np.stack([weighed(row[None], scale)[0] for row in scores])
    order = np.random.default_rng(seed).permutation(models)
    found = []
    for n in sorted({size for size in sizes if size <= models} | {models}):
        pieces = order[: models // n * n].reshape(-1, n)
        found.append((n, np.stack([alike[piece].mean(axis=0) for piece in pieces])))
    return found


def measured_means(
    means: list[tuple[int, npt.NDArray[np.floating]]], truth: Truth, ranking: Ranking
) -> pd.DataFrame:
    """Hold every mean against the truth: `RECOVERY_COLUMNS`, a row a mean."""
    rows = [
        {"n": n, "draw": draw, **recovery(vector, truth, ranking.k, ranking.by)}
        for n, vectors in means
        for draw, vector in enumerate(vectors)
    ]
    return pd.DataFrame(rows, columns=RECOVERY_COLUMNS)


def alike_means(
    means: list[tuple[int, npt.NDArray[np.floating]]], ranking: Ranking
) -> pd.DataFrame:
    """Compare the lists of all pairs of means: ``n``, ``pairs``, ``overlap`` (mean over pairs)."""
    rows = []
    for n, vectors in means:
        if len(vectors) < 2:
            continue
        shared = overlap_matrix(vectors, ranking.k, ranking.by)
        pairs = shared[np.triu_indices(len(vectors), 1)]
        rows.append([n, len(pairs), float(pairs.mean())])
    return pd.DataFrame(rows, columns=["n", "pairs", "overlap"])


def strata_of_means(
    means: list[tuple[int, npt.NDArray[np.floating]]], truth: Truth, ranking: Ranking
) -> pd.DataFrame:
    """Average what single models, and all together, find of each stratum.

    Returns
    -------
    pandas.DataFrame
        ``n`` and the columns of `helpers.correctness.recovery.by_stratum`.
    """
    parts = []
    for n, vectors in (means[0], means[-1]) if len(means) > 1 else means:
        tables = [by_stratum(vector, truth, ranking.k, ranking.by) for vector in vectors]
        together = pd.concat(tables).groupby("stratum", sort=False).mean()
        parts.append(together.reset_index().assign(n=n))
    return pd.concat(parts, ignore_index=True)[["n", *STRATUM_COLUMNS]]
