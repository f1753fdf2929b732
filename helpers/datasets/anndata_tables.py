"""Reading `obs` and `var` of AnnData files column by column: one bad column spoils no file.

AnnData has written tables in three ways: as one compound array (before version 0.7), as a group
with categories on the side (0.7), and as a group of elements that name their encodings (since
0.8). A column whose encoding is not known here, written by a later version, is left out, and the
reason is kept for the case that somebody asks for it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem

from helpers.datasets.contents import FAULTS, damaged
from helpers.errors import BadInputError, listed, shortened

_CATEGORIES = "__categories"
_INDEX_NAMES = ("_index", "index", "cell_id", "CellID", "obs_names", "var_names", "names")


@dataclass(frozen=True)
class FileTable:
    """A table of a file, and why some of its columns could not be read."""

    frame: pd.DataFrame
    unreadable: dict[str, str] = field(default_factory=dict)


def read_table(parent: Any, key: str, path: Path) -> FileTable:
    """Read `obs` or `var`.

    Parameters
    ----------
    parent
        The open file, of HDF5 or zarr.
    key
        Where the table is, such as ``"obs"`` or ``"raw/var"``.
    path
        The file, for messages.

    Raises
    ------
    BadInputError
        If the names of the rows cannot be read.
    """
    node = parent[key]
    if isinstance(node, h5py.Dataset):
        return _of_compound(node, parent, path)
    if not hasattr(node, "keys"):
        raise BadInputError(f"{path}: {key} is no table: write the file again with anndata.")
    inside = list(node.keys())
    index_key = _index_key(node, inside, key, path)
    try:
        index = _column(node, index_key)
    except Exception as error:  # as below
        reason = _reason(node[index_key], error)
        raise BadInputError(f"{path}: the names in {key} {reason}.") from None
    columns, unreadable = {}, {}
    for name in _order(node, inside, index_key):
        try:
            values = _column(node, name)
            if len(values) != len(index):
                raise ValueError(f"it has {len(values)} values for {len(index)} rows")
            columns[name] = values
        except Exception as error:  # whatever anndata and what it calls may raise
            unreadable[name] = _reason(node.get(name), error)
    frame = pd.DataFrame(columns, index=pd.Index(np.asarray(index, dtype=object)))
    return FileTable(frame, unreadable)


def encoding(node: Any) -> str:
    """Return the encoding that an element names; empty where it names none."""
    return str(node.attrs.get("encoding-type", "")) if hasattr(node, "attrs") else ""


def later_encoding(node: Any) -> str:
    """Say in what encoding an element is that this anndata does not know."""
    its = node.attrs.get("encoding-version", "?")
    return (
        f"is written as {encoding(node)!r} (version {its}), which anndata "
        f"{version('anndata')} here does not know: write it with this version, or update anndata"
    )


def read_quietly(node: Any) -> Any:
    """Read an element; old formats are announced with a warning each, which is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_elem(node)


def _index_key(node: Any, inside: list[str], key: str, path: Path) -> str:
    told = node.attrs.get("_index")
    told = told.decode() if isinstance(told, bytes) else told
    if isinstance(told, str) and told in inside:
        return told
    found = next((name for name in _INDEX_NAMES if name in inside), None)
    if found is None:
        raise BadInputError(
            f"{path}: {key} has no column of names (it holds {listed(inside, 6) or 'nothing'})"
            ": write the file again with anndata."
        )
    return found


def _order(node: Any, inside: list[str], index_key: str) -> list[str]:
    told = node.attrs.get("column-order")
    names = [] if told is None else [_text(name) for name in np.atleast_1d(np.asarray(told))]
    rest = [name for name in inside if name not in {*names, index_key, _CATEGORIES}]
    return [*names, *rest]


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _column(node: Any, name: str) -> Any:
    values = _with_categories(node, name)
    if values is None:
        values = read_quietly(node[name])
    if np.ndim(values) != 1:
        raise ValueError(f"it has {np.ndim(values)} dimensions")
    return values


def _with_categories(node: Any, name: str) -> pd.Categorical | None:
    """Read a column whose categories lie beside it, as anndata 0.7 wrote them; else None."""
    element = node[name]
    if hasattr(element, "keys") or encoding(element) == "categorical":
        return None
    beside = f"{_CATEGORIES}/{name}"
    if "categories" not in element.attrs or _CATEGORIES not in node or beside not in node:
        return None
    categories = read_quietly(node[beside])
    codes = np.asarray(element[...]).astype(int)
    return pd.Categorical.from_codes(codes, pd.Index(categories))


def _of_compound(node: h5py.Dataset, parent: Any, path: Path) -> FileTable:
    """Read a table as anndata wrote it before version 0.7; categories are in `uns`."""
    try:
        values = node[()]
    except FAULTS as error:
        raise damaged(path, error) from None
    fields = list(values.dtype.names or ())
    index_key = next((name for name in _INDEX_NAMES if name in fields), fields[0])
    columns = {}
    for name in fields:
        column = values[name]
        if column.dtype.kind in "SO":
            column = np.array([_text(value) for value in column], dtype=object)
        beside = f"uns/{name}_categories"
        if name != index_key and beside in parent and column.dtype.kind in "iu":
            categories = np.atleast_1d(parent[beside][()])
            labels = [_text(value) for value in categories]
            column = pd.Categorical.from_codes(column.astype(int), pd.Index(labels))
        columns[name] = column
    index = columns.pop(index_key)
    return FileTable(pd.DataFrame(columns, index=pd.Index(np.asarray(index, dtype=object))))


def _reason(node: Any, error: Exception) -> str:
    """Say why an element could not be read."""
    known = type(error).__name__ != "IORegistryError"
    if node is not None and not known and encoding(node):
        return later_encoding(node)
    said = shortened((str(error).splitlines() or [type(error).__name__])[0])
    if isinstance(error, (OSError, RuntimeError)):
        return f"cannot be read, as the file is damaged ({said}): copy or write it again"
    return f"cannot be read ({said}): write the file again with anndata"
