"""From the genes of a user's file to gene symbols, and how many of these are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.gene_names import GeneNames, annotation, understand
from helpers.datasets.missing import names
from helpers.datasets.organisms import damaged_by_excel, looks_like
from helpers.errors import BadInputError, one_of

SYMBOL_COLUMNS = (
    "gene_symbols",
    "gene_symbol",
    "gene_name",
    "gene_names",
    "symbol",
    "symbols",
    "feature_name",
    "hgnc_symbol",
    "hugo_symbol",
    "gene_short_name",
    "external_gene_name",
)
"""Columns of `var` that hold symbols in files of scanpy, CELLxGENE, GTEx and others, in small
letters, with underscores for spaces."""

_NUMBERS = ("entrez", "ncbi", "gene_id", "geneid")
"""What is in the name of a column whose numbers may be those of genes."""

LEAST_SHARE = 0.1
"""A smaller known share of all named genes is none of human genes. All genes of GENCODE have a
third, as two thirds of them code for no protein."""

FOREIGN_SHARE = 0.5
"""Names that look like those of another organism are believed if fewer than this share is known."""


@dataclass(frozen=True)
class Genes:
    """How columns of a file become genes with symbols.

    Attributes
    ----------
    symbols
        Gene symbols of the result, each once.
    ensembl_ids
        Ensembl gene without version of each; empty where unknown.
    column_to_gene
        For each column of the file its position in `symbols`, or -1 where it is left out.
    notes
        What a reader has to know.
    """

    symbols: list[str]
    ensembl_ids: list[str]
    column_to_gene: np.ndarray
    notes: list[str]

    def table(self) -> pd.DataFrame:
        """Return the genes as ``var``: ``ensembl_id`` by symbol."""
        index = pd.Index(self.symbols, name="symbol")
        return pd.DataFrame({"ensembl_id": self.ensembl_ids}, index=index)


@dataclass(frozen=True)
class _Candidate:
    """Names of genes in one place of a file."""

    where: str
    texts: list[str]
    found: GeneNames
    missing: str

    @property
    def are_ids(self) -> bool:
        return self.found.kind != "symbols"


def name_genes(var: pd.DataFrame, source: Path, column: str = "") -> Genes:
    """Find the symbol of each gene of a file.

    Names are taken from `column` where one is given. Else they are taken from the index of `var`,
    unless another column knows more human genes; where the index holds identifiers, a column of
    symbols is preferred, one of `SYMBOL_COLUMNS` before others. Ensembl ids and NCBI's (Entrez)
    numbers are looked up in the embedded tables. Genes without a symbol are left out; several
    that share a symbol are added up.

    Parameters
    ----------
    var
        The file's table of genes.
    source
        The file, for messages.
    column
        Column of `var` with names of genes; empty: found as above.

    Raises
    ------
    BadInputError
        If too few of the genes are known human genes (`LEAST_SHARE`, `FOREIGN_SHARE`).
    UnknownNameError
        If there is no such column.
    """
    if column:
        one_of(f"column of var in {source}:", column, map(str, var.columns))
        chosen = _candidate(var[column], f"column `{column}` of `var`")
        index = chosen
    else:
        index = _candidate(var.index, "the names of the genes in the file")
        chosen = _best(index, var)
    _refuse_unknown(chosen, source)
    ids = [
        own or other
        for own, other in zip(chosen.found.ensembl_ids, index.found.ensembl_ids, strict=True)
    ]
    return _collected(chosen, ids)


def _best(index: _Candidate, var: pd.DataFrame) -> _Candidate:
    """Choose where the symbols are, by the rule of `name_genes`."""
    others = {
        str(name): _candidate(var[name], f"column `{name}` of `var`")
        for name in var.columns
        if _may_name(str(name), var[name])
    }
    if index.are_ids:
        symbols = {name: each for name, each in others.items() if not each.are_ids}
        usual = [each for name, each in symbols.items() if _plain(name) in SYMBOL_COLUMNS]
        as_good = [each for each in symbols.values() if each.found.known >= index.found.known]
        for better in (usual, as_good):
            found = max(better, key=lambda each: each.found.known, default=index)
            if not found.are_ids and found.found.known:
                return found
    return max([index, *others.values()], key=lambda each: each.found.known)


def _plain(column: str) -> str:
    return re.sub(r"[ .]", "_", column.strip().casefold())


def _may_name(name: str, column: pd.Series) -> bool:
    """Tell whether a column may hold names; numbers are names only where they are said to be."""
    if column.dtype.kind in "bcmM":
        return False
    return column.dtype.kind not in "iuf" or any(part in _plain(name) for part in _NUMBERS)


def _candidate(values: pd.Series | pd.Index, where: str) -> _Candidate:
    found = names(values)
    understood = understand(found.texts)
    if understood.kind != "symbols":
        where = f"{where} ({understood.kind}, by the embedded table of protein-coding genes)"
    return _Candidate(where, found.texts, understood, found.said())


def _refuse_unknown(chosen: _Candidate, source: Path) -> None:
    """Refuse genes of another organism, and names that are mostly unknown."""
    known, named = chosen.found.known, chosen.found.named
    share = known / named if named else 0.0
    what = looks_like(chosen.texts) if share < FOREIGN_SHARE else ""
    if share >= LEAST_SHARE and not what:
        return
    examples = ", ".join(repr(text) for text in list(dict.fromkeys(filter(None, chosen.texts)))[:3])
    said = f", such as {examples}" if examples else ""
    if not named:
        told = f"{source}: none of its {len(chosen.texts):,} genes has a name"
    elif not known:
        told = f"{source}: none of its {named:,} genes is a known human gene ({chosen.where}{said})"
    else:
        told = (
            f"{source}: only {known:,} of its {named:,} genes are known human genes "
            f"({chosen.where}{said})"
        )
    looks = f"; they look like those of {what}" if what and " not genes" not in what else ""
    looks = f"; they look like {what}" if what and not looks else looks
    raise BadInputError(
        f"{told}{looks}: this book is about human genes, which a tenth of the names have to be, so "
        "give HGNC symbols, human Ensembl ids or Entrez ids, or name the column that holds them "
        "with --gene-column."
    )


def _collected(chosen: _Candidate, ids: list[str]) -> Genes:
    position: dict[str, int] = {}
    first_id: list[str] = []
    to_gene = np.full(len(chosen.texts), -1)
    for number, (symbol, gene) in enumerate(zip(chosen.found.symbols, ids, strict=True)):
        if not symbol:
            continue
        if symbol not in position:
            position[symbol] = len(position)
            first_id.append(gene)
        to_gene[number] = position[symbol]
    symbols = list(position)
    reference = annotation()
    ids_of = [
        gene or str(reference.get(name, "")) for name, gene in zip(symbols, first_id, strict=True)
    ]
    added = int((to_gene >= 0).sum()) - len(symbols)
    return Genes(symbols, ids_of, to_gene, _notes(chosen, symbols, added))


def _notes(chosen: _Candidate, symbols: Sequence[str], added: int) -> list[str]:
    known = chosen.found.known
    left_out = sum(not symbol for symbol in chosen.found.symbols)
    notes = [
        f"Gene symbols come from {chosen.where}: {len(symbols):,} genes, of which {known:,} are in "
        f"the embedded annotation of protein-coding genes and {len(symbols) - known:,} are not; "
        "what is not has no part in gene ontology and other lists unless these name it."
    ]
    if left_out:
        unnamed = f" (in place of a name stood: {chosen.missing})" if chosen.missing else ""
        notes.append(f"{left_out:,} genes without a symbol are left out{unnamed}.")
    if added:
        notes.append(f"{added:,} genes share the symbol of another and are added to it.")
    dates = damaged_by_excel(symbols)
    if dates:
        notes.append(
            f"{len(dates):,} names are dates that a spreadsheet has made of symbols "
            f"({', '.join(dates[:3])}): which genes they were cannot be told, so they are unknown."
        )
    return notes
