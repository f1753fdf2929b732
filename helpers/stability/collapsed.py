"""Groups of combinations once those that are equal by algebra are one (statement C6)."""

from __future__ import annotations

import pandas as pd

from helpers.stability.combinations import split_name
from helpers.stability.groups import PAPER_GROUPS, find_groups

COPIES = ("IntegratedGradients", "DeepLiftShap")
"""Explainers that are DeepLift on an MLP with one hidden layer, once chance is averaged out."""

KEPT = {"all": "all explainers", "one": "one of the three that are equal on MLPs"}
"""What is clustered."""


def is_copy(combination: str) -> bool:
    """Tell whether a combination is on MLPs and equal to DeepLift by algebra."""
    architecture, explainer, _ = split_name(combination)
    return architecture == "mlp" and explainer in COPIES


def without_copies(consistency: pd.DataFrame) -> pd.DataFrame:
    """Leave out the pairs with a combination that is equal to another by algebra.

    Parameters
    ----------
    consistency
        What `helpers.stability.pairwise_overlap` gave.
    """
    copies = {name for name in {*consistency["a"], *consistency["b"]} if is_copy(name)}
    return consistency[~consistency["a"].isin(copies) & ~consistency["b"].isin(copies)]


def collapsed_groups(consistency: pd.DataFrame) -> pd.DataFrame:
    """Find groups with all combinations, and with one representative of those that are equal.

    Parameters
    ----------
    consistency
        What `helpers.stability.pairwise_overlap` gave.

    Returns
    -------
    pandas.DataFrame
        A row for each key of `KEPT`: ``kept``; ``combinations``, ``clusters``, ``silhouette`` as
        `helpers.stability.groups.find_groups` chooses them; ``adjusted_rand`` with the paper's
        groups; of group II: ``members`` that are there, ``together`` (whether they are in one
        cluster), ``others`` (further combinations in the clusters that they are in), ``inside``
        (mean overlap of two members), ``outside`` (the largest mean overlap of a member with an
        aggregated combination that is none).
    """
    rows = []
    for kept, table in (("all", consistency), ("one", without_copies(consistency))):
        groups = find_groups(table)
        found = groups.table.set_index("combination")["cluster"]
        members = [name for name in PAPER_GROUPS["II"] if name in found.index]
        clusters = set(found.loc[members])
        means = table.groupby(["a", "b"])["overlap"].mean().reset_index()
        first, second = means["a"].isin(members), means["b"].isin(members)
        other = means["b"].where(first, means["a"])
        aggregated = other.map(lambda name: split_name(name)[2])
        best = groups.choice[groups.choice["chosen"]].iloc[0]
        rows.append(
            {
                "kept": kept,
                "combinations": len(found),
                "clusters": int(best["clusters"]),
                "silhouette": float(best["silhouette"]),
                "adjusted_rand": groups.adjusted_rand,
                "members": len(members),
                "together": len(clusters) == 1,
                "others": int(found.isin(clusters).sum()) - len(members),
                "inside": float(means.loc[first & second, "overlap"].mean()),
                "outside": float(means.loc[(first ^ second) & aggregated, "overlap"].max()),
            }
        )
    return pd.DataFrame(rows)
