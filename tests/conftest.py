"""Fixtures shared by all tests."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pandas as pd
import pytest

from helpers.stability import REPRODUCIBILITY_COLUMNS
from helpers.study import Study, open_study

# Same examples in every run, and no time limit for each: a busy machine is not a failure.
hypothesis.settings.register_profile("book", deadline=None, derandomize=True)
hypothesis.settings.load_profile("book")

WHOLE_RUNS = frozenset({
    "test_adding_an_explainer.py", "test_any_machine.py", "test_own_run.py", "test_run.py",
    "test_small_studies.py", "test_table_run.py",
})  # fmt: skip
"""Files whose tests take longest. They come first, so that no process is left with them at the end
where several share the tests (`make test`)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with whole runs first; within a file the order stays."""
    items.sort(key=lambda item: item.path.name not in WHOLE_RUNS)


SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"

TINY_FILES = {
    "lihc-rsem-fpkm-tcga.txt.gz": "TCGA-DD-{:04d}-11A-11R-A22L-07",
    "luad-rsem-fpkm-tcga.txt.gz": "TCGA-55-{:04d}-11A-01R-1949-07",
    "kidney-rsem-fpkm-gtex.txt.gz": "GTEX-K{:04d}-1726-SM-5N9G2",
    "thca-rsem-fpkm-tcga.txt.gz": "TCGA-E8-{:04d}-11A-11R-A180-07",
    "kich-rsem-fpkm-tcga-t.txt.gz": "TCGA-KM-{:04d}-01A-11R-2403-07",
}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real GTEx/TCGA files; the test is skipped where it does not exist."""
    if not SHARED.is_dir():
        pytest.skip(f"real GTEx/TCGA files are not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with files in RNAseqDB's format, numbers invented: 5 classes, 12 samples, 150 genes.

    Each class has ten genes of its own, so that it can be told from the others.
    """
    folder = tmp_path_factory.mktemp("tiny")
    rng = np.random.default_rng(7)
    base = rng.gamma(1.0, 20.0, size=150)
    for number, (name, barcode) in enumerate(TINY_FILES.items()):
        samples = [barcode.format(k) for k in range(12)]
        means = base.copy()
        means[10 * number : 10 * number + 10] *= 40
        values = means[:, None] * rng.lognormal(0, 0.5, size=(150, 12))
        lines = ["\t".join(["Hugo_Symbol", "Entrez_Gene_Id", *samples])]
        for gene, row in enumerate(values):
            lines.append("\t".join([f"GENE{gene:03d}", str(gene), *(f"{v:.2f}" for v in row)]))
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def curve_rows() -> Callable[..., pd.DataFrame]:
    """Make rows of ``reproducibility.csv`` of a curve with known levels, one pair a sample.

    ``curve_rows({n: level}, samples=[difference from the level, …], explainer=…)``
    """

    def make(
        levels: Mapping[int, float],
        samples: Sequence[float] = (-0.02, -0.01, 0.0, 0.01, 0.02),
        **named: Any,
    ) -> pd.DataFrame:
        fixed = {
            "architecture": "mlp", "explainer": "Saliency", "optimisation": "repeats",
            "design": "inter_model", "reference": "none", "metric": "spearman",
        } | named  # fmt: skip
        rows = [
            fixed | {"n": n, "tissue": "lung", "sample": f"s{s}", "value": level + more}
            for n, level in levels.items()
            for s, more in enumerate(samples)
        ]
        extra = [name for name in named if name not in REPRODUCIBILITY_COLUMNS]
        return pd.DataFrame(rows)[[*REPRODUCIBILITY_COLUMNS, *extra]]

    return make


@pytest.fixture(scope="session")
def tiny_study(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Open the smoke study of `tiny_data`, with the steps that most tests read made."""
    opened = open_study(
        "smoke",
        "rnaseqdb",
        tiny_data,
        tmp_path_factory.mktemp("ws"),
        max_epochs=15,
        batch_size=16,
        top=20,
        own_tissues=4,
        cnn_max_epochs=12,
        cnn_batch_size=8,
    )
    opened.ensure("claims")
    opened.ensure("tables/top_genes")
    opened.ensure("tables/reproducibility")
    return opened
