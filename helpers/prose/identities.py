"""Facts about explainers that cannot disagree, and about how near all are to each other."""

from __future__ import annotations

import pandas as pd

from helpers.prose.writing.templates import Facts


def differences(table: pd.DataFrame) -> Facts:
    """Return by how much explainers differ that are equal by algebra.

    Parameters
    ----------
    table
        ``identities.csv``.

    Returns
    -------
    dict
        ``few`` and ``many``: how many ``steps`` IntegratedGradients takes, and by how much it then
        differs from DeepLift (``share`` of the largest score); ``shap``: the same for DeepLiftShap
        and the mean of DeepLift over its references.
    """
    steps = table[table["steps"] > 0].groupby("steps")["max_relative_difference"].max()
    shap = table.loc[table["a"] == "DeepLiftShap", "max_relative_difference"].max()
    ends = [{"steps": int(str(steps.index[i])), "share": float(steps.iloc[i])} for i in (0, -1)]
    return {"few": ends[0], "many": ends[1], "shap": float(shap)}


def nearest(distances: pd.DataFrame) -> Facts:
    """Return which explainers are ``nearest`` and ``farthest``: ``a``, ``b``, ``spearman``.

    Both are None where there are none to compare.

    Parameters
    ----------
    distances
        Rows of ``explainer_distances.csv`` of one architecture.
    """
    known = distances.dropna(subset="spearman")
    if known.empty:
        return {"nearest": None, "farthest": None}
    ordered = known.sort_values("spearman")[["a", "b", "spearman"]].to_dict("records")
    return {"nearest": ordered[-1], "farthest": ordered[0]}
