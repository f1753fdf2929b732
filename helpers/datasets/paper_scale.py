"""The simulated data set at the paper's size: 27,417 samples of 82 classes, written in blocks.

For tests and measurements of what a run on the paper's data takes. The samples are those of the
data set `reference`, so they are simulated; what is the paper's is how many there are.

The paper gives two totals, 17,329 samples of GTEx in 49 classes and 10,088 of TCGA in 33, and no
count of a class.

GTEx: the samples of each tissue of version 8, as listed by the track "GTEx Gene V8" of the UCSC
Genome Browser (https://genome.ucsc.edu/cgi-bin/hgTrackUi?db=hg38&g=gtexGeneV8). Its 54 tissues have
17,382 samples; the 49 that have more than 21 have 17,329, exactly the paper's. They are dealt to 49
of the 50 normal classes in alphabetical order, so which class has which count means nothing.

TCGA: no public table was found that adds up to the paper's total. These are the primary tumours
(of leukaemia: of peripheral blood) of each project in the recomputation of TCGA by Vivian et al.
(Nature Biotechnology 2017), counted in its table of phenotypes (TcgaTargetGTEX_phenotype, UCSC
Xena): 9,358 samples, brought to 10,088 in proportion. That table lacks samples which the paper must
have had: of UCEC it has 180, and TCGA's own first paper on these tumours had 373. So UCEC, and
perhaps others, are too small here and the rest too large by up to 8 in 100.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers.datasets.reference import (
    NOTES,
    TABLE_SHA256,
    described,
    reference_classes,
    reference_table,
)
from helpers.datasets.simulation import sample_table, simulate_classes
from helpers.datasets.store import StreamedExpression, write_store

GTEX_SAMPLES = (
    663, 541, 258, 432, 240, 663, 152, 176, 246, 215, 241, 255, 209, 197, 202, 246, 205, 159, 139,
    459, 504, 174, 373, 406, 375, 555, 515, 429, 432, 85, 226, 578, 162, 803, 619, 180, 328, 283,
    245, 604, 701, 187, 241, 359, 361, 653, 142, 156, 755,
)  # fmt: skip
"""Samples with RNA-seq of each tissue of GTEx version 8 that has more than 21, by tissue."""

TCGA_SAMPLES = {
    "ACC": 77, "BLCA": 407, "BRCA": 1092, "CESC": 304, "CHOL": 36, "COAD": 288, "DLBC": 47,
    "ESCA": 181, "GBM": 153, "HNSC": 518, "KICH": 66, "KIRC": 530, "KIRP": 288, "LAML": 173,
    "LGG": 509, "LIHC": 369, "LUAD": 513, "LUSC": 498, "MESO": 87, "OV": 419, "PAAD": 178,
    "PCPG": 177, "PRAD": 495, "READ": 92, "SARC": 258, "SKCM": 102, "STAD": 414, "TGCT": 148,
    "THCA": 504, "THYM": 119, "UCEC": 180, "UCS": 57, "UVM": 79,
}  # fmt: skip
"""Primary tumours of each project in the recomputation by Vivian et al. (2017)."""
TCGA_TOTAL = 10_088

COUNT_NOTE = (
    "As many samples as in the paper: GTEx's counts of version 8, dealt to normal classes in "
    "alphabetical order, and TCGA's in proportion to the primary tumours of Vivian et al. (2017)."
)


def paper_counts() -> dict[str, int]:
    """Return the number of samples of each of 82 classes, 27,417 in all."""
    status = reference_classes()["status"]
    normal = sorted(str(name) for name in status.index[status == "normal"])
    # One normal class more than tissues: the last is left out.
    counts = dict(zip(normal, GTEX_SAMPLES, strict=False))
    return counts | {f"TCGA_{code}": n for code, n in _to_total(TCGA_SAMPLES, TCGA_TOTAL).items()}


def paper_scale(*, seed: int, counts: Mapping[str, int] | None = None) -> StreamedExpression:
    """Simulate the reference data set with the paper's number of samples.

    Parameters
    ----------
    seed
        Seed of the simulation: the same seed gives the same bytes.
    counts
        Class → samples; default: `paper_counts()`.

    Returns
    -------
    StreamedExpression
        Written class by class: one class is in memory at a time, and how it is written changes
        no sample.
    """
    return StreamedExpression(
        functools.partial(_write, seed=seed, counts=dict(counts or paper_counts()))
    )


def _write(path: Path, *, seed: int, counts: dict[str, int]) -> None:
    table, classes = reference_table(), reference_classes()
    write_store(
        path,
        simulate_classes(table.drop(columns="ensembl_id"), classes, counts, seed=seed),
        obs=described(sample_table(counts), classes).rename_axis("sample"),
        var=table[["ensembl_id"]],
        uns={
            "source": "The reference data set's simulation, with the paper's number of samples",
            "provenance": {"seed": seed, "counts": counts},
            "sha256": TABLE_SHA256,
            "simulated": True,
            "notes": [*NOTES, COUNT_NOTE],
        },
    )


def _to_total(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Bring counts to a total in proportion, rounding by the largest remainders."""
    exact = np.array(list(counts.values())) * total / sum(counts.values())
    whole = np.floor(exact).astype(int)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return {name: int(n) for name, n in zip(counts, whole, strict=True)}
