"""Facts about how far explainers agree on top genes."""

from __future__ import annotations

import pandas as pd

from helpers.prose.writing.templates import Facts
from helpers.stability.collapsed import without_copies
from helpers.stability.combinations import combination_name
from helpers.stability.groups import PAPER_GROUPS, architecture_rand, group_members, moved_members
from helpers.stability.groups import stand_out as standing_out

ARCHITECTURES = ("cnn", "mlp")
_KINDS = ("same_model", "single", "aggregated")


def relations(table: pd.DataFrame, chance: float) -> Facts:
    """Return how many top genes combinations share, by kind of pair.

    Parameters
    ----------
    table
        What `helpers.stability.relations` gave.
    chance
        Overlap of two random lists.

    Returns
    -------
    dict
        ``chance``, ``tissues``; for each of ``architectures`` its ``name`` and what two explainers
        share (``explainers``: within the ``same_model``, in all pairs of ``single`` models,
        ``aggregated``) and one explainer ``with_and_without`` aggregation; ``between``: aggregated
        CNNs and MLPs. What the data have no pair for is None.
    """
    means = table.groupby("relation")["overlap"].mean()
    found = []
    for name in ARCHITECTURES:
        kinds = [means.get(f"{name}_{kind}") for kind in _KINDS]
        whole = all(value is not None for value in kinds)
        found.append(
            {
                "name": name,
                "explainers": dict(zip(_KINDS, kinds, strict=True)) if whole else None,
                "with_and_without": means.get(f"{name}_same_explainer"),
            }
        )
    return {
        "chance": chance,
        "tissues": table["tissue"].nunique(),
        "architectures": found,
        "between": means.get("cnn_aggregated_mlp"),
    }


def groups(table: pd.DataFrame, choice: pd.DataFrame) -> Facts:
    """Return how many clusters there are, and how well they match the paper's groups.

    Parameters
    ----------
    table, choice
        Of `helpers.stability.Groups`.

    Returns
    -------
    dict
        ``combinations``, ``clusters``, ``silhouette``; ``held``: for each cluster of several its
        ``cluster`` and how many combinations of an architecture it has (``counts``: ``name``,
        ``n``, of ``every``); the combinations that are ``alone``; ``rand``, the adjusted Rand index
        of clusters and the paper's groups (NaN where it has none), and ``rand_of_architectures``;
        the members that ``moved`` out of the cluster of their group (``combination``, ``cluster``,
        and whose ``group`` it is, None if of none).
    """
    best = choice[choice["chosen"]].iloc[0]
    rand = float(best["adjusted_rand"])
    held, alone = _held(table)
    return {
        "combinations": len(table),
        "clusters": int(best["clusters"]),
        "silhouette": float(best["silhouette"]),
        "held": held,
        "alone": alone,
        "rand": rand,
        "rand_of_architectures": architecture_rand(table["combination"].tolist()),
        "more_than_architecture": rand > architecture_rand(table["combination"].tolist()) + 1e-9,
        "moved": [_where(table, name) for name in moved_members(table)] if rand == rand else [],
    }


def _held(table: pd.DataFrame) -> tuple[list[Facts], list[str]]:
    """Return how many combinations of each architecture clusters hold, and which are alone."""
    architecture = table["combination"].str.split(":").str[0]
    every = architecture.value_counts()
    held, alone = [], []
    for cluster, own in table.groupby("cluster"):
        if len(own) == 1:
            alone.append(str(own["combination"].item()))
            continue
        counts = architecture[own.index].value_counts()
        parts = [
            {"name": name, "n": int(counts[name]), "every": int(every[name])}
            for name in ARCHITECTURES
            if name in counts
        ]
        held.append({"cluster": int(str(cluster)), "counts": parts})
    return held, alone


def _where(table: pd.DataFrame, member: str) -> Facts:
    """Return a combination, the cluster that it is in, and whose cluster that is."""
    cluster = table.set_index("combination")["cluster"]
    ours = group_members(table, "ours")
    groups = [
        group
        for group, combination in ours.itertuples(index=False)
        if cluster[combination] == cluster[member]
    ]
    return {
        "combination": member,
        "cluster": int(cluster[member]),
        "group": groups[0] if groups else None,
    }


def stand_out(consistency: pd.DataFrame) -> Facts:
    """Return how much more the members of a group share with each other than with others.

    Parameters
    ----------
    consistency
        What `helpers.stability.pairwise_overlap` gave.

    Returns
    -------
    dict
        For each of ``groups`` its ``name`` and overlaps ``within`` and ``outside``; what of it is
        algebra: ``members_of_one`` (of group I) and the overlap of its ``copies`` (NaN without
        them), and group II with its copies counted ``once`` (``within``, ``outside``, or None).
    """
    means = standing_out(consistency).groupby("paper_group", sort=False)[["within", "outside"]]
    pair = {combination_name("cnn", name, True) for name in ("DeepLift", "DeepLiftShap")}
    same = consistency[consistency["a"].isin(pair) & consistency["b"].isin(pair)]
    once = standing_out(without_copies(consistency))
    once = once[once["paper_group"] == "II"]
    return {
        "groups": [
            {"name": str(name), "within": row["within"], "outside": row["outside"]}
            for name, row in means.mean().iterrows()
        ],
        "members_of_one": len(PAPER_GROUPS["I"]),
        "copies": float(same["overlap"].mean()),
        "once": once[["within", "outside"]].mean().to_dict() if len(once) else None,
    }


def shared(table: pd.DataFrame) -> Facts:
    """Return whether genes that replicates share are more often in the aggregated list.

    Parameters
    ----------
    table
        What `helpers.stability.shared_by_replicates` gave, of any explainers.

    Returns
    -------
    dict
        For each of ``architectures`` its ``name``, the share of genes of a ``single`` replicate,
        and of those that ``two`` or more share; for how many of ``explainers`` that is ``more``.
    """
    found = []
    for name, part in table.groupby("architecture", sort=False):
        medians = part.groupby(["explainer", "shared_by"])["overlap"].median().unstack()
        both = medians[[1, 2]].dropna()
        found.append(
            {
                "name": str(name),
                "single": float(both[1].median()),
                "two": float(both[2].median()),
                "more": int((both[2] > both[1]).sum()),
                "explainers": len(both),
            }
        )
    return {"architectures": found}
