"""Facts about SmoothGrad, repeats, references and aggregation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from helpers.prose.writing.templates import Facts
from helpers.stability.saturation import TOLERANCE

DIRECTIONS = ("raises", "lowers", "unclear")


def smoothgrad(
    effects: pd.DataFrame, ours: pd.DataFrame | None = None, metric: str = "spearman"
) -> Facts:
    """Return what SmoothGrad does to agreement between models.

    Parameters
    ----------
    effects
        What `helpers.stability.effect` gave against ``"none"``.
    ours
        What `helpers.stability.optimum` gave by that metric: sets SmoothGrad against as many
        repeats without noise.
    metric
        The metric spoken of.

    Returns
    -------
    dict
        ``metric``, ``tolerance``; for each of ``architectures`` its ``name``, the number of
        ``copies``, its `directions`, and what noise adds to as many repeats (``noise``:
        explainers that it ``raises``, ``lowers``, or ``moves`` by the tolerance at most).
    """
    part = effects[(effects["optimisation"] == "smoothgrad") & (effects["metric"] == metric)]
    found = []
    for architecture, rows in part.groupby("architecture", sort=False):
        own = None if ours is None else ours[ours["architecture"] == architecture]
        found.append(
            {
                "name": str(architecture),
                "copies": int(rows["n_after"].max()),
                "directions": directions(rows),
                "noise": {} if own is None else _noise_alone(own),
            }
        )
    return {"metric": metric, "tolerance": TOLERANCE, "architectures": found}


def directions(rows: pd.DataFrame) -> Facts:
    """Return which explainers an optimisation ``raises``, ``lowers``, or leaves ``unclear``.

    Returns
    -------
    dict
        For each that has any, explainers in the order of their change: ``explainer``, ``change``.
    """
    ordered = rows.sort_values("change")
    return {
        direction: _named(own, "change")
        for direction in DIRECTIONS
        if len(own := ordered[ordered["direction"] == direction])
    }


def _named(rows: pd.DataFrame, column: str) -> list[Facts]:
    """Return explainers with a number each, as ``change``."""
    return [
        {"explainer": str(name), "change": float(change)}
        for name, change in rows[["explainer", column]].itertuples(index=False)
    ]


def _noise_alone(ours: pd.DataFrame) -> Facts:
    """Return what noise adds to as many repeats, by the tolerance of saturation."""
    known = ours.dropna(subset="smoothgrad_gain").sort_values("smoothgrad_gain")
    gain = known["smoothgrad_gain"]
    parts = {
        "raises": known[gain > TOLERANCE],
        "lowers": known[gain < -TOLERANCE],
        "moves": known[gain.abs() <= TOLERANCE],
    }
    return {verb: _named(rows, "smoothgrad_gain") for verb, rows in parts.items() if len(rows)}


def places(points: pd.DataFrame, curves: pd.DataFrame) -> pd.Series:
    """Write where each curve saturates.

    Parameters
    ----------
    points
        Rows of what `helpers.stability.saturation` gave, a row a curve.
    curves
        Rows of ``curves.csv`` of the same curves.

    Returns
    -------
    pandas.Series
        The number of estimates; ``"> 40"`` where a curve still rises from there to its end, and
        ``"–"`` where it gains nothing.
    """
    keys = ["architecture", "explainer", "optimisation", "metric"]
    before = curves.groupby(keys)["n"].agg(lambda n: sorted(set(n))[-2:][0]).rename("before")
    found = points.join(before, on=keys)
    text = found["n_saturated"].astype(str)
    text = text.where(found["saturated"].astype(bool), "> " + found["before"].astype(str))
    return text.where(found["gain"] > found["tolerance"], "–")


def samples_of(curves: pd.DataFrame) -> Facts:
    """Return how many samples curves rest on: ``samples``, each with ``architecture``, ``n``."""
    counts = curves.groupby("architecture")["sample"].nunique()
    return {
        "samples": [
            {"architecture": name, "n": int(counts[name])}
            for name in ("mlp", "cnn")
            if name in counts
        ]
    }


def saturation(table: pd.DataFrame, paper: pd.DataFrame, metric: str = "spearman") -> Facts:
    """Return where curves saturate, beside the paper's values.

    Parameters
    ----------
    table
        What `helpers.stability.saturation` gave, of one optimisation, with one kind of reference
        an explainer.
    paper
        What `helpers.stability.paper_saturation` gives.
    metric
        The metric spoken of.

    Returns
    -------
    dict
        ``metric``, ``tolerance``; ``curves``: for each ``architecture`` and ``optimisation``
        explainers by where they saturate (``at``: ``n``, ``explainers``), those that still rise
        (``rising``) at the ``largest`` n, those without a gain (``flat``), and what the ``paper``
        gives (``n``, ``explainers``).
    """
    part = table[table["metric"] == metric]
    curves = []
    for (architecture, optimisation), rows in part.groupby(
        ["architecture", "optimisation"], sort=False
    ):
        stated = paper[
            (paper["architecture"] == architecture) & (paper["optimisation"] == optimisation)
        ]
        stated = stated[stated["explainer"].isin(rows["explainer"])]
        named = {"architecture": str(architecture), "optimisation": str(optimisation)}
        said = {"paper": list(_by_number(stated, "n"))}
        curves.append(named | _places(rows) | said)
    return {"metric": metric, "tolerance": float(part["tolerance"].iloc[0]), "curves": curves}


def _places(rows: pd.DataFrame) -> Facts:
    """Return where curves saturate, which still rise and which are flat."""
    rising = rows[rows["gain"] > rows["tolerance"]]
    late = rising[~rising["saturated"].astype(bool)]
    return {
        "at": list(_by_number(rising[rising["saturated"].astype(bool)], "n_saturated")),
        "rising": late["explainer"].tolist(),
        "largest": int(rows["n_largest"].max()),
        "flat": rows.loc[rows["gain"] <= rows["tolerance"], "explainer"].tolist(),
    }


def _by_number(rows: pd.DataFrame, column: str) -> Iterator[Facts]:
    for n, of in rows.sort_values(column, kind="stable").groupby(column):
        yield {"n": int(str(n)), "explainers": of["explainer"].tolist()}


def references(compared: pd.DataFrame, metric: str = "spearman") -> Facts:
    """Return which kind of reference is best, and by how much.

    Parameters
    ----------
    compared
        What `helpers.stability.compare_references` gave.
    metric
        The metric spoken of.

    Returns
    -------
    dict
        ``metric``; ``curves``: for each ``architecture`` and ``optimisation`` the number of
        ``estimates`` of each kind (None where kinds differ in it) and the ``best`` kind of each
        explainer that has one (``explainer``, ``reference``, ``level``, ``margin``, ``certain``).
    """
    part = compared[compared["metric"] == metric]
    curves = []
    for (architecture, optimisation), kinds in part.groupby(
        ["architecture", "optimisation"], sort=False
    ):
        numbers = kinds["estimates"].unique()
        # Scores that are alike for all genes have no correlation, and none is best.
        best = kinds[kinds["rank"] == 1].dropna(subset=["value", "margin"])
        curves.append(
            {
                "architecture": str(architecture),
                "optimisation": str(optimisation),
                "estimates": int(numbers[0]) if len(numbers) == 1 else None,
                "best": [
                    {
                        "explainer": row["explainer"],
                        "reference": row["reference"],
                        "level": float(row["value"]),
                        "margin": float(row["margin"]),
                        "certain": bool(row["ci_low"] > 0),
                    }
                    for row in best.to_dict("records")
                ],
            }
        )
    return {"metric": metric, "curves": curves}


def aggregation(effects: pd.DataFrame, apart: pd.DataFrame) -> Facts:
    """Return what aggregating models brings in both metrics, with and without common models.

    Parameters
    ----------
    effects
        What `helpers.stability.effect` gave against ``"first"``, in the paper's design.
    apart
        The same for averages without a model in common.

    Returns
    -------
    dict
        ``curves``: for each ``architecture`` and ``metric`` how many ``models`` are averaged; the
        ``lowest`` and ``highest`` level of averages and the explainers that have it (``low``,
        ``high``); the range of single models (``single_lowest``, ``single_highest``);
        `directions`; and ``apart``, the same without a model in common: ``models``, ``lowest``,
        ``highest``, the ``least`` and the ``most`` gain (``explainer``, ``change``), or None.
    """
    part = effects[effects["optimisation"] == "aggregated"]
    curves = []
    for (architecture, metric), rows in part.groupby(["architecture", "metric"], sort=False):
        ordered = rows.dropna(subset="after").sort_values("after")
        if ordered.empty:
            continue  # the scores of all samples are alike for all genes
        low, high = ordered.iloc[0], ordered.iloc[-1]
        own = apart[(apart["architecture"] == architecture) & (apart["metric"] == metric)]
        curves.append(
            {
                "architecture": str(architecture),
                "metric": str(metric),
                "models": int(rows["n_after"].max()),
                "lowest": float(low["after"]),
                "low": str(low["explainer"]),
                "highest": float(high["after"]),
                "high": str(high["explainer"]),
                "single_lowest": float(rows["before"].min()),
                "single_highest": float(rows["before"].max()),
                "directions": directions(rows),
                "apart": _apart(own),
            }
        )
    return {"curves": curves}


def _apart(effects: pd.DataFrame) -> Facts | None:
    """Return what is left of it between averages without a model in common."""
    rows = effects[effects["n_after"] > effects["n_before"]].dropna(subset="change")
    rows = rows.sort_values("change")
    if rows.empty:
        return None
    changes = _named(rows, "change")
    return {
        "models": int(rows["n_after"].max()),
        "lowest": float(rows["after"].min()),
        "highest": float(rows["after"].max()),
        "least": changes[0],
        "most": changes[-1],
    }


def sharing(curves: pd.DataFrame, disjoint: pd.DataFrame, metric: str = "spearman") -> Facts:
    """Return how much aggregates agree because they share models.

    Parameters
    ----------
    curves
        Rows of ``curves.csv`` of optimisation ``"aggregated"``.
    disjoint
        ``disjoint.csv``: pairs of aggregates without a model in common.
    metric
        The metric spoken of.

    Returns
    -------
    dict
        ``metric``; for each of ``architectures`` its ``name``, how many ``models`` are averaged,
        the level of pairs ``apart`` and of ``every`` pair, and the ``share`` of models that these
        have in common.
    """
    found = []
    for architecture, rows in curves[curves["metric"] == metric].groupby(
        "architecture", sort=False
    ):
        own = disjoint[(disjoint["architecture"] == architecture) & (disjoint["metric"] == metric)]
        n = int(own["n"].max())
        shared = rows[rows["n"] == n]
        if shared.empty:
            continue
        levels = [
            float(part.groupby("explainer")["value"].median().median())
            for part in (own[own["n"] == n], shared)
        ]
        found.append(
            {
                "name": str(architecture),
                "models": n,
                "apart": levels[0],
                "every": levels[1],
                "share": float(shared["shared"].mean()),
            }
        )
    return {"metric": metric, "architectures": found}


def optimum(
    ours: pd.DataFrame, paper: pd.DataFrame, by_overlap: pd.DataFrame | None = None
) -> Facts:
    """Set the conditions that our curves choose beside the paper's.

    Parameters
    ----------
    ours, paper
        What `helpers.stability.optimum` gave, and `helpers.stability.paper_optimum` gives.
    by_overlap
        What the former gave with the overlap of top genes as the metric.

    Returns
    -------
    dict
        ``conditions``: for each ``explainer`` and ``architecture`` ``ours`` and ``paper``, each
        with ``noise``, ``reference`` and how many ``estimates``; ``untold``: explainers whose
        scores are all equal, so that no curve tells; ``kinds``, None without
        `by_overlap`: where the overlap of top genes would choose another kind of reference
        (``architecture``, ``explainers``, ``overlap``, ``spearman``).
    """
    keys = ["architecture", "explainer"]
    untold = ours.loc[ours["level"].isna(), "explainer"].unique().tolist()
    ours = ours[ours["level"].notna()]
    both = ours.merge(paper, on=keys, suffixes=("", "_paper"))
    conditions = [
        {
            "explainer": row["explainer"],
            "architecture": row["architecture"],
            "ours": _conditions(row, ""),
            "paper": _conditions(row, "_paper"),
        }
        for row in both.to_dict("records")
    ]
    kinds: list[Facts] = []
    if by_overlap is None:
        return {"conditions": conditions, "untold": untold, "kinds": None}
    other = ours.merge(by_overlap, on=keys, suffixes=("", "_overlap"))
    other = other[other["reference"] != other["reference_overlap"]]
    kinds += [
        {
            "architecture": architecture,
            "explainers": of["explainer"].tolist(),
            "overlap": overlap,
            "spearman": kind,
        }
        for (architecture, overlap, kind), of in other.groupby(
            ["architecture", "reference_overlap", "reference"], sort=False
        )
    ]
    return {"conditions": conditions, "untold": untold, "kinds": kinds}


def _conditions(row: Mapping[Any, Any], suffix: str) -> Facts:
    reference = row[f"reference{suffix}"]
    number = row[f"repeats{suffix}" if reference == "none" else f"references{suffix}"]
    return {
        "noise": bool(row[f"smoothgrad{suffix}"]),
        "reference": reference,
        "estimates": int(number),
    }
