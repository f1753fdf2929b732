"""Expression data of any size in one file: written block by block, opened without loading.

The file is an ordinary ``.h5ad``, which anndata and any HDF5 tool can read. Its matrix lies in
chunks of whole samples that follow one another without gaps or compression, so that it can be
mapped into memory: `open_store` reads the tables of samples and genes, and the system fetches
values from the disk when they are asked for. What is mapped is an ordinary array to all other
code, `adata.X[rows]` reads these rows alone, and processes that open one file share its memory.

- `write_store` writes tables, and a matrix that comes in blocks of samples.
- `open_store` opens what `write_store` wrote; any other ``.h5ad`` is loaded.
- `StreamedExpression` stands for a data set that is written rather than held.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd

MATRIX = "X"
CHUNK_BYTES = 1 << 22
"""Size of a chunk: large enough to read quickly, small enough to fetch few samples."""


@dataclass(frozen=True)
class StreamedExpression:
    """A data set too large to hold twice: `write` puts it into a file that `open_store` opens."""

    write: Callable[[Path], None]

    def load(self) -> anndata.AnnData:
        """Return the data set in memory, by way of a file that is deleted again."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "expression.h5ad"
            self.write(path)
            return anndata.read_h5ad(path)


def write_store(
    path: Path,
    blocks: Iterable[np.ndarray],
    *,
    obs: pd.DataFrame,
    var: pd.DataFrame,
    uns: Mapping[str, Any],
) -> None:
    """Write a data set whose matrix comes in blocks.

    Nothing is left half-written if `path` comes from `helpers.workspace.atomic.atomic_path`, which
    also turns a full disk into a sentence.

    Parameters
    ----------
    path
        The file; one that is there is replaced.
    blocks
        Consecutive samples × all genes, in the order of `obs` and `var`, each of any height.
    obs, var, uns
        Tables of samples and genes, and what is known of the data, as in AnnData.

    Raises
    ------
    ValueError
        If the blocks do not add up to one row for each sample (a mistake of the caller).
    """
    # AnnData turns text into categories where that is smaller, in the caller's table too.
    anndata.AnnData(obs=obs.copy(), var=var.copy(), uns=dict(uns)).write_h5ad(path)
    with _disk_errors(), h5py.File(path, "r+", libver="latest") as file:
        if MATRIX in file:
            del file[MATRIX]
        matrix = _create_matrix(file, len(obs), len(var))
        row = 0
        for block in blocks:
            if row + len(block) > len(obs) or block.shape[1:] != (len(var),):
                raise ValueError(f"block {block.shape} at row {row} of {matrix.shape}")
            matrix[row : row + len(block)] = block
            row += len(block)
        if row != len(obs):
            raise ValueError(f"{row} rows were given for {len(obs)} samples")


def open_store(path: Path) -> anndata.AnnData:
    """Open a data set; its matrix is mapped, not loaded, if `write_store` wrote it.

    Returns
    -------
    anndata.AnnData
        X: float32, samples × genes. What is assigned to a mapped `X` changes neither the file nor
        what other processes see.
    """
    with h5py.File(path) as file:
        offset = _offset(file[MATRIX]) if MATRIX in file else None
        if offset is None:
            return anndata.read_h5ad(path)
        tables = {name: anndata.io.read_elem(file[name]) for name in ("obs", "var", "uns")}
        shape = file[MATRIX].shape
    # "c": pages are written to by nobody else, and code that needs a writable array has one.
    return anndata.AnnData(
        X=np.memmap(path, dtype=np.float32, mode="c", offset=offset, shape=shape), **tables
    )


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Raise a failed write as the plain `OSError` that it is; HDF5 raises others on closing."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = re.search(r"errno = (\d+)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def _create_matrix(file: h5py.File, samples: int, genes: int) -> h5py.Dataset:
    """Make an empty matrix whose chunks are whole samples, all of them allocated in a row."""
    rows = max(1, min(samples, CHUNK_BYTES // (4 * genes)))
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_chunk((rows, genes))
    # Of fixed size, without filter and allocated at once: HDF5 then needs no index of chunks and
    # puts them one after the other.
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    space = h5py.h5s.create_simple((samples, genes))
    h5py.h5d.create(file.id, MATRIX.encode(), h5py.h5t.IEEE_F32LE, space, layout)
    matrix = file[MATRIX]
    matrix.attrs["encoding-type"] = "array"
    matrix.attrs["encoding-version"] = "0.2.0"
    return matrix


def _offset(matrix: h5py.Group | h5py.Dataset) -> int | None:
    """Return where a matrix starts that lies in one piece, chunk after chunk; else None."""
    if not isinstance(matrix, h5py.Dataset) or matrix.ndim != 2 or matrix.dtype != np.dtype("<f4"):
        return None
    samples, genes = matrix.shape
    chunk = matrix.chunks
    if chunk is None or chunk[1] != genes or matrix.compression or matrix.id.get_num_chunks() == 0:
        return None
    count = -(-samples // chunk[0])
    if matrix.id.get_num_chunks() != count or matrix.id.get_create_plist().get_nfilters():
        return None
    first, last = (matrix.id.get_chunk_info(k) for k in (0, count - 1))
    together = last.byte_offset - first.byte_offset == (count - 1) * chunk[0] * genes * 4
    return int(first.byte_offset) if together and first.chunk_offset == (0, 0) else None
