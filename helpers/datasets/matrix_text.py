"""Reading matrices that are tab-separated text of any size: in blocks, checked, one gene a line.

Both of GTEx's and recount3's files are of this kind: some lines of preamble, a line with the names
of the columns, then one line for each gene, with one or two names and a value for each sample.
They hold a thousand million values, so text is unpacked and parsed block by block, and no more
than one block of it is in memory.
"""

from __future__ import annotations

import codecs
import itertools
import re
import zlib
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import NoReturn, TypeVar

import numpy as np
import pyarrow

from helpers.errors import BadInputError, MissingInputError

BLOCK_BYTES = 1 << 22
"""Text that is worked on at once: larger blocks leave the processor's cache and are slower."""
READ_BYTES = 1 << 20
HEADER_BYTES = 1 << 18
FIRST_LINES = 100
TAB = 9

NUMBER = re.compile(rb"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
MISSING = ("", "nan", "na", "n/a", "null", "none")
MEND = "expression must be a number ≥ 0, so mend the value or delete the gene or the sample"
AGAIN = "fetch it again"
FLOAT32_MAX = float(np.finfo(np.float32).max)
GZIP_MAGIC = b"\x1f\x8b"


Part = TypeVar("Part")


@dataclass(frozen=True)
class Header:
    """What comes before the genes.

    Attributes
    ----------
    preamble
        Lines before the one that names the columns.
    samples
        Names of the samples.
    line
        Number of the line that names them, counted from 1.
    before
        Number of columns before the gene's, such as one with the number of the line.
    """

    preamble: list[str]
    samples: list[str]
    line: int
    before: int = 0


@dataclass(frozen=True)
class Rows:
    """Some genes of a matrix.

    Attributes
    ----------
    names
        What `read_rows` was told to call them.
    values
        Genes × samples, float32, finite and ≥ 0.
    genes
        Number of genes passed so far, wanted or not.
    """

    names: list[str]
    values: np.ndarray
    genes: int


def read_header(path: Path, columns: Sequence[str], before: Sequence[str] = ()) -> Header:
    """Read the first lines of a matrix, up to the one that starts with `columns`.

    Parameters
    ----------
    path
        The file, packed with gzip or not; a byte-order mark and the line ends of Windows are
        passed over.
    columns
        Names of the columns before those of the samples.
    before
        Names that a further first column may have, which some files have and others not.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not there, cannot be unpacked, or has no such line, or no samples.
    """
    lines: list[str] = []
    first = (line.decode("latin-1") for block in _lines(path, HEADER_BYTES) for line in block)
    for line in itertools.islice(first, FIRST_LINES):
        cells = line.split("\t")
        further = int(cells[0] in before)
        named = further + len(columns)
        if cells[further:named] == list(columns):
            if len(cells) == named:
                raise BadInputError(f"{path}, line {len(lines) + 1}, names no samples: {AGAIN}.")
            return Header(lines, cells[named:], len(lines) + 1, further)
        lines.append(line)
    raise BadInputError(
        f"{path} has no line that starts with the columns {' and '.join(columns)} among its first "
        f"{len(lines)}: {AGAIN}, or name the file that has one."
    )


def read_rows(
    path: Path,
    header: Header,
    ids: int,
    wanted: Container[str],
    name_of: Callable[[str], str] = str,
) -> Iterator[Rows]:
    """Read the genes of a matrix block by block.

    Every line is checked to have a name of its own and a value for each sample; only those that
    are wanted are parsed.

    Parameters
    ----------
    path
        The file.
    header
        What `read_header` gave.
    ids
        Number of columns before those of the samples, without ``header.before``; the first of
        them holds the gene's name.
    wanted
        Names of genes to read.
    name_of
        From the name in the file to the one in `wanted`, such as the same without a version.

    Yields
    ------
    Rows
        Wanted genes, in the order of the file; one for each block, which may have none.

    Raises
    ------
    BadInputError
        If the file cannot be unpacked, a line has too few or too many values, a gene is there
        twice, or a value is no number, missing, infinite or negative.
    """
    texts = _ahead(_split(path, header, ids, wanted, name_of))
    yield from _ahead(
        Rows(part.names, _parse(path, part, header.samples), part.genes) for part in texts
    )


def read_text(path: Path) -> str:
    """Return a whole text, unpacked if need be: UTF-8, or Latin-1 where it is not UTF-8."""
    data = b"\n".join(line for block in _lines(path) for line in block)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


@dataclass(frozen=True)
class _Texts:
    """The wanted genes of a block: names, lines of the file, values as text; and all so far."""

    names: list[str]
    lines: list[int]
    values: list[bytes]
    genes: int


def _split(
    path: Path,
    header: Header,
    ids: int,
    wanted: Container[str],
    name_of: Callable[[str], str],
) -> Iterator[_Texts]:
    number = 0
    ids += header.before
    line_of: dict[str, int] = {}
    for block in _lines(path):
        names: list[str] = []
        values: list[bytes] = []
        for line in block:
            number += 1
            if number <= header.line:
                continue
            parts = line.split(b"\t", ids)
            if len(parts) <= ids or _tabs(parts[ids]) + 1 != len(header.samples):
                _raise_ragged(path, number, line, ids, len(header.samples))
            name = name_of(parts[header.before].decode("latin-1"))
            if name in line_of:
                raise BadInputError(
                    f"{path}: gene {name!r} is there twice, at lines {line_of[name]} and {number}; "
                    "keep one of them."
                )
            line_of[name] = number
            if name in wanted:
                names.append(name)
                values.append(parts[ids])
        yield _Texts(names, [line_of[name] for name in names], values, len(line_of))


def _lines(path: Path, size: int | None = None) -> Iterator[list[bytes]]:
    """Yield the lines of a file, without their ends, as many at once as are in a block."""
    rest, first = b"", True
    for block in _ahead(_blocks(path, size or BLOCK_BYTES)):
        text = rest + block
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        lines = text.split(b"\n")
        rest = lines.pop()
        if lines and first:
            lines[0], first = lines[0].removeprefix(codecs.BOM_UTF8), False
        yield lines
    if rest.strip():
        yield [rest.rstrip(b"\r")]
    elif first:
        raise BadInputError(f"{path} is empty: {AGAIN}.")


def _ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """Make each part in a thread of its own while the one before it is worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = thread.submit(next, parts, None)
            yield part


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield a file's text, unpacked if it is packed, in blocks of `size` bytes or a little more."""
    parts: list[bytes] = []
    for part in _unpacked(path, size):
        parts.append(part)
        if sum(map(len, parts)) >= size:
            yield b"".join(parts)
            parts = []
    if any(parts):
        yield b"".join(parts)


def _unpacked(path: Path, most: int) -> Iterator[bytes]:
    with _opened(path) as file:
        packed = file.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
        if path.suffix == ".gz" and not packed and file.peek(1):
            raise BadInputError(f"{path} is not a gzip file: compress it with gzip, or {AGAIN}.")
        stream = zlib.decompressobj(wbits=31)
        while data := file.read(READ_BYTES):
            if not packed:
                yield data
                continue
            try:
                while data:
                    if stream.eof:
                        # Several files in one, or zero bytes that fill up a block.
                        data = data.lstrip(b"\0")
                        if not data:
                            break
                        stream = zlib.decompressobj(wbits=31)
                    yield stream.decompress(data, most)
                    data = stream.unused_data if stream.eof else stream.unconsumed_tail
            except zlib.error:
                raise BadInputError(f"{path} is damaged (the gzip checks fail): {AGAIN}.") from None
        if packed and not stream.eof:
            raise BadInputError(f"{path} is truncated (the gzip stream ends early): {AGAIN}.")


def _opened(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise MissingInputError(
            f"There is no file {path}: fetch it, or correct the name."
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read ({error.strerror}): make it a readable file."
        ) from None


def _tabs(text: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == TAB))


def _parse(path: Path, part: _Texts, samples: list[str]) -> np.ndarray:
    """Parse values, genes × samples.

    A table of 17,000 columns is what readers of tables are slowest at. So all values become one
    column of text, which Arrow turns into numbers, and that column is cut into genes.
    """
    shape = (len(part.values), len(samples))
    if not part.values:
        return np.empty(shape, np.float32)
    text = b"\t".join([*part.values, b""])
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == TAB)
    starts = np.zeros(len(ends) + 1, np.int32)
    np.subtract(ends, np.arange(len(ends)), out=starts[1:], casting="unsafe")  # without the tabs
    column = pyarrow.StringArray.from_buffers(
        len(ends), pyarrow.py_buffer(starts), pyarrow.py_buffer(text.translate(None, b"\t"))
    )
    try:
        numbers: np.ndarray = column.cast(pyarrow.float32()).to_numpy().reshape(shape)
    except pyarrow.ArrowInvalid:
        _raise_fault(path, part, samples)
    # NaN fails both comparisons
    if not (numbers.min() >= 0 and numbers.max() < np.inf):
        _raise_fault(path, part, samples)
    return numbers


