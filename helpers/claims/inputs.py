"""Which columns of which tables the rules read: a rule sees these and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from helpers.biology.cancer import SEGREGATION_COLUMNS
from helpers.biology.enrichment import GO_COLUMNS
from helpers.errors import BadInputError
from helpers.stability.combinations import COMBINATION
from helpers.stability.paper import of_the_paper

_LIST = (*COMBINATION, "tissue")
_HITS = (*_LIST, "set", "hits", "size", "set_size", "expected")

TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "classes": ("samples",),
    "accuracy": ("architecture", "model", "gene_order", "split", "accuracy"),
    "unoptimised": (
        "architecture", "explainer", "optimisation", "design", "reference", "tissue", "sample",
        "metric", "value",
    ),
    "curves": (
        "architecture", "explainer", "optimisation", "design", "reference", "n", "tissue",
        "sample", "metric", "value", "shared",
    ),
    "saturation": (
        "architecture", "explainer", "optimisation", "reference", "metric", "n_saturated",
        "plateau", "gain", "n_largest", "saturated", "samples", "tolerance", "design",
    ),
    "references_compared": (
        "architecture", "explainer", "optimisation", "metric", "reference", "n", "estimates",
        "value", "samples",
    ),
    "disjoint": (
        "architecture", "explainer", "optimisation", "design", "reference", "n", "tissue",
        "sample", "metric", "value",
    ),
    "consistency": ("a", "b", "tissue", "overlap", "same_model"),
    "held_out": ("architecture", "explainer", "other", "model", "tissue", "overlap"),
    "left_out": ("architecture", "explainer", "model", "tissue", "set", "hits", "size"),
    "shared_genes": (
        "architecture", "explainer", "tissue", "sample", "shared_by", "genes", "overlap",
    ),
    "expression": (
        *_LIST, "spearman", "spearman_absolute", "genes", "hits", "size", "set_size", "expected",
    ),
    "top_lists": (*_LIST, "gene"),
    "own_specificity": ("gene", "tissue", "specificity"),
    "distinct_genes": (*COMBINATION, "tissues", "distinct"),
    "tissue_overlap": (*COMBINATION, "a", "b", "overlap"),
    "specificity": _HITS,
    "housekeeping": _HITS,
    "go": tuple(GO_COLUMNS),
    "top_genes": (*_LIST, "rank", "gene"),
    "regulators": (
        *_LIST, "set", "source", "hits", "size", "expected", "fold", "p_depleted", "fdr",
    ),
    "cancer_shares": (*_LIST, "normal", "cancer", "share", "chance", "fold"),
    "segregation": tuple(SEGREGATION_COLUMNS),
    "marker_ranks": ("explainer", "tissue", "gene", "rank", "genes"),
    "tumour_top_genes": ("tissue", "sample"),
    "shared_cancer_genes": ("gene", "cancer", "types", "role"),
    "control": (
        "claim", "supports", "models", "number", "median", "lowest", "highest", "shuffles",
        "undefined", "as_extreme", "p", "met", "output", "hidden", "untrained",
    ),
}  # fmt: skip


def read_columns(name: str, table: pd.DataFrame, ids: Iterable[str]) -> pd.DataFrame:
    """Cut a table to the columns that rules read, and to the explainers that the paper has.

    Parameters
    ----------
    name
        A key of `TABLE_COLUMNS`.
    table
        The table as it was made.
    ids
        Statements that need it, to be named where a column is missing.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    wanted = TABLE_COLUMNS[name]
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise BadInputError(
            f"Table {name!r} has no column {', '.join(map(repr, missing))}, which the statements "
            f"{', '.join(ids)} are computed from: delete tables/{name}.csv and run again."
        )
    return of_the_paper(table[list(wanted)])


def as_rules_read(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Cut tables to the columns that rules read, as far as they have them.

    What a table holds besides may be undefined without a statement being so.

    Parameters
    ----------
    tables
        By name; those that no rule reads are left out.
    """
    read = {name: table for name, table in tables.items() if name in TABLE_COLUMNS}
    return {
        name: of_the_paper(table[[c for c in TABLE_COLUMNS[name] if c in table.columns]])
        for name, table in read.items()
    }
