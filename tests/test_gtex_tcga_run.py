"""The command line on generated files in the layout of GTEx and recount3."""

from __future__ import annotations

import subprocess
from pathlib import Path

import h5py
import pandas as pd
import pytest
from called import helpers
from gtex_tcga_study import Study, make_study

pytestmark = pytest.mark.slow


@pytest.fixture
def study(tmp_path: Path) -> Study:
    tissues = dict.fromkeys(("Liver", "Lung", "Ovary", "Pancreas", "Brain - Cortex"), 12)
    return make_study(
        tmp_path / "data", genes=260, tissues=tissues, projects={"LIHC": 12}, marked=20
    )


def run(study: Study, workspace: Path, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--dataset", "gtex-tcga", "--data", study.folder, "--workspace", workspace]
    return helpers("run", "--profile", "smoke", *arguments, "--workers", "1", *more)


def test_generated_files_reach_the_chapter_on_the_data(study: Study, tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    done = run(study, workspace, "--only", "00_data", "--no-book")
    assert done.returncode == 0, done.stderr
    classes = pd.read_csv(workspace / "tables" / "classes.csv").set_index("class")
    assert classes.loc["GTEx_Liver", ["organ", "samples"]].tolist() == ["liver", 12]
    assert classes.loc["TCGA_LIHC", ["organ", "samples"]].tolist() == ["liver", 12]
    assert len(classes) == 6
    with h5py.File(workspace / "data" / "expression.h5ad") as file:
        assert file["X"].chunks is not None
        assert file["X"].shape == (72, 208)


def test_a_file_that_breaks_off_ends_in_code_2_and_leaves_nothing(
    study: Study, tmp_path: Path
) -> None:
    workspace = tmp_path / "ws"
    study.sums("LIHC").write_bytes(study.sums("LIHC").read_bytes()[:-400])
    done = run(study, workspace, "--only", "00_data", "--no-book")
    assert done.returncode == 2
    assert f"Error: {study.sums('LIHC')} is truncated" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [path for path in workspace.rglob("*") if path.is_file()]
