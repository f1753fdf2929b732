"""What the names of genes in a user's file are, and which symbols they stand for.

Known are gene symbols, Ensembl genes with or without a version, and NCBI's (Entrez) numbers, alone
or joined as some portals join them: ``TP53|7157`` (TCGA), ``ENSG00000141510.16|TP53``,
``ENSG00000141510_TP53``, and with the name of the genome before them, ``GRCh38_TP53``.
"""

from __future__ import annotations

import functools
import io
import lzma
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import numpy as np
import pandas as pd

from helpers.datasets.missing import is_missing
from helpers.datasets.reference import TABLE

ENTREZ_TABLE = "entrez_genes.csv.xz"

ENSEMBL = re.compile(r"(ENS[A-Z]*G\d{6,})(?:\.\d+)?(?:_PAR_Y)?")
"""An Ensembl gene, with or without its version."""

Kind = Literal["symbols", "Ensembl ids", "Entrez ids"]

_GENOME = re.compile(r"(?:GRCh3[78]|hg19|hg38)_+")
"""What cellranger puts before the names of genes where two genomes were measured together."""

_JOINED = re.compile(r"(?P<id>ENS[A-Z]*G\d{6,}(?:\.\d+)?)[_:;-](?P<symbol>.+)")
_JOINED_AFTER = re.compile(r"(?P<symbol>.+?)[_:;-](?P<id>ENS[A-Z]*G\d{6,}(?:\.\d+)?)")

_MOSTLY = 0.5
"""From this share on the names of a file are of a kind."""

_ENTREZ_SHARE = 0.25
"""Numbers are Entrez ids only if this share of them is in the table: all genes of NCBI have a
third, as two thirds of them code for no protein."""


@dataclass(frozen=True)
class GeneNames:
    """Names of genes, understood.

    Attributes
    ----------
    kind
        What they are.
    symbols
        Symbol of each; empty where it is not known or missing.
    ensembl_ids
        Ensembl gene of each without version; empty where the name holds none.
    known
        Number of different symbols that are in the embedded annotation.
    named
        Number of names that are not missing.
    """

    kind: Kind
    symbols: list[str]
    ensembl_ids: list[str]
    known: int
    named: int


@functools.cache
def annotation() -> pd.Series:
    """Return the Ensembl gene of each protein-coding symbol of the embedded annotation."""
    # keep_default_na: a symbol such as "NA" is a name
    table = pd.read_csv(
        io.BytesIO(_embedded(TABLE)),
        usecols=["symbol", "ensembl_id"],
        index_col="symbol",
        keep_default_na=False,
    )
    return table["ensembl_id"]


@functools.cache
def entrez_symbols() -> dict[str, str]:
    """Return the symbol of each of NCBI's (Entrez) identifiers, which are texts of digits."""
    table = pd.read_csv(io.BytesIO(_embedded(ENTREZ_TABLE)), dtype=str, keep_default_na=False)
    return dict(zip(table["entrez_id"], table["symbol"], strict=True))


def understand(texts: Sequence[str]) -> GeneNames:
    """Find out what names of genes are, and the symbol of each.

    Parameters
    ----------
    texts
        Names as `helpers.datasets.missing.names` gives them: empty where one is missing.
    """
    bare = _without_genome(texts)
    named = [text for text in bare if text]
    joined = sum("|" in text for text in named)
    if named and joined >= _MOSTLY * len(named):
        return _collected("symbols", [_of_parts(text.split("|")) for text in bare], len(named))
    found = [ENSEMBL.fullmatch(text) for text in bare]
    count = sum(match is not None for match in found)
    if named and count >= _MOSTLY * len(named):
        by_id = _symbol_of_id()
        pairs = [
            (by_id.get(match[1], ""), match[1]) if match else (_if_known(text), "")
            for text, match in zip(bare, found, strict=True)
        ]
        return _collected("Ensembl ids", pairs, len(named))
    pairs = [_of_joined(text) for text in bare]
    if named and sum(bool(gene) for _, gene in pairs) >= _MOSTLY * len(named):
        return _collected("symbols", pairs, len(named))
    if _are_entrez(named):
        return _collected(
            "Entrez ids",
            [(entrez_symbols().get(text) or _if_known(text), "") for text in bare],
            len(named),
        )
    # Where a gene has no symbol, files often name it by its Ensembl id among the symbols.
    by_id = _symbol_of_id()
    pairs = [
        (by_id.get(match[1], text), match[1]) if match else (_mended(text), "")
        for text, match in zip(bare, found, strict=True)
    ]
    return _collected("symbols", pairs, len(named))


