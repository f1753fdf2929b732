"""A run on a file of your own: the first chapter, whatever the format; faults leave nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from called import helpers
from scipy import sparse

from helpers.datasets.symbols import annotation
from helpers.study import open_study

TABLES = ("classes", "split", "explained", "projection", "spread")


def write(path: Path, x: object) -> Path:
    obs = pd.DataFrame({"kind": ["a"] * 12 + ["b/c +"] * 12}, index=[f"s{i}" for i in range(24)])
    var = pd.DataFrame(index=[f"{gene}.3" for gene in annotation().iloc[:110]])
    anndata.AnnData(x, obs=obs, var=var).write_h5ad(path)
    return path


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    rng = np.random.default_rng(3)
    means = np.tile(rng.gamma(1, 30, 110) + 1, (24, 1))
    means[:12, :9] *= 20
    return rng.poisson(means).astype(np.float32)


def run(path: Path, workspace: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return helpers(
        "run", "--profile", "smoke", "--dataset", path, "--class-column", "kind", "--workspace",
        workspace, "--workers", "1", "--no-book", "--only", "00", *more,
    )  # fmt: skip


@pytest.mark.slow
def test_the_first_chapter_is_about_the_file_and_not_its_format(
    counts: np.ndarray, tmp_path: Path
) -> None:
    path = write(tmp_path / "own.h5ad", sparse.csr_matrix(counts))
    done = run(path, tmp_path / "sparse")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "sparse" / "notebooks" / "00_data.ipynb").read_text()
    for said in ("your own file own.h5ad", "all values are whole numbers", "embedded annotation"):
        assert said in page
    dense = open_study(
        "smoke", str(write(path, counts)), workspace=tmp_path / "dense", class_column="kind"
    )
    for name in TABLES:
        dense.ensure(f"tables/{name}")
        made = [tmp_path / kind / "tables" / f"{name}.csv" for kind in ("sparse", "dense")]
        assert made[0].read_bytes() == made[1].read_bytes()


def test_a_fault_ends_in_one_sentence_and_leaves_nothing(
    counts: np.ndarray, tmp_path: Path
) -> None:
    path = write(tmp_path / "own.h5ad", np.log1p(counts))
    done = run(path, tmp_path / "ws", "--unit", "counts")
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert "is not a whole number, as counts are" in lines[0]
    assert [p for p in (tmp_path / "ws").rglob("*") if p.is_file()] == []
