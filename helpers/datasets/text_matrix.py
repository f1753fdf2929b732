"""Expression as a table of text: genes × samples or samples × genes, whichever it is.

Samples are found by their names in the sheet of samples: among the names of the columns, or in one
of the first columns. Without a sheet, a table of samples × genes may hold the classes itself.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.contents import Contents, LazyMatrix
from helpers.datasets.expression import check_labels
from helpers.datasets.gene_names import annotation, understand
from helpers.datasets.missing import is_missing, names
from helpers.datasets.sample_sheet import (
    Fit,
    Sheet,
    candidates,
    found_class_column,
    no_fit,
    with_sheet,
)
from helpers.datasets.text_table import Table, find_table
from helpers.errors import BadInputError, listed

FIRST_COLUMNS = 6
"""Columns that may name or describe lines, counted from the left."""

_TOTALS = re.compile(
    r"__.+|N_(unmapped|multimapping|noFeature|ambiguous)|!.*"
    r"|(grand[ _.-]?)?(total|sum)s?([ _.-](counts?|reads?|umis?|tpm))?|(lib(rary)?|seq(uencing)?)"
    r"[ _.-]?(size|depth)",
    re.IGNORECASE,
)
"""Lines of htseq-count and STAR that are no genes, totals, and the end of GEO's series matrices."""


@dataclass(frozen=True)
class _Text:
    """A table, and its first columns as text."""

    table: Table
    first: pd.DataFrame

    @property
    def path(self) -> Path:
        return self.table.path

    def title(self, place: int) -> str:
        """Return the name of a column, or its number where it has none."""
        return self.table.header[place] or f"column {place + 1}"


def open_text(path: Path, sheet: Sheet | None, class_column: str = "") -> Contents:
    """Open a table of expression.

    Parameters
    ----------
    path
        The file.
    sheet
        The sheet of samples; None: the classes are in the table itself.
    class_column
        Column with the class; empty: found out.

    Raises
    ------
    MissingInputError, BadInputError
        If the table cannot be read, names no samples of the sheet, or holds no classes.
    """
    stat = path.stat()
    text = _read(path, stat.st_mtime_ns, stat.st_size)
    if sheet is None:
        return _with_classes(text, class_column)
    header = text.table.header
    for given in (header, *(text.first[place].tolist() for place in text.first.columns)):
        sheet = sheet.with_first_line(given)
    across = sheet.fit(header)
    fits = {
        int(place): sheet.fit(text.first[place].tolist())
        for place in text.first.columns
        # Values can look like names that are numbers, but are hardly all different.
        if place == 0 or text.first[place].is_unique
    }
    place = max(fits, key=lambda each: (*_strength(fits[each]), -each))
    if not across.rows and not fits[place].rows:
        raise no_fit(sheet, path, header[1:], text.first[0].tolist())
    if _strength(across) >= _strength(fits[place]):
        found = _genes_by_line(text, across)
    else:
        found = _samples_by_line(text, place, frozenset(map(str, sheet.frame.columns)))
    return with_sheet(found, sheet, class_column)


def open_unlabelled_text(path: Path, genes: Collection[str]) -> Contents:
    """Open a table of expression whose samples have no classes.

    Parameters
    ----------
    path
        The file.
    genes
        Names that genes may have, by which lines and columns are told apart.

    Raises
    ------
    MissingInputError, BadInputError
        If the table cannot be read, or has neither a line nor a column with such a name.
    """
    stat = path.stat()
    text = _read(path, stat.st_mtime_ns, stat.st_size)
    known = set(genes)
    across = sum(_unversioned(name) in known for name in text.table.header)
    down = {
        int(place): sum(_unversioned(name) in known for name in text.first[place])
        for place in text.first.columns
    }
    if not across and not any(down.values()):
        raise BadInputError(
            f"{path}: neither its lines nor its columns are called like genes that the networks "
            f"know ({listed(sorted(known), 3)}): give gene symbols or Ensembl ids."
        )
    if across > max(down.values()):
        return _samples_by_line(text, 0, frozenset())
    numeric = [
        place
        for place, name in enumerate(text.table.header)
        if name and not down.get(place)
        and all(_is_number(row[place : place + 1]) for row in text.table.rows)
    ]  # fmt: skip
    if not numeric:
        raise BadInputError(f"{path} has no column of numbers: give one for each sample.")
    rows = {text.table.header[place]: place for place in numeric}
    return _genes_by_line(text, Fit("", rows, False))


