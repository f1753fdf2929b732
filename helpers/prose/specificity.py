"""Sentences about tissue-specific and housekeeping genes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.biology.housekeeping import HOUSEKEEPING_RULES
from helpers.prose.expression_status import group_ranges
from helpers.prose.wording import counted, listed, percent, tissue_name
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_MEMBERS

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


def genes(table: pd.DataFrame, classes: int) -> str:
    """Say how many genes each group of TissueEnrich has.

    Parameters
    ----------
    table
        What `helpers.biology.tissue_specificity` gave.
    classes
        Number of classes that were compared.
    """
    counts = table.drop_duplicates(["gene", "group"])["group"].value_counts()
    total = table["gene"].nunique()
    parts = [f"{counts[name]:,} {phrase}" for name, phrase in GROUPS.items() if counts.get(name, 0)]
    return f"Of {counted(total, 'gene')} in {counted(classes, 'class')}: {listed(parts)}."


def shares(
    table: pd.DataFrame, tissue: str, what: str, groups: Mapping[str, str] = PAPER_MEMBERS
) -> str:
    """Say which share of top genes is in a set, and how that compares with chance.

    Parameters
    ----------
    table
        Rows of `helpers.biology.over_representation` of one set.
    tissue
        Tissue to speak of.
    what
        What genes of the set are called, such as ``"housekeeping genes"``.
    groups
        Combination → group that it is in.
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
        f"{listed(group_ranges(part, 'share', groups))}."
    ]
    members = part[combination_names(part).isin(list(groups)) & part["aggregated"]]
    for column, phrase in (("fdr", "all genes"), ("fdr_matched", "genes of the same expression")):
        if column in members.columns and len(members):
            fold = members["fold_matched" if column == "fdr_matched" else "fold"]
            clear = members[column] < SIGNIFICANT
            more, less = int((clear & (fold > 1)).sum()), int((clear & (fold < 1)).sum())
            sentences.append(
                f"Against {phrase}, {more} of {counted(len(members), 'aggregated list')} of the "
                f"groups hold more of them than chance and {less} fewer "
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


def housekeeping(rules: pd.DataFrame, classes: int) -> str:
    """Say how many genes meet each rule for housekeeping genes, and how many are published ones.

    Parameters
    ----------
    rules
        A row for each rule: ``rule`` and what `helpers.biology.compare_with_published` gave.
    classes
        Number of classes in which medians were taken.
    """
    rows = {str(row["rule"]): row for row in rules.to_dict("records")}
    paper, source = rows["paper"], rows["eisenberg"]
    measured = counted(int(paper["measured"]), "gene")
    sentences = [
        "By the paper's rule taken to the letter (medians of at least 1 TPM in each of "
        f"{counted(classes, 'class')}, the highest less than twice the lowest) "
        f"{int(paper['found']):,} of {measured} are housekeeping genes."
    ]
    if paper["found"] == 0:
        sentences.append(
            "No list of top genes can hold any of them, so a share of none says nothing."
        )
    sentences.append(
        "By the rule of the publication that it cites (expressed in every class, here a median "
        f"of at least {HOUSEKEEPING_RULES['eisenberg'].expressed:g} TPM; no class fourfold or more "
        "from the gene's average; standard deviation of log2 below 1) they are "
        f"{int(source['found']):,}."
    )
    sentences += [
        f"Of those of {name} rule {int(row['shared']):,} "
        f"({percent(row['shared'] / row['found'], 0)}) are among the "
        f"{int(row['published_measured']):,} measured genes of the published list, "
        f"{row['fold']:.1f} times as many as by chance."
        for name, row in (("the paper's", paper), ("the other", source))
        if row["found"] and row["published_measured"]
    ]
    return " ".join(sentences)
