"""The page on adding an explainer: its module is all that has to be added, and verdicts stay."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from how_tos import Page

from helpers.explain import EXPLAINERS
from helpers.explain.explainers import entry_of
from helpers.figures import style
from helpers.stability.paper import PAPER_EXPLAINERS, of_the_paper
from helpers.study import Study
from helpers.workspace.fingerprints import of_code

ROOT = Path(__file__).resolve().parents[2]
PAGE = Page("add_an_explainer")
MODULE, TEST = (
    "helpers/explain/explainers/opposite_gradient.py",
    "tests/explain/test_opposite_gradient.py",
)
NAME = "OppositeGradient"
CHAPTERS = (
    "02_baseline_reproducibility",
    "03_smoothgrad_and_repeats",
    "04_references",
    "05_aggregation",
)
# Tables of these chapters that have a row for each explainer.
TABLES = (
    "unoptimised",
    "modes",
    "curves",
    "saturation",
    "optimum",
    "disjoint",
    "effects",
    "halves",
)
KEPT = ("helpers", "notebooks", "book", "_config.yml", "pyproject.toml")


def test_all_code_of_the_page_says_where_it_belongs() -> None:
    text = PAGE.path.read_text(encoding="utf-8")
    assert f"tests/explain/{Path(__file__).name}" in text
    assert len(re.findall("^```{", text, re.MULTILINE)) == sum(map(len, PAGE.blocks.values())) == 2


def test_the_pages_test_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = entry_of(PAGE.module(MODULE, monkeypatch))
    monkeypatch.setitem(EXPLAINERS, entry.name, entry)
    tests = PAGE.tests(TEST, monkeypatch)
    assert len(tests) == 3
    for test in tests:
        test(tmp_path)


def test_rows_of_other_explainers_are_no_part_of_the_papers_statements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = pd.DataFrame({"explainer": ["DeepLift", NAME, "t-test"], "value": [1, 2, 3]})
    pairs = pd.DataFrame(
        {"a": ["mlp:DeepLift:aggregated"] * 2, "b": ["cnn:Saliency:single", f"mlp:{NAME}:single"]}
    )
    assert of_the_paper(table) is table
    entry = entry_of(PAGE.module(MODULE, monkeypatch))
    monkeypatch.setitem(EXPLAINERS, entry.name, entry)
    assert of_the_paper(table)["explainer"].tolist() == ["DeepLift", "t-test"]
    assert of_the_paper(pairs).index.tolist() == [0]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project, and add the page's module: no other file is touched."""
    root = tmp_path_factory.mktemp("project")
    for name in KEPT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    (root / MODULE).write_text(PAGE.block(MODULE), encoding="utf-8")
    return root


def run(root: Path, *command: str) -> str:
    """Run a command with the package of the copy."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


# What `tiny_study` replaces in profile smoke.
CHANGED = ("max_epochs", "batch_size", "top", "own_tissues", "cnn_max_epochs", "cnn_batch_size")


def run_chapters(root: Path, study: Study) -> None:
    settings = [f"--set={name}={getattr(study.settings, name)}" for name in CHANGED]
    only = [f"--only={name}" for name in CHAPTERS]
    # One protocol: an explainer is the same code under all, and each is judged anew.
    told = ["--profile=smoke", "--dataset=rnaseqdb", f"--data={study.data}", "--set=protocols=text"]
    run(
        root, "-m", "helpers", "run", *told, f"--workspace={root / 'ws'}", *settings, *only,
        "--workers=1", "--no-book",
    )  # fmt: skip


def judge(root: Path, study: Study) -> None:
    settings = {name: getattr(study.settings, name) for name in CHANGED}
    run(
        root, "-c",
        "from pathlib import Path\n"
        "from helpers.study import open_study\n"
        f"where = Path({str(study.data)!r}), Path({str(root / 'ws')!r})\n"
        f"study = open_study('smoke', 'rnaseqdb', *where, protocols='text', **{settings!r})\n"
        "study.ensure('claims')",
    )  # fmt: skip


@pytest.mark.slow
def test_a_run_shows_it_in_every_table_and_figure_and_changes_no_verdict(
    copied: Path, tiny_study: Study
) -> None:
    """Chapters 02 to 05, and the ledger, beside those of the same study without it."""
    run_chapters(copied, tiny_study)
    tables = copied / "ws" / "tables"
    for name in TABLES:
        table = pd.read_csv(tables / f"{name}.csv")
        for architecture, names in PAPER_EXPLAINERS.items():
            own = table.loc[table["architecture"] == architecture, "explainer"]
            if len(own):
                assert {NAME} <= set(own) or not {"Saliency"} & set(own), (name, architecture)
                assert set(own) - {NAME} <= set(names)
    drawn = sorted((copied / "ws" / "figures").glob("*.csv"))
    with_explainers = [
        data for data in map(pd.read_csv, drawn)
        if "explainer" in data.columns and "Saliency" in set(data["explainer"])
    ]  # fmt: skip
    assert len(with_explainers) >= 4
    for data in with_explainers:
        assert NAME in set(data["explainer"])
    judge(copied, tiny_study)
    judged = pd.read_csv(tables / "claims.csv", keep_default_na=False)
    every = tiny_study.get("tables/claims")
    before = every[every["protocol"] == "text"].reset_index(drop=True)
    assert judged["id"].tolist() == before["id"].tolist()
    assert judged["verdict"].tolist() == before["verdict"].tolist()
    numbers = ["observed", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(
        judged[numbers].apply(pd.to_numeric), before[numbers], check_exact=False, rtol=1e-9
    )


def test_figures_draw_it_as_its_entry_says(copied: Path) -> None:
    shown = run(
        copied, "-c",
        "from helpers.figures import style\n"
        f"print(style.EXPLAINER_LINES[{NAME!r}]['color'], style.explainer_name({NAME!r}))\n"
        "print(*style.EXPLAINERS)",
    )  # fmt: skip
    first, second = shown.splitlines()[-2:]
    assert first == "#8c564b Opposite gradient"
    assert set(second.split()) == {*style.EXPLAINERS, NAME}


def test_adding_one_makes_scores_stale_and_no_networks(copied: Path) -> None:
    code = "from helpers.workspace.fingerprints import of_code; print(of_code(['helpers.{}']))"
    for module, same in (("explain.explanation", False), ("training.ensemble", True)):
        there = run(copied, "-c", code.format(module)).split()[-1]
        assert (there == of_code([f"helpers.{module}"])) is same
