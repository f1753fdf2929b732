"""Reading a user's `.h5ad` piece by piece: labels at once, the matrix in blocks of rows."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem, sparse_dataset

from helpers.errors import BadInputError, MissingInputError, UnknownNameError

RAW = "raw"
"""Name under which the matrix and the genes of ``adata.raw`` are asked for."""

BLOCK_BYTES = 64 * 2**20
"""Size of a block of rows as float64: what is in memory beside the result."""

_PARTS = ("X", "obs", "var")

_FAULTS = (OSError, KeyError, RuntimeError, TypeError, ValueError)
"""What h5py and anndata raise on damaged files."""


@dataclass(frozen=True)
class Contents:
    """What an open file holds: labels in memory, the matrix still in the file.

    Attributes
    ----------
    path
        The file.
    obs, var
        Tables of samples and of the genes that belong to `matrix`.
    matrix
        Samples × genes: something that can be cut by rows (in the file, or sparse in memory).
    where
        What the matrix is called in messages, such as ``"layer 'counts'"``.
    others
        Further matrices that the file has, by the name that a user gives.
    log_base
        Base of the logarithm that scanpy recorded, e where it recorded none; None: no record.
    """

    path: Path
    obs: pd.DataFrame
    var: pd.DataFrame
    matrix: Any
    where: str
    others: tuple[str, ...]
    log_base: float | None

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield rows and their values, dense float64, samples × genes."""
        size = max(1, BLOCK_BYTES // (8 * max(1, len(self.var))))
        for start in range(0, len(self.obs), size):
            rows = slice(start, min(start + size, len(self.obs)))
            try:
                block = self.matrix[rows]
            except _FAULTS as error:
                raise _damaged(self.path, error) from None
            block = np.asarray(block.toarray() if hasattr(block, "toarray") else block)
            if block.dtype.kind not in "fiub":
                raise BadInputError(
                    f"{self.path}: {self.where} holds text or objects, not numbers: write it "
                    "again with a numeric matrix."
                )
            yield rows, block.astype(np.float64)


def read_obs(path: Path) -> pd.DataFrame:
    """Read the table of samples alone; errors as `opened`."""
    with _file(path) as file, _explained(path):
        if isinstance(file["obs"], h5py.Dataset):
            return _read_whole(path).obs
        return pd.DataFrame(read_elem(file["obs"]))


@contextlib.contextmanager
def opened(path: Path, layer: str = "") -> Iterator[Contents]:
    """Open a file for as long as the context lasts.

    Parameters
    ----------
    path
        An AnnData file.
    layer
        Name of a layer, ``raw`` for ``adata.raw``, or empty for ``X``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it is not HDF5, is truncated or damaged, or is no AnnData.
    UnknownNameError
        If there is no such layer.
    """
    with _file(path) as file:
        with _explained(path):
            legacy = isinstance(file["obs"], h5py.Dataset)
            found = _from_memory(path, layer) if legacy else _from_file(path, file, layer)
        shape = (len(found.obs), len(found.var))
        if tuple(found.matrix.shape) != shape:
            size = " × ".join(map(str, found.matrix.shape))
            raise BadInputError(
                f"{path}: {shape[0]} samples and {shape[1]} genes are named, but {found.where} is "
                f"{size}: write the file again with anndata."
            )
        if 0 in shape:
            raise BadInputError(
                f"{path} holds {shape[0]} samples and {shape[1]} genes: give a file with both."
            )
        yield found


def _from_file(path: Path, file: h5py.File, layer: str) -> Contents:
    layers = list(file["layers"]) if "layers" in file else []
    raw = f"{RAW}/X" in file
    key, where = _place(path, layer, layers, raw)
    return Contents(
        path,
        pd.DataFrame(read_elem(file["obs"])),
        pd.DataFrame(read_elem(file[f"{RAW}/var" if layer == RAW else "var"])),
        _matrix(file[key]),
        where,
        _others(layer, layers, raw),
        _log_base(read_elem(file["uns/log1p"])) if "uns/log1p" in file else None,
    )


def _from_memory(path: Path, layer: str) -> Contents:
    """Read a file that anndata wrote before version 0.7, which can only be read as a whole."""
    whole = _read_whole(path)
    layers, raw = list(whole.layers), whole.raw is not None
    _, where = _place(path, layer, layers, raw)
    source = whole.raw if layer == RAW else whole
    matrix = whole.layers[layer] if layer and layer != RAW else source.X
    if hasattr(matrix, "tocsr"):
        matrix = matrix.tocsr()
    log_base = _log_base(whole.uns["log1p"]) if "log1p" in whole.uns else None
    others = _others(layer, layers, raw)
    return Contents(path, whole.obs, source.var, matrix, where, others, log_base)


def _read_whole(path: Path) -> anndata.AnnData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old formats are announced with a warning each
        return anndata.read_h5ad(path)


def _place(path: Path, layer: str, layers: list[str], raw: bool) -> tuple[str, str]:
    """Return where the asked matrix is in the file, and what to call it."""
    if not layer:
        return "X", "X"
    valid = [*layers, *([RAW] if raw else [])]
    if layer not in valid:
        if not valid:
            raise BadInputError(
                f"{path} has no layer {layer!r}, nor any other, and no raw: leave --layer out to "
                "use X."
            )
        raise UnknownNameError(f"layer in {path}:", layer, valid)
    return (f"{RAW}/X", "raw") if layer == RAW else (f"layers/{layer}", f"layer {layer!r}")


def _others(layer: str, layers: list[str], raw: bool) -> tuple[str, ...]:
    return tuple(name for name in (*layers, *([RAW] if raw else [])) if name != layer)


def _matrix(node: h5py.Dataset | h5py.Group) -> Any:
    if isinstance(node, h5py.Dataset):
        return node
    kept = sparse_dataset(node)
    # Rows of a matrix that is stored by columns lie everywhere in the file.
    return kept if kept.format == "csr" else kept.to_memory().tocsr()


def _log_base(record: Any) -> float:
    base = record.get("base") if isinstance(record, dict) else None
    return float(np.e if base is None else base)


@contextlib.contextmanager
def _file(path: Path) -> Iterator[h5py.File]:
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "is not there"
        raise MissingInputError(f"{path} {what}: correct the name after --dataset.")
    if path.stat().st_size == 0:
        raise BadInputError(f"{path} is empty: write or copy it again.")
    if not h5py.is_hdf5(path):
        raise BadInputError(
            f"{path} is not an HDF5 file, as an .h5ad is: write it with AnnData.write_h5ad."
        )
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise _damaged(path, error) from None
    with file:
        with _explained(path):
            missing = [name for name in _PARTS if name not in file]
        if missing:
            raise BadInputError(
                f"{path} is HDF5 but no AnnData (it has no {' and no '.join(missing)}): write it "
                "with AnnData.write_h5ad."
            )
        yield file


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> BadInputError:
    if "truncated" in str(error):
        return BadInputError(f"{path} is truncated: copy or download it again.")
    reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return BadInputError(f"{path} is damaged ({reason}): copy or write it again.")
