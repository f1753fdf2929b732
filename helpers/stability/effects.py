"""What an optimisation changes, which reference is best, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import one_of
from helpers.stability.curves import (
    CURVE_KEYS,
    REFERENCES_AND_REPEATS,
    drop_overlapping,
    sample_medians,
)
from helpers.stability.saturation import sample_grid

Values = npt.NDArray[np.float64]

RESAMPLES = 2000
"""Times that samples are drawn anew for an interval."""

EFFECT_COLUMNS = [
    "architecture",
    "explainer",
    "optimisation",
    "reference",
    "metric",
    "before",
    "after",
    "change",
    "ci_low",
    "ci_high",
    "direction",
    "n_before",
    "n_after",
    "samples",
    "design",
]
REFERENCE_COLUMNS = [
    "architecture",
    "explainer",
    "optimisation",
    "metric",
    "reference",
    "n",
    "estimates",
    "value",
    "rank",
    "margin",
    "ci_low",
    "ci_high",
    "samples",
    "design",
]
STAGES = ("unoptimised", "optimised", "aggregated")
"""Conditions of the paper's Figures 2E and 2F, in their order."""


def interval_over_samples(
    values: Values, statistic: Callable[[Values], Values], resamples: int, seed: int
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic when samples are drawn anew.

    Parameters
    ----------
    values
        Samples × anything, in which all that belongs to one sample is resampled together.
    statistic
        From resamples × samples × anything to one number a resample.
    resamples, seed
        Number of resamples, and their seed.
    """
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(values), size=(resamples, len(values)))
    low, high = np.quantile(statistic(values[picks]), [0.025, 0.975])
    return float(low), float(high)


def effect(
    curves: pd.DataFrame, *, against: str = "first", resamples: int = RESAMPLES, seed: int = 0
) -> pd.DataFrame:
    """Compare each curve's largest n with where it begins, or with no optimisation at all.

    Parameters
    ----------
    curves
        `helpers.stability.curves.sample_medians`, or all rows of ``reproducibility.csv``.
    against
        ``"first"``: the curve's own smallest n. ``"none"``: rows of optimisation ``"none"``
        with the same architecture, explainer, design, reference and metric; where there are
        none, the smallest n of the curve of repeats, which is the same thing for n = 1. Curves
        without either are left out.
    resamples, seed
        Of the samples, which are paired before and after.

    Returns
    -------
    pandas.DataFrame
        `EFFECT_COLUMNS`, one row per curve and metric. ``before``, ``after``: medians over
        samples; ``change``: their difference with its 95 % interval over samples;
        ``direction``: ``"raises"`` or ``"lowers"`` where that interval excludes 0, else
        ``"unclear"``. Points that `drop_overlapping` leaves out do not count.

    Raises
    ------
    UnknownNameError
        If `against` is neither.
    """
    one_of("comparison", against, ("first", "none"))
    table = drop_overlapping(sample_medians(curves))
    grids = {
        keys: sample_grid(part)
        for keys, part in table.groupby(CURVE_KEYS, sort=False, observed=True)
    }
    place = CURVE_KEYS.index("optimisation")
    rows = []
    for keys, grid in grids.items():
        if keys[place] == "none":
            continue
        base: pd.DataFrame | None = grid
        if against == "none":
            choices = ((*keys[:place], name, *keys[place + 1 :]) for name in ("none", "repeats"))
            base = next((grids[choice] for choice in choices if choice in grids), None)
        if base is None:
            continue
        first, last = base.columns.min(), grid.columns.max()
        both = pd.concat([base[first], grid[last]], axis=1, join="inner").dropna()
        # Scores that are all equal correlate with nothing: of them no effect can be told.
        if both.empty:
            continue
        named = dict(zip(CURVE_KEYS, keys, strict=True))
        change = _change(both.to_numpy(float), resamples, seed)
        rows.append(named | change | {"n_before": int(first), "n_after": int(last)})
    return pd.DataFrame(rows, columns=EFFECT_COLUMNS)


def _change(both: Values, resamples: int, seed: int) -> dict[str, Any]:
    """Measure the change of the median over samples; `both`: samples × (before, after)."""
    before, after = np.median(both, axis=0)
    low, high = interval_over_samples(
        both, lambda drawn: np.diff(np.median(drawn, axis=1))[:, 0], resamples, seed
    )
    return {
        "before": before,
        "after": after,
        "change": after - before,
        "ci_low": low,
        "ci_high": high,
        "direction": "raises" if low > 0 else "lowers" if high < 0 else "unclear",
        "samples": len(both),
    }


def compare_references(
    curves: pd.DataFrame,
    *,
    repeats_per_reference: int = 1,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank the kinds of reference at the largest n that all have (paper, Figures S4 and S5).

    Parameters
    ----------
    curves
        `helpers.stability.curves.sample_medians`, or all rows of ``reproducibility.csv``. Used
        are optimisations ``"none"`` (a single reference), ``"references"`` (many) and
        ``"references_and_repeats"``; to the last, zero is added from ``"references"`` if it has
        no curve there, because many zero references are repeats with one (as in the paper): as
        many zero references as there are estimates of the other kinds.
    repeats_per_reference
        How many times each reference was explained in ``"references_and_repeats"``.
    resamples, seed
        Of the samples.

    Returns
    -------
    pandas.DataFrame
        `REFERENCE_COLUMNS`, one row per kind of reference wherever there are at least two.
        Models are compared, not replicates of one. ``n``: number of references; where the kinds
        have none in common, each one's largest. ``estimates``: n times the repeats of each.
        ``value``: median over samples; ``rank``: 1 is the highest; ``margin``: value minus that
        of the best other kind, with its 95 % interval over samples.
    """
    table = sample_medians(curves)
    table = table[table["reference"] != "none"]
    rows = []
    groups = [name for name in CURVE_KEYS if name != "reference"]
    optimisations = ["none", "references", REFERENCES_AND_REPEATS]
    table = table[table["optimisation"].isin(optimisations) & (table["design"] != "intra_model")]
    table = _with_zero(table, repeats_per_reference)
    for keys, part in table.groupby(groups, sort=False, observed=True):
        named = dict(zip(groups, keys, strict=True))
        kinds = {str(kind): sample_grid(of) for kind, of in part.groupby("reference", sort=False)}
        if len(kinds) < 2:
            continue
        common = set.intersection(*(set(grid.columns) for grid in kinds.values()))
        largest = {kind: max(common or grid.columns) for kind, grid in kinds.items()}
        each = repeats_per_reference if named["optimisation"] == REFERENCES_AND_REPEATS else 1
        columns = [grid[largest[kind]].rename(kind) for kind, grid in kinds.items()]
        values = pd.concat(columns, axis=1, join="inner").dropna().to_numpy(float)
        for row in _ranked(list(kinds), values, resamples, seed):
            n = int(largest[row["reference"]])
            rows.append(named | row | {"n": n, "estimates": n * each})
    return pd.DataFrame(rows, columns=REFERENCE_COLUMNS)


def _with_zero(table: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """Let zero references stand for themselves with repeats where only others were repeated.

    Of them n × repeats count as n, so that equal n are equal numbers of estimates.
    """
    both = table["optimisation"] == REFERENCES_AND_REPEATS
    zero = table[(table["optimisation"] == "references") & (table["reference"] == "zero")]
    zero = zero[zero["n"] % repeats == 0].assign(n=lambda of: of["n"] // repeats)
    have = ["architecture", "explainer", "design"]
    wanted = table.loc[both & (table["reference"] != "zero"), have].drop_duplicates()
    known = table.loc[both & (table["reference"] == "zero"), have].drop_duplicates()
    missing = wanted[~wanted.apply(tuple, axis=1).isin(known.apply(tuple, axis=1))]
    added = zero.merge(missing, on=have).assign(optimisation=REFERENCES_AND_REPEATS)
    return pd.concat([table, added], ignore_index=True) if len(added) else table


def _ranked(kinds: list[str], values: Values, resamples: int, seed: int) -> list[dict[str, Any]]:
    medians = np.median(values, axis=0)
    rows = []
    for position, kind in enumerate(kinds):

        def margin(drawn: Values, own: int = position) -> Values:
            found = np.median(drawn, axis=-2)
            best: Values = np.delete(found, own, axis=-1).max(axis=-1)
            difference: Values = found[..., own] - best
            return difference

        low, high = interval_over_samples(values, margin, resamples, seed)
        rows.append(
            {
                "reference": kind,
                "value": medians[position],
                "rank": 1 + int((medians > medians[position]).sum()),
                "margin": float(margin(values)),
                "ci_low": low,
                "ci_high": high,
                "samples": len(values),
            }
        )
    return rows


def stages(reproducibility: pd.DataFrame, *, plain_reference: str = "zero") -> pd.DataFrame:
    """Select agreement without optimisation, optimised, and also aggregated (Figures 2E, 2F).

    Parameters
    ----------
    reproducibility
        Rows of ``reproducibility.csv`` (all pairs, or medians of samples), with unoptimised rows
        and those of `helpers.stability.curves.aggregation_curve`.
    plain_reference
        Reference of unoptimised explainers that need one.

    Returns
    -------
    pandas.DataFrame
        The rows with a first column ``stage``: ``"unoptimised"`` (optimisation none, different
        models), ``"optimised"`` (single models at the optimum: aggregates of one) and
        ``"aggregated"`` (the largest n that `drop_overlapping` keeps).
    """
    table = reproducibility
    if "shared" not in table:
        table = table.assign(shared=0.0)
    table = table.fillna({"shared": 0.0})
    plain = table[
        (table["optimisation"] == "none")
        & (table["design"] != "intra_model")
        & table["reference"].isin(["none", plain_reference])
    ]
    aggregated = drop_overlapping(table[table["optimisation"] == "aggregated"])
    # Unoptimised models are compared as the aggregates are: with one gene order, or with several.
    designs = aggregated[["architecture", "design"]].drop_duplicates()
    plain = plain.merge(designs, on=["architecture", "design"])
    largest = aggregated.groupby(CURVE_KEYS, observed=True)["n"].transform("max")
    parts = (plain, aggregated[aggregated["n"] == 1], aggregated[aggregated["n"] == largest])
    staged = [part.assign(stage=name) for name, part in zip(STAGES, parts, strict=True)]
    found = pd.concat([part for part in staged if len(part)], ignore_index=True)
    return found[["stage", *table.columns]]
