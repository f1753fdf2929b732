"""What kind of file a user gives, by its name and by its first bytes."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn, cast

from helpers.errors import BadInputError, MissingInputError, listed

Kind = Literal["h5ad", "zarr", "text", "10x"]

PACKED = {".gz": "gzip", ".bgz": "gzip", ".bz2": "bzip2", ".xz": "xz"}
"""Endings of packed files."""

ANNDATA = (".h5ad", ".h5", ".hdf5")
TEXT = (".csv", ".tsv", ".txt", ".tab", ".gct", ".tpm", ".fpkm", ".counts", ".dat")

_MEND = {
    ".loom": "convert it: `scanpy.read_loom(FILE).write_h5ad('NAME.h5ad')`",
    ".rds": "it is R's: write an .h5ad there (zellkonverter::writeH5AD), or a table with write.csv",
    ".rdata": "it is R's: write an .h5ad there (zellkonverter::writeH5AD), or a table with "
    "write.csv",
    ".qs": "it is R's: write an .h5ad there (zellkonverter::writeH5AD)",
    ".h5seurat": "convert it: SeuratDisk::Convert(FILE, dest = 'h5ad')",
    ".h5mu": "write expression out: `mudata.read(FILE)['rna'].write_h5ad('NAME.h5ad')`",
    ".xlsx": "save the sheet as CSV or tab-separated text",
    ".xls": "save the sheet as CSV or tab-separated text",
    ".ods": "save the sheet as CSV or tab-separated text",
    ".mtx": "name the folder that holds it with its features.tsv and barcodes.tsv",
    ".parquet": "write it as CSV or .h5ad",
    ".feather": "write it as CSV or .h5ad",
    ".npz": "write it as .h5ad with the names of samples and genes",
    ".npy": "write it as .h5ad with the names of samples and genes",
    ".pkl": "pickled files are never opened, as they can run any code: write it as .h5ad",
    ".pickle": "pickled files are never opened, as they can run any code: write it as .h5ad",
    ".zip": "unpack it and name what is inside",
    ".tar": "unpack it and name what is inside",
    ".tgz": "unpack it and name what is inside",
    ".cel": "these are raw data of an array: give a table of expression",
    ".bam": "these are reads: count them for each gene, and give the table of counts",
    ".fastq": "these are reads: count them for each gene, and give the table of counts",
}
"""Endings of files that are not read, and what to do about them."""

_MAGIC = (
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd: unpack it"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook: save the sheet as CSV"),
    (b"PAR1", "a Parquet file: write it as CSV or .h5ad"),
    (b"ARROW1", "a Feather file: write it as CSV or .h5ad"),
    (b"\x80\x03", "a pickled file, which is never opened: write it as .h5ad"),
    (b"\x80\x04", "a pickled file, which is never opened: write it as .h5ad"),
    (b"\x80\x05", "a pickled file, which is never opened: write it as .h5ad"),
    (b"RDX", "a file of R: write an .h5ad there, or a table with write.csv"),
    (b"X\n\x00\x00", "a file of R: write an .h5ad there, or a table with write.csv"),
    (b"%PDF", "a PDF: give the table itself"),
    (b"version https://git-lfs", "only the pointer to a file kept by Git LFS: run `git lfs pull`"),
    (b"%%MatrixMarket", "a matrix without names: name the folder that holds it with its "
     "features.tsv and barcodes.tsv"),
)  # fmt: skip
_PAGES = (b"<!doctype", b"<html", b"<?xml")
_OPENERS: dict[str, Callable[..., BinaryIO]] = {
    "gzip": cast("Callable[..., BinaryIO]", gzip.open),
    "bzip2": cast("Callable[..., BinaryIO]", bz2.open),
    "xz": cast("Callable[..., BinaryIO]", lzma.open),
}
_SNIFFED = 4096


def is_path(name: str) -> bool:
    """Tell whether what stands after ``--dataset`` is a path rather than the name of a data set."""
    return "/" in name or "\\" in name or "." in name or os.path.lexists(name)


def suffix_of(path: Path) -> str:
    """Return the ending of a file in small letters, without that of a packed one."""
    name = path.name.casefold()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return Path(name).suffix


def kind_of(path: Path) -> Kind:
    """Tell what a path holds.

    Raises
    ------
    MissingInputError
        If nothing is there.
    BadInputError
        If it is nothing that is read here; the sentence says what it is and what to do.
    """
    if not path.exists():
        raise MissingInputError(f"{path} is not there: correct the name after --dataset.")
    if path.is_dir():
        return _kind_of_folder(path)
    suffix = suffix_of(path)
    if suffix in _MEND:
        raise BadInputError(f"{path} cannot be read as it is: {_MEND[suffix]}.")
    with readable(path):
        size = path.stat().st_size
    if not path.is_file():
        raise BadInputError(
            f"{path} is a pipe or a device, which is read once: write it to a file."
        )
    if size == 0:
        raise BadInputError(f"{path} is empty: write or copy it again.")
    first, packed = first_bytes(path)
    inside = _named(first)
    if inside == "HDF5":
        return "h5ad"
    if suffix in ANNDATA:
        _refuse_other(path, inside, packed)
    if inside:
        raise BadInputError(f"{path} is {inside}.")
    if suffix not in TEXT and suffix:
        raise BadInputError(
            f"{path}: files that end in {suffix!r} are not read: give an .h5ad, a .zarr, a table "
            "as .csv or .tsv, or a folder of 10x Genomics."
        )
    if b"\x00" in first and not first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInputError(f"{path} is no text, as its name says: write or copy it again.")
    return "text"


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading what is in it, unpacked if it is packed, whatever its name says."""
    packed = _named(_start(path))
    with readable(path):
        return _OPENERS[packed](path, "rb") if packed in _OPENERS else path.open("rb")


