"""The sheet that says of each sample what it is, and how its names fit those of a matrix.

Names fit as they are written. If none does, they are compared as R, samtools and cellranger change
them: without case, points for all other marks, an ``X`` before a number, a path before and ``.bam``
or ``-1`` behind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.contents import Contents
from helpers.datasets.file_kinds import kind_of
from helpers.datasets.missing import names
from helpers.datasets.text_table import find_table
from helpers.errors import BadInputError, MissingInputError, listed, one_of

CLASS_COLUMNS = (
    "class", "classes", "tissue", "tissue_type", "cell_type", "celltype", "cell_types", "label",
    "labels", "group", "groups", "condition", "diagnosis", "disease", "subtype", "phenotype",
    "smtsd", "kind", "type", "category", "treatment",
)  # fmt: skip
"""Names of columns that are taken for the class where none is named, in small letters, with
underscores for spaces."""

MOST_CLASSES = 100
"""A column with more values than this is not offered as one of classes."""

_LEAST_FIT = 0.05
"""A smaller share of names that fit is chance: a class may be called like a gene."""

_SHOWN = 3


@dataclass(frozen=True)
class Sheet:
    """A table of samples.

    Attributes
    ----------
    path
        The file.
    frame
        Its columns as text.
    column
        Column with the names of the samples where the user named it; else empty.
    """

    path: Path
    frame: pd.DataFrame
    column: str = ""

    def with_first_line(self, given: Sequence[str]) -> Sheet:
        """Take the line of column names for one of samples, if it holds one of the names given."""
        wanted = set(given)
        if self.column or not any(
            str(name) in wanted and wanted & set(self.frame[name]) for name in self.frame
        ):
            return self
        first = pd.DataFrame([list(self.frame.columns)], columns=self.frame.columns)
        frame = pd.concat([first, self.frame], ignore_index=True)
        header = [f"column {place}" for place in range(1, len(frame.columns) + 1)]
        return replace(self, frame=frame.set_axis(pd.Index(header), axis="columns"))

    def fit(self, given: Sequence[str]) -> Fit:
        """Find the column whose names fit most of those given."""
        columns = [self.column] if self.column else [str(name) for name in self.frame]
        best = Fit("", {}, False)
        for plain in (False, True):
            key = plain_name if plain else str
            wanted = _unique({key(name): name for name in given}, given, key)
            for column in columns:
                found = {
                    wanted[key(name)]: row
                    for row, name in enumerate(self.frame[column])
                    if key(name) in wanted
                }
                least = max(2, _LEAST_FIT * min(len(self.frame), len(wanted)))
                if len(found) > len(best.rows) and len(found) >= least:
                    best = Fit(column, found, plain)
            if best.rows:
                break
        return best


@dataclass(frozen=True)
class Fit:
    """How a sheet fits names of a matrix.

    Attributes
    ----------
    column
        The sheet's column of names.
    rows
        Name in the matrix → row of the sheet.
    plain
        Whether names fit only when they are compared without marks and case.
    """

    column: str
    rows: dict[str, int]
    plain: bool


def read_sheet(path: Path, column: str = "") -> Sheet:
    """Read a sheet of samples.

    Parameters
    ----------
    path
        Text, with commas, semicolons or tabs, packed or not.
    column
        Column with the names of the samples; empty: found out.

    Raises
    ------
    MissingInputError, BadInputError
        If it cannot be read or is no table.
    UnknownNameError
        If there is no such column.
    """
    if not path.exists():
        raise MissingInputError(f"There is no sheet of samples {path}: correct --samples.")
    if path.is_dir() or kind_of(path) != "text":
        raise BadInputError(
            f"{path} is no sheet of samples: give a table as .csv or .tsv with --samples."
        )
    table = find_table(path)
    frame = table.texts()
    header = [name or f"column {place}" for place, name in enumerate(table.header, start=1)]
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise BadInputError(f"{path}: column {twice[0]!r} is there twice; rename one of them.")
    frame = frame.map(str.strip) if len(frame) else frame
    frame = frame[(frame != "").any(axis=1)].reset_index(drop=True)
    sheet = Sheet(path, frame.set_axis(pd.Index(header), axis="columns"))
    if not column:
        return sheet
    one_of(f"column in {path}:", column, header)
    return replace(sheet, column=column)


def with_sheet(contents: Contents, sheet: Sheet, class_column: str = "") -> Contents:
    """Add the columns of a sheet to the samples of a file.

    A column that both have is taken from the sheet. Samples that are not in the sheet stay in the
    matrix and are marked in ``listed``.

    Raises
    ------
    BadInputError
        If no name fits, or the sheet says two things of one sample.
    """
    given = [str(name) for name in contents.obs.index]
    sheet = sheet.with_first_line(given)
    fit = sheet.fit(given)
    if not fit.rows:
        raise no_fit(sheet, contents.path, given)
    _refuse_contradictions(sheet, fit)
    rows = np.array([fit.rows.get(name, -1) for name in given])
    listed = rows >= 0
    obs = contents.obs.copy()
    for name in sheet.frame.columns:
        column = sheet.frame[name].to_numpy(dtype=object)[rows]
        column[~listed] = ""
        obs[str(name)] = column
    unread = {name: why for name, why in contents.unreadable.items() if name not in sheet.frame}
    return replace(
        contents,
        obs=obs,
        notes=(*contents.notes, *_notes(contents.path, sheet, fit, given)),
        unreadable=unread,
        listed=listed,
        class_column=class_column or found_class_column(sheet.frame, fit.column),
    )


def found_class_column(frame: pd.DataFrame, samples: str = "") -> str:
    """Find the column of classes: the only one that can be, or the only one that is called so.

    Returns
    -------
    str
        Empty if there is none, or more than one.
    """
    usable = candidates(frame.drop(columns=[samples] if samples else []))
    if len(usable) == 1 and len(frame.columns) <= 2:
        return usable[0]
    called = [name for name in usable if re.sub(r"[ .-]", "_", name.casefold()) in CLASS_COLUMNS]
    return called[0] if len(called) == 1 else ""


def candidates(frame: pd.DataFrame) -> list[str]:
    """List columns that may hold classes: between 2 and `MOST_CLASSES` names, some repeated."""
    found = []
    for name in frame.columns:
        values = [text for text in names(frame[name]).texts if text]
        different = len(set(values))
        if 2 <= different <= MOST_CLASSES and different < len(values):
            found.append(str(name))
    return found


def no_fit(sheet: Sheet, path: Path, given: Sequence[str], others: Sequence[str] = ()) -> Exception:
    """Say that no name of a sheet is one of a matrix."""
    column = sheet.column or str(sheet.frame.columns[0])
    told = ", ".join(repr(name) for name in sheet.frame[column][:_SHOWN])
    has = ", ".join(repr(name) for name in [name for name in given if name][:_SHOWN])
    also = ", ".join(repr(name) for name in [name for name in others if name][:_SHOWN])
    also = f", its lines with {also}" if also else ""
    which = "" if sheet.column else ", or name its column of samples with --sample-column"
    return BadInputError(
        f"No sample of {sheet.path} (such as {told} in column {column!r}) is in {path} (which "
        f"begins with {has}{also}): write the names in both in the same way{which}."
    )


def plain_name(name: str) -> str:
    """Write a name of a sample as programs change it on the way: see the module."""
    bare = re.split(r"[/\\]", name.strip())[-1].casefold()
    bare = re.sub(r"(\.sorted|\.dedup|aligned\.sortedbycoord\.out)*\.(bam|sam|cram)$", "", bare)
    bare = re.sub(r"-1$", "", bare)
    return re.sub(r"[^\w]+|_+", ".", re.sub(r"^x(?=\d)", "", bare)).strip(".")


def _unique(
    wanted: dict[str, str], given: Sequence[str], key: Callable[[str], str]
) -> dict[str, str]:
    """Leave out what stands for several names."""
    counts = Counter(key(name) for name in dict.fromkeys(given))
    return {short: name for short, name in wanted.items() if short and counts[short] == 1}


def _refuse_contradictions(sheet: Sheet, fit: Fit) -> None:
    key = plain_name if fit.plain else str
    keys = sheet.frame[fit.column].map(key)
    wanted = {key(name) for name in fit.rows}
    repeated = sheet.frame[keys.duplicated(keep=False) & keys.isin(wanted)]
    for _, rows in repeated.groupby(keys[repeated.index]):
        if len(rows.drop_duplicates()) > 1:
            raise BadInputError(
                f"{sheet.path} says two things of sample {rows[fit.column].iloc[0]!r}, in lines "
                f"{rows.index[0] + 2} and {rows.index[1] + 2}: keep one of them."
            )


def _notes(path: Path, sheet: Sheet, fit: Fit, given: Sequence[str]) -> list[str]:
    found = [
        f"Samples are described by {sheet.path.name} (column `{fit.column}`): {len(fit.rows):,} of "
        f"its {len(sheet.frame):,} lines are of samples in {path.name}."
    ]
    if fit.plain:
        found.append(
            "Names of samples fit only without regard to case and marks, and to endings such as "
            ".bam and -1; so they were compared."
        )
    used = set(fit.rows.values())
    unused = [name for row, name in enumerate(sheet.frame[fit.column]) if row not in used and name]
    unused = [name for name in dict.fromkeys(unused) if name not in fit.rows]
    if unused:
        found.append(f"{_counted(unused, 'sample')} of the sheet have no values and are left out.")
    unlisted = [name for name in given if name not in fit.rows]
    if unlisted:
        found.append(
            f"{_counted(unlisted, 'sample')} with values are not in the sheet and are left out."
        )
    return found


def _counted(found: Sequence[str], what: str) -> str:
    return f"{len(found):,} {what}{'' if len(found) == 1 else 's'} ({listed(found, _SHOWN)})"
