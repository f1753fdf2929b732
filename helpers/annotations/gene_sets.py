"""Gene sets by name: those of the package, any GMT file, any library of Enrichr."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from helpers.annotations.enrichr import PREFIX, enrichr_library
from helpers.annotations.gmt import GmtSet, is_gmt, parse_gmt, read_gmt, stem, unpack
from helpers.annotations.matching import Match, match
from helpers.errors import BadInputError, UnknownNameError

GO_SOURCE = "Gene Ontology, release 2022-07-01, through Bioconductor 3.16"
GO_LICENCE = "CC BY 4.0"


@dataclass(frozen=True)
class Library:
    """An embedded library of gene sets."""

    file: str
    ontology: str
    """Short name in tables."""
    title: str
    source: str
    licence: str


LIBRARIES: dict[str, Library] = {
    "go_mf": Library("go_mf.gmt.xz", "MF", "GO molecular function", GO_SOURCE, GO_LICENCE),
    "go_bp": Library("go_bp.gmt.xz", "BP", "GO biological process", GO_SOURCE, GO_LICENCE),
}


@dataclass(frozen=True)
class GeneSets:
    """A library of gene sets.

    Attributes
    ----------
    name, ontology, title, source, licence
        What the library is called, in code, tables and text, and where it comes from.
    sets
        Identifier of each term → its genes' symbols.
    terms
        Identifier of each term → its readable name.
    """

    name: str
    ontology: str
    title: str
    source: str
    licence: str
    sets: Mapping[str, tuple[str, ...]]
    terms: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.sets)

    def genes(self) -> frozenset[str]:
        """Return every gene that is in a set."""
        return frozenset().union(*self.sets.values())

    def match(self, measured: Iterable[str]) -> Match:
        """Compare the library's genes with those that are measured."""
        return match(self.title, self.genes(), measured)


def load_gene_sets(name: str | Path, *, cache_folder: Path | None = None) -> GeneSets:
    """Load a library of gene sets.

    Parameters
    ----------
    name
        A key of `LIBRARIES`; the path of a GMT file (``.gmt``, ``.gmt.txt``, packed or not); or
        ``"enrichr:<library>"``, which is fetched once and then kept on disk.
    cache_folder
        Where Enrichr's libraries are kept; default: the user's cache folder.

    Returns
    -------
    GeneSets
        Genes (HGNC symbols) and readable name of each term.

    Raises
    ------
    UnknownNameError
        If `name` is none of these, or Enrichr has no such library.
    MissingInputError
        If the file is not there, or Enrichr cannot be reached.
    BadInputError
        If a file does not hold what it should.


    Examples
    --------
    >>> import helpers as hx
    >>> sets = hx.load_gene_sets("go_mf")
    >>> sets.ontology, len(sets.sets) == len(sets.terms)
    ('MF', True)
    >>> any("HNF4A" in genes for genes in sets.sets.values())
    True
    """
    text = str(name)
    if text in LIBRARIES:
        return _embedded(text)
    if text.startswith(PREFIX):
        library = text.removeprefix(PREFIX)
        return _gene_sets(
            text, library, library, "Enrichr (Kuleshov et al. 2016)", "see the library's own",
            enrichr_library(library, cache_folder),
        )  # fmt: skip
    if is_gmt(text):
        path = Path(text)
        called = stem(path)
        return _gene_sets(called, called, called, path.name, "the user's", read_gmt(path))
    raise UnknownNameError(
        "library of gene sets", text, [*LIBRARIES, "path/to/file.gmt", f"{PREFIX}<library>"]
    )


@cache
def _embedded(name: str) -> GeneSets:
    entry = LIBRARIES[name]
    sets = parse_gmt(read_embedded(entry.file), entry.file)
    return _gene_sets(name, entry.ontology, entry.title, entry.source, entry.licence, sets)


def _gene_sets(
    name: str, ontology: str, title: str, source: str, licence: str, sets: list[GmtSet]
) -> GeneSets:
    return GeneSets(
        name,
        ontology,
        title,
        source,
        licence,
        # Read-only: the embedded libraries are loaded once and shared.
        sets=MappingProxyType({entry.id: entry.genes for entry in sets}),
        terms=MappingProxyType({entry.id: entry.name for entry in sets}),
    )


def embedded_path(file: str) -> Path:
    """Return where a file that comes with the package lies: in ``data/`` beside this module."""
    return Path(__file__).parent / "data" / file


def read_embedded(file: str) -> str:
    """Return the text of a file in ``data/`` beside this module.

    Raises
    ------
    BadInputError
        If it is missing.
    """
    path = embedded_path(file)
    try:
        return unpack(path.read_bytes(), path)
    except FileNotFoundError:
        raise BadInputError(f"{path} is missing: install the package again.") from None
