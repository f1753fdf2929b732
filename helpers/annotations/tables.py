"""Reading the tab-separated tables of other projects, whose columns must be the known ones."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.annotations.gmt import fields_of, lines_of, unpack
from helpers.errors import BadInputError, MissingInputError, listed


def read_table(path: Path, needed: Sequence[str], what: str) -> pd.DataFrame:
    """Read a tab-separated table; every value is text without spaces around it.

    Parameters
    ----------
    path
        File, plain or packed with gzip or xz.
    needed
        Columns that must be there.
    what
        The tables that have these columns, as named in messages.

    Raises
    ------
    MissingInputError
        If the file is not there.
    BadInputError
        If a column is missing, a line has other fields than the header, or the file is damaged.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise MissingInputError(f"There is no file {path}: correct the name.") from None
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read ({error.strerror}): name a readable file."
        ) from None
    lines = [line for line in lines_of(unpack(raw, path)) if line.strip()]
    if not lines:
        raise BadInputError(f"{path} is empty: get it again.")
    header, *rows = (fields_of(line) for line in lines)
    for column in needed:
        if column not in header:
            raise BadInputError(_missing(path, column, header, what))
    for number, row in enumerate(rows, start=2):
        # Tables saved from a spreadsheet lose the empty fields at the end of a line.
        if len(row) > len(header):
            raise BadInputError(
                f"{path}, line {number}, has {len(row)} fields where the header has "
                f"{len(header)}: mend the line."
            )
        row.extend([""] * (len(header) - len(row)))
    return pd.DataFrame(rows, columns=header, dtype=str)


def _missing(path: Path, column: str, header: Sequence[str], what: str) -> str:
    if len(header) == 1:
        mend = "separate the columns with tabs"
    else:
        close = difflib.get_close_matches(column, header, n=1, cutoff=0.5)
        found = f"the nearest is {close[0]!r}" if close else f"it has {listed(header, 6)}"
        mend = f"{found}: rename the column, or name another file"
    return f"{path} has no column {column!r}, which {what} have; {mend}."
