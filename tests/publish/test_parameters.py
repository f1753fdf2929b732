"""What papermill may pass to a notebook: wrong values end in its first cell, and leave nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from own_files import truth, write_h5ad

from helpers.errors import HelpersError
from helpers.publish.chapters import Chapter, find_chapters
from helpers.study import Study
from helpers.workspace.store import project_root

CHAPTERS = find_chapters(project_root())


def first_cell(chapter: Chapter, **given: Any) -> dict[str, Any]:
    """Run a notebook up to where it opens its study, as papermill would, and return its names."""
    code = [cell for cell in chapter.cells() if cell.cell_type == "code"]
    assert "parameters" in code[0].metadata["tags"]
    names: dict[str, Any] = {}
    exec(code[0].source, names)
    assert set(given) <= set(names)
    lines = code[1].source.splitlines()
    (last,) = [number for number, line in enumerate(lines) if "open_study(" in line]
    names |= given
    exec("\n".join(lines[: last + 1]), names)
    return names


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "tissue": ({"tissues": "livr"}, "no tissue 'livr': did you mean 'liver'"),
    "number for a tissue": ({"tissues": 10}, "no tissue '10'"),
    "number for a data set": ({"dataset": 5}, "no data set '5'"),
    "number for a profile": ({"profile": 1.5}, "no profile '1.5'"),
    "text for settings": ({"overrides": "models=3"}, "'overrides' must hold settings by name"),
    "list for settings": ({"overrides": ["models"]}, "'overrides' must hold settings by name"),
    "setting": ({"overrides": {"modles": 3}}, "no parameter 'modles': did you mean 'models'"),
    "value": ({"overrides": {"models": "few"}}, "'models' cannot be 'few'"),
    "parameter as a setting": ({"overrides": {"profile": "quick"}}, "no parameter 'profile'"),
    "tissues twice": ({"tissues": "lung", "overrides": {"tissues": "liver"}}, "is given twice"),
    "samples": ({"overrides": {"explained_samples": 7}}, "has 6 samples, 7 are to be explained"),
    "folder": ({"dataset": "rnaseqdb", "data": 7, "tissues": "livr"}, "There is no folder"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_parameter_ends_in_one_sentence(wrong: str, tmp_path: Path) -> None:
    given, message = WRONG[wrong]
    with pytest.raises(HelpersError, match=message) as found:
        study = first_cell(
            CHAPTERS[0], **{"profile": "smoke", "workspace": str(tmp_path / "ws"), **given}
        )["study"]
        study.get("tables/explained")  # what only the data's files can tell
    assert found.value.exit_code == 2
    assert "\n" not in str(found.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_notebook_checks_its_parameters_first(chapter: Chapter, tmp_path: Path) -> None:
    place = str(tmp_path / "ws")
    with pytest.raises(HelpersError, match="no tissue '10'"):
        first_cell(chapter, profile="smoke", workspace=place, tissues=10)
    with pytest.raises(HelpersError, match="'overrides' must hold"):
        first_cell(chapter, profile="smoke", workspace=place, overrides="models=3")
    assert list(tmp_path.iterdir()) == []


def test_a_class_that_looks_like_a_number_can_be_named(tmp_path: Path) -> None:
    known = truth().named(classes=("10",) * 11 + ("True",) * 13)
    file = str(write_h5ad(tmp_path / "own.h5ad", known))
    own = {"profile": "smoke", "dataset": file, "workspace": str(tmp_path / "ws")}
    for tissues in (10, True):
        opened = first_cell(
            CHAPTERS[0], **own, tissues=tissues, overrides={"class_column": "kind"}
        )["study"]
        assert isinstance(opened, Study)
        assert opened.settings.tissues == (str(tissues),)


@pytest.mark.slow
def test_papermill_shows_the_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(CHAPTERS[0].path), str(tmp_path / "out.ipynb"),
         "-p", "profile", "smoke", "-p", "workspace", str(tmp_path / "ws"), "-p", "tissues", "10",
         "--log-level", "ERROR", "--no-progress-bar"],
        capture_output=True, text=True, check=False, cwd=project_root(),
    )  # fmt: skip
    assert done.returncode == 1
    assert "There is no tissue '10'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
