"""The page on adding an explainer: its module is all that has to be added, and verdicts stay."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from how_tos import Page
from tiny import SETTINGS

from helpers.explain import EXPLAINERS
from helpers.explain.explainers import entry_of
from helpers.figures import style
from helpers.stability.paper import PAPER_EXPLAINERS, of_the_paper
from helpers.workspace.formats import read_table

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


# What the run is asked for, and then tells: states before it, and how figures show the explainer.
SCRIPT = """
import json, sys
from pathlib import Path
from helpers.figures import style
from helpers.publish.run import run
from helpers.study import open_study

told = json.loads(sys.argv[1])
study = open_study("smoke", "rnaseqdb", *map(Path, told["places"]), **told["settings"])
steps = ("models/mlp", "models/cnn", "scores/unoptimised_mlp", "scores/unoptimised_cnn")
said = {name: sorted({*study.states(name).values()}) for name in steps}
run(study, Path.cwd(), lambda *_: None, only=told["chapters"])
study.ensure("claims")
said["look"] = style.EXPLAINER_LINES[told["name"]]["color"], style.explainer_name(told["name"])
said["explainers"] = list(style.EXPLAINERS)
print(json.dumps(said))
"""


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


@pytest.fixture(scope="module")
def said(copied: Path, tiny_data: Path, tiny_workspace: Path) -> dict[str, Any]:
    """Run chapters 02 to 05 and judge, with the package of the copy and what it need not make."""
    workspace = shutil.copytree(tiny_workspace, copied / "ws")
    # One protocol: an explainer is the same code under all, and each is judged anew.
    told = {
        "places": [str(tiny_data), str(workspace)],
        "settings": SETTINGS | {"protocols": "text"},
        "chapters": CHAPTERS, "name": NAME,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(told)],
        cwd=copied, env=os.environ | {"PYTHONPATH": str(copied), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_a_run_shows_it_in_every_table_and_figure_and_changes_no_verdict(
    copied: Path, said: dict[str, Any], tiny_workspace: Path
) -> None:
    """Chapters 02 to 05, and the ledger, beside those of the same study without it."""
    tables = copied / "ws" / "tables"
    for name in TABLES:
        table = pd.read_csv(tables / f"{name}.csv")
        for architecture, names in PAPER_EXPLAINERS.items():
            own = table.loc[table["architecture"] == architecture, "explainer"]
            if len(own):
                assert {NAME} <= set(own) or not {"Saliency"} & set(own), (name, architecture)
                assert set(own) - {NAME} <= set(names)
    drawn = sorted((copied / "ws" / "figures").glob("*.csv"))
    # Panels of published results show what was run elsewhere.
    drawn = [path for path in drawn if not path.stem.endswith("_real")]
    with_explainers = [
        data for data in map(pd.read_csv, drawn)
        if "explainer" in data.columns and "Saliency" in set(data["explainer"])
    ]  # fmt: skip
    assert len(with_explainers) >= 4
    for data in with_explainers:
        assert NAME in set(data["explainer"])
    judged, every = (
        read_table(folder / "tables" / "claims.csv") for folder in (copied / "ws", tiny_workspace)
    )
    before = every[every["protocol"] == "text"].reset_index(drop=True)
    assert judged["id"].tolist() == before["id"].tolist()
    assert judged["verdict"].tolist() == before["verdict"].tolist()
    numbers = ["observed", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(
        judged[numbers], before[numbers], check_exact=False, rtol=1e-9, check_dtype=False
    )


def test_figures_draw_it_as_its_entry_says(said: dict[str, Any]) -> None:
    assert said["look"] == ["#8c564b", "Opposite gradient"]
    assert set(said["explainers"]) == {*style.EXPLAINERS, NAME}


def test_adding_one_makes_scores_stale_and_no_networks(said: dict[str, Any]) -> None:
    """Beside the workspace of the same study without it, of which the run made use."""
    for name in ("models/mlp", "models/cnn"):
        assert said[name] == ["fresh"]
    for name in ("scores/unoptimised_mlp", "scores/unoptimised_cnn"):
        assert said[name] == ["missing", "stale"]
