"""Transcription factors and cofactors: from GO, or from AnimalTFDB where the user has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.annotations.gene_sets import GO_LICENCE, GO_SOURCE, read_embedded
from helpers.annotations.matching import Match, match
from helpers.annotations.tables import read_table
from helpers.errors import BadInputError, MissingInputError, UnknownNameError

SYMBOL = "Symbol"
"""AnimalTFDB's column of gene symbols."""


@dataclass(frozen=True)
class GeneList:
    """A named list of genes.

    Attributes
    ----------
    name
        ``"transcription_factors"`` or ``"cofactors"``.
    source
        ``"go"`` or ``"animaltfdb"``, as in tables.
    title, licence
        Where it comes from, in text.
    genes
        Symbols.
    """

    name: str
    source: str
    title: str
    licence: str
    genes: frozenset[str]

    def match(self, measured: Iterable[str]) -> Match:
        """Compare the list's genes with those that are measured."""
        return match(self.title, self.genes, measured)


@dataclass(frozen=True)
class Term:
    """A GO term whose genes come with the package."""

    file: str
    label: str


GO_TERMS = {
    "transcription_factors": Term(
        "GO0003700_dna_binding_tf_activity.txt",
        "DNA-binding transcription factor activity (GO:0003700)",
    ),
    "cofactors": Term(
        "GO0003712_transcription_coregulator_activity.txt",
        "transcription coregulator activity (GO:0003712)",
    ),
}


def transcription_factors(source: str | Path = "go") -> GeneList:
    """List the transcription factors.

    Parameters
    ----------
    source
        ``"go"``: genes of GO:0003700, which come with the package; or the path of AnimalTFDB's
        ``…_TF`` table (the paper's source: Hu et al. 2019; 1,665 human factors).

    Returns
    -------
    GeneList
        Symbols, and where they come from.

    Raises
    ------
    UnknownNameError
        If `source` is neither.
    MissingInputError
        If the file is not there.
    BadInputError
        If it is not AnimalTFDB's table.


    Examples
    --------
    >>> import helpers as hx
    >>> found = hx.transcription_factors()
    >>> "HNF4A" in found.genes, "ALB" in found.genes
    (True, False)
    """
    return _regulators("transcription_factors", source)


def cofactors(source: str | Path = "go") -> GeneList:
    """List the transcription cofactors.

    Parameters
    ----------
    source
        ``"go"``: genes of GO:0003712 (coregulators), which come with the package; or the path
        of AnimalTFDB's ``…_TF_cofactors`` table (Hu et al. 2019; 1,025 human cofactors).

    Raises
    ------
    UnknownNameError
        If `source` is neither.
    MissingInputError
        If the file is not there.
    BadInputError
        If it is not AnimalTFDB's table.
    """
    return _regulators("cofactors", source)


def _regulators(name: str, source: str | Path) -> GeneList:
    if source == "go":
        term = GO_TERMS[name]
        genes = frozenset(read_embedded(term.file).split())
        return GeneList(name, "go", f"{term.label}, {GO_SOURCE}", GO_LICENCE, genes)
    path = Path(source)
    if not path.exists():
        if isinstance(source, str) and not path.suffix:
            raise UnknownNameError(
                f"source of {name.replace('_', ' ')}", source, ["go", "path/to/AnimalTFDB.tsv"]
            )
        raise MissingInputError(
            f"There is no table of {name.replace('_', ' ')} at {path}: correct the name, or use "
            "'go', which comes with the package."
        )
    table = read_table(path, (SYMBOL,), "AnimalTFDB's tables")
    genes = frozenset(symbol for symbol in table[SYMBOL] if symbol)
    if not genes:
        raise BadInputError(f"{path} holds no genes, only a header: get it again.")
    return GeneList(name, "animaltfdb", f"AnimalTFDB ({path.name})", "AnimalTFDB's own", genes)