def _unversioned(name: str) -> str:
    """Return an Ensembl id without its version; all else as it is."""
    return name.partition(".")[0] if name.startswith("ENSG") else name


@functools.lru_cache(maxsize=2)
def _read(path: Path, changed: int, size: int) -> _Text:
    """Read the names of a table as it was when last changed."""
    table = find_table(path)
    return _Text(table, table.texts(range(min(FIRST_COLUMNS, len(table.header)))))


def _strength(fit: Fit) -> tuple[bool, int]:
    return bool(fit.rows) and not fit.plain, len(fit.rows)


def _genes_by_line(text: _Text, fit: Fit) -> Contents:
    """Open a table whose lines are genes."""
    table, path = text.table, text.path
    places = [place for place, name in enumerate(table.header) if name in fit.rows]
    samples = [table.header[place] for place in places]
    check_labels(samples, "sample", path, place="column")
    naming = [int(place) for place in text.first.columns if place not in places]
    if not naming:
        raise BadInputError(f"{path} has no column with names of genes: add one as the first.")
    index = text.first[naming[0]].to_numpy(dtype=object)
    empty = (text.first[naming] == "").all(axis=1).to_numpy()
    totals = np.array([_TOTALS.fullmatch(name) is not None for name in index], dtype=bool)
    lines = ~(empty | totals)
    var = pd.DataFrame(
        {text.title(place): text.first[place].to_numpy(dtype=object) for place in naming[1:]},
        index=pd.Index(index),
    )[lines]
    notes = [
        f"{path.name} is genes × samples: {int(lines.sum()):,} lines of genes, {len(samples):,} "
        f"columns of samples ({table.said()})."
    ]
    if totals.any():
        shown = listed(index[totals], 3)
        notes.append(f"{int(totals.sum()):,} lines are totals, no genes, and left out ({shown}).")
    others = [name for name in table.header[places[0] :] if name and name not in fit.rows]
    if others:
        notes.append(
            f"{len(others):,} columns of {path.name} are not in the sheet and are left out "
            f"({listed(others, 3)})."
        )
    matrix = LazyMatrix(
        (len(samples), len(var)), functools.partial(_read_columns, table, places, lines)
    )
    obs = pd.DataFrame(index=pd.Index(samples, dtype=object))
    return Contents(path, obs, var, matrix, "the table", notes=tuple(notes))


def _samples_by_line(text: _Text, place: int, sheet_columns: frozenset[str]) -> Contents:
    """Open a table whose lines are samples, named in the column at `place`."""
    header = text.table.header
    genes = _gene_places(text, {place} | {p for p, n in enumerate(header) if n in sheet_columns})
    return _of_lines(text, text.first[place].tolist(), genes, text.title(place))


