"""Which explainers say the same: distances between explainers, and their tree."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import xarray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from helpers.errors import BadInputError, one_of
from helpers.stability.ranks import spearman_matrix

_LINKAGE_METHODS: dict[str, Literal["average", "complete", "single"]] = {
    "average": "average",
    "complete": "complete",
    "single": "single",
}


def explainer_distances(scores: xarray.DataArray) -> pd.DataFrame:
    """Compare every two explainers on the same samples (paper, "Consistency").

    Parameters
    ----------
    scores
        Dimensions explainer and gene, and any others (model, replicate, sample): vectors that
        differ only in the explainer are compared.

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``a``, ``b`` (in the order of `scores`), ``spearman`` (mean over the
        vectors), ``distance`` (1 − that), ``max_relative_difference`` (largest difference of a
        gene's two scores, over the largest absolute score of either explainer; maximum over the
        vectors; about 1e-7 is rounding in float32) and ``vectors``. Vectors whose scores are
        all equal, as those of a network that learnt nothing can be, have no correlation and are
        left out of the mean; two explainers without a vector count as unrelated, 0.

    Raises
    ------
    BadInputError
        If a dimension is missing, or there are fewer than two explainers.
    """
    for name in ("explainer", "gene"):
        if name not in scores.dims:
            raise BadInputError(
                f"Scores need the dimension {name!r} to compare explainers, but they have "
                f"{', '.join(map(str, scores.dims))}."
            )
    names = [str(name) for name in scores["explainer"].to_numpy()]
    if len(names) < 2:
        raise BadInputError(f"At least two explainers are needed, not {len(names)}.")
    values = scores.transpose(..., "explainer", "gene").values
    first, second = np.triu_indices(len(names), 1)
    correlations, differences = [], []
    for vectors in values.reshape(-1, *values.shape[-2:]):
        correlations.append(spearman_matrix(vectors)[first, second])
        differences.append(_relative_differences(vectors.astype(np.float64), first, second))
    known = ~np.isnan(correlations)
    counts = known.sum(axis=0)
    spearman = np.nansum(correlations, axis=0) / np.maximum(counts, 1)
    return pd.DataFrame(
        {
            "a": np.array(names)[first],
            "b": np.array(names)[second],
            "spearman": spearman,
            "distance": 1 - spearman,
            "max_relative_difference": np.max(differences, axis=0),
            "vectors": counts,
        }
    )


def explainer_linkage(distances: pd.DataFrame, method: str = "average") -> pd.DataFrame:
    """Build the tree of explainers by agglomerative clustering of their distances.

    Parameters
    ----------
    distances
        What `explainer_distances` gave.
    method
        Distance between two clusters, `scipy.cluster.hierarchy.linkage`: ``"average"``,
        ``"complete"`` or ``"single"``.

    Returns
    -------
    pandas.DataFrame
        One row per merger: ``left``, ``right``, ``height`` and ``size`` (SciPy's linkage matrix:
        numbers below the number of explainers are explainers in order of first mention, others
        are earlier rows), and ``members``, the explainers of the new cluster joined by "; ".

    Raises
    ------
    UnknownNameError
        If there is no such method.
    BadInputError
        If a pair of explainers is missing or there twice.
    """
    one_of("linkage method", method, _LINKAGE_METHODS)
    names = explainer_names(distances)
    if not names:
        return pd.DataFrame(columns=["left", "right", "height", "size", "members"])
    count = len(names) * (len(names) - 1) // 2
    pairs = {frozenset(pair) for pair in zip(distances["a"], distances["b"], strict=True)}
    if len(distances) != count or len(pairs) != count:
        raise BadInputError(
            f"A tree of {len(names)} explainers needs the distance of each of their {count} "
            f"pairs once, but there are {len(distances)} rows."
        )
    square = np.zeros((len(names), len(names)))
    first = [names.index(name) for name in distances["a"]]
    second = [names.index(name) for name in distances["b"]]
    square[first, second] = square[second, first] = distances["distance"].clip(lower=0)
    merged = hierarchy.linkage(squareform(square), method=_LINKAGE_METHODS[method])
    members = [[name] for name in names]
    for left, right in merged[:, :2].astype(int):
        members.append(members[left] + members[right])
    table = pd.DataFrame(merged, columns=["left", "right", "height", "size"])
    table = table.astype({"left": int, "right": int, "size": int})
    return table.assign(members=["; ".join(some) for some in members[len(names) :]])


def explainer_names(distances: pd.DataFrame) -> list[str]:
    """Return the explainers of a table of distances, in order of first mention.

    Their positions are the numbers in what `explainer_linkage` gives.
    """
    return list(dict.fromkeys([*distances["a"], *distances["b"]]))


def _relative_differences(vectors: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    largest = np.abs(vectors).max(axis=1)
    scale = np.maximum(largest[first], largest[second])
    difference = np.array(
        [np.abs(vectors[a] - vectors[b]).max() for a, b in zip(first, second, strict=True)]
    )
    return np.divide(difference, scale, out=np.zeros_like(difference), where=scale > 0)
