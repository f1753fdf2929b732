"""Reading GMT: one set of genes a line, as name, description, gene, gene, … between tabs."""

from __future__ import annotations

import codecs
import gzip
import lzma
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets.missing import is_missing
from helpers.errors import BadInputError, MissingInputError

SUFFIXES = (".gmt", ".gmt.txt", ".txt", ".gmt.tsv", ".tsv")
"""Endings of files of gene sets, in any case of letters; each may be packed: ``.gz``, ``.xz``."""

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
        File; see `is_gmt` for its name.

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


def is_gmt(name: str) -> bool:
    """Tell whether a name is that of a file of gene sets: see `SUFFIXES`."""
    folded = name.casefold()
    for packed in (".gz", ".xz"):
        folded = folded.removesuffix(packed)
    return folded.endswith(SUFFIXES)


def stem(path: Path) -> str:
    """Return the name of a file of gene sets without its endings."""
    return re.sub(r"(\.(gmt|txt|tsv|gz|xz))+$", "", path.name, flags=re.IGNORECASE)


def lines_of(text: str) -> list[str]:
    """Split a text at the ends of lines, and at no other sign that Unicode has for one.

    U+2028 and form feeds stand within the descriptions of some sets.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def fields_of(line: str) -> list[str]:
    """Split a line at its tabs; quotation marks that Excel puts around a field are taken off."""
    fields = [field.strip() for field in line.split("\t")]
    return [
        field[1:-1].replace('""', '"').strip()
        if len(field) > 1 and field.startswith('"') and field.endswith('"')
        else field
        for field in fields
    ]


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
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return raw.decode("utf-16")  # Excel's "Unicode text"
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
    out, and a gene counts once in a set. Words for nothing (NA, nan, …) are no genes.

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
    for number, line in enumerate(lines_of(text), start=1):
        if not line.strip():
            continue
        name, *rest = fields_of(line)
        if not rest:
            marks = "; it has commas or semicolons, so save it with tabs" if _is_csv(line) else ""
            raise BadInputError(
                f"{source}, line {number}, has no tab: a line of a GMT file is a set's name, a "
                f"description and its genes, with tabs between them{marks}."
            )
        if not name:
            raise BadInputError(f"{source}, line {number}: the set has no name; give it one.")
        found = (field.split(",")[0].strip() for field in rest[1:])
        genes = tuple(dict.fromkeys(gene for gene in found if not is_missing(gene)))
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


def _is_csv(line: str) -> bool:
    return line.count(",") > 1 or line.count(";") > 1


def format_gmt(sets: dict[str, list[str]]) -> str:
    """Write sets (name → genes) as the text of a GMT file, without descriptions."""
    return "".join("\t".join([name, "", *genes]) + "\n" for name, genes in sets.items())
