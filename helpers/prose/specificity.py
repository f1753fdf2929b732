"""Sentences about tissue-specific and housekeeping genes."""

from __future__ import annotations

import pandas as pd

from helpers.prose.expression_status import group_ranges
from helpers.prose.wording import counted, listed, percent, tissue_name
from helpers.stability.combinations import combination_names
from helpers.stability.groups import paper_group

GROUPS = {
    "tissue_enriched": "tissue-enriched",
    "group_enriched": "group-enriched",
    "tissue_enhanced": "tissue-enhanced",
    "expressed_in_all": "expressed in all tissues",
    "mixed": "mixed",
    "not_expressed": "not expressed",
}

SIGNIFICANT = 0.05
"""False discovery rate below which a list is said to differ from chance."""


def genes(table: pd.DataFrame, tissues: int) -> str:
    """Say how many genes each group of TissueEnrich has.

    Parameters
    ----------
    table
        What `helpers.biology.tissue_specificity` gave.
    tissues
        Number of tissues that were compared.
    """
    counts = table.drop_duplicates(["gene", "group"])["group"].value_counts()
    total = table["gene"].nunique()
    parts = [f"{counts[name]:,} {phrase}" for name, phrase in GROUPS.items() if counts.get(name, 0)]
    return f"Of {counted(total, 'gene')} in {counted(tissues, 'tissue')}: {listed(parts)}."


def shares(table: pd.DataFrame, tissue: str, what: str) -> str:
    """Say which share of top genes is in a set, and how that compares with chance.

    Parameters
    ----------
    table
        Rows of `helpers.biology.over_representation` of one set.
    tissue
        Tissue to speak of.
    what
        What genes of the set are called, such as ``"housekeeping genes"``.
    """
    part = table[table["tissue"] == tissue]
    part = part.assign(share=part["hits"] / part["size"])
    inside = int(part["set_size"].iloc[0])
    if inside == 0:
        return (
            f"No measured gene is among the {what} of {tissue_name(tissue)}, so nothing can be "
            "said of its top genes."
        )
    chance = float((part["expected"] / part["size"]).mean())
    sentences = [
        f"Share of {what} among the top genes of {tissue_name(tissue)} "
        f"({counted(inside, 'gene')} in all, chance {percent(chance)}): "
        f"{listed(group_ranges(part, 'share'))}."
    ]
    members = part[combination_names(part).map(paper_group) != ""]
    for column, phrase in (("fdr", "all genes"), ("fdr_matched", "genes of the same expression")):
        if column in members.columns and len(members):
            fold = members["fold_matched" if column == "fdr_matched" else "fold"]
            clear = members[column] < SIGNIFICANT
            more, less = int((clear & (fold > 1)).sum()), int((clear & (fold < 1)).sum())
            sentences.append(
                f"Against {phrase}, {more} of the {counted(len(members), 'combination')} of the "
                f"paper's groups hold more of them than chance and {less} fewer "
                f"(false discovery rate below {SIGNIFICANT})."
            )
    return " ".join(sentences)


def aggregation(table: pd.DataFrame, architecture: str, what: str) -> str:
    """Say whether aggregation lowers the share of top genes that are in a set.

    Parameters
    ----------
    table
        Rows of `helpers.biology.over_representation` of one set, all tissues.
    architecture
        Architecture to speak of.
    what
        What genes of the set are called.
    """
    part = table[table["architecture"] == architecture]
    part = part.assign(share=part["hits"] / part["size"])
    means = part.groupby(["explainer", "aggregated"])["share"].mean().unstack()
    lower = int((means[True] < means[False]).sum())
    return (
        f"On {architecture.upper()}s the share of {what} is {percent(means[False].mean())} without "
        f"and {percent(means[True].mean())} with aggregation (mean over explainers and "
        f"{counted(part['tissue'].nunique(), 'tissue')}); it is lower with aggregation for {lower} "
        f"of {counted(len(means), 'explainer')}."
    )


def housekeeping(comparison: pd.DataFrame) -> str:
    """Say how many housekeeping genes there are, and how they compare with a published list.

    Parameters
    ----------
    comparison
        What `helpers.biology.compare_with_published` gave.
    """
    row = comparison.iloc[0]
    found, measured = int(row["found"]), int(row["measured"])
    text = f"{found:,} of {counted(measured, 'gene')} meet the rule for housekeeping genes."
    if found == 0:
        return text + " Shares of housekeeping genes by this rule say nothing."
    return (
        f"{text} {int(row['shared']):,} of them ({percent(row['shared'] / found, 0)}) are among "
        f"the {int(row['published_measured']):,} measured genes of the published list, "
        f"{row['fold']:.1f} times as many as by chance."
    )
