"""Lists of top genes: what tells them apart, and what they must be before anything is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pandas as pd

from helpers.errors import BadInputError

LIST_COLUMNS = ["architecture", "explainer", "aggregated", "tissue"]
"""Columns of ``top_genes.csv`` that tell one list from another."""

_SHOWN = 5


def check_columns(table: pd.DataFrame, needed: Collection[str], name: str) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    BadInputError
        If one of `needed` is missing.
    """
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise BadInputError(
            f"The table of {name} has no column {missing[0]!r}: it has "
            f"{', '.join(map(str, table.columns)) or 'none'}."
        )


def each_list(
    top_genes: pd.DataFrame, measured: Collection[str]
) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield every list of a table of top genes: what it is, and its genes.

    Parameters
    ----------
    top_genes
        `LIST_COLUMNS` and ``gene``, one row a gene.
    measured
        Genes of the data, from which the lists were taken.

    Raises
    ------
    BadInputError
        If a column is missing, a gene is not measured, or is in a list twice.
    """
    present = frozenset(measured)
    for what, genes in unchecked_lists(top_genes):
        check_top_genes(what, genes, present)
        yield what, genes


def unchecked_lists(top_genes: pd.DataFrame) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield the same as `each_list`, for who checks the lists against several sets of genes.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(top_genes, [*LIST_COLUMNS, "gene"], "top genes")
    for key, rows in top_genes.groupby(LIST_COLUMNS, sort=False, observed=True)["gene"]:
        yield dict(zip(LIST_COLUMNS, key, strict=True)), rows.tolist()


def check_top_genes(what: dict[str, Any], genes: list[str], measured: Collection[str]) -> None:
    """Refuse a list of top genes, as `check_list` does, by its tissue and explainer."""
    check_list(genes, measured, f"top genes of {what['tissue']} by {what['explainer']}")


def check_list(genes: Collection[str], measured: Collection[str], name: str) -> None:
    """Refuse a list with repeated genes, or genes that are not measured.

    Raises
    ------
    BadInputError
        In either case; the message names the genes.
    """
    if len(set(genes)) < len(genes):
        counts = pd.Series(list(genes)).value_counts()
        twice = [gene for gene, number in counts.items() if number > 1]
        raise BadInputError(f"The {name} hold {_named(twice)} more than once: keep one of each.")
    unknown = [gene for gene in genes if gene not in measured]
    if unknown:
        raise BadInputError(
            f"The {name} hold {_named(unknown)}, not among the {len(measured):,} genes measured: "
            "give the genes of the data that the list was taken from."
        )


def _named(genes: list[Any]) -> str:
    rest = f" and {len(genes) - _SHOWN} more" if len(genes) > _SHOWN else ""
    return ", ".join(map(str, genes[:_SHOWN])) + rest
