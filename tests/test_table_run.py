"""Runs on a table of text from the command line: the first chapter, and faults."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from called import helpers
from own_files import Dress, Truth, tree, truth, write_sheet, write_table

from helpers.datasets.gene_names import annotation


def run(folder: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    return helpers(
        "run", "--profile", "smoke", "--workers", "1", "--no-book", "--only", "00",
        "--workspace", folder / "ws", "--set", "seed=3", *more,
    )  # fmt: skip


@pytest.fixture
def known() -> Truth:
    return truth(tuple(annotation().index[5000:5130]))


@pytest.mark.slow
def test_a_table_with_its_sheet_runs(known: Truth, tmp_path: Path) -> None:
    matrix = write_table(tmp_path / "counts.csv", known, Dress(delimiter=";", decimal=","))
    sheet = write_sheet(tmp_path / "samples.csv", known)
    before = tree(tmp_path)
    done = run(tmp_path, "--dataset", matrix, "--samples", sheet)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "ws" / "notebooks" / "00_data.ipynb").read_text()
    for said in (
        "counts.csv, described by samples.csv, classes from `kind`",
        "is genes × samples",
        "text with semicolons between fields",
        "24 of its 24 lines are of samples in counts.csv",
    ):
        assert said in page
    assert {name: tree(tmp_path)[name] for name in before} == before
    assert json.loads((tmp_path / "ws" / "provenance.json").read_text())["seed"] == 3
    again = run(tmp_path, "--dataset", matrix, "--samples", sheet)
    assert "Made 0 artefacts" in again.stdout


FAULTS = {
    "no sheet": (["--dataset", "counts.csv"], "give --samples SHEET.csv"),
    "no file": (["--dataset", "count.csv"], "count.csv is not there"),
    "a column": (
        ["--dataset", "counts.csv", "--samples", "samples.csv", "--class-column", "kin"],
        "did you mean 'kind'",
    ),
    "a sample column": (
        ["--dataset", "counts.csv", "--samples", "samples.csv", "--sample-column", "kind"],
        "No sample of",
    ),
    "a layer": (
        ["--dataset", "counts.csv", "--samples", "samples.csv", "--layer", "raw"],
        "has one matrix and no layers",
    ),
    "a column of genes": (
        ["--dataset", "counts.csv", "--samples", "samples.csv", "--gene-column", "symbol"],
        "no column of var",
    ),
    "small classes": (
        ["--dataset", "counts.csv", "--samples", "samples.csv", "--set", "min_class_size=12"],
        "fewer than two classes of at least 12 samples",
    ),
    "a sheet of ours": (["--samples", "samples.csv"], "describes a file of your own"),
    "no data set": (["--dataset", "referense"], "did you mean 'reference'"),
    "loom": (["--dataset", "own.loom"], "scanpy.read_loom"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_end_in_one_sentence_and_change_nothing(
    fault: str, known: Truth, tmp_path: Path
) -> None:
    options, said = FAULTS[fault]
    write_table(tmp_path / "counts.csv", known)
    write_sheet(tmp_path / "samples.csv", known)
    (tmp_path / "own.loom").write_bytes(b"\x89HDF\r\n\x1a\n")
    before = tree(tmp_path)
    full = [str(tmp_path / each) if "." in each else each for each in options]
    done = helpers("status", "--workspace", tmp_path / "ws", *full)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    assert said in lines[0]
    assert tree(tmp_path) == before
    assert not (tmp_path / "ws").exists()
