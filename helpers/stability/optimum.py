"""The best conditions of each explainer, from its curves or from the paper (Table S1)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.errors import BadInputError, one_of
from helpers.explain.references import REFERENCES
from helpers.stability.paper import OPTIMUM_COLUMNS, paper_optimum
from helpers.stability.saturation import TOLERANCE

SIMPLICITY = tuple(REFERENCES)
"""Kinds of reference, the one that needs the least knowledge of the data first."""


def optimum(
    summary: pd.DataFrame,
    saturation: pd.DataFrame,
    *,
    metric: str = "spearman",
    tolerance: float = TOLERANCE,
) -> pd.DataFrame:
    """Choose the conditions of every explainer from its curves.

    The rules: SmoothGrad is used only if, at the largest n that both curves have, its median is
    higher than that of simple repeats by more than `tolerance`. The number of repeats is where
    the curve used, with noise or without, saturates. Of the kinds of reference, those whose
    plateau is within `tolerance` of the highest are equally good, and the simplest of them is
    taken (`SIMPLICITY`); the number of references is where its curve saturates, or that with
    noise if SmoothGrad is used. Every reference is an estimate of its own, so explainers with
    references need no repeats besides.

    Parameters
    ----------
    summary
        What `helpers.stability.curves.curve_summary` gave, for all tissues together.
    saturation
        What `helpers.stability.saturation.saturation` gave.
    metric
        The metric that decides.
    tolerance
        In the metric's units.

    Returns
    -------
    pandas.DataFrame
        `OPTIMUM_COLUMNS` (``references`` is 0, ``reference`` ``"none"`` for explainers that need
        none), then ``smoothgrad_gain`` (median of n noisy copies minus that of as many repeats,
        missing without such curves), ``level`` (median of the curve used, with noise or without,
        at the optimum) and ``tied`` (kinds of reference that are equally good, the one taken
        included). Scores that are all equal correlate with nothing: where that leaves an explainer
        without a curve, nothing can be chosen; ``level`` is missing, and the conditions are the
        paper's.

    Raises
    ------
    BadInputError
        If an explainer has neither a curve of repeats nor one of references.
    """
    points = saturation[saturation["metric"] == metric]
    points = points.dropna(subset=["n_saturated", "level", "plateau"])
    curves = summary[summary["metric"] == metric]
    named = pd.concat([table[["architecture", "explainer"]] for table in (points, curves)])
    rows = [
        _optimum_of(
            architecture,
            explainer,
            curves[_is(curves, architecture, explainer)],
            points[_is(points, architecture, explainer)],
            tolerance,
        )
        for architecture, explainer in named.drop_duplicates().itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=[*OPTIMUM_COLUMNS, "smoothgrad_gain", "level", "tied"])


def choose_optimum(which: str, computed: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's conditions or ours, for the explainers of ours.

    Parameters
    ----------
    which
        ``"paper"`` or ``"ours"``.
    computed
        What `optimum` gave.

    Returns
    -------
    pandas.DataFrame
        `OPTIMUM_COLUMNS`.

    Raises
    ------
    UnknownNameError
        If `which` is neither.
    """
    one_of("optimum", which, ("paper", "ours"))
    if which == "ours":
        return computed[OPTIMUM_COLUMNS].copy()
    keys = ["architecture", "explainer"]
    return computed[keys].merge(paper_optimum(), on=keys)[OPTIMUM_COLUMNS]


def _is(table: pd.DataFrame, architecture: str, explainer: str) -> pd.Series:
    return (table["architecture"] == architecture) & (table["explainer"] == explainer)


def _optimum_of(
    architecture: str,
    explainer: str,
    curves: pd.DataFrame,
    points: pd.DataFrame,
    tolerance: float,
) -> dict[str, Any]:
    row: dict[str, Any] = {"architecture": architecture, "explainer": explainer}
    many = points[points["optimisation"] == "references"]
    if len(many):
        tied = many[many["plateau"] >= many["plateau"].max() - tolerance]
        kinds = [kind for kind in SIMPLICITY if kind in set(tied["reference"])]
        chosen = tied[tied["reference"] == kinds[0]].iloc[0]
        gain, drawn_for = _smoothgrad_gain(curves, kinds[0])
        noisy = (points["optimisation"] == "smoothgrad") & (points["reference"] == drawn_for)
        # A gain without a curve that saturates anywhere does not tell how many copies to take.
        smoothgrad = gain > tolerance and bool(noisy.any())
        if smoothgrad:
            chosen = points[noisy].iloc[0]
        return row | {
            "smoothgrad": smoothgrad,
            "repeats": 1,
            "reference": kinds[0],
            "references": int(chosen["n_saturated"]),
            "smoothgrad_gain": gain,
            "level": chosen["level"],
            "tied": ", ".join(kinds),
        }
    gain, _ = _smoothgrad_gain(curves, "none")
    noisy = points["optimisation"] == "smoothgrad"
    smoothgrad = gain > tolerance and bool(noisy.any())
    found = points[noisy] if smoothgrad else points[points["optimisation"] == "repeats"]
    if found.empty:
        return row | _undefined(architecture, explainer, curves)
    return row | {
        "smoothgrad": smoothgrad,
        "repeats": int(found["n_saturated"].iloc[0]),
        "reference": "none",
        "references": 0,
        "smoothgrad_gain": gain,
        "level": found["level"].iloc[0],
        "tied": "",
    }


def _undefined(architecture: str, explainer: str, curves: pd.DataFrame) -> dict[str, Any]:
    """Return the paper's conditions for an explainer whose curves are undefined.

    Raises
    ------
    BadInputError
        If there is no curve of repeats or references at all, or the paper has no such explainer.
    """
    paper = paper_optimum()
    own = paper[_is(paper, architecture, explainer)]
    made = curves["optimisation"].isin(["repeats", "references"])
    if not made.any() or own.empty:
        raise BadInputError(
            f"The optimum of {explainer} ({architecture}) needs a curve of repeats or one of "
            "references, and there is neither: compute one of them first."
        )
    nothing = {"smoothgrad_gain": float("nan"), "level": float("nan"), "tied": ""}
    chosen = {name: own[name].iloc[0] for name in OPTIMUM_COLUMNS[2:]}
    return chosen | nothing


def _smoothgrad_gain(curves: pd.DataFrame, reference: str) -> tuple[float, str]:
    """Return SmoothGrad's median minus that of repeats, at the largest n of both.

    With the given reference, or with another one that both have where that was not tried; which
    one it is comes second.
    """
    medians = curves.pivot_table(index=["reference", "n"], columns="optimisation", values="median")
    if not {"smoothgrad", "repeats"} <= set(medians.columns):
        return float("nan"), reference
    both = medians[["smoothgrad", "repeats"]].dropna().reset_index("n")
    if both.empty:
        return float("nan"), reference
    used = reference if reference in both.index else str(both.index[0])
    largest = both.loc[[used]].sort_values("n").iloc[-1]
    return float(largest["smoothgrad"] - largest["repeats"]), used
