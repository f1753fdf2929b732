"""Groups of combinations that agree on their top genes, and the paper's three (Figure 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster import hierarchy
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score, silhouette_score

from helpers.errors import BadInputError, one_of
from helpers.stability.combinations import combination_name, split_name
from helpers.stability.consistency import overlap_square

PAPER_GROUPS: dict[str, tuple[str, ...]] = {
    "I": tuple(
        combination_name("cnn", explainer, True)
        for explainer in (
            "DeepLift",
            "DeepLiftShap",
            "GuidedBackprop",
            "InputXGradient",
            "IntegratedGradients",
        )
    ),
    "II": tuple(
        combination_name("mlp", explainer, True)
        for explainer in ("DeepLift", "DeepLiftShap", "InputXGradient", "IntegratedGradients")
    ),
    "III": tuple(
        combination_name("mlp", explainer, True) for explainer in ("GuidedBackprop", "Saliency")
    ),
}
"""The paper's groups by their combinations (Results, consistency across model explainers)."""

PAPER_MEMBERS: dict[str, str] = {
    member: name for name, members in PAPER_GROUPS.items() for member in members
}
"""Combination → the paper's group that it is in."""

MOST_CLUSTERS = 8
"""Largest number of clusters that is tried."""


def paper_group(combination: str) -> str:
    """Return the paper's group of a combination: I, II, III, or an empty text."""
    return PAPER_MEMBERS.get(combination, "")


@dataclass(frozen=True)
class Groups:
    """What clustering found, beside the paper's groups.

    Attributes
    ----------
    table
        ``combination``, ``cluster`` (from 1, in the order of the dendrogram), ``paper_group``
        (I, II, III or empty); rows in the order of the dendrogram.
    choice
        ``clusters``, ``silhouette`` (mean), ``adjusted_rand`` (against the paper's groups),
        ``chosen``: one row for each number of clusters tried.
    linkage
        As `scipy.cluster.hierarchy.linkage` gives it, over `names`.
    names
        Combinations in the order of the input.
    adjusted_rand
        Of the chosen clusters and the paper's groups, over the paper's members that are there;
        missing where these are of fewer than two groups.
    architecture_rand
        The same index of who knows nothing but the architecture of each of these members.
    moved
        Paper members outside the cluster that best matches their group.
    absent
        Paper members that the input does not have.
    """

    table: pd.DataFrame
    choice: pd.DataFrame
    linkage: npt.NDArray[np.float64]
    names: tuple[str, ...]
    adjusted_rand: float
    architecture_rand: float
    moved: tuple[str, ...]
    absent: tuple[str, ...]


def find_groups(consistency: pd.DataFrame, most: int = MOST_CLUSTERS) -> Groups:
    """Cluster combinations by their overlap and compare the clusters with the paper's groups.

    Average linkage on 1 − mean overlap over tissues. The number of clusters, from two to
    `most`, is that with the largest mean silhouette (Rousseeuw 1987); of equal ones, the
    smallest number. Combinations that are all equally far from each other are one cluster. The
    paper read its three groups off the figure, so the rule is ours; it is blind to the paper's
    groups.

    Parameters
    ----------
    consistency
        What `helpers.stability.pairwise_overlap` gave.
    most
        Largest number of clusters that is tried; fewer where there are few combinations.

    Returns
    -------
    Groups

    Raises
    ------
    BadInputError
        If there are fewer than three combinations, or a pair has no overlap.
    """
    square = overlap_square(consistency)
    names = square.index.to_numpy(str)
    if len(names) < 3:
        raise BadInputError(
            f"Groups need at least three combinations, but there are {len(names)}: add top genes "
            "of more explainers."
        )
    distance = 1 - square.to_numpy()
    linkage = hierarchy.linkage(squareform(distance, checks=False), method="average")
    leaves = hierarchy.leaves_list(linkage)
    known = np.array([paper_group(name) for name in names])
    rows, found = [], {}
    for count in range(2, min(most, len(names) - 1) + 1):
        labels = hierarchy.fcluster(linkage, count, criterion="maxclust")
        # Equal distances can join several clusters at once, so that this number never occurs.
        if len(np.unique(labels)) == count:
            found[count] = labels
            silhouette = float(silhouette_score(distance, labels, metric="precomputed"))
            rows.append((count, silhouette, _agreement(known, labels)))
    if not rows:
        # All are equally far from each other.
        found[1] = np.ones(len(names), dtype=np.int32)
        rows.append((1, 0.0, _agreement(known, found[1])))
    choice = pd.DataFrame(rows, columns=["clusters", "silhouette", "adjusted_rand"])
    # Silhouettes equal but for rounding count as equal.
    best = int(np.argmax(choice["silhouette"].round(12)))
    choice["chosen"] = np.arange(len(choice)) == best
    labels = found[int(choice["clusters"].iloc[best])]
    ordered = labels[leaves]
    numbers = {label: i for i, label in enumerate(dict.fromkeys(ordered.tolist()), start=1)}
    table = pd.DataFrame(
        {
            "combination": names[leaves],
            "cluster": [numbers[label] for label in ordered.tolist()],
            "paper_group": known[leaves],
        }
    )
    present = set(names.tolist())
    return Groups(
        table=table,
        choice=choice,
        linkage=linkage,
        names=tuple(names.tolist()),
        adjusted_rand=float(choice["adjusted_rand"].iloc[best]),
        architecture_rand=architecture_rand(names.tolist()),
        moved=moved_members(table),
        absent=tuple(m for members in PAPER_GROUPS.values() for m in members if m not in present),
    )


