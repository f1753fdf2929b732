"""Genes of GENCODE: identifiers without versions, symbols, kinds, and lengths of their exons.

recount3 counts genes by a GTF with one line a gene, whose score column holds the length in base
pairs of all exons of the gene together (Wilks et al., Genome Biology 2021). Its GENCODE 26
(``G026``) is also the annotation of GTEx version 8.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from helpers.datasets.matrix_text import AGAIN, read_text
from helpers.errors import BadInputError

PROTEIN_CODING = "protein_coding"
PAR_Y = "_PAR_Y"
ATTRIBUTE = re.compile(r'(gene_id|gene_type|gene_name) "([^"]*)"')
FIELDS = 9
CHROMOSOME = re.compile(r"chr([1-9]|1\d|2[0-2]|X|Y|M)")


def versionless(gene: str) -> str:
    """Return an Ensembl gene without its version: ``ENSG00000000003.14`` → ``ENSG00000000003``.

    The copies on chromosome Y of genes that X has too keep their mark, ``_PAR_Y``, since without
    it they could not be told from those of X.
    """
    return gene.partition(".")[0] + (PAR_Y if gene.endswith(PAR_Y) and "." in gene else "")


def read_annotation(path: Path) -> pd.DataFrame:
    """Read recount3's annotation of genes.

    Parameters
    ----------
    path
        ``human.gene_sums.G026.gtf.gz``.

    Returns
    -------
    pandas.DataFrame
        Index: gene without version. ``symbol``, ``kind`` (GENCODE's gene type), ``length``
        (base pairs of exons), ``chromosome``.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not there, or a line of it is not one of a GTF, has no length, or names a
        gene that another line names too.
    """
    rows: dict[str, tuple[str, str, int, str]] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.startswith("#") or not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != FIELDS:
            raise BadInputError(
                f"{path}, line {number}, has {len(cells)} fields, and a GTF has {FIELDS}: {AGAIN}."
            )
        if cells[2] != "gene":
            continue
        named = dict(ATTRIBUTE.findall(cells[8]))
        if len(named) < 2 or "gene_id" not in named:
            raise BadInputError(f"{path}, line {number}, has no gene_id and gene_type: {AGAIN}.")
        if not cells[5].isdigit() or int(cells[5]) == 0:
            raise BadInputError(
                f"{path}, line {number}: the length of {named['gene_id']} (score column) is "
                f"{cells[5]!r}, and must be a number of base pairs: use recount3's file."
            )
        gene = versionless(named["gene_id"])
        if gene in rows:
            raise BadInputError(f"{path}, line {number}: gene {gene} is there twice: {AGAIN}.")
        symbol = named.get("gene_name") or gene
        rows[gene] = (symbol, named.get("gene_type", ""), int(cells[5]), cells[0])
    if not rows:
        raise BadInputError(f"{path} holds no genes: {AGAIN}.")
    columns = ["symbol", "kind", "length", "chromosome"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def protein_coding(annotation: pd.DataFrame) -> pd.DataFrame:
    """Choose the protein-coding genes, one for each symbol, sorted by symbol.

    Where several Ensembl genes share a symbol, one on a chromosome goes before one on a scaffold,
    then the lowest identifier. The rule looks at no expression, so that it does not depend on
    which samples are there. Copies of genes on chromosome Y that X has too are left out.
    """
    coding = annotation[annotation["kind"] == PROTEIN_CODING]
    coding = coding[~coding.index.str.endswith(PAR_Y)]
    placed = coding["chromosome"].map(lambda name: CHROMOSOME.fullmatch(name) is None)
    order = coding.assign(scaffold=placed, gene=coding.index)
    order = order.sort_values(["symbol", "scaffold", "gene"])
    return coding.loc[order.drop_duplicates("symbol")["gene"]]
