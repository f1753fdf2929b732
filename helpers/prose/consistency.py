"""Sentences about how far explainers agree on top genes."""

from __future__ import annotations

import pandas as pd

from helpers.prose.wording import combination_phrase, counted, listed, percent
from helpers.stability.groups import moved_members

ARCHITECTURES = {"cnn": "CNN", "mlp": "MLP"}


def relations(table: pd.DataFrame, chance: float) -> str:
    """Say how many top genes combinations share, by kind of pair.

    Parameters
    ----------
    table
        What `helpers.stability.relations` gave.
    chance
        Overlap of two random lists.
    """
    means = table.groupby("relation")["overlap"].mean()
    sentences = []
    for name, title in ARCHITECTURES.items():
        if {f"{name}_single", f"{name}_aggregated"} <= set(means.index):
            before, after = means[f"{name}_single"], means[f"{name}_aggregated"]
            sentences.append(
                f"On {title}s two explainers share {percent(before, 0)} of their top genes without "
                f"and {percent(after, 0)} with aggregation."
            )
        if f"{name}_same_explainer" in means:
            sentences.append(
                f"One explainer has {percent(means[f'{name}_same_explainer'], 0)} of its top genes "
                f"in common with and without aggregation of {title}s."
            )
    if "cnn_aggregated_mlp" in means:
        sentences.append(
            f"Aggregated CNNs and MLPs share {percent(means['cnn_aggregated_mlp'])} of their top "
            "genes."
        )
    tissues = table["tissue"].nunique()
    return " ".join(
        [*sentences, f"All are means of {counted(tissues, 'tissue')}; chance is {percent(chance)}."]
    )


def groups(table: pd.DataFrame, choice: pd.DataFrame) -> str:
    """Say how many clusters there are, and how well they match the paper's groups.

    Parameters
    ----------
    table, choice
        Of `helpers.stability.Groups`.
    """
    best = choice[choice["chosen"]].iloc[0]
    if best["clusters"] == 1:
        return "All combinations are equally far from each other, so there are no groups."
    sizes = table["cluster"].value_counts()
    text = (
        f"The {counted(len(table), 'combination')} fall into "
        f"{counted(int(best['clusters']), 'cluster')} (mean silhouette {best['silhouette']:.2f}), "
        f"{int((sizes == 1).sum())} of them with a single member."
    )
    if pd.isna(best["adjusted_rand"]):
        return text + " Members of at least two of the paper's groups are needed to compare them."
    moved = [combination_phrase(name) for name in moved_members(table)]
    text += (
        " For the members of the paper's groups the adjusted Rand index of clusters and groups is "
        f"{best['adjusted_rand']:.2f} (1: the same, 0: chance)."
    )
    if not moved:
        return text + " Each group lies within one cluster, apart from the other groups."
    verb = "lies" if len(moved) == 1 else "lie"
    return text + f" Outside the cluster of their group {verb}: {listed(moved)}."


def stand_out(table: pd.DataFrame) -> str:
    """Say how much more the members of a group share with each other than with others.

    Parameters
    ----------
    table
        What `helpers.stability.stand_out` gave.
    """
    means = table.groupby("paper_group", sort=False)[["within", "outside"]].mean()
    parts = [
        f"group {name} {percent(row['within'], 0)} with each other and "
        f"{percent(row['outside'], 0)} with the rest"
        for name, row in means.iterrows()
    ]
    return f"Share of top genes that members have in common: {listed(parts)}."


def shared(table: pd.DataFrame) -> str:
    """Say whether genes that replicates share are more often in the aggregated list.

    Parameters
    ----------
    table
        What `helpers.stability.shared_by_replicates` gave, of any explainers.
    """
    sentences = []
    for name, part in table.groupby("architecture", sort=False):
        medians = part.groupby(["explainer", "shared_by"])["overlap"].median().unstack()
        both = medians[[1, 2]].dropna()
        more = int((both[2] > both[1]).sum())
        sentences.append(
            f"{ARCHITECTURES[str(name)]}: {percent(both[1].median(), 0)} of the top genes of a "
            f"single replicate are in the aggregated list, and {percent(both[2].median(), 0)} of "
            f"those that two or more replicates share (more for {more} of "
            f"{counted(len(both), 'explainer')})."
        )
    return " ".join(sentences)
