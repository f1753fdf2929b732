"""Steps: tissue-specific and housekeeping genes among top genes (Figures 4D, 4E, S11, S12)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.biology.housekeeping import (
    HOUSEKEEPING_RULES,
    compare_with_published,
    housekeeping_genes,
    read_housekeeping,
)
from helpers.biology.over_representation import gene_set, over_representation
from helpers.biology.specificity import (
    ENHANCED,
    SPECIFIC_GROUPS,
    UNION,
    WITHOUT_TUMOURS,
    SpecificityRule,
    specific_definitions,
    tissue_specificity,
)
from helpers.study.top_genes.expression_status import KEYS, matching, tissue_means
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

COUNTED = (*SPECIFIC_GROUPS, UNION, ENHANCED)
"""Sets of tissue-specific genes that are counted in every list."""

DEFINITIONS = tuple(
    name + how for name in (UNION, ENHANCED, "tissue_enhanced") for how in ("", WITHOUT_TUMOURS)
)
"""Ways to say which genes are specific to a tissue: with and without the tumours of its organ."""

PUBLISHED = "published"
"""Name of the published list of housekeeping genes among the sets."""


def _list_files(path: str) -> list[Path | str]:
    """Name the file of a published list; `path` may be empty."""
    return [Path(path)] if path else []


def make_tissue_groups(context: Context) -> pd.DataFrame:
    """Sort genes into TissueEnrich's groups."""
    return tissue_specificity(tissue_means(context), _rule(context))


def _rule(context: Context) -> SpecificityRule:
    chosen = context.settings
    return SpecificityRule(chosen.specific_tpm, chosen.specific_fold, chosen.specific_most)


def make_specific_sets(context: Context) -> pd.DataFrame:
    """List the tissue-specific genes of the explained tissues, by every definition."""
    classes = context["tables/classes"].set_index("class")
    cancers = classes[classes["status"] == "cancer"]
    tumours = {
        str(tissue): cancers.index[cancers["organ"] == classes.loc[tissue, "organ"]].tolist()
        for tissue in dict.fromkeys(context["tables/explained"]["tissue"])
    }
    return specific_definitions(tissue_means(context), tumours, _rule(context))


def sets_of(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return sets of tissue-specific genes; those that no gene is in count as empty.

    Parameters
    ----------
    table
        The table ``specific_sets``.
    names
        Names of sets.
    """
    empty = [gene_set(name, []) for name in names]
    return pd.concat([table[table["set"].isin(list(names))], *empty], ignore_index=True)


def make_specificity(context: Context) -> pd.DataFrame:
    """Count tissue-specific genes among top genes."""
    return over_representation(
        context["tables/top_lists"],
        sets_of(context["tables/specific_sets"], COUNTED),
        tissue_means(context),
        keys=KEYS,
        matching=matching(context),
    )


def make_housekeeping_genes(context: Context) -> pd.DataFrame:
    """List the genes that meet each rule for housekeeping genes."""
    medians = _medians(context)
    parts = []
    for name, rule in HOUSEKEEPING_RULES.items():
        table = housekeeping_genes(medians, rule)
        parts.append(table[table["housekeeping"]].assign(rule=name))
    return pd.concat(parts)[["rule", "gene", "lowest", "highest", "fold"]]


def make_housekeeping_rules(context: Context) -> pd.DataFrame:
    """Compare each rule's genes with the published list, if there is one."""
    medians, published = _medians(context), _published(context)
    parts = []
    for name, rule in HOUSEKEEPING_RULES.items():
        row = compare_with_published(housekeeping_genes(medians, rule), published)
        row.insert(0, "rule", name)
        parts.append(row)
    return pd.concat(parts, ignore_index=True)


def make_housekeeping(context: Context) -> pd.DataFrame:
    """Count housekeeping genes among top genes, by each rule and by the published list."""
    genes = context["tables/housekeeping_genes"]
    sets = [gene_set(name, genes.loc[genes["rule"] == name, "gene"]) for name in HOUSEKEEPING_RULES]
    if context.settings.housekeeping_list:
        sets.append(gene_set(PUBLISHED, _published(context)))
    return over_representation(
        context["tables/top_lists"],
        pd.concat(sets, ignore_index=True),
        tissue_means(context),
        keys=KEYS,
        matching=matching(context),
    )


def _medians(context: Context) -> pd.DataFrame:
    return context["data/tissues"].to_df(layer="median").T


def _published(context: Context) -> list[str]:
    path = context.settings.housekeeping_list
    return read_housekeeping(Path(path)) if path else []


STEPS = (
    table_step(
        "tissue_groups",
        make_tissue_groups,
        "Finding tissue-specific genes",
        inputs=("data/tissues",),
        settings=("specific_tpm", "specific_fold", "specific_most"),
    ),
    table_step(
        "specific_sets",
        make_specific_sets,
        "Finding tissue-specific genes",
        inputs=("data/tissues", "tables/classes", "tables/explained"),
        settings=("specific_tpm", "specific_fold", "specific_most"),
    ),
    table_step(
        "specificity",
        make_specificity,
        "Counting tissue-specific genes",
        text=("model",),
        inputs=("tables/specific_sets", "tables/top_lists", "data/tissues"),
        settings=("matched_draws", "seed"),
    ),
    table_step(
        "housekeeping_genes",
        make_housekeeping_genes,
        "Finding housekeeping genes",
        inputs=("data/tissues",),
    ),
    table_step(
        "housekeeping_rules",
        make_housekeeping_rules,
        "Comparing housekeeping genes",
        inputs=("data/tissues",),
        named_files={"housekeeping_list": _list_files},
    ),
    table_step(
        "housekeeping",
        make_housekeeping,
        "Counting housekeeping genes",
        text=("model",),
        inputs=("tables/housekeeping_genes", "tables/top_lists", "data/tissues"),
        settings=("matched_draws", "seed"),
        named_files={"housekeeping_list": _list_files},
    ),
)