def _with_classes(text: _Text, class_column: str) -> Contents:
    """Open a table of samples × genes that holds their classes itself."""
    table, path = text.table, text.path
    header = table.header
    mend = "give --samples SHEET.csv, a table with a column of sample names and one of classes"
    by_column = understand(names(header).texts).known
    by_line = max(understand(names(text.first[c]).texts).known for c in text.first.columns)
    if class_column and class_column not in header:
        raise BadInputError(
            f"{path} has no column {class_column!r} (it begins with "
            f"{listed(map(repr, header), 4)}): {mend}."
        )
    if by_column <= by_line:
        raise BadInputError(f"{path}: which class does each sample have? To say it, {mend}.")
    named = {header.index(class_column)} if class_column else set()
    genes = _gene_places(text, named)
    described = [p for p in range(len(header)) if p not in set(genes)]
    frame = table.texts(described).set_axis([text.title(p) for p in described], axis="columns")
    chosen = class_column or found_class_column(frame)
    if not chosen:
        could = listed(candidates(frame), 8)
        could = f" (its columns {could} could be meant)" if could else ""
        raise BadInputError(
            f"{path}: which class does each sample have? Name its column with --class-column"
            f"{could}, or {mend}."
        )
    naming = [
        str(name)
        for name in frame
        if name != chosen and frame[name].is_unique and (frame[name] != "").all()
    ]
    if naming:
        labels, called = frame[naming[0]].tolist(), naming[0]
    else:
        labels, called = [f"line {n}" for n in range(1, len(frame) + 1)], "the number of the line"
    return replace(_of_lines(text, labels, genes, called), class_column=chosen)


def _gene_places(text: _Text, described: set[int]) -> list[int]:
    """Tell columns of genes from those that describe samples.

    Columns of text or without a name are none of genes, nor are totals, nor what stands to the left
    of the first known gene or to the right of the last.
    """
    header, rows = text.table.header, text.table.rows
    numeric = [
        place
        for place in range(len(header))
        if place not in described
        and not is_missing(header[place])
        and not _TOTALS.fullmatch(header[place])
        and all(_is_number(row[place : place + 1]) for row in rows)
    ]
    symbols = understand(names([header[place] for place in numeric]).texts).symbols
    known = frozenset(annotation().index)
    found = [k for k, symbol in enumerate(symbols) if symbol in known]
    return numeric[found[0] : found[-1] + 1] if found else numeric


def _is_number(cell: Sequence[str]) -> bool:
    return not cell or is_missing(cell[0]) or re.match(r"\s*[-+]?[\d.,]", cell[0]) is not None


def _of_lines(text: _Text, labels: list[str], genes: list[int], called: str) -> Contents:
    table, path = text.table, text.path
    lines = np.array([bool(label) for label in labels], dtype=bool)
    samples = [label for label in labels if label]
    check_labels(samples, "sample", path, place="line")
    taken = set(genes)
    described = [place for place in range(len(table.header)) if place not in taken]
    frame = table.texts(described).set_axis([text.title(p) for p in described], axis="columns")
    obs = frame[lines].set_axis(pd.Index(samples, dtype=object), axis="index")
    var = pd.DataFrame(index=pd.Index([table.header[place] for place in genes], dtype=object))
    notes = (
        f"{path.name} is samples × genes: {len(samples):,} lines of samples, {len(genes):,} "
        f"columns of genes ({table.said()}). Samples are named by `{called}`; not taken for genes: "
        f"{listed((f'`{name}`' for name in frame), 4)}.",
    )
    matrix = LazyMatrix(
        (len(samples), len(genes)), functools.partial(_read_lines, table, genes, lines)
    )
    return Contents(path, obs, var, matrix, "the table", notes=notes)


def _read_columns(table: Table, places: list[int], lines: np.ndarray) -> np.ndarray:
    """Read genes × samples, turned; only `lines` are kept."""
    values = np.empty((len(places), len(lines)), dtype=np.float32)
    done = 0
    for block in table.numbers(places):
        values[:, done : done + len(block)] = block.T
        done += len(block)
    return values if lines.all() else values[:, lines]


def _read_lines(table: Table, places: list[int], lines: np.ndarray) -> np.ndarray:
    """Read samples × genes; only `lines` are kept."""
    values = np.empty((len(lines), len(places)), dtype=np.float32)
    done = 0
    for block in table.numbers(places):
        values[done : done + len(block)] = block
        done += len(block)
    return values if lines.all() else values[lines]
