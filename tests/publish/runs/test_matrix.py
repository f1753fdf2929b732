"""A matrix is made cell by cell and goes on where it was; its page does not tell the order."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers import config
from helpers.claims.ledger import COLUMNS, claims
from helpers.cli import main
from helpers.datasets.registry import find_dataset
from helpers.errors import BadInputError, WorkspaceError
from helpers.publish.runs import matrix as crossing
from helpers.publish.runs.matrix import Crossed, cross, open_cell
from helpers.publish.runs.matrix_file import Cell, Matrix, read_matrix
from helpers.results import measures
from helpers.workspace.ownership import MARKER
from helpers.workspace.store import Workspace, project_root

TEXT = "profile: smoke\ndatasets: [reference, tissues]\nseeds: [0, 1]\nsettings: {cnn_models: 0}\n"


class _Study:
    """As much of a study as a matrix asks for; a file says whether it has been made."""

    def __init__(self, folder: Path, cell: Cell) -> None:
        self.cell, self.data = cell, None
        self.settings = config.settings(cell.profile, **cell.overrides)
        self.dataset = find_dataset(cell.source, self.settings)
        self.workspace = Workspace(folder / cell.name.replace(" ", "-"))
        self.made = folder / f"{cell.name}.made"

    def outdated(self, names: Any) -> dict[str, list[None]]:
        return {} if self.made.exists() else {name: [None] for name in names}

    def get(self, name: str) -> pd.DataFrame:
        assert self.made.exists(), f"{self.cell.name} is read before it is made"
        if name == crossing.MEASURES:
            rows = [(measures.ACCURACY, measures.ALL, 0.5, 0.9 + self.cell.seed / 100, 3, "MLPs")]
            return pd.DataFrame(rows, columns=measures.COLUMNS)
        row = dict.fromkeys(COLUMNS, "") | {"observed": 0.5, "ci_low": 0.4, "ci_high": 0.6, "n": 3}
        fragile = {"B1": self.cell.seed == 1, "B2": self.cell.dataset == "tissues"}
        verdicts = {name: "partly" if fragile.get(name) else "reproduced" for name in claims()}
        rows = [row | {"id": n, "protocol": "text", "verdict": v} for n, v in verdicts.items()]
        return pd.DataFrame(rows, columns=list(COLUMNS))


@pytest.fixture
def asked(tmp_path: Path) -> Matrix:
    path = tmp_path / "matrix.yaml"
    path.write_text(TEXT)
    return read_matrix(path)


@pytest.fixture
def run(
    tmp_path: Path, asked: Matrix, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[list[str], Crossed]]:
    """Return what makes a matrix: the names of the cells that were made, and the outcome."""
    monkeypatch.setattr(crossing.running, "begin", lambda study, progress: 0)

    def call(matrix: Matrix = asked, to: str = "page", fail: str = "") -> tuple[list[str], Crossed]:
        made: list[str] = []

        def make(study: _Study) -> int:
            if study.cell.name == fail:
                raise BadInputError("There is no class 'livr'.")
            made.append(study.cell.name)
            study.made.write_text("")
            return 3

        found = cross(
            matrix, project_root(), tmp_path / to, print, make=make,
            opened=lambda cell: _Study(tmp_path / "cells", cell),
        )  # fmt: skip
        return made, found

    (tmp_path / "cells").mkdir()
    return call


NAMES = ["reference, seed 0", "reference, seed 1", "tissues, seed 0", "tissues, seed 1"]


def test_every_cell_is_made_once(run: Callable[..., Any]) -> None:
    made, found = run()
    assert made == NAMES
    assert (found.artefacts, found.finished) == (12, 0)
    again, found = run()
    assert again == []
    assert (found.artefacts, found.finished) == (0, 4)


def test_cells_are_made_by_the_scheduler_of_every_run(
    run: Callable[..., Any], asked: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []

    def scheduled(study: _Study, *_: Any, **more: Any) -> crossing.running.Made:
        seen.append({name: more[name] for name in ("steps", "workers", "distribute")})
        study.made.write_text("")
        return crossing.running.Made(1, 0)

    monkeypatch.setattr(crossing.running, "run", scheduled)
    cross(
        asked, project_root(), tmp_path / "page", print, workers=3, distribute=True,
        opened=lambda cell: _Study(tmp_path / "cells", cell),
    )  # fmt: skip
    assert seen == [{"steps": list(crossing.STEPS), "workers": 3, "distribute": True}] * 4


def test_what_was_stopped_goes_on(run: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"matrix\.yaml, tissues, seed 0: There is no class"):
        run(fail="tissues, seed 0")
    assert not (tmp_path / "page").exists()
    made, found = run()
    assert made == NAMES[2:]
    assert found.finished == 2


def test_the_order_of_cells_leaves_no_trace(
    run: Callable[..., Any], asked: Matrix, tmp_path: Path
) -> None:
    _, first = run()
    for path in (tmp_path / "cells").glob("*.made"):
        path.unlink()
    (tmp_path / "matrix.yaml").write_text(
        "seeds: [1, 0]\ndatasets: [tissues, reference]\nsettings: {cnn_models: 0}\nprofile: smoke\n"
    )
    _, other = run(read_matrix(asked.path), to="other")
    for name in ("index.html", "cells.csv", "verdicts.csv"):
        assert (first.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_the_page_says_where_cells_part_and_what_they_are(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    _, found = run()
    text = (found.folder / "index.html").read_text("utf-8")
    assert f"All say the same on {len(claims()) - 2} of {len(claims())} statements." in text
    assert "With the data change B2." in text
    assert "With the seed change B1." in text
    assert "Samples of reference are simulated." in text
    for outside in ("http://", "https://", "<script", "<link"):
        assert outside not in text
    cells = pd.read_csv(found.folder / "cells.csv")
    assert cells["accuracy"].tolist() == [0.9, 0.91, 0.9, 0.91]
    assert cells["partly"].tolist() == [0, 1, 1, 2]
    assert cells["simulated"].tolist() == [True, True, False, False]
    verdicts = pd.read_csv(found.folder / "verdicts.csv")
    assert len(verdicts) == 4 * len(claims())


def test_a_folder_of_somebody_else_is_refused_before_anything_is_made(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine.txt").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"mine\.txt.*--to"):
        run()
    assert not list((tmp_path / "cells").glob("*.made"))


def test_a_page_that_somebody_changed_is_not_replaced(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    _, found = run()
    assert (found.folder / MARKER).is_file()
    (found.folder / "index.html").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"index\.html"):
        run()
    assert (found.folder / "index.html").read_text() == "mine"


def test_the_page_is_not_written_over_its_own_file(
    run: Callable[..., Any], asked: Matrix, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceError, match=r"matrix\.yaml is read"):
        run(to=".")


def test_settings_set_the_workspaces_of_cells_apart(asked: Matrix) -> None:
    cell = asked.cells[0]
    other = replace(cell, overrides={**cell.overrides, "models": 2})
    plain = replace(cell, overrides={"seed": config.Settings.model_fields["seed"].default})
    roots = [open_cell(c, untouched=True).workspace.root for c in (cell, other, plain, cell)]
    assert len(set(roots)) == 3
    assert roots[0] == roots[3]
    # Without settings of its own a cell is the plain run, which may be there already.
    assert roots[2].name == "reference-smoke"


def test_a_bad_file_ends_in_one_sentence_and_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("datasets: [tissues]\nseeds: x\n")
    monkeypatch.setattr(sys, "argv", ["helpers", "matrix", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "line 2: seeds 'x'" in said
    assert [each.name for each in tmp_path.iterdir()] == ["bad.yaml"]


def test_a_dry_run_lists_the_cells_and_makes_nothing(
    asked: Matrix, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crossing, "missing", lambda study: 7)
    monkeypatch.setattr(sys, "argv", ["helpers", "matrix", str(asked.path), "--dry-run"])
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in NAMES)
    assert "Nothing was made." in said
