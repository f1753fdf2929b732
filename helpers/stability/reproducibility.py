"""Reproducibility of explanations: every pair of replicates, or of models, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.errors import BadInputError, one_of
from helpers.explain.explainers import EXPLAINERS
from helpers.stability.overlap import overlap_matrix
from helpers.stability.ranks import spearman_matrix

Indices = npt.NDArray[np.intp]

COMPARED = {"intra_model": "replicate", "inter_model": "model", "gene_order": "model"}
"""Design → the dimension of scores that is compared in it."""

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


@dataclass(frozen=True)
class Comparison:
    """What is compared with what, and how.

    Attributes
    ----------
    architecture
        A key of `helpers.models.ARCHITECTURES`.
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
    """

    architecture: str
    reference: str = "none"
    n: int = 1
    optimisation: str = "none"
    k: int = 100
    by: str = "absolute"
    scores_as: str = "signed"


def compare(
    scores: xarray.DataArray,
    comparison: Comparison,
    *,
    designs: Sequence[str] = ("intra_model", "inter_model"),
    explainer: str | None = None,
) -> pd.DataFrame:
    """Compare explanations of the same sample pairwise (paper, Figure 1).

    Every vector of scores is ranked once, whatever the number of designs and pairs it is in.

    Parameters
    ----------
    scores
        Dimensions sample, gene, what the designs compare, and optionally explainer;
        coordinate ``tissue`` along sample.
    comparison
        What the scores are, and how they are compared.
    designs
        Any of ``"intra_model"``: all pairs of replicates of one model,
        ``"inter_model"``: all pairs of models, within each replicate, and
        ``"gene_order"``: the same of models that read the genes in different orders.
    explainer
        Explainer of all scores, where they have no dimension of that name.

    Returns
    -------
    pandas.DataFrame
        Columns of ``reproducibility.csv``, one row per pair and metric (``spearman``, and
        ``top100`` for k = 100). The Spearman correlation with a vector whose scores are all
        equal is missing.

    Raises
    ------
    UnknownNameError
        If a design, or what is compared, is not known.
    BadInputError
        If a dimension or the tissues are missing, or there are fewer than two replicates or
        models.
    """
    one_of("kind of scores", comparison.scores_as, ("signed", "absolute"))
    for design in designs:
        one_of("design", design, COMPARED)
    ordered = _ordered(scores, designs, explainer)
    pairs = {
        name: _pairs(name, ordered.sizes["model"], ordered.sizes["replicate"]) for name in designs
    }
    tissues, samples = ordered["tissue"].to_numpy(), ordered["sample"].to_numpy()
    tables = []
    for e, name in enumerate(ordered["explainer"].to_numpy()):
        needs_reference = name not in EXPLAINERS or EXPLAINERS[name].needs_reference
        fixed = {
            "architecture": comparison.architecture,
            "explainer": name,
            "optimisation": comparison.optimisation,
            "reference": comparison.reference if needs_reference else "none",
            "n": comparison.n,
        }
        for s, sample in enumerate(samples):
            # Models × replicates × genes, one vector a row.
            vectors = ordered.values[e, s].reshape(-1, ordered.sizes["gene"])
            for metric, matrix in _matrices(vectors, comparison).items():
                for design, chosen in pairs.items():
                    row = {"design": design, "tissue": tissues[s], "sample": sample}
                    row |= {"metric": metric, "value": matrix[chosen]}
                    tables.append(pd.DataFrame(fixed | row))
    return pd.concat(tables, ignore_index=True)[REPRODUCIBILITY_COLUMNS]


def summarise(reproducibility: pd.DataFrame) -> pd.DataFrame:
    """Summarise pairs: one row per explainer, design, tissue and metric.

    Parameters
    ----------
    reproducibility
        What `compare` gave, or several of them below each other.

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


def _pairs(design: str, models: int, replicates: int) -> tuple[Indices, Indices]:
    """Return the positions of all pairs of a design among models × replicates, flattened."""
    positions = np.arange(models * replicates).reshape(models, replicates)
    if COMPARED[design] == "model":
        positions = positions.T
    first, second = np.triu_indices(positions.shape[1], 1)
    return positions[:, first].ravel(), positions[:, second].ravel()


def _ordered(
    scores: xarray.DataArray, designs: Sequence[str], explainer: str | None
) -> xarray.DataArray:
    """Give scores the dimensions explainer, sample, model, replicate, gene."""
    for name in (*(COMPARED[design] for design in designs), "sample", "gene"):
        if name not in scores.dims:
            raise BadInputError(
                f"Scores need the dimension {name!r} to be compared, but they have "
                f"{', '.join(map(str, scores.dims))}."
            )
    if "tissue" not in scores.coords:
        raise BadInputError("Scores need the coordinate 'tissue', the tissue of each sample.")
    for name in (COMPARED[design] for design in designs):
        if scores.sizes[name] < 2:
            raise BadInputError(
                f"At least two {name}s are needed to compare them, but there is "
                f"{scores.sizes[name]}."
            )
    if "explainer" not in scores.dims:
        if explainer is None:
            raise BadInputError("Scores of one explainer need its name: give 'explainer'.")
        scores = scores.drop_vars("explainer", errors="ignore").expand_dims(explainer=[explainer])
    for name in COMPARED.values():
        if name not in scores.dims:
            scores = scores.drop_vars(name, errors="ignore").expand_dims({name: [0]})
    return scores.transpose("explainer", "sample", "model", "replicate", "gene")


def _matrices(
    vectors: npt.NDArray[np.floating], comparison: Comparison
) -> dict[str, npt.NDArray[np.float64]]:
    ranked = np.abs(vectors) if comparison.scores_as == "absolute" else vectors
    return {
        "spearman": spearman_matrix(ranked),
        f"top{comparison.k}": overlap_matrix(vectors, comparison.k, comparison.by),
    }
