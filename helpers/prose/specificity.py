"""Facts about tissue-specific and housekeeping genes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.biology.housekeeping import HOUSEKEEPING_RULES
from helpers.prose.expression_status import group_ranges
from helpers.prose.writing.templates import Facts
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_MEMBERS

GROUPS = ("tissue_enriched", "group_enriched", "tissue_enhanced", "expressed_in_all", "mixed",
          "not_expressed")  # fmt: skip
"""TissueEnrich's groups of genes."""

SIGNIFICANT = 0.05
"""False discovery rate below which a list is said to differ from chance."""


def genes(table: pd.DataFrame, classes: int) -> Facts:
    """Return how many genes each group of TissueEnrich has.

    Parameters
    ----------
    table
        What `helpers.biology.tissue_specificity` gave.
    classes
        Number of classes that were compared.

    Returns
    -------
    dict
        ``genes``, ``classes``; ``groups`` that have any: ``name``, ``genes``.
    """
    counts = table.drop_duplicates(["gene", "group"])["group"].value_counts()
    return {
        "genes": table["gene"].nunique(),
        "classes": classes,
        "groups": [
            {"name": name, "genes": int(counts[name])} for name in GROUPS if counts.get(name, 0)
        ],
    }


def shares(
    table: pd.DataFrame, tissue: str, what: str, groups: Mapping[str, str] = PAPER_MEMBERS
) -> Facts:
    """Return which share of top genes is in a set, and how that compares with chance.

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

    Returns
    -------
    dict
        ``what``, ``tissue``; ``inside``, how many genes the set has; ``chance``; ``groups`` (see
        `helpers.prose.expression_status.group_ranges`); ``level``, the false discovery rate below
        which a list counts; ``against``: for each kind of chance (``all`` genes, or genes of
        ``matched`` expression) of how many aggregated ``lists`` of the groups ``more`` and
        ``fewer`` of their genes are in the set.
    """
    part = table[table["tissue"] == tissue]
    part = part.assign(share=part["hits"] / part["size"])
    members = part[combination_names(part).isin(list(groups)) & part["aggregated"]]
    against = []
    for kind, column, fold in (("all", "fdr", "fold"), ("matched", "fdr_matched", "fold_matched")):
        if column in members.columns and len(members):
            clear = members[column] < SIGNIFICANT
            against.append(
                {
                    "kind": kind,
                    "lists": len(members),
                    "more": int((clear & (members[fold] > 1)).sum()),
                    "fewer": int((clear & (members[fold] < 1)).sum()),
                }
            )
    return {
        "what": what,
        "tissue": tissue,
        "inside": int(part["set_size"].iloc[0]),
        "chance": float((part["expected"] / part["size"]).mean()),
        "groups": group_ranges(part, "share", groups),
        "level": SIGNIFICANT,
        "against": against,
    }


def aggregation(table: pd.DataFrame, architecture: str, what: str) -> Facts:
    """Return whether aggregation lowers the share of top genes that are in a set.

    Parameters
    ----------
    table
        Rows of `helpers.biology.over_representation` of one set, all tissues.
    architecture
        Architecture to speak of.
    what
        What genes of the set are called.

    Returns
    -------
    dict
        ``architecture``, ``what`` and the number of ``explainers``; where there are any,
        ``tissues``, the mean share ``without`` and ``aggregated``, and for
        how many of them it is ``lower`` with aggregation.
    """
    part = table[table["architecture"] == architecture]
    if part.empty:
        return {"architecture": architecture, "what": what, "explainers": 0}
    part = part.assign(share=part["hits"] / part["size"])
    means = part.groupby(["explainer", "aggregated"])["share"].mean().unstack()
    return {
        "architecture": architecture,
        "what": what,
        "tissues": part["tissue"].nunique(),
        "without": float(means[False].mean()),
        "aggregated": float(means[True].mean()),
        "lower": int((means[True] < means[False]).sum()),
        "explainers": len(means),
    }


def housekeeping(rules: pd.DataFrame, classes: int) -> Facts:
    """Return how many genes meet each rule for housekeeping genes, and how many are published.

    Parameters
    ----------
    rules
        A row for each rule: ``rule`` and what `helpers.biology.compare_with_published` gave.
    classes
        Number of classes in which medians were taken.

    Returns
    -------
    dict
        ``classes``, ``measured`` genes, ``expressed`` (TPM that the cited rule asks for); for each
        of ``rules`` its ``name`` and what it ``found``, and of these how many (``shared``) are
        among the genes of the published list that are measured (``published``), ``fold`` times as
        many as by chance.
    """
    rows = {str(row["rule"]): row for row in rules.to_dict("records")}
    return {
        "classes": classes,
        "measured": int(rows["paper"]["measured"]),
        "expressed": HOUSEKEEPING_RULES["eisenberg"].expressed,
        "rules": [
            {
                "name": name,
                "found": int(rows[name]["found"]),
                "shared": int(rows[name]["shared"]),
                "published": int(rows[name]["published_measured"]),
                "share": rows[name]["shared"] / (rows[name]["found"] or float("nan")),
                "fold": float(rows[name]["fold"]),
            }
            for name in ("paper", "eisenberg")
        ],
    }