def architecture_rand(combinations: Sequence[str]) -> float:
    """Compute how well CNN against MLP, and nothing else, matches the paper's groups.

    None of these has both architectures, so this index is far above chance.

    Parameters
    ----------
    combinations
        Names of combinations; members of the paper's groups count.

    Returns
    -------
    float
        Adjusted Rand index; missing where the members are of fewer than two groups.
    """
    known = np.array([paper_group(name) for name in combinations])
    labels = np.array([split_name(name)[0] == "cnn" for name in combinations], dtype=int)
    return _agreement(known, labels)


def stand_out(consistency: pd.DataFrame) -> pd.DataFrame:
    """Compare the overlap within each of the paper's groups with that to everything else.

    Parameters
    ----------
    consistency
        What `helpers.stability.pairwise_overlap` gave.

    Returns
    -------
    pandas.DataFrame
        ``paper_group``, ``tissue``, ``within`` (mean overlap of two members), ``outside`` (mean
        overlap of a member and a combination that is none), ``members``. Groups with fewer than
        two members are left out.
    """
    first, second = consistency["a"].map(paper_group), consistency["b"].map(paper_group)
    rows = []
    for name in PAPER_GROUPS:
        inside = consistency[(first == name) & (second == name)]
        outside = consistency[(first == name) ^ (second == name)]
        beyond = outside.groupby("tissue")["overlap"].mean()
        members = len({*inside["a"], *inside["b"]})
        for tissue, overlap in inside.groupby("tissue", sort=False)["overlap"]:
            other = float(beyond.get(tissue, np.nan))
            rows.append((name, tissue, float(overlap.mean()), other, members))
    return pd.DataFrame(rows, columns=["paper_group", "tissue", "within", "outside", "members"])


def moved_members(table: pd.DataFrame) -> tuple[str, ...]:
    """Name the paper's members outside the cluster that best matches their group.

    Groups and clusters are matched one to one, so that as many members as possible stay.

    Parameters
    ----------
    table
        The table of `Groups`.
    """
    members = table[table["paper_group"].isin(list(PAPER_GROUPS))]
    stays = members["cluster"] == members["paper_group"].map(_matched(table))
    return tuple(members.loc[~stays, "combination"])


def group_members(table: pd.DataFrame, which: str = "paper") -> pd.DataFrame:
    """List the members of groups I, II and III that are there.

    Parameters
    ----------
    table
        The table of `Groups`.
    which
        ``"paper"``: as in the paper; ``"ours"``: all combinations of the cluster that best
        matches the paper's group. A group without a cluster of its own is then left out.

    Returns
    -------
    pandas.DataFrame
        ``group``, ``combination``: by group, then in the order of the dendrogram.

    Raises
    ------
    UnknownNameError
        If `which` is neither.
    """
    one_of("kind of groups", which, ("paper", "ours"))
    if which == "paper":
        group = table["combination"].map(PAPER_MEMBERS)
    else:
        group = table["cluster"].map({cluster: name for name, cluster in _matched(table).items()})
    members = table[["combination"]].assign(group=group).dropna()
    return members.sort_values("group", kind="stable", ignore_index=True)[["group", "combination"]]


def _matched(table: pd.DataFrame) -> dict[str, int]:
    """Match the paper's groups and clusters one to one, so that most members stay."""
    members = table[table["paper_group"].isin(list(PAPER_GROUPS))]
    if members.empty:
        return {}
    counts = pd.crosstab(members["paper_group"], members["cluster"])
    rows, columns = linear_sum_assignment(-counts.to_numpy())
    shared = counts.to_numpy()[rows, columns]
    pairs = zip(counts.index[rows], counts.columns[columns], shared, strict=True)
    return {str(group): int(cluster) for group, cluster, count in pairs if count > 0}


def _agreement(known: npt.NDArray[np.str_], labels: npt.NDArray[np.integer]) -> float:
    members = known != ""
    if len(np.unique(known[members])) < 2:
        return float("nan")
    return float(adjusted_rand_score(known[members], labels[members]))
