"""Seeds as a person writes them, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import config
from helpers.claims.ledger import COLUMNS, claims
from helpers.datasets.registry import find_dataset
from helpers.errors import BadInputError, MissingInputError, WorkspaceError
from helpers.publish.runs import seeds as replicating
from helpers.publish.runs.seeds import parse_seeds, replicate
from helpers.publish.runs.side_by_side import compared
from helpers.results.bundle import read_bundle
from helpers.workspace import provenance
from helpers.workspace.store import Workspace, project_root


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0-4", (0, 1, 2, 3, 4)), ("7", (7,)), ("2, 0,5-6", (2, 0, 5, 6)), ("3-3", (3,))],
)
def test_seeds_are_read(text: str, expected: tuple[int, ...]) -> None:
    assert parse_seeds(text) == expected


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("0,0", "seed 0 is given twice"),
        ("0-3,2", "seed 2 is given twice"),
        ("4-1", "no seed in it"),
        ("", "is no seed"),
        ("a", "'a' is no seed"),
        ("-1", "'-1' is no seed"),
        ("1.5", "is no seed"),
    ],
)
def test_what_is_no_seed_is_refused(text: str, match: str) -> None:
    with pytest.raises(BadInputError, match=match):
        parse_seeds(text)


def _ledger(seed: int) -> pd.DataFrame:
    """Return a ledger in which B1 changes with the seed and nothing else does."""
    row = dict.fromkeys(COLUMNS, "") | {"observed": 0.5, "ci_low": 0.4, "ci_high": 0.6, "n": 3}
    rows = [
        row | {"id": name, "protocol": "text",
               "verdict": "partly" if name == "B1" and seed % 2 else "reproduced"}
        for name in claims()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


class _Study:
    """As much of a study as is needed where all artefacts are there."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed, self.profile, self.data = seed, "smoke", None
        self.settings = config.settings("smoke", seed=seed, cnn_models=0)
        self.dataset = find_dataset("reference", self.settings)
        self.workspace = Workspace(folder / f"seed-{seed}")
        self.data_fingerprint: dict[str, str] = {}

    def get(self, name: str) -> pd.DataFrame:
        return _ledger(self.seed)


@pytest.fixture
def nothing_to_make(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    asked: list[list[str]] = []

    def run(*_: object, steps: list[str], **__: object) -> replicating.running.Made:
        asked.append(steps)
        return replicating.running.Made(1, 0)

    monkeypatch.setattr(replicating.running, "run", run)
    monkeypatch.setattr(replicating, "main_tables", lambda get: {})
    return asked


def test_seeds_become_a_bundle(tmp_path: Path, nothing_to_make: list[list[str]]) -> None:
    found = replicate(
        lambda seed: _Study(tmp_path, seed), (0, 1, 2), project_root(), tmp_path / "b", print
    )
    assert found.artefacts == 3
    # Tables behind figures are those of the first seed alone.
    assert ["tables/curves" in steps for steps in nothing_to_make] == [True, False, False]
    bundle = read_bundle(tmp_path / "b")
    assert bundle.about.seeds == (0, 1, 2)
    assert bundle.about.settings["cnn_models"] == 0
    assert "seed" not in bundle.about.settings
    assert (project_root() / "helpers" / "cli.py").is_file()
    assert provenance.code_revision() == provenance.git_revision(project_root())
    outcome = compared([str(tmp_path / "b")], project_root())
    assert outcome.table["id"].tolist() == ["B1"]
    assert outcome.table["goes with"].tolist() == ["seed"]
    assert f"All say the same on {len(claims()) - 1} statements." in outcome.lines


def test_a_folder_of_somebody_else_is_refused_before_anything_is_made(
    tmp_path: Path, nothing_to_make: list[list[str]]
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").write_text("")
    with pytest.raises(WorkspaceError, match="mine"):
        replicate(lambda seed: _Study(tmp_path, seed), (0,), project_root(), tmp_path / "b", print)
    assert nothing_to_make == []


def test_one_run_alone_cannot_be_compared(tmp_path: Path, nothing_to_make: list[list[str]]) -> None:
    replicate(lambda seed: _Study(tmp_path, seed), (0,), project_root(), tmp_path / "b", print)
    with pytest.raises(BadInputError, match="name another one"):
        compared([str(tmp_path / "b")], project_root())
    with pytest.raises(BadInputError, match="named twice"):
        compared([str(tmp_path / "b")] * 2, project_root())
    with pytest.raises(MissingInputError, match="neither a bundle"):
        compared([str(tmp_path)], project_root())