def known(symbols: Sequence[str]) -> int:
    """Count the different symbols that are in the embedded annotation."""
    return len(set(symbols) & _known_symbols())


def _embedded(file: str) -> bytes:
    return lzma.decompress(resources.files("helpers.datasets").joinpath("data", file).read_bytes())


@functools.cache
def _known_symbols() -> frozenset[str]:
    return frozenset(annotation().index)


@functools.cache
def _symbol_of_id() -> dict[str, str]:
    return {str(gene): str(symbol) for symbol, gene in annotation().items() if gene}


def _collected(kind: Kind, pairs: list[tuple[str, str]], named: int) -> GeneNames:
    symbols = [symbol for symbol, _ in pairs]
    return GeneNames(kind, symbols, [gene for _, gene in pairs], known(symbols), named)


def _without_genome(texts: Sequence[str]) -> list[str]:
    """Take the name of the human genome off where names start with one."""
    if not any(_GENOME.match(text) for text in texts):
        return list(texts)
    return [_GENOME.sub("", text, count=1) if _GENOME.match(text) else text for text in texts]


def _of_parts(parts: list[str]) -> tuple[str, str]:
    """Return symbol and Ensembl gene of a name of several parts."""
    ids = [match[1] for part in parts if (match := ENSEMBL.fullmatch(part))]
    gene = ids[0] if ids else ""
    known_symbols = _known_symbols()
    symbol = next((part for part in parts if part in known_symbols), "")
    if not symbol and gene:
        symbol = _symbol_of_id().get(gene, "")
    if not symbol:
        numbers = [part for part in parts if part.isdigit()]
        symbol = next((entrez_symbols()[part] for part in numbers if part in entrez_symbols()), "")
    if not symbol and not gene and not is_missing(parts[0]) and not parts[0].isdigit():
        symbol = parts[0]
    return symbol, gene


def _if_known(text: str) -> str:
    """Return a symbol among identifiers, if it is a known one."""
    return text if text in _known_symbols() else ""


def _mended(text: str) -> str:
    """Undo what R does to names of columns: HLA.A was HLA-A."""
    known_symbols = _known_symbols()
    if "." in text and text not in known_symbols and text.replace(".", "-") in known_symbols:
        return text.replace(".", "-")
    return text


def _of_joined(text: str) -> tuple[str, str]:
    match = _JOINED.fullmatch(text) or _JOINED_AFTER.fullmatch(text)
    if match is None:
        return text, ""
    symbol = "" if is_missing(match["symbol"]) else match["symbol"]
    return symbol, match["id"].partition(".")[0]


def _are_entrez(named: Sequence[str]) -> bool:
    """Tell whether names are NCBI's numbers, and not numbers of lines, lengths or counts."""
    # Zero stands for genes that have none (RNAseqDB).
    numbers = [text for text in named if text.isdigit() and text != "0"]
    if not numbers or len(numbers) < _MOSTLY * len(named):
        return False
    ordered = np.array([int(text) for text in numbers if len(text) < 12])
    in_a_row = len(ordered) > 1 and bool((np.diff(ordered) == 1).all())
    found = sum(text in entrez_symbols() for text in numbers)
    different = len(set(numbers)) >= 0.95 * len(numbers)
    return different and not in_a_row and found >= _ENTREZ_SHARE * len(numbers)