def first_bytes(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes of what is in a file, and whether it is packed."""
    packed = _named(_start(path)) in _OPENERS
    with unpacking(path), open_bytes(path) as file:
        return file.read(_SNIFFED), packed


def _start(path: Path) -> bytes:
    with readable(path), path.open("rb") as file:
        return file.read(32)


@contextlib.contextmanager
def unpacking(path: Path) -> Iterator[None]:
    """Turn what breaks while a file is unpacked into one sentence."""
    try:
        yield
    except EOFError:
        raise BadInputError(
            f"{path} is truncated (it ends before it is unpacked): copy or download it again."
        ) from None
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError):
        raise _damaged(path) from None
    except OSError as error:
        # What bz2 raises has neither a number nor a class of its own.
        if error.errno is None and "Invalid data stream" in str(error):
            raise _damaged(path) from None
        raise


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn a file that is not there or may not be read into one sentence."""
    try:
        yield
    except FileNotFoundError:
        raise MissingInputError(f"{path} is not there: correct the name.") from None
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read ({error.strerror or error}): make it readable for you, or "
            "copy it."
        ) from None


def _damaged(path: Path) -> BadInputError:
    return BadInputError(f"{path} is damaged (it cannot be unpacked): copy or download it again.")


def _kind_of_folder(path: Path) -> Kind:
    inside = {entry.name.casefold() for entry in path.iterdir()}
    if not inside:
        raise BadInputError(f"{path} is an empty folder: name the one that holds the data.")
    if inside & {".zgroup", ".zattrs", "zarr.json", ".zmetadata"} or path.suffix == ".zarr":
        return "zarr"
    if any("matrix.mtx" in name or name.endswith((".mtx", ".mtx.gz")) for name in inside):
        return "10x"
    below = [entry.name for entry in sorted(path.iterdir()) if entry.is_dir()]
    nested = [name for name in below if any((path / name).glob("*matrix.mtx*"))]
    if nested:
        raise BadInputError(
            f"{path} holds no matrix.mtx, but folders in it do ({listed(nested, 4)}): name one "
            "of them."
        )
    files = sorted(e.name for e in path.iterdir() if e.is_file() and not e.name.startswith("."))
    holds = f" (it holds {listed(files, 3)})" if files else ""
    raise BadInputError(
        f"{path} is a folder without matrix.mtx (10x Genomics) and no .zarr{holds}: name the file "
        "or the folder that holds the data; tables of one sample each are first joined into one."
    )


def _named(first: bytes) -> str:
    """Say what first bytes are; empty for text and what is not known."""
    for magic, what in _MAGIC:
        if first.startswith(magic):
            return what
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith(_PAGES) and b"<" in start:
        return "a web page, not the file that it should be: download it again"
    return ""


def _refuse_other(path: Path, inside: str, packed: bool) -> NoReturn:
    """Say what an ``.h5ad`` is that is no HDF5 file."""
    where = "what is packed in it" if packed else "it"
    if inside:
        raise BadInputError(f"{path} is not an HDF5 file, as an .h5ad is: {where} is {inside}.")
    first, _ = first_bytes(path)
    if first.isascii() and b"\n" in first and b"\x00" not in first:
        raise BadInputError(
            f"{path} is not an HDF5 file, as an .h5ad is: {where} is text; name it .csv or .tsv "
            "and give --samples, or write it with AnnData.write_h5ad."
        )
    raise BadInputError(
        f"{path} is not an HDF5 file, as an .h5ad is: write it with AnnData.write_h5ad, or copy it "
        "again."
    )
