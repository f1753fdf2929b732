"""Known markers of blood cell types, and where a ranking of genes puts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.biology.gene_lists import check_columns
from helpers.biology.hypergeometric import departure


@dataclass(frozen=True)
class KnownMarkers:
    """Genes that a publication names as markers of a cell type.

    Attributes
    ----------
    tissue
        Cell type, as the cells of the chapter are labelled.
    genes
        HGNC symbols.
    source
        Key of the publication in the book's bibliography.
    named
        What the cell type is called there.
    """

    tissue: str
    genes: tuple[str, ...]
    source: str
    named: str


_AZIMUTH = (
    ("CD19+ B", "B", ("MS4A1", "CD79A", "CD79B")),
    ("CD14+ Monocyte", "CD14 Mono", ("LYZ", "S100A8", "S100A9", "FCN1", "CTSS", "CD14")),
    ("CD56+ NK", "NK", ("GNLY", "NKG7", "PRF1", "GZMB", "KLRF1")),
    ("Dendritic", "cDC2", ("FCER1A", "CLEC10A", "CD1C", "HLA-DQA1")),
    ("CD8+ Cytotoxic T", "CD8 TEM", ("CD8A", "CD8B", "CCL5", "GZMK", "GZMH")),
    ("CD8+/CD45RA+ Naive Cytotoxic", "CD8 Naive", ("CD8A", "CD8B", "CCR7", "LEF1")),
    ("CD4+/CD25 T Reg", "Treg", ("CD4", "IL2RA", "FOXP3", "TIGIT", "CTLA4")),
    ("CD4+/CD45RO+ Memory", "CD4 TCM", ("CD4", "IL7R", "LTB", "IL32")),
    ("CD4+/CD45RA+/CD25- Naive T", "CD4 Naive", ("CD4", "CCR7", "LEF1")),
    ("CD34+", "HSPC", ("CD34", "PRSS57", "SPINK2")),
)
"""Among the ten markers that the reference of human blood cells of Azimuth lists for the type."""

KNOWN: tuple[KnownMarkers, ...] = (
    *(
        KnownMarkers(tissue, ("CD3D",), "zheng2017", "T cells")
        for tissue, _, _ in _AZIMUTH
        if tissue.startswith(("CD4+", "CD8+"))
    ),
    *(KnownMarkers(tissue, genes, "azimuth", named) for tissue, named, genes in _AZIMUTH),
)
"""Markers by cell type. Azimuth (azimuth.hubmapconsortium.org/references, Human - PBMC) is the
annotated reference of Hao et al. (Cell 2021); CD3D is what Zheng et al. (Nature Communications
2017, Figure 3d) show T cells of these very samples by."""

SOURCES = {
    "azimuth": "https://azimuth.hubmapconsortium.org/references/#Human%20-%20PBMC",
    "zheng2017": "https://doi.org/10.1038/ncomms14049",
}
"""Where each source can be read."""

RANK_COLUMNS = ["tissue", "gene", "measured", "rank", "rank_t", "source", "named"]
CHANCE_COLUMNS = [
    "tissue", "ranking", "markers", "top", "hits", "expected", "fold", "fold_low", "fold_high", "p"
]  # fmt: skip
RANKINGS = {"explanation": "rank", "t": "rank_t"}
"""Rankings that are compared, and the column with each."""


def ranks(values: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """Rank values by size without their sign, the largest first, from 1; ties in given order."""
    order = np.argsort(-np.abs(values), kind="stable")
    placed = np.empty(len(values), dtype=np.int64)
    placed[order] = np.arange(1, len(values) + 1)
    return placed


def marker_ranks(genes: pd.DataFrame, markers: Sequence[KnownMarkers] = KNOWN) -> pd.DataFrame:
    """Look up where each known marker stands in the rankings of its cell type.

    Parameters
    ----------
    genes
        ``tissue`` (cell type), ``gene``, ``rank``, ``rank_t``: all genes of each type.
    markers
        The known markers.

    Returns
    -------
    pandas.DataFrame
        `RANK_COLUMNS`; a marker that is not among the genes has no rank. Types in the order of
        `genes`; those without known markers are left out. ``source`` is a key of the bibliography,
        ``named`` what the type is called there.
    """
    check_columns(genes, ["tissue", "gene", "rank", "rank_t"], "ranked genes")
    rows = []
    for tissue, part in genes.groupby("tissue", sort=False):
        found = part.set_index("gene")
        for known in (each for each in markers if each.tissue == tissue):
            for gene in known.genes:
                measured = gene in found.index
                places = [
                    found.at[gene, name] if measured else pd.NA for name in ("rank", "rank_t")
                ]
                rows.append([known.tissue, gene, measured, *places, known.source, known.named])
    table = pd.DataFrame(rows, columns=RANK_COLUMNS)
    return table.astype({"rank": "Int64", "rank_t": "Int64"})


def marker_chance(marker_table: pd.DataFrame, total: int, top: int) -> pd.DataFrame:
    """Compare how many measured markers are among the first genes with chance.

    Parameters
    ----------
    marker_table
        What `marker_ranks` gave.
    total
        Genes measured.
    top
        Length of the list.

    Returns
    -------
    pandas.DataFrame
        `CHANCE_COLUMNS`, a row for each cell type with a measured marker and each of `RANKINGS`;
        ``p`` is one-sided (as many or more).
    """
    rows = []
    measured = marker_table[marker_table["measured"].astype(bool)]
    for tissue, part in measured.groupby("tissue", sort=False):
        for name, column in RANKINGS.items():
            hits = int((part[column] <= top).sum())
            found = departure(hits, top, len(part), total)
            rows.append(
                [tissue, name, len(part), top, hits, found.expected, found.fold, found.fold_low,
                 found.fold_high, found.p_enriched]
            )  # fmt: skip
    return pd.DataFrame(rows, columns=CHANCE_COLUMNS)