def _raise_ragged(path: Path, number: int, line: bytes, ids: int, samples: int) -> NoReturn:
    if not line.strip():
        raise BadInputError(f"{path}, line {number}, is empty: delete it.")
    found = max(0, line.count(b"\t") + 1 - ids)
    raise BadInputError(
        f"{path}, line {number}, has {found:,} values for {samples:,} samples: {AGAIN}, or mend "
        "the line."
    )


def _raise_fault(path: Path, part: _Texts, samples: list[str]) -> NoReturn:
    """Name the first value that is not a number ≥ 0."""
    for name, line, text in zip(part.names, part.lines, part.values, strict=True):
        for sample, cell in zip(samples, text.split(b"\t"), strict=True):
            fault = _fault(cell)
            if fault:
                raise BadInputError(
                    f"{path}, line {line}: gene {name!r}, sample {sample!r}: {fault}; {MEND}."
                )
    raise BadInputError(
        f"{path}, lines {part.lines[0]} to {part.lines[-1]}: a value is not a number; {MEND}."
    )


def _fault(cell: bytes) -> str | None:
    shown = cell.decode("latin-1")
    if shown.strip().lower() in MISSING:
        return "the value is missing"
    if shown.strip().lower().lstrip("+-") in {"inf", "infinity"}:
        return f"{shown} is infinite"
    if not NUMBER.fullmatch(cell):
        return f"{shown!r} is not a number"
    if float(shown) < 0:
        return f"{shown} is negative"
    return f"{shown} is infinite" if float(shown) > FLOAT32_MAX else None
