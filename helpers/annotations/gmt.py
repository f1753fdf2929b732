"""Reading GMT: one set of genes a line, as name, description, gene, gene, … between tabs."""

from __future__ import annotations

import gzip
import lzma
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import BadInputError, MissingInputError

SUFFIXES = (".gmt", ".gmt.gz", ".gmt.xz")
_GO_TERM = re.compile(r"(?P<name>.*\S)\s*\((?P<id>GO:\d{7})\)")


@dataclass(frozen=True)
class GmtSet:
    """One line of a GMT file: identifier, readable name, and genes without repetition."""

    id: str
    name: str
    genes: tuple[str, ...]


def read_gmt(path: Path) -> list[GmtSet]:
    """Read a GMT file, plain or packed with gzip or xz.

    Parameters
    ----------
    path
        File; its name ends in ``.gmt``, ``.gmt.gz`` or ``.gmt.xz``.

    Returns
    -------
    list of GmtSet
        In the order of the file; for what becomes of a line see `parse_gmt`.

    Raises
    ------
    MissingInputError
        If the file is not there.
    BadInputError
        If it cannot be unpacked, is not UTF-8, or `parse_gmt` refuses it.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise MissingInputError(
            f"There is no file of gene sets at {path}: correct the name."
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read ({error.strerror}): name a readable GMT file."
        ) from None
    return parse_gmt(unpack(raw, path), path)


def unpack(raw: bytes, path: Path) -> str:
    """Return the text of a file's bytes, which may be packed with gzip or xz.

    Raises
    ------
    BadInputError
        If the bytes are damaged, or no UTF-8.
    """
    try:
        if raw.startswith(b"\x1f\x8b"):
            raw = gzip.decompress(raw)
        elif raw.startswith(b"\xfd7zXZ\x00"):
            raw = lzma.decompress(raw)
        return raw.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError):
        raise BadInputError(f"{path} is damaged (it cannot be unpacked): get it again.") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInputError(f"{path}, line {line}, is not UTF-8 text: save it as UTF-8.") from None


def parse_gmt(text: str, source: Path | str) -> list[GmtSet]:
    """Read the text of a GMT file.

    A name such as ``insulin binding (GO:0043559)`` gives the identifier GO:0043559; any other
    name is its own identifier. What follows a comma after a gene (Enrichr's weights) is left
    out, and a gene counts once in a set.

    Parameters
    ----------
    text
        Lines; empty ones are skipped.
    source
        File that is named in messages.

    Raises
    ------
    BadInputError
        If there is no set, a line has no tab, a set has no name or no gene, or two sets have
        the same identifier.
    """
    sets: list[GmtSet] = []
    first_line: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, *rest = (field.strip() for field in line.split("\t"))
        if not rest:
            raise BadInputError(
                f"{source}, line {number}, has no tab: a line of a GMT file is a set's name, a "
                "description and its genes, with tabs between them."
            )
        if not name:
            raise BadInputError(f"{source}, line {number}: the set has no name; give it one.")
        genes = tuple(dict.fromkeys(g for field in rest[1:] if (g := field.split(",")[0].strip())))
        if not genes:
            raise BadInputError(
                f"{source}, line {number}: set {name!r} has no genes; they start in the third "
                "column: add some, or delete the line."
            )
        match = _GO_TERM.fullmatch(name)
        entry = GmtSet(match["id"], match["name"], genes) if match else GmtSet(name, name, genes)
        if entry.id in first_line:
            raise BadInputError(
                f"{source}: set {entry.id!r} is there twice, in lines {first_line[entry.id]} and "
                f"{number}; keep one of them."
            )
        first_line[entry.id] = number
        sets.append(entry)
    if not sets:
        raise BadInputError(f"{source} holds no gene sets: name another GMT file.")
    return sets


def format_gmt(sets: dict[str, list[str]]) -> str:
    """Write sets (name → genes) as the text of a GMT file, without descriptions."""
    return "".join("\t".join([name, "", *genes]) + "\n" for name, genes in sets.items())
