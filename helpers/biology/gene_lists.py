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
    check_columns(top_genes, [*LIST_COLUMNS, "gene"], "top genes")
    present = set(measured)
    for key, rows in top_genes.groupby(LIST_COLUMNS, sort=False, observed=True):
        what = dict(zip(LIST_COLUMNS, key, strict=True))
        genes = rows["gene"].tolist()
        check_list(genes, present, f"top genes of {what['tissue']} by {what['explainer']}")
        yield what, genes


def check_list(genes: Collection[str], measured: Collection[str], name: str) -> None:
    """Refuse a list with repeated genes, or genes that are not measured.

    Raises
    ------
    BadInputError
        In either case; the message names the genes.
    """
    twice = [gene for gene, number in pd.Series(list(genes)).value_counts().items() if number > 1]
    if twice:
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
