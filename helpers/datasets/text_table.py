"""Tables that are text, as R, pandas, Excel and the portals of data write them.

Found out from the first lines are: the packing, the encoding, what separates fields, the line with
the names of the columns, whether that line leaves the first column unnamed (as R does), and how
decimals are marked. Numbers are then read in blocks.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.datasets.file_kinds import open_bytes, unpacking
from helpers.datasets.missing import WORDS, is_missing
from helpers.errors import BadInputError, shortened

HEAD_BYTES = 1 << 20
MOST_HEAD_BYTES = 1 << 27
LINES = 60
"""Lines that a table is judged by."""

CELLS = 4_000_000
"""Values that are read at once."""

_DELIMITERS = ("\t", ";", ",", " ")
_SAID = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_GROUPS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")
_POINT_GROUPS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+")
_QUOTE = '"'


@dataclass(frozen=True)
class Table:
    """How a file of text is to be read.

    Attributes
    ----------
    path
        The file.
    encoding
        Of its text.
    delimiter
        Between fields.
    quoted
        Whether fields may stand in quotation marks.
    header
        Names of the columns; empty where one has none.
    skip
        Lines up to the first row: what comes before the names of columns, and these.
    rows
        The first rows as text.
    decimal, thousands
        Marks in numbers.
    """

    path: Path
    encoding: str
    delimiter: str
    quoted: bool
    header: list[str]
    skip: int
    rows: list[list[str]] = field(repr=False)
    decimal: str = "."
    thousands: str | None = None

    def said(self) -> str:
        """Say how the file is read."""
        comma = ", decimal commas" if self.decimal == "," else ""
        return f"text with {_SAID[self.delimiter]} between fields{comma}"

    def texts(self, positions: Sequence[int] | None = None) -> pd.DataFrame:
        """Read columns as text, by position; nothing is taken for missing."""
        wanted = list(range(len(self.header))) if positions is None else sorted(positions)
        frames = list(self._frames(wanted, str, self.decimal, rows=10**9))
        frame = frames[0] if frames else pd.DataFrame(columns=wanted, dtype=str)
        return frame.fillna("")

    def numbers(self, positions: Sequence[int]) -> Iterator[np.ndarray]:
        """Read columns as numbers, in blocks of rows: float64, rows × columns.

        Raises
        ------
        BadInputError
            If a field is no number; what stands for nothing becomes NaN.
        """
        wanted = sorted(positions)
        order = np.argsort(np.argsort(positions))
        rows = max(1, CELLS // max(1, len(wanted)))
        done = 0
        try:
            for frame in self._frames(wanted, np.float64, self.decimal, rows):
                yield frame.to_numpy()[:, order]
                done += len(frame)
        except _NotNumbersError:
            table = self._with_marks(wanted, rows)
            for frame in table._frames(wanted, str, ".", rows):
                if done >= len(frame):
                    done -= len(frame)
                    continue
                block = table._converted(frame, wanted)[done:]
                done = 0
                yield block[:, order]

    def _frames(
        self, positions: list[int], dtype: Any, decimal: str, rows: int
    ) -> Iterator[pd.DataFrame]:
        """Read columns in blocks of rows."""
        numbers = dtype is not str
        with unpacking(self.path), open_bytes(self.path) as file:
            try:
                yield from pd.read_csv(
                    file,
                    sep=self.delimiter,
                    header=None,
                    skiprows=self.skip,
                    usecols=positions,
                    dtype=dtype,
                    decimal=decimal,
                    quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
                    encoding=self.encoding,
                    encoding_errors="replace",
                    na_filter=numbers,
                    na_values=sorted(WORDS) if numbers else None,
                    skipinitialspace=self.delimiter == " ",
                    chunksize=rows,
                    low_memory=False,
                    index_col=False,
                )
            except pd.errors.EmptyDataError:
                return
            except pd.errors.ParserError as error:
                raise self._malformed(error) from None
            except ValueError as error:
                if numbers:
                    raise _NotNumbersError from error
                raise self._malformed(error) from None

    def _malformed(self, error: Exception) -> BadInputError:
        said = str(error).strip().splitlines()[0]
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", said)
        if found:
            return BadInputError(
                f"{self.path}, line {int(found[2]):,}, has {int(found[3]):,} fields where the "
                f"lines before it have {int(found[1]):,}: mend the line."
            )
        return BadInputError(
            f"{self.path} is no table that can be read ({shortened(said)}): mend it."
        )

    def _with_marks(self, positions: list[int], rows: int) -> Table:
        """Find out how all numbers of the table are marked."""
        odd: set[str] = set()
        for frame in self._frames(positions, str, ".", rows):
            for name in frame.columns:
                odd.update(text for text in frame[name].unique() if "," in text or "." in text)
        decimal, thousands = marks(odd, self.path)
        return replace(self, decimal=decimal, thousands=thousands)

    def _converted(self, frame: pd.DataFrame, positions: list[int]) -> np.ndarray:
        values = np.empty(frame.shape)
        for place, name in enumerate(frame.columns):
            codes, texts = pd.factorize(frame[name].astype(str))
            numbers = np.array([self._number(str(text)) for text in texts], dtype=object)
            if any(number is None for number in numbers):
                bad = next(t for t, n in zip(texts, numbers, strict=True) if n is None)
                column = self.header[positions[place]] or f"number {positions[place] + 1}"
                raise BadInputError(
                    f"{self.path}, column {column!r}: {bad!r} is not a number: mend it, or leave "
                    "the column or the line out."
                )
            values[:, place] = numbers.astype(float)[codes]
        return values

    def _number(self, text: str) -> float | None:
        """Return a field as a number, NaN where it stands for nothing, None where it is none."""
        bare = text.strip().strip(_QUOTE).strip()
        if is_missing(bare):
            return float("nan")
        if self.thousands:
            bare = bare.replace(self.thousands, "")
        bare = bare.replace(",", ".") if self.decimal == "," else bare
        try:
            return float(bare)
        except ValueError:
            return None


class _NotNumbersError(Exception):
    """A field is no plain number."""


def find_table(path: Path) -> Table:
    """Find out how a file of text is to be read.

    Raises
    ------
    MissingInputError, BadInputError
        If the file cannot be read or unpacked, or is no table.
    """
    encoding, text, whole = _head(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not whole:
        lines.pop()  # it may be cut
    preamble = _preamble(lines)
    body = [line for line in lines[preamble : preamble + LINES] if line.strip()]
    if len(body) < 2:
        raise BadInputError(
            f"{path} has {len(body)} lines, and a table has one of names and others below it: give "
            "another file."
        )
    for delimiter in _DELIMITERS:
        quoted = delimiter != "\t" or any(
            cell.startswith(_QUOTE) for line in body[:10] for cell in line.split("\t")
        )
        rows = [_fields(line, delimiter, quoted) for line in body]
        header = _header_row(rows)
        if header is not None:
            break
    else:
        if not any(delimiter in line for line in body for delimiter in _DELIMITERS[:3]):
            raise BadInputError(
                f"{path} has one column, where a table has one of names and others beside it: add "
                "them, with tabs, semicolons or commas between fields."
            )
        raise BadInputError(
            f"{path} is no table: its lines have different numbers of fields, whether these are "
            "separated by tabs, semicolons or commas: save it as CSV or tab-separated text."
        )
    row_of_line = [n for n, line in enumerate(lines[preamble:], preamble) if line.strip()]
    usual = Counter(map(len, rows[header + 1 :])).most_common(1)[0][0]
    for number, row in enumerate(rows[header + 1 :], start=header + 1):
        if len(row) > usual or (len(row) < usual and number == header + 1):
            raise BadInputError(
                f"{path}, line {row_of_line[number] + 1}, has {len(row):,} fields where the others "
                f"have {usual:,}: mend the line."
            )
    names, more = _header_names(rows, header)
    rows = rows[header + 1 + more :]
    cells = {cell.strip() for row in rows for cell in row[1:]}
    odd = {cell for cell in cells if _COMMA.fullmatch(cell)}
    decimal = "," if odd and delimiter != "," and not _ambiguous(odd) else "."
    skip = row_of_line[header] + 1 + more
    return Table(path, encoding, delimiter, quoted, names, skip, rows, decimal)


def marks(odd: set[str], path: Path) -> tuple[str, str | None]:
    """Tell the marks of decimals and thousands from fields with commas or points.

    Raises
    ------
    BadInputError
        If that cannot be told.
    """
    both = [text for text in odd if "," in text and "." in text]
    commas = {text for text in odd if _COMMA.fullmatch(text.strip()) and "." not in text}
    if both:
        last = max(both, key=lambda text: max(text.rfind(","), text.rfind(".")))
        return (",", ".") if last.rfind(",") > last.rfind(".") else (".", ",")
    if not commas:
        return ".", ","
    if _ambiguous(commas):
        raise BadInputError(
            f"{path}: {sorted(commas)[0]!r} may be a decimal or a number above a thousand: write "
            "decimals with points, and thousands without a mark."
        )
    points = [text for text in odd if re.fullmatch(r"[-+]?\d*\.\d+([eE][-+]?\d+)?", text.strip())]
    plain = [text for text in points if not _POINT_GROUPS.fullmatch(text.strip())]
    if plain:
        raise BadInputError(
            f"{path} marks decimals in two ways, as in {sorted(commas)[0]!r} and "
            f"{sorted(plain)[0]!r}: write all of them with points."
        )
    return ",", "." if points else None


def _ambiguous(commas: set[str]) -> bool:
    """Tell whether all commas may stand before thousands: ``1,234``, never ``1,5`` or ``0,123``."""
    return all(_GROUPS.fullmatch(text) and not re.match(r"[-+]?0", text) for text in commas)


def _head(path: Path) -> tuple[str, str, bool]:
    """Return encoding, first lines, and whether these are all."""
    size = HEAD_BYTES
    while True:
        with unpacking(path), open_bytes(path) as file:
            raw = file.read(size)
        whole = len(raw) < size
        if whole or raw.count(b"\n") + raw.count(b"\r") > LINES or size >= MOST_HEAD_BYTES:
            break
        size *= 8
    encoding = _encoding(raw)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(raw, final=whole)
    return encoding, text, whole


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(raw, final=False)
    except UnicodeDecodeError:
        return "cp1252" if not set(raw) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"
    return "utf-8-sig"


def _preamble(lines: list[str]) -> int:
    """Count the lines of a preamble that look like lines of a table (GEO's series matrices)."""
    count = 0
    while count < len(lines) and (
        lines[count].startswith(("!", "##")) or (count and not lines[count].strip())
    ):
        count += 1
    return count


def _fields(line: str, delimiter: str, quoted: bool) -> list[str]:
    if not quoted:
        return line.split(delimiter)
    try:
        return next(
            csv.reader([line], delimiter=delimiter, skipinitialspace=delimiter == " "), [""]
        )
    except csv.Error:
        return line.split(delimiter)


def _header_row(rows: list[list[str]]) -> int | None:
    """Return the row with the names of columns: the first that fits those after it."""
    counts = [len(row) for row in rows]
    usual, times = Counter(counts[len(counts) // 2 :]).most_common(1)[0]
    if usual < 2 or times < 0.9 * len(counts[len(counts) // 2 :]):
        return None
    for number in range(len(counts) - 1):
        after = counts[number + 1 : number + 4]
        fitting = sum(count == usual for count in after)
        if counts[number] in {usual, usual - 1} and fitting >= min(2, len(after)):
            return number
    return None


def _header_names(rows: list[list[str]], header: int) -> tuple[list[str], int]:
    """Return the names of the columns, and how many rows of other things follow them."""
    names, after = [name.strip() for name in rows[header]], rows[header + 1 :]
    if len(names) < len(after[0]):
        trailing = all(not row[-1].strip() for row in after)
        names = [*names, ""] if trailing else ["", *names]
    names[0] = names[0].removeprefix("#").strip()
    more = 0
    if header >= 2 and rows[0][0].strip().startswith("#1.3"):
        told = [field for field in rows[1] if field.strip().isdigit()]
        more = int(told[3]) if len(told) > 3 else 0  # GCT 1.3: rows that describe samples
    return names, more
