"""Sentences about the expression of top genes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.prose.wording import combination_phrase, counted, listed, percent, tissue_name
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_GROUPS, PAPER_MEMBERS


def correlations(table: pd.DataFrame, groups: Mapping[str, str] = PAPER_MEMBERS) -> str:
    """Say how scores of each group's explainers correlate with expression.

    Parameters
    ----------
    table
        What `helpers.biology.expression_correlation` gave, averaged over models.
    groups
        Combination → group that it is in.
    """
    grouped = _with_groups(table, groups)
    sentences = []
    for name in PAPER_GROUPS:
        part = grouped[grouped["group"] == name]
        if part.empty:
            continue
        medians = part.groupby("explainer", sort=False)["spearman"].median().sort_values()
        values = [f"{explainer} {_signed(value)}" for explainer, value in medians.items()]
        sentences.append(f"Group {name}: {listed(values)}.")
    if not sentences:
        return "None of the groups is among these combinations."
    tissues = table["tissue"].nunique()
    return (
        "Spearman correlation of scores with mean expression, median of "
        f"{tissues} tissues. {' '.join(sentences)}"
    )


def top_expressed(
    table: pd.DataFrame, tissue: str, groups: Mapping[str, str] = PAPER_MEMBERS
) -> str:
    """Say how many top genes are among the highest expressed ones of a tissue.

    Parameters
    ----------
    table
        What `helpers.biology.over_representation` gave for the highest expressed genes.
    tissue
        Tissue to speak of.
    groups
        Combination → group that it is in.
    """
    part = table[table["tissue"] == tissue]
    part = part.assign(share=part["hits"] / part["size"])
    k, chance = int(part["size"].max()), float((part["expected"] / part["size"]).mean())
    ranges = group_ranges(part, "share", groups)
    text = (
        f"In {tissue_name(tissue)}, top genes among the {k} highest expressed: {listed(ranges)}; "
        f"chance is {percent(chance)}."
    )
    return " ".join([text, *_with_and_without(part)])


def tissues(distinct: pd.DataFrame, overlap: pd.DataFrame, combinations: Mapping[str, str]) -> str:
    """Say how far the lists of different tissues differ, for one combination a group.

    Parameters
    ----------
    distinct, overlap
        What `helpers.biology.distinct_genes` and `helpers.biology.tissue_overlap` gave.
    combinations
        Label → name of the combination.
    """
    names, pairs = combination_names(distinct), combination_names(overlap)
    sentences = []
    for label, name in combinations.items():
        if name not in set(names):
            continue
        row = distinct[names == name].iloc[0]
        shared = overlap.loc[pairs == name, "overlap"]
        text = f"Group {label} ({combination_phrase(name)}): {row['distinct']:.0f} different genes"
        if shared.empty:
            sentences.append(f"{text} in the lists of {counted(int(row['tissues']), 'tissue')}.")
            continue
        sentences.append(
            f"{text} in the lists of {row['tissues']} tissues together ({row['listed']:.0f} "
            f"places); two tissues share {percent(shared.mean(), 0)}."
        )
    return " ".join(sentences)


def tau(table: pd.DataFrame, background: pd.Series, combinations: Mapping[str, str]) -> str:
    """Say how tissue-specific top genes are, for one combination a group.

    Parameters
    ----------
    table
        What `helpers.biology.tau_of_top_genes` gave.
    background
        tau of all measured genes.
    combinations
        Label → name of the combination.
    """
    medians = table.groupby("combination")["tau"].median()
    values = [
        f"{medians[name]:.2f} for group {label} ({combination_phrase(name)})"
        for label, name in combinations.items()
        if name in medians
    ]
    return (
        f"The median tau of top genes is {listed(values)}; that of all genes is "
        f"{background.median():.2f} (0: equal in all tissues, 1: in one tissue only)."
    )


def group_ranges(
    table: pd.DataFrame, column: str, groups: Mapping[str, str] = PAPER_MEMBERS
) -> list[str]:
    """Write the lowest and highest share of each group.

    Parameters
    ----------
    table
        Columns architecture, explainer, aggregated and `column`.
    column
        A share, 0 to 1.
    groups
        Combination → group that it is in.
    """
    grouped = _with_groups(table, groups).groupby("group")[column]
    texts = []
    for name in PAPER_GROUPS:
        if name in grouped.groups:
            values = grouped.get_group(name)
            low, high = percent(values.min(), 0), percent(values.max(), 0)
            texts.append(f"group {name} {low}" + (f" to {high}" if high != low else ""))
    return texts


def _with_and_without(table: pd.DataFrame) -> list[str]:
    means = table.groupby(["architecture", "aggregated"])["share"].mean().unstack()
    if not {False, True} <= set(means.columns):
        return []
    return [
        f"Mean over explainers on {str(name).upper()}s: {percent(row[False])} without and "
        f"{percent(row[True])} with aggregation."
        for name, row in means.dropna().iterrows()
    ]


def _with_groups(table: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    return table.assign(group=combination_names(table).map(dict(groups)))


def _signed(value: float) -> str:
    # Adding zero turns the negative zero that rounding leaves into zero.
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
