"""Reading sparse matrices in the coordinate format of Matrix Market, packed or not.

SciPy's reader takes the whole process down on some streams (scipy 1.17), and says little of what is
wrong with a file; the format is three numbers a line.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.datasets.file_kinds import open_bytes, unpacking
from helpers.errors import BadInputError, shortened

_MAGIC = "%%matrixmarket"
_AGAIN = "copy or write it again"


def read_shape(path: Path) -> tuple[int, int]:
    """Read the numbers of rows and columns.

    Raises
    ------
    BadInputError
        If the file does not begin as one of Matrix Market does.
    """
    with unpacking(path), open_bytes(path) as file:
        rows, columns, _, _ = _header(file, path)
    return rows, columns


def read_coordinates(path: Path) -> sparse.coo_matrix:
    """Read a matrix; entries that are there twice are added up.

    Raises
    ------
    BadInputError
        If the file is truncated, or a line is no entry of the matrix.
    """
    with unpacking(path), open_bytes(path) as file:
        rows, columns, entries, width = _header(file, path)
        try:
            table = pd.read_csv(file, sep=r"\s+", header=None, dtype=np.float64, comment="%")
        except pd.errors.EmptyDataError:
            table = pd.DataFrame(np.empty((0, width)))
        except (ValueError, pd.errors.ParserError) as error:
            said = shortened(str(error).strip().splitlines()[0])
            raise BadInputError(f"{path} has a line that is no entry ({said}): {_AGAIN}.") from None
    if len(table) != entries:
        what = "is truncated" if len(table) < entries else "is no good matrix"
        raise BadInputError(
            f"{path} {what}: it says {entries:,} entries and has {len(table):,}: {_AGAIN}."
        )
    if table.shape[1] != width or table.isna().to_numpy().any():
        raise BadInputError(f"{path} has lines without {width} numbers: {_AGAIN}.")
    values = table[2].to_numpy() if width == 3 else np.ones(len(table))
    row, column = (table[place].to_numpy().astype(int) - 1 for place in (0, 1))
    if len(table) and (
        min(row.min(), column.min()) < 0 or row.max() >= rows or column.max() >= columns
    ):
        raise BadInputError(f"{path} has entries outside of its {rows:,} × {columns:,}: {_AGAIN}.")
    return sparse.coo_matrix((values, (row, column)), shape=(rows, columns))


def _header(file: BinaryIO, path: Path) -> tuple[int, int, int, int]:
    """Return rows, columns, entries, and how many numbers an entry has."""
    first = file.readline().decode("latin-1").casefold().split()
    if not first or first[0] != _MAGIC:
        raise BadInputError(f"{path} does not begin with %%MatrixMarket: {_AGAIN}.")
    if first[1:3] != ["matrix", "coordinate"] or "general" not in first or "complex" in first:
        raise BadInputError(
            f"{path} is Matrix Market, but not a plain sparse matrix ({' '.join(first[1:])}): "
            "write it in coordinates, general."
        )
    line = file.readline()
    while line.startswith(b"%") or (line and not line.strip()):
        line = file.readline()
    numbers = line.split()
    if len(numbers) != 3 or not all(number.isdigit() for number in numbers):
        raise BadInputError(f"{path} does not say how large its matrix is: {_AGAIN}.")
    rows, columns, entries = (int(number) for number in numbers)
    return rows, columns, entries, 2 if "pattern" in first else 3
