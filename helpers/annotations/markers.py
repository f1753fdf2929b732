"""A user's own marker genes: which gene is known to mark which class."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.errors import BadInputError, MissingInputError, listed, one_of

CLASS_COLUMNS = ("class", "tissue", "cell_type", "organ", "cluster")
GENE_COLUMNS = ("gene", "symbol", "gene_symbol", "marker")


def read_markers(
    path: Path, classes: Iterable[str] | None = None, genes: Iterable[str] | None = None
) -> pd.DataFrame:
    """Read marker genes.

    Parameters
    ----------
    path
        A table with a column of classes (`CLASS_COLUMNS`) and one of genes (`GENE_COLUMNS`), by
        commas, semicolons or tabs; or a list of genes, one a line, which count for all classes.
    classes, genes
        Those that there are. Markers of other classes, and genes that were not measured, are left
        out; None: nothing is left out.

    Returns
    -------
    pandas.DataFrame
        ``class`` and ``gene``, each pair once; in a list without classes and without `classes`
        the class is empty.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it is no text, has no genes, or none of its markers is of these classes and measured.
    """
    if not path.is_file():
        raise MissingInputError(f"There is no file {path} with markers: correct the path.")
    table = _read(path)
    if classes is not None:
        table = _of_classes(table, list(classes), path)
    if genes is not None:
        known = set(genes)
        unknown = table.loc[~table["gene"].isin(known), "gene"].unique().tolist()
        table = table[table["gene"].isin(known)]
        if table.empty:
            raise BadInputError(
                f"{path}: none of its genes is among those measured ({listed(unknown, 5)}): give "
                "gene symbols as the data have them."
            )
    return table.drop_duplicates(ignore_index=True)


def _read(path: Path) -> pd.DataFrame:
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise BadInputError(f"{path} is no text in UTF-8: save the markers as CSV.") from None
    if not lines:
        raise BadInputError(f"{path} is empty: write a class and a gene a line, as class,gene.")
    mark = next((mark for mark in ("\t", ";", ",") if mark in lines[0]), "")
    if not mark:
        named = lines[0].casefold() in GENE_COLUMNS
        return pd.DataFrame({"class": "", "gene": lines[1:] if named else lines})
    rows = [[part.strip().strip('"') for part in line.split(mark)] for line in lines]
    head = [name.casefold().replace(" ", "_") for name in rows[0]]
    found = [_position(head, names) for names in (CLASS_COLUMNS, GENE_COLUMNS)]
    if None in found:
        raise BadInputError(
            f"{path}, line 1: columns for class and gene are needed, but there are "
            f"{listed(rows[0], 5)}: call them 'class' and 'gene'."
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(head):
            raise BadInputError(
                f"{path}, line {number}: there are {len(row)} fields where the first line has "
                f"{len(head)}: mend the line."
            )
    places = [place for place in found if place is not None]
    pairs = [(row[places[0]], row[places[1]]) for row in rows[1:] if row[places[1]]]
    if not pairs:
        raise BadInputError(f"{path} names no gene: write a class and a gene a line.")
    return pd.DataFrame(pairs, columns=["class", "gene"])


def _position(head: list[str], names: tuple[str, ...]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)


def _of_classes(table: pd.DataFrame, classes: list[str], path: Path) -> pd.DataFrame:
    """Keep markers of classes that there are; those of no class count for all."""
    if (table["class"] == "").all():
        every = pd.DataFrame({"class": classes})
        return every.merge(table[["gene"]], how="cross")
    kept = table[table["class"].isin(classes)]
    if kept.empty:
        # Nearest name in the sentence, as for any name that is wrong.
        one_of("explained class among the markers", str(table["class"].iloc[0]), classes)
    return kept
