"""Reproducibility of explanations: every pair of replicates, or of models, compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.errors import BadInputError, one_of
from helpers.explain.explainers import EXPLAINERS
from helpers.stability.overlap import overlap_matrix
from helpers.stability.ranks import spearman_matrix

REPRODUCIBILITY_COLUMNS = [
    "architecture",
    "explainer",
    "optimisation",
    "design",
    "reference",
    "n",
    "tissue",
    "sample",
    "metric",
    "value",
]


def intra_model(
    scores: xarray.DataArray,
    *,
    architecture: str,
    explainer: str | None = None,
    reference: str = "none",
    n: int = 1,
    optimisation: str = "none",
    k: int = 100,
    by: str = "absolute",
    scores_as: str = "signed",
) -> pd.DataFrame:
    """Compare replicates: explanations of the same sample by the same model (paper, Figure 1).

    Parameters
    ----------
    scores
        Dimensions replicate, sample, gene, and optionally explainer and model; coordinate
        ``tissue`` along sample.
    architecture
        A key of `helpers.models.ARCHITECTURES`.
    explainer
        Explainer of all scores, where they have no dimension of that name.
    reference
        Kind of reference; in the table only for explainers that need one, else ``"none"``.
    n
        Estimates combined in each explanation.
    optimisation
        How they are combined: none, smoothgrad, repeats, references or aggregated.
    k, by
        Length of the lists of top genes, and whether absolute or signed scores make them.
    scores_as
        What Spearman's correlation is computed on: ``"signed"`` scores, or ``"absolute"``.

    Returns
    -------
    pandas.DataFrame
        Columns of ``reproducibility.csv``, one row per pair and metric (``spearman``, and
        ``top100`` for k = 100). The Spearman correlation with a vector whose scores are all
        equal is missing.

    Raises
    ------
    BadInputError
        If a dimension or the tissues are missing, or there are fewer than two replicates.
    """
    labels = _labels(architecture, optimisation, "intra_model", n)
    return _pairs(scores, "replicate", labels, explainer, reference, k, by, scores_as)


def inter_model(
    scores: xarray.DataArray,
    *,
    architecture: str,
    explainer: str | None = None,
    reference: str = "none",
    n: int = 1,
    optimisation: str = "none",
    k: int = 100,
    by: str = "absolute",
    scores_as: str = "signed",
) -> pd.DataFrame:
    """Compare models: explanations of the same sample by different models (paper, Figure 1).

    Parameters and result as in `intra_model`, but `scores` must have the dimension model, and
    may have the dimension replicate: models are compared within each replicate.

    Raises
    ------
    BadInputError
        If a dimension or the tissues are missing, or there are fewer than two models.
    """
    labels = _labels(architecture, optimisation, "inter_model", n)
    return _pairs(scores, "model", labels, explainer, reference, k, by, scores_as)


def summarise(reproducibility: pd.DataFrame) -> pd.DataFrame:
    """Summarise pairs: one row per explainer, design, tissue and metric.

    Parameters
    ----------
    reproducibility
        What `intra_model` or `inter_model` gave, or several of them below each other.

    Returns
    -------
    pandas.DataFrame
        The columns that identify a group, ``median``, ``q25``, ``q75`` (quartiles), ``pairs``
        (with a value) and ``samples``.
    """
    keys = [name for name in REPRODUCIBILITY_COLUMNS if name not in {"sample", "value"}]
    groups = reproducibility.groupby(keys, sort=False, observed=True)
    return groups.agg(
        median=("value", "median"),
        q25=("value", lambda values: values.quantile(0.25)),
        q75=("value", lambda values: values.quantile(0.75)),
        pairs=("value", "count"),
        samples=("sample", "nunique"),
    ).reset_index()


def _labels(architecture: str, optimisation: str, design: str, n: int) -> dict[str, str | int]:
    return {"architecture": architecture, "optimisation": optimisation, "design": design, "n": n}


def _pairs(
    scores: xarray.DataArray,
    compared: str,
    labels: dict[str, str | int],
    explainer: str | None,
    reference: str,
    k: int,
    by: str,
    scores_as: str,
) -> pd.DataFrame:
    one_of("kind of scores", scores_as, ("signed", "absolute"))
    ordered = _ordered(scores, compared, explainer)
    tissues, samples = ordered["tissue"].to_numpy(), ordered["sample"].to_numpy()
    tables = []
    for e, name in enumerate(ordered["explainer"].to_numpy()):
        needs_reference = name not in EXPLAINERS or EXPLAINERS[name].needs_reference
        fixed = labels | {
            "explainer": name,
            "reference": reference if needs_reference else "none",
        }
        # Explainers × (replicates or models) × samples × compared × genes.
        for other in range(ordered.shape[1]):
            for s, sample in enumerate(samples):
                vectors = ordered.values[e, other, s]
                for metric, values in _values(vectors, k, by, scores_as).items():
                    row = fixed | {"tissue": tissues[s], "sample": sample, "metric": metric}
                    tables.append(pd.DataFrame(row | {"value": values}))
    return pd.concat(tables, ignore_index=True)[REPRODUCIBILITY_COLUMNS]


def _ordered(scores: xarray.DataArray, compared: str, explainer: str | None) -> xarray.DataArray:
    """Give scores the dimensions explainer, the one not compared, sample, compared, gene."""
    for name in (compared, "sample", "gene"):
        if name not in scores.dims:
            raise BadInputError(
                f"Scores need the dimension {name!r} to be compared, but they have "
                f"{', '.join(map(str, scores.dims))}."
            )
    if "tissue" not in scores.coords:
        raise BadInputError("Scores need the coordinate 'tissue', the tissue of each sample.")
    if scores.sizes[compared] < 2:
        raise BadInputError(
            f"At least two {compared}s are needed to compare them, but there is "
            f"{scores.sizes[compared]}."
        )
    if "explainer" not in scores.dims:
        if explainer is None:
            raise BadInputError("Scores of one explainer need its name: give 'explainer'.")
        scores = scores.drop_vars("explainer", errors="ignore").expand_dims(explainer=[explainer])
    other = "model" if compared == "replicate" else "replicate"
    if other not in scores.dims:
        scores = scores.drop_vars(other, errors="ignore").expand_dims({other: [0]})
    return scores.transpose("explainer", other, "sample", compared, "gene")


def _values(
    vectors: npt.NDArray[np.floating], k: int, by: str, scores_as: str
) -> dict[str, npt.NDArray[np.float64]]:
    pairs = np.triu_indices(len(vectors), 1)
    ranked = np.abs(vectors) if scores_as == "absolute" else vectors
    return {
        "spearman": spearman_matrix(ranked)[pairs],
        f"top{k}": overlap_matrix(vectors, k, by)[pairs],
    }
