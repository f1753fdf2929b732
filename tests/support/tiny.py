"""The tiny study that most tests of steps, pages and runs read: its files and its settings."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np

from helpers.study import Study, open_study

FILES = {
    "lihc-rsem-fpkm-tcga.txt.gz": "TCGA-DD-{:04d}-11A-11R-A22L-07",
    "luad-rsem-fpkm-tcga.txt.gz": "TCGA-55-{:04d}-11A-01R-1949-07",
    "kidney-rsem-fpkm-gtex.txt.gz": "GTEX-K{:04d}-1726-SM-5N9G2",
    "thca-rsem-fpkm-tcga.txt.gz": "TCGA-E8-{:04d}-11A-11R-A180-07",
    "kich-rsem-fpkm-tcga-t.txt.gz": "TCGA-KM-{:04d}-01A-11R-2403-07",
}

# Fifteen of 150 genes: lists of more than a tenth of all genes are no evidence. What explains
# networks that did not learn is none either, so these have steps enough.
SETTINGS: dict[str, Any] = {
    "max_epochs": 15, "batch_size": 16, "top": 15, "own_tissues": 4,
    "cnn_max_epochs": 12, "cnn_batch_size": 8,
}  # fmt: skip
"""What the tiny study replaces in profile smoke."""


def write_tiny(folder: Path) -> None:
    """Write files in RNAseqDB's format, numbers invented: 5 classes, 12 samples, 150 genes.

    Each class has ten genes of its own, so that it can be told from the others.
    """
    rng = np.random.default_rng(7)
    base = rng.gamma(1.0, 20.0, size=150)
    for number, (name, barcode) in enumerate(FILES.items()):
        samples = [barcode.format(k) for k in range(12)]
        means = base.copy()
        means[10 * number : 10 * number + 10] *= 40
        values = means[:, None] * rng.lognormal(0, 0.5, size=(150, 12))
        lines = ["\t".join(["Hugo_Symbol", "Entrez_Gene_Id", *samples])]
        for gene, row in enumerate(values):
            lines.append("\t".join([f"GENE{gene:03d}", str(gene), *(f"{v:.2f}" for v in row)]))
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def open_tiny(data: Path, workspace: Path, **more: Any) -> Study:
    """Open the tiny study, perhaps with settings of your own."""
    return open_study("smoke", "rnaseqdb", data, workspace, **SETTINGS | more)


def make_tiny(data: Path, workspace: Path) -> None:
    """Make the steps of the tiny study that most tests read."""
    study = open_tiny(data, workspace)
    for name in ("claims", "tables/top_genes", "tables/reproducibility"):
        study.ensure(name)
