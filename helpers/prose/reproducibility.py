"""Facts about how far explanations agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.prose.writing.templates import Facts

DESIGNS = ("intra_model", "inter_model", "gene_order")
MODES = ("eval", "dropout", "training")
METRICS = ("spearman", "top")
"""How the names of the two metrics begin."""
EXCEPTION = "GuidedGradCam++"
"""The explainer that the paper finds reproducible within a model."""


def explained(samples: pd.DataFrame, cnn_each: int | None = None) -> Facts:
    """Return which samples are explained.

    Parameters
    ----------
    samples
        ``explained.csv``.
    cnn_each
        How many of each tissue CNNs explain, the first ones, if that is said.

    Returns
    -------
    dict
        ``tissues`` (``name``, ``samples``), ``samples`` in all, those on the ``test`` side, the
        ``others`` (``side``, ``samples``), and ``cnn_each``, None where CNNs explain all.
    """
    counts = samples.groupby("tissue", sort=False)["sample"].size()
    sides = samples["split"].value_counts()
    fewer = cnn_each is not None and bool((counts > cnn_each).any())
    return {
        "tissues": [{"name": str(name), "samples": int(n)} for name, n in counts.items()],
        "samples": len(samples),
        "test": int(sides.get("test", 0)),
        "others": [
            {"side": str(side), "samples": int(n)} for side, n in sides.items() if side != "test"
        ],
        "cnn_each": cnn_each if fewer else None,
    }


def agreement(table: pd.DataFrame) -> Facts:
    """Return how far explanations agree, over explainers and tissues.

    Returns
    -------
    dict
        ``levels``: for each metric (``spearman`` or ``top``) and design with a number, the
        ``lowest`` and ``highest`` median and the explainers that have it (``low``, ``high``);
        ``compared``: whether there was anything to compare.
    """
    levels: list[Facts] = []
    for metric in METRICS:
        part = table[table["metric"].str.startswith(metric)]
        medians = part.groupby(["design", "explainer"])["value"].median()
        for design in DESIGNS:
            # Scores that are zero everywhere have no order, and so no correlation.
            own = medians[medians.index.get_level_values("design") == design].dropna()
            if own.empty:
                continue
            values = own.droplevel("design").sort_values()
            levels.append({"metric": metric, "design": design} | _ends(values))
    return {"levels": levels, "compared": len(table) > 0}


def _ends(values: pd.Series) -> Facts:
    """Return the first and the last of values in order, and their names."""
    return {
        "lowest": float(values.iloc[0]),
        "low": str(values.index[0]),
        "highest": float(values.iloc[-1]),
        "high": str(values.index[-1]),
    }


def modes(table: pd.DataFrame) -> Facts:
    """Return where GuidedGradCam++ ranks within one model, mode by mode.

    Parameters
    ----------
    table
        ``modes.csv``.

    Returns
    -------
    dict
        ``compared``: whether there are values; ``explainer``; for each of ``modes`` in which others
        have a correlation its ``name``, the explainer's ``level`` (None: it has none), the
        ``lowest`` and ``highest`` of the others and who has it (``low``, ``high``), and whether
        ``all_one``, every level is 1; ``lead``: its level in evaluation mode over the best of the
        others in training mode, None where one of the modes is missing.
    """
    part = table[table["metric"] == "spearman"]
    # Scores that are zero everywhere have no order, and so no correlation.
    medians = part.groupby(["mode", "explainer"])["value"].median().dropna()
    found, levels = set(medians.index.get_level_values("mode")), []
    for mode in MODES:
        values = pd.Series(medians.xs(mode, level="mode")) if mode in found else pd.Series()
        others = values.drop(EXCEPTION, errors="ignore").sort_values()
        if len(others):
            facts = {"name": mode, "level": values.get(EXCEPTION)}
            facts["all_one"] = bool((values.round(2) == 1).all())
            levels.append(facts | _ends(others))
    lead = None
    if {"eval", "training"} <= found:
        released = pd.Series(medians.xs("training", level="mode")).drop(EXCEPTION, errors="ignore")
        lead = float(medians.get(("eval", EXCEPTION), np.nan)) - float(released.max())
    return {"explainer": EXCEPTION, "modes": levels, "lead": lead, "compared": len(part) > 0}


def tissues(table: pd.DataFrame) -> Facts:
    """Return in which tissue agreement is ``lowest`` and ``highest`` (``low``, ``high``).

    ``tissues`` is the number of those that have a correlation; without one, the others are missing.
    """
    part = table[table["metric"] == "spearman"]
    medians = part.groupby("tissue")["value"].median().dropna().sort_values()
    return {"tissues": len(medians)} | (_ends(medians) if len(medians) else {})


def references(table: pd.DataFrame) -> Facts:
    """Return which kind of reference gives the most agreement between models.

    Returns
    -------
    dict
        ``metrics``: each with its ``name`` (``spearman`` or ``top``) and the ``kinds`` of
        reference (``name``, ``level``), the best first.
    """
    part = table[(table["reference"] != "none") & (table["design"] == "inter_model")]
    metrics = []
    for metric in METRICS:
        chosen = part[part["metric"].str.startswith(metric)]
        medians = chosen.groupby("reference")["value"].median().dropna()
        medians = medians.sort_values(ascending=False)
        kinds = [{"name": str(name), "level": float(level)} for name, level in medians.items()]
        metrics.append({"name": metric, "kinds": kinds})
    return {"metrics": metrics}


def shared_top_genes(genes: pd.DataFrame, explainer: str) -> Facts:
    """Return how many top genes one model and all models together have in common.

    Returns
    -------
    dict
        ``explainer``; for each of ``tissues`` its ``name`` and the ``share``.
    """
    part = genes[genes["explainer"] == explainer]
    shares = []
    for tissue, rows in part.groupby("tissue", sort=False):
        lists = {name: set(group["gene"]) for name, group in rows.groupby("aggregated")}
        share = len(lists[False] & lists[True]) / len(lists[True])
        shares.append({"name": str(tissue), "share": share})
    return {"explainer": explainer, "tissues": shares}
