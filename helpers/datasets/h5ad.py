"""Opening AnnData files of HDF5 and zarr: labels at once, the matrix in blocks of rows.

Only what is needed is read: one matrix, `obs`, `var`, and the base of a logarithm in `uns`. What
else is in a file cannot spoil it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import math
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from anndata.io import sparse_dataset

from helpers.datasets.anndata_tables import encoding, later_encoding, read_quietly, read_table
from helpers.datasets.contents import FAULTS, Contents, LazyMatrix, checked_places, damaged
from helpers.datasets.file_kinds import first_bytes, open_bytes, readable, unpacking
from helpers.errors import BadInputError, UnknownNameError, listed

RAW = "raw"
"""Name under which the matrix and the genes of ``adata.raw`` are asked for."""

LAYERS = "layers"

_PARTS = ("obs", "var")

_OTHER_HDF5 = (
    (("row_attrs", "col_attrs"), "is a loom file, not an AnnData: convert it with "
     "`scanpy.read_loom(FILE).write_h5ad('NAME.h5ad')`"),
    (("matrix/barcodes",), "is an HDF5 file of 10x Genomics, not an AnnData: convert it with "
     "`scanpy.read_10x_h5(FILE).write_h5ad('NAME.h5ad')`, or name the folder with matrix.mtx"),
    (("mod",), "is MuData with several kinds of measurements: write the one of expression out with "
     "`mudata.read(FILE)['rna'].write_h5ad('NAME.h5ad')`"),
    (("cell.embeddings",), "is a file of Seurat: convert it with SeuratDisk::Convert"),
    (("assays", "meta.data"), "is a file of Seurat: convert it with "
     "`SeuratDisk::Convert(FILE, dest = 'h5ad')`"),
    (("data/expression", "meta"), "is a file of ARCHS4: take samples out with archs4py and write "
     "them as CSV"),
    (("model_weights",), "holds the weights of a network, no expression: name another file"),
)  # fmt: skip
"""What other kinds of HDF5 files hold, and what to do about them."""


@contextlib.contextmanager
def opened_anndata(path: Path, layer: str = "") -> Iterator[Contents]:
    """Open a file for as long as the context lasts.

    Parameters
    ----------
    path
        An AnnData file: ``.h5ad``, packed or not, or a folder of zarr.
    layer
        Name of a layer, ``raw`` for ``adata.raw`` (or a layer called so, where there is no other),
        ``layers/raw`` for that layer where there is, or empty for ``X``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it is truncated or damaged, or is no AnnData, or has no matrix.
    UnknownNameError
        If there is no such layer.
    """
    with _store(path) as file:
        with _explained(path):
            missing = [name for name in _PARTS if name not in file]
        if missing:
            with _explained(path):
                fault = _no_anndata(path, file, missing)
            raise fault
        with _explained(path):
            found = _contents(path, file, layer)
            size = tuple(found.matrix.shape)
        shape = (len(found.obs), len(found.var))
        if 0 in shape:
            raise BadInputError(
                f"{path} holds {shape[0]} samples and {shape[1]} genes: give a file with both."
            )
        if size != shape:
            raise BadInputError(
                f"{path}: {shape[0]} samples and {shape[1]} genes are named, but {found.where} is "
                f"{' × '.join(map(str, size))}: write the file again with anndata."
            )
        yield found


def _contents(path: Path, file: Any, layer: str) -> Contents:
    places = _matrices(file)
    key, where, notes = _place(path, layer, places)
    genes = f"{RAW}/var" if key == f"{RAW}/X" else "raw.var" if key == "raw.X" else "var"
    obs = read_table(file, "obs", path)
    return Contents(
        path,
        obs.frame,
        read_table(file, genes, path).frame,
        _matrix(file[key], (len(obs.frame), None), path, where),
        where,
        tuple(name for name, place in places.items() if name and place != key),
        log_base=_log_base(file),
        notes=tuple(notes),
        unreadable=obs.unreadable,
    )


def _matrices(file: Any) -> dict[str, str]:
    """Return the matrices of a file: the name that a user gives → where it is; X has no name."""
    found: dict[str, str] = {}
    if _is_there(file, "X"):
        found[""] = "X"
    for place in (f"{RAW}/X", "raw.X"):
        if _is_there(file, place):
            found[RAW] = place
    if LAYERS in file and hasattr(file[LAYERS], "keys"):
        for name in file[LAYERS]:
            place = f"{LAYERS}/{name}"
            if _is_there(file, place):
                found[name if name not in found else place] = place
    return found


def _is_there(file: Any, place: str) -> bool:
    """Tell whether a matrix is in a file; anndata writes none as nothing, or as a null."""
    if place not in file or encoding(file[place]) == "null":
        return False
    node = file[place]
    return not (isinstance(node, h5py.Dataset) and node.shape in (None, ()))


def _place(path: Path, layer: str, places: dict[str, str]) -> tuple[str, str, list[str]]:
    """Return where the asked matrix is in the file, what to call it, and what to say of it."""
    wanted = "" if layer == "X" and "X" not in places else layer
    named = [name for name in places if name]
    if wanted in places:
        return places[wanted], _called(places[wanted]), []
    if wanted.startswith(f"{LAYERS}/") and wanted in places.values():
        return wanted, _called(wanted), []
    if not wanted and len(named) == 1:
        place = places[named[0]]
        said = f"The file has no X; {_called(place)} is its only matrix and is used in its place."
        return place, _called(place), [said]
    if not wanted and named:
        raise BadInputError(
            f"{path} has no X, but other matrices: choose one with --layer ({', '.join(named)})."
        )
    if not named:
        end = "write it with one" if "" not in places else "leave --layer out to use X"
        what = f"layer {layer!r}, nor any other, and no raw" if wanted else "X, no layer and no raw"
        raise BadInputError(f"{path} has no {what}: {end}.")
    raise UnknownNameError(f"layer in {path}:", wanted, named)


def _called(place: str) -> str:
    if place in {f"{RAW}/X", "raw.X"}:
        return RAW
    return "X" if place == "X" else f"layer {place.removeprefix(f'{LAYERS}/')!r}"


def _matrix(node: Any, shape: tuple[int, None], path: Path, where: str) -> Any:
    """Return a matrix that can be cut by rows; one stored by columns is turned when it is read."""
    if not hasattr(node, "keys"):
        if getattr(node, "ndim", 2) == 1:
            # One gene, or one sample: old versions wrote a vector.
            return np.asarray(node[...]).reshape(shape[0], -1)
        return node
    kind = encoding(node) or _text(node.attrs.get("h5sparse_format", ""))
    if kind.removesuffix("_matrix") not in {"csr", "csc"}:
        raise BadInputError(f"{path}: {where} {later_encoding(node)}.")
    kept = sparse_dataset(node)
    # Rows of a matrix that is stored by columns lie everywhere in the file.
    if kept.format == "csr":
        return kept
    return LazyMatrix(tuple(kept.shape), lambda: checked_places(kept.to_memory()).tocsr())


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _log_base(file: Any) -> float | None:
    """Return the base that scanpy recorded; what cannot be understood is no record."""
    if "uns/log1p" not in file:
        return None
    try:
        record = read_quietly(file["uns/log1p"])
        base = record.get("base") if isinstance(record, dict) else None
        if base is None:
            return math.e
        text = _text(np.asarray(base).ravel()[0]).strip().casefold()
        if text in {"", "none", "null", "nan", "e", "ln", "natural", "exp", "euler", "exp(1)"}:
            return math.e
        number = float(re.sub(r"^(log|base)[ _]*", "", text))
    except Exception:  # whatever stands there; a run does not depend on it
        return None
    return number if np.isfinite(number) and number > 0 else None


def _no_anndata(path: Path, file: Any, missing: list[str]) -> BadInputError:
    """Say what a file is that has no `obs` or no `var`."""
    for signs, what in _OTHER_HDF5:
        if all(sign in file for sign in signs):
            return BadInputError(f"{path} {what}.")
    inside = sorted(_text(name) for name in file)
    tables = _tables_inside(file)
    if tables:
        return BadInputError(
            f"{path} is no AnnData itself, but holds some: name one of them, such as "
            f"{path / tables[0]}."
        )
    kind = "HDF5" if isinstance(file, h5py.File) else "a zarr store"
    return BadInputError(
        f"{path} is {kind} but no AnnData (it has no {' and no '.join(missing)}; it holds "
        f"{listed(inside, 6) or 'nothing'}): write it with AnnData.write_h5ad."
    )


def _tables_inside(file: Any) -> list[str]:
    """List the AnnData within a zarr store, as SpatialData has them under ``tables``."""
    found = []
    for top in ("tables", "table"):
        if not isinstance(file, h5py.File) and top in file and hasattr(file[top], "keys"):
            found += [f"{top}/{name}" for name in file[top] if encoding(file[top][name])]
    return found


@contextlib.contextmanager
def _store(path: Path) -> Iterator[Any]:
    if path.is_dir():
        import zarr  # takes a while, which only those should wait who need it

        with _explained(path):
            group = zarr.open_group(str(path), mode="r")
        yield group
        return
    with _hdf5(path) as file:
        yield file


@contextlib.contextmanager
def _hdf5(path: Path) -> Iterator[h5py.File]:
    plain = path
    if first_bytes(path)[1]:
        stat = path.stat()
        plain = _unpacked(path, stat.st_mtime_ns, stat.st_size)
    with readable(path), plain.open("rb"):
        pass
    try:
        file = h5py.File(plain, "r")
    except OSError as error:
        if "lock" not in str(error).casefold():
            raise damaged(path, error) from None
        file = _without_lock(path, plain, error)
    with file:
        yield file


def _without_lock(path: Path, plain: Path, error: OSError) -> h5py.File:
    """Open a file on a disk that knows no locks; refuse one that another program writes."""
    if re.search(r"errno = (11|35)\b", str(error)) or isinstance(error, BlockingIOError):
        raise BadInputError(
            f"{path} is locked: another program, or another notebook, has it open for writing; "
            "close it there, or copy the file and name the copy."
        ) from None
    try:
        return h5py.File(plain, "r", locking=False)
    except OSError as second:
        raise damaged(path, second) from None


@functools.lru_cache(maxsize=8)
def _unpacked(path: Path, changed: int, size: int) -> Path:
    """Unpack a file into one that is deleted when the program ends."""
    folder = Path(tempfile.mkdtemp(prefix="unpacked-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    target = folder / "unpacked.h5ad"
    with unpacking(path), open_bytes(path) as source:
        try:
            with target.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
        except OSError as error:
            if error.errno is None or isinstance(error, EOFError):
                raise
            raise BadInputError(
                f"{path} cannot be unpacked into {folder} ({error.strerror}): free some space, set "
                "TMPDIR to a folder with more, or unpack it yourself."
            ) from None
    return target


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        raise damaged(path, error) from None
