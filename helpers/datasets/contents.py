"""What an open file of a user's holds: labels in memory, the matrix still in the file or read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import BadInputError, shortened

BLOCK_BYTES = 64 * 2**20
"""Size of a block of rows as float64: what is in memory beside the result."""

FAULTS = (OSError, KeyError, RuntimeError, TypeError, ValueError, AttributeError, MemoryError)
"""What h5py, zarr and anndata raise on damaged files."""


@dataclass
class LazyMatrix:
    """A matrix that is read when it is first asked for: samples × genes, dense or sparse."""

    shape: tuple[int, int]
    load: Callable[[], Any]
    _values: Any = field(default=None, repr=False)

    def __getitem__(self, rows: slice) -> Any:
        """Return rows."""
        if self._values is None:
            # Cutting it is done in C, which does not look where places point.
            self._values = checked_places(self.load())
        return self._values[rows]


@dataclass(frozen=True)
class Contents:
    """What an open file holds.

    Attributes
    ----------
    path
        The file.
    obs, var
        Tables of samples and of the genes that belong to `matrix`.
    matrix
        Samples × genes: something that can be cut by rows (in the file, or in memory).
    where
        What the matrix is called in messages, such as ``"layer 'counts'"``.
    others
        Further matrices that the file has, by the name that a user gives.
    log_base
        Base of the logarithm that scanpy recorded, e where it recorded none; None: no record.
    notes
        What was found out on opening, for the reader.
    unreadable
        Columns of `obs` that could not be read → why.
    listed
        Whether each sample is in the sheet of samples; None: there is no sheet.
    class_column
        Column of `obs` with the classes where it was found out; empty: it has to be named.
    """

    path: Path
    obs: pd.DataFrame
    var: pd.DataFrame
    matrix: Any
    where: str
    others: tuple[str, ...] = ()
    log_base: float | None = None
    notes: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    listed: np.ndarray | None = None
    class_column: str = ""

    def blocks(self, keep: np.ndarray | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield numbers of rows and their values, dense float64, samples × genes.

        Parameters
        ----------
        keep
            Whether each row is wanted; None: all are.
        """
        size = max(1, BLOCK_BYTES // (8 * max(1, len(self.var))))
        for start in range(0, len(self.obs), size):
            stop = min(start + size, len(self.obs))
            rows = np.arange(start, stop)
            wanted = rows if keep is None else rows[keep[start:stop]]
            if not len(wanted):
                continue
            try:
                block = checked_places(self.matrix[start:stop])
            except FAULTS as error:
                raise damaged(self.path, error) from None
            block = np.asarray(block.toarray() if hasattr(block, "toarray") else block)
            if block.dtype.kind not in "fiub":
                raise BadInputError(
                    f"{self.path}: {self.where} holds text or objects, not numbers: write it "
                    "again with a numeric matrix."
                )
            yield wanted, block[wanted - start].astype(np.float64)


def checked_places(matrix: Any) -> Any:
    """Return a matrix as it is, if the places of a sparse one lie within it.

    SciPy writes where the places in a file point, and a wrong one ends the process.

    Raises
    ------
    ValueError
        If a place lies outside the matrix, or rows end before they begin.
    """
    if hasattr(matrix, "check_format"):
        matrix.check_format(full_check=True)
    return matrix


def damaged(path: Path, error: Exception) -> BadInputError:
    """Say that a file is damaged, or is not what it should be, and how that shows."""
    if isinstance(error, MemoryError):
        return BadInputError(
            f"{path} needs more memory than this machine has: take fewer samples or genes, or "
            "write the matrix by rows (CSR)."
        )
    said = shortened((str(error).strip("'\"").splitlines() or [type(error).__name__])[0])
    if "truncated" in said:
        return BadInputError(f"{path} is truncated: copy or download it again.")
    unread = isinstance(error, (OSError, RuntimeError)) or said.startswith(("Unable to", "Can't"))
    if unread and "doesn't exist" not in said:
        return BadInputError(f"{path} is damaged ({said}): copy or write it again.")
    return BadInputError(
        f"{path} is not written as anndata writes files ({said}): write it again with anndata."
    )
