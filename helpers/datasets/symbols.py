"""From the genes of a user's file to gene symbols, and how many of these are known."""

from __future__ import annotations

import functools
import io
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.expression import check_labels
from helpers.datasets.reference import TABLE
from helpers.errors import BadInputError, one_of

ENSEMBL = r"ENS[A-Z]*G\d{6,}(?:\.\d+)?(?:_PAR_Y)?"
"""An Ensembl gene, with or without its version."""

SYMBOL_COLUMNS = (
    "gene_symbols",
    "gene_symbol",
    "gene_name",
    "gene_names",
    "symbol",
    "symbols",
    "feature_name",
    "hgnc_symbol",
    "gene_short_name",
)
"""Columns of `var` that hold symbols in files of scanpy, CELLxGENE, GTEx and others."""


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


@functools.cache
def annotation() -> pd.Series:
    """Return the Ensembl gene of each protein-coding symbol of the embedded annotation."""
    packed = resources.files("helpers.datasets").joinpath("data", TABLE).read_bytes()
    # keep_default_na: a symbol such as "NA" is a name
    table = pd.read_csv(
        io.BytesIO(lzma.decompress(packed)),
        usecols=["symbol", "ensembl_id"],
        index_col="symbol",
        keep_default_na=False,
    )
    return table["ensembl_id"]


def name_genes(var: pd.DataFrame, source: Path, column: str = "") -> Genes:
    """Find the symbol of each gene of a file.

    Symbols are taken from `column` where one is named; else from the index of `var` unless it
    holds Ensembl ids or names that are mostly unknown; else from the first of `SYMBOL_COLUMNS`
    that is there; Ensembl ids without such a column are looked up in the embedded annotation.
    Genes without a symbol are left out; several that share a symbol are added up.

    Parameters
    ----------
    var
        The file's table of genes.
    source
        The file, for messages.
    column
        Column of `var` with symbols; empty: found as above.

    Raises
    ------
    BadInputError
        If names in use are repeated or empty, or none of the symbols is known.
    UnknownNameError
        If there is no such column.
    """
    index = [str(name) for name in var.index]
    check_labels(index, "gene", source)
    ids = _ensembl(index)
    if column:
        one_of(f"column of var in {source}:", column, map(str, var.columns))
        symbols, origin = _texts(var[column]), f"column `{column}` of `var`"
    else:
        symbols, origin = _found(var, index, ids)
    return _collected(symbols, ids, origin, source)


def _found(var: pd.DataFrame, index: list[str], ids: list[str]) -> tuple[list[str], str]:
    mostly_ids = sum(map(bool, ids)) * 2 >= len(ids)
    named = next((name for name in SYMBOL_COLUMNS if name in var.columns), None)
    if named is not None:
        symbols = _texts(var[named])
        if mostly_ids or _known(symbols) > _known(index):
            return symbols, f"column `{named}` of `var`"
    if mostly_ids:
        by_id = {gene: symbol for symbol, gene in annotation().items() if gene}
        symbols = [str(by_id.get(gene, "")) for gene in ids]
        return symbols, "the embedded annotation of protein-coding genes, by Ensembl id"
    return index, "the names of the genes in the file"


def _collected(symbols: list[str], ids: list[str], origin: str, source: Path) -> Genes:
    position: dict[str, int] = {}
    chosen: list[str] = []
    to_gene = np.full(len(symbols), -1)
    for number, (symbol, gene) in enumerate(zip(symbols, ids, strict=True)):
        if not symbol:
            continue
        if symbol not in position:
            position[symbol] = len(position)
            chosen.append(gene)
        to_gene[number] = position[symbol]
    names = list(position)
    known = _known(names)
    if not known:
        example = next((name for name in names if name), symbols[0] if symbols else "")
        said = f"such as {example!r}" if example else "and no column of var with symbols is there"
        raise BadInputError(
            f"{source}: none of its {len(symbols):,} genes is a known human gene ({said}): give "
            "HGNC symbols or human Ensembl ids, or name the column of var that has symbols with "
            "--gene-column."
        )
    reference = annotation()
    ids_of = [
        gene or str(reference.get(name, "")) for name, gene in zip(names, chosen, strict=True)
    ]
    return Genes(names, ids_of, to_gene, _notes(symbols, names, known, origin))


def _notes(symbols: list[str], names: list[str], known: int, origin: str) -> list[str]:
    left_out = sum(not symbol for symbol in symbols)
    added = len(symbols) - left_out - len(names)
    notes = [
        f"Gene symbols come from {origin}: {len(names):,} genes, of which {known:,} are in the "
        f"embedded annotation of protein-coding genes and {len(names) - known:,} are not; what is "
        "not has no part in gene ontology and other lists unless these name it."
    ]
    if left_out:
        notes.append(f"{left_out:,} genes without a symbol are left out.")
    if added:
        notes.append(f"{added:,} genes share the symbol of another and are added to it.")
    return notes


def _known(names: Sequence[str]) -> int:
    return len(set(names) & set(annotation().index))


def _ensembl(names: Sequence[str]) -> list[str]:
    """Return each name without its version if it is an Ensembl gene, else nothing."""
    texts = pd.Series(list(names), dtype=object).astype(str)
    matched = texts.str.fullmatch(ENSEMBL)
    bare = texts.str.replace(r"[._].*$", "", regex=True)
    return [name if hit else "" for name, hit in zip(bare, matched, strict=True)]


def _texts(column: pd.Series) -> list[str]:
    texts = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    return [str(text) for text in texts]
