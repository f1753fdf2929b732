"""Sentences about how far explainers agree on top genes."""

from __future__ import annotations

import pandas as pd

from helpers.prose.wording import combination_phrase, counted, listed, percent
from helpers.stability.collapsed import without_copies
from helpers.stability.combinations import combination_name
from helpers.stability.groups import PAPER_GROUPS, architecture_rand, group_members, moved_members
from helpers.stability.groups import stand_out as standing_out

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
        kinds = [f"{name}_{kind}" for kind in ("same_model", "single", "aggregated")]
        if set(kinds) <= set(means.index):
            within, between, after = means[kinds]
            sentences.append(
                f"On {title}s two explainers share {percent(within, 0)} of their top genes within "
                f"one model ({percent(between, 0)} over all pairs of models), and "
                f"{percent(after, 0)} with aggregation, where both lists come from the same models."
            )
        if f"{name}_same_explainer" in means:
            sentences.append(
                f"One explainer has {percent(means[f'{name}_same_explainer'], 0)} of its top genes "
                f"in common with and without aggregation of {title}s."
            )
    if "cnn_aggregated_mlp" in means:
        sentences.append(
            f"Aggregated CNNs share {percent(means['cnn_aggregated_mlp'])} of their top genes with "
            "MLPs, aggregated or not."
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
        f"{int((sizes == 1).sum())} of them with a single member. {_held(table)}"
    )
    if pd.isna(best["adjusted_rand"]):
        return text + " Members of at least two of the paper's groups are needed to compare them."
    moved = [_where(table, name) for name in moved_members(table)]
    text += (
        " For the members of the paper's groups the adjusted Rand index of clusters and groups is "
        f"{best['adjusted_rand']:.2f} (1: the same, 0: chance). "
    )
    alone = architecture_rand(table["combination"].tolist())
    more = "more" if best["adjusted_rand"] > alone + 1e-9 else "no more"
    text += (
        f"Who knows CNN from MLP and nothing else reaches {alone:.2f}, so the clusters tell {more} "
        "about the paper's groups than the architecture does."
    )
    if not moved:
        return text + " Each group lies within one cluster, apart from the other groups."
    verb = "lies" if len(moved) == 1 else "lie"
    return text + f" Outside the cluster of their group {verb}: {'; '.join(moved)}."


def _held(table: pd.DataFrame) -> str:
    """Say how many combinations of each architecture clusters hold, and which are alone."""
    architecture = table["combination"].str.split(":").str[0]
    every = architecture.value_counts()
    parts, alone = [], []
    for cluster, own in table.groupby("cluster"):
        if len(own) == 1:
            alone.append(combination_phrase(own["combination"].item()))
            continue
        counts = architecture[own.index].value_counts()
        held = [
            f"{counts[name]} of the {every[name]} with {title}s"
            for name, title in ARCHITECTURES.items()
            if name in counts
        ]
        parts.append(f"cluster {cluster} holds {listed(held)}")
    if alone:
        parts.append(f"by {'itself is' if len(alone) == 1 else 'themselves are'} {listed(alone)}")
    return f"Of the combinations, {'; '.join(parts)}."


def _where(table: pd.DataFrame, member: str) -> str:
    """Name a combination, and the cluster that it is in."""
    cluster = table.set_index("combination")["cluster"]
    ours = group_members(table, "ours")
    groups = [
        group
        for group, combination in ours.itertuples(index=False)
        if cluster[combination] == cluster[member]
    ]
    of = f", that of group {groups[0]}" if groups else ""
    return f"{combination_phrase(member)} (in cluster {cluster[member]}{of})"


def stand_out(consistency: pd.DataFrame) -> str:
    """Say how much more the members of a group share with each other than with others.

    Parameters
    ----------
    consistency
        What `helpers.stability.pairwise_overlap` gave.
    """
    table = standing_out(consistency)
    means = table.groupby("paper_group", sort=False)[["within", "outside"]].mean()
    parts = [
        f"group {name} {percent(row['within'], 0)} with each other and "
        f"{percent(row['outside'], 0)} with the rest"
        for name, row in means.iterrows()
    ]
    text = f"Share of top genes that members have in common: {listed(parts)}."
    return " ".join([text, *_copies(consistency)])


def _copies(consistency: pd.DataFrame) -> list[str]:
    """Say what of the groups' agreement is algebra."""
    sentences = []
    pair = {combination_name("cnn", name, True) for name in ("DeepLift", "DeepLiftShap")}
    same = consistency[consistency["a"].isin(pair) & consistency["b"].isin(pair)]
    if len(same):
        sentences.append(
            f"Two of the {counted(len(PAPER_GROUPS['I']), 'member')} of group I, DeepLift and "
            f"DeepLiftShap, share {percent(same['overlap'].mean(), 0)}: the second is the mean of "
            "the first over references, so the two are one explainer."
        )
    once = standing_out(without_copies(consistency))
    once = once[once["paper_group"] == "II"]
    if len(once):
        sentences.append(
            "In group II IntegratedGradients, DeepLift and DeepLiftShap are equal by algebra. "
            f"Counted once, its members share {percent(once['within'].mean(), 0)} with each other "
            f"and {percent(once['outside'].mean(), 0)} with the rest."
        )
    return sentences


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
