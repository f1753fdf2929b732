"""Facts about the expression of top genes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.prose.writing.templates import Facts
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_GROUPS, PAPER_MEMBERS


def correlations(table: pd.DataFrame, groups: Mapping[str, str] = PAPER_MEMBERS) -> Facts:
    """Return how scores of each group's explainers correlate with expression.

    Parameters
    ----------
    table
        What `helpers.biology.expression_correlation` gave, averaged over models.
    groups
        Combination → group that it is in.

    Returns
    -------
    dict
        ``tissues``; for each of ``groups`` its ``name`` and its ``explainers`` (``name``,
        ``median`` over tissues), the lowest first.
    """
    grouped = _with_groups(table, groups)
    found = []
    for name in PAPER_GROUPS:
        part = grouped[grouped["group"] == name]
        # Scores that are alike for all genes have no correlation.
        medians = part.groupby("explainer", sort=False)["spearman"].median().dropna().sort_values()
        if len(medians):
            named = [{"name": str(key), "median": float(value)} for key, value in medians.items()]
            found.append({"name": name, "explainers": named})
    return {"tissues": table["tissue"].nunique(), "groups": found}


def top_expressed(
    table: pd.DataFrame, tissue: str, groups: Mapping[str, str] = PAPER_MEMBERS
) -> Facts:
    """Return how many top genes are among the highest expressed ones of a tissue.

    Parameters
    ----------
    table
        What `helpers.biology.over_representation` gave for the highest expressed genes.
    tissue
        Tissue to speak of.
    groups
        Combination → group that it is in.

    Returns
    -------
    dict
        ``tissue``, ``top`` (genes in a list), ``chance``, ``groups`` (see `group_ranges`); for each
        of ``architectures`` its ``name`` and the mean share ``without`` and with (``aggregated``)
        aggregation, where there are both.
    """
    part = table[table["tissue"] == tissue]
    part = part.assign(share=part["hits"] / part["size"])
    means = part.groupby(["architecture", "aggregated"])["share"].mean().unstack()
    both = means.dropna() if {False, True} <= set(means.columns) else means.iloc[:0]
    return {
        "tissue": tissue,
        "top": int(part["size"].max()),
        "chance": float((part["expected"] / part["size"]).mean()),
        "groups": group_ranges(part, "share", groups),
        "architectures": [
            {"name": str(name), "without": float(row[False]), "aggregated": float(row[True])}
            for name, row in both.iterrows()
        ],
    }


def tissues(
    distinct: pd.DataFrame, overlap: pd.DataFrame, combinations: Mapping[str, str]
) -> Facts:
    """Return how far the lists of different tissues differ, for one combination a group.

    Parameters
    ----------
    distinct, overlap
        What `helpers.biology.distinct_genes` and `helpers.biology.tissue_overlap` gave.
    combinations
        Label → name of the combination.

    Returns
    -------
    dict
        For each of ``groups`` its ``name``, ``combination``, how many ``distinct`` genes there are
        in how many places (``listed``) of the lists of ``tissues``, and what two tissues
        ``share``.
    """
    names, pairs = combination_names(distinct), combination_names(overlap)
    found = []
    for label, name in combinations.items():
        if name not in set(names):
            continue
        row = distinct[names == name].iloc[0]
        found.append(
            {
                "name": label,
                "combination": name,
                "distinct": round(row["distinct"]),
                "listed": round(row["listed"]),
                "tissues": int(row["tissues"]),
                "share": float(overlap.loc[pairs == name, "overlap"].mean())
                if (pairs == name).any()
                else None,
            }
        )
    return {"groups": found}


def tau(table: pd.DataFrame, background: pd.Series, combinations: Mapping[str, str]) -> Facts:
    """Return how tissue-specific top genes are, for one combination a group.

    Parameters
    ----------
    table
        What `helpers.biology.tau_of_top_genes` gave.
    background
        tau of all measured genes.
    combinations
        Label → name of the combination.

    Returns
    -------
    dict
        For each of ``groups`` its ``name``, ``combination`` and ``median``; ``all_genes``, the
        median of all genes.
    """
    medians = table.groupby("combination")["tau"].median()
    found = [
        {"name": label, "combination": name, "median": float(medians[name])}
        for label, name in combinations.items()
        if name in medians
    ]
    return {"groups": found, "all_genes": float(background.median())}


def group_ranges(
    table: pd.DataFrame, column: str, groups: Mapping[str, str] = PAPER_MEMBERS
) -> list[Facts]:
    """Return the lowest and highest share of each group.

    Parameters
    ----------
    table
        Columns architecture, explainer, aggregated and `column`.
    column
        A share, 0 to 1.
    groups
        Combination → group that it is in.

    Returns
    -------
    list of dict
        ``name``, ``lowest``, ``highest``.
    """
    grouped = _with_groups(table, groups).groupby("group")[column]
    return [
        {"name": name, "lowest": float(values.min()), "highest": float(values.max())}
        for name in PAPER_GROUPS
        if name in grouped.groups
        for values in [grouped.get_group(name)]
    ]


def _with_groups(table: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    return table.assign(group=combination_names(table).map(dict(groups)))
