"""Curves: how agreement between models grows with the number of estimates combined."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray

from helpers.errors import BadInputError, one_of
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS, Comparison, compare
from helpers.stability.subsets import Subsets

CURVE_KEYS = [
    "architecture",
    "explainer",
    "optimisation",
    "design",
    "reference",
    "metric",
]
"""What identifies a curve."""

MOST_SHARED = 1 / 3
"""Aggregates that share more of their models, on average, agree because of that.

A third is what the paper's largest aggregates share: draws of 20 among 60 models.
"""

_DESIGNS = ("inter_model", "gene_order")

REFERENCES_AND_REPEATS = "references_and_repeats"
"""Optimisation in which each of n references is explained several times (paper, Figure S5)."""


def curve(
    scores: xarray.DataArray,
    comparison: Comparison,
    *,
    explainer: str | None = None,
    design: str = "inter_model",
) -> pd.DataFrame:
    """Compare models pairwise within every set of estimates (paper, Figures 2A–C, S2–S5).

    Parameters
    ----------
    scores
        Mean scores with the dimensions model, set, sample and gene, in any order; coordinates
        ``tissue`` along sample and ``n`` along set, the number of estimates in each mean.
    comparison
        What the scores are; its n is replaced by that of each set.
    explainer
        Explainer of the scores, unless they have a dimension of that name.
    design
        ``"inter_model"``, or ``"gene_order"`` where each model has a gene order of its own.

    Returns
    -------
    pandas.DataFrame
        Columns of ``reproducibility.csv``: one row per set, sample, metric and pair of models.
        Several sets of one n are further rows of that n.

    Raises
    ------
    BadInputError
        If a dimension or coordinate is missing, or there is no set or fewer than two models.
    """
    one_of("design of a curve", design, _DESIGNS)
    for name in ("model", "set", "sample", "gene"):
        if name not in scores.dims:
            raise BadInputError(
                f"Scores of a curve need the dimension {name!r}, but they have "
                f"{', '.join(map(str, scores.dims))}."
            )
    if "n" not in scores.coords or scores["n"].dims != ("set",):
        raise BadInputError(
            "Scores of a curve need the coordinate 'n' along 'set', the number of estimates in "
            "each mean."
        )
    if scores.sizes["set"] == 0:
        raise BadInputError("Scores of a curve need at least one set of estimates, not none.")
    numbers = scores["n"].to_numpy()
    plain = scores.drop_vars([name for name in scores.coords if scores[name].dims == ("set",)])
    tables = [
        compare(
            plain.isel(set=position),
            replace(comparison, n=int(n)),
            designs=["inter_model"],
            explainer=explainer,
        )
        for position, n in enumerate(numbers)
    ]
    return pd.concat(tables, ignore_index=True).assign(design=design)


def aggregation_curve(
    scores: xarray.DataArray,
    aggregates: Subsets,
    comparison: Comparison,
    *,
    explainer: str | None = None,
    design: str = "inter_model",
    disjoint: bool = False,
) -> pd.DataFrame:
    """Compare aggregates of n models with each other, for every n (paper, Figures 2D, S6).

    At most the means of one n are in memory at a time, as much as the scores themselves.

    Parameters
    ----------
    scores
        Scores of single models: dimensions model, sample and gene; coordinate ``tissue``.
    aggregates
        Which models each aggregate is the mean of, see `draw_aggregates`.
    comparison
        What the scores are; n and optimisation are replaced.
    explainer
        Explainer of the scores.
    design
        ``"inter_model"``, or ``"gene_order"`` where each model has a gene order of its own.
    disjoint
        Compare only aggregates that have no model in common.

    Returns
    -------
    pandas.DataFrame
        Columns of ``reproducibility.csv`` with optimisation ``"aggregated"``, then ``shared``:
        the share of its models that an aggregate has in common with the one it is compared
        with. One row per n, sample, metric and pair.

    Raises
    ------
    BadInputError
        If a dimension or coordinate is missing, the aggregates are of another number of models,
        or no pair is left to compare.
    """
    if "model" not in scores.dims or scores.sizes["model"] != aggregates.weights.shape[1]:
        raise BadInputError(
            f"Aggregates of {aggregates.weights.shape[1]} models cannot be made from scores with "
            f"dimensions {dict(scores.sizes)}: draw them for as many models as there are."
        )
    one_of("design of a curve", design, _DESIGNS)
    shared = aggregates.shared()
    if disjoint:
        shared = shared[shared["shared"] == 0]
    if shared.empty:
        raise BadInputError(
            "No two aggregates can be compared: draw two of one n at least, without a model in "
            "common where only disjoint ones count."
        )
    tables = []
    for n in dict.fromkeys(shared["n"].to_numpy(int).tolist()):
        pairs = shared[shared["n"] == n]
        chosen = np.flatnonzero(aggregates.n == n)
        means = xarray.DataArray(
            aggregates.weights[chosen].astype(scores.dtype), dims=("set", "model")
        )
        averaged = xarray.dot(means, scores, dim="model").rename(set="model")
        as_one = replace(comparison, n=n, optimisation="aggregated")
        table = compare(averaged, as_one, designs=["inter_model"], explainer=explainer)
        tables.append(_with_shared(table, aggregates.draw[chosen], pairs))
    return pd.concat(tables, ignore_index=True).assign(design=design)


def _with_shared(table: pd.DataFrame, draws: np.ndarray, pairs: pd.DataFrame) -> pd.DataFrame:
    """Add what the draws of each pair share, and keep the given pairs only.

    `compare` gives the pairs of each sample and metric in the order of `numpy.triu_indices`.
    """
    first, second = np.triu_indices(len(draws), 1)
    known = pairs.set_index(["draw_a", "draw_b"])["shared"]
    order = pd.MultiIndex.from_arrays([draws[first], draws[second]])
    values = known.reindex(order).to_numpy()
    table["shared"] = np.tile(values, len(table) // len(values))
    return table.dropna(subset="shared")


def sample_medians(reproducibility: pd.DataFrame) -> pd.DataFrame:
    """Reduce all pairs of a sample to their median: samples are the units of every interval.

    Parameters
    ----------
    reproducibility
        Rows of ``reproducibility.csv``, with or without ``shared``.

    Returns
    -------
    pandas.DataFrame
        Columns of ``reproducibility.csv``, one row per sample, n and metric: ``value`` is the
        median over pairs. Then ``pairs`` (with a value) and ``shared`` (mean over pairs, 0 where
        different models were compared).
    """
    keys = [name for name in REPRODUCIBILITY_COLUMNS if name != "value"]
    table = reproducibility
    if "shared" not in table:
        table = table.assign(shared=0.0)
    groups = table.groupby(keys, sort=False, observed=True)
    found = groups.agg(
        value=("value", "median"), pairs=("value", "count"), shared=("shared", "mean")
    ).reset_index()
    return found.fillna({"shared": 0.0})[[*REPRODUCIBILITY_COLUMNS, "pairs", "shared"]]


def drop_overlapping(curves: pd.DataFrame, most: float = MOST_SHARED) -> pd.DataFrame:
    """End each aggregation curve before its aggregates begin to be mostly the same models.

    The share in common grows with n but for the luck of the draw. A point after the first that is
    left out may share less by such luck, and is left out too: else a curve would have a hole.

    Parameters
    ----------
    curves
        What `sample_medians` or `curve_summary` gave.
    most
        Largest mean share of models in common that is kept.
    """
    shared = curves.groupby([*CURVE_KEYS, "n"], observed=True)["shared"].transform("mean")
    beyond = curves["n"].astype(float).where(shared > most, np.inf)
    first = beyond.groupby([curves[key] for key in CURVE_KEYS], observed=True).transform("min")
    return curves[curves["n"] < first]


def curve_summary(reproducibility: pd.DataFrame, *, by_tissue: bool = False) -> pd.DataFrame:
    """Summarise every point of every curve by its median and quartiles.

    Parameters
    ----------
    reproducibility
        Rows of ``reproducibility.csv``: all pairs, as in the paper's figures, or
        `sample_medians`, in which every sample counts once.
    by_tissue
        Whether each tissue has curves of its own; else all samples are taken together.

    Returns
    -------
    pandas.DataFrame
        `CURVE_KEYS`, ``tissue`` where asked for, ``n``, ``median``, ``q25``, ``q75``,
        ``samples``, and ``shared`` (see `sample_medians`); each curve sorted by n.
    """
    keys = [*CURVE_KEYS, *(["tissue"] if by_tissue else []), "n"]
    table = reproducibility
    if table.empty:
        return pd.DataFrame(columns=[*keys, "median", "q25", "q75", "samples", "shared"])
    if "shared" not in table:
        table = table.assign(shared=0.0)
    groups = table.groupby(keys, sort=False, observed=True)
    quartiles = groups["value"].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    quartiles.columns = pd.Index(["q25", "median", "q75"])
    found = quartiles[["median", "q25", "q75"]]
    found = found.join(groups.agg(samples=("sample", "nunique"), shared=("shared", "mean")))
    found = found.reset_index().fillna({"shared": 0.0})
    order = found.groupby(keys[:-1], sort=False, observed=True).ngroup()
    return (
        found.assign(order=order)
        .sort_values(["order", "n"], ignore_index=True)
        .drop(columns="order")
    )
