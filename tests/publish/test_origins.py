"""From a number on a page to the step, the settings and the line that made it."""

from __future__ import annotations

import inspect
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from helpers.cli import app
from helpers.errors import UnknownNameError
from helpers.publish.chapters import Chapter, find_chapters
from helpers.publish.origins import origin_lines, origin_of
from helpers.publish.places import steps_shown
from helpers.study import Study, open_study
from helpers.study.catalogue import STEPS
from helpers.study.training import accuracy
from helpers.workspace.store import project_root

CHAPTERS = find_chapters(project_root())

OF_NO_STEP = {("13_choices", ""), ("16_summary", ""), ("18_which_experiment", "worked_batch")}
"""Tables of settings, and an example on a sheet of paper."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study("smoke", workspace=tmp_path / "ws", folds=3)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_figure_and_table_names_the_steps_that_the_notebook_asks_for(
    chapter: Chapter,
) -> None:
    shown = steps_shown(chapter)
    assert shown
    for anchor, made_by in shown:
        assert set(made_by) <= set(chapter.artefacts()), anchor
    without = [(chapter.name, anchor) for anchor, made_by in shown if not made_by]
    assert set(without) <= OF_NO_STEP
    assert len(without) <= 1


def test_an_artefact_is_followed_to_its_line(study: Study) -> None:
    found = origin_of(study, "tables/accuracy", STEPS, CHAPTERS)
    assert found.module == "helpers/study/training/accuracy.py"
    source = Path(str(inspect.getsourcefile(accuracy))).read_text().splitlines()
    assert source[found.line - 1].startswith(f"def {found.function}(")
    assert found.files == {"tables/accuracy.csv": "missing"}
    assert found.seconds is None
    assert set(found.inputs) == set(STEPS["tables/accuracy"].inputs)
    assert "tables/verdicts" in found.read_by
    assert found.shown == ["01_training#accuracy"]


def test_families_files_members_and_figures_are_found(study: Study) -> None:
    models = origin_of(study, "models/mlp", STEPS, CHAPTERS)
    assert len(models.files) == study.settings.models
    assert models.settings["max_epochs"] == study.settings.max_epochs
    member = study.members("models/mlp")[0]
    for name in (f"models/mlp/{member}", next(iter(models.files))):
        assert origin_of(study, name, STEPS, CHAPTERS) == models
    for name in ("figures/recall", "figures/recall.svg"):
        assert origin_of(study, name, STEPS, CHAPTERS).name == "tables/recall"
    filled_in = origin_of(study, "figures/figure_4f_go", STEPS, CHAPTERS)
    assert filled_in.name == "tables/regulators"


def test_the_settings_of_the_data_set_are_told(study: Study) -> None:
    found = origin_of(study, "data/expression", STEPS)
    assert set(study.dataset.settings) <= set(found.settings)
    assert dict(origin_lines(found))["inputs"] == "none: it begins with the data set"


def test_an_unknown_artefact_is_refused_with_the_nearest(study: Study) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'tables/accuracy'"):
        origin_of(study, "tables/acuracy", STEPS, CHAPTERS)
    with pytest.raises(UnknownNameError, match="did you mean 'figures/recall'"):
        origin_of(study, "figures/recal", STEPS, CHAPTERS)


def test_the_command_tells_it_and_makes_nothing(tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    arguments = ["explain-artefact", "tables/split", "--profile", "smoke"]
    done = CliRunner().invoke(
        app, [*arguments, "--workspace", str(workspace)], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0, done.output
    for text in ("tables/split.csv: missing", "helpers/study/training/data.py, line", "seed = 0"):
        assert text in done.output
    assert not workspace.exists()


def test_what_a_cell_shows_is_read_with_its_steps(tmp_path: Path) -> None:
    source = (
        'show_figure(study, f"a_{x}_b", f, d, caption="c", alt="a", made_by=["t/a", "t/b"])\n'
        'show_table(d, "Words.", name="n", made_by="t/c")\nshow_table(d, "Words.")'
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(notebook, tmp_path / "01_x.ipynb")
    assert steps_shown(Chapter("01_x", tmp_path / "01_x.ipynb")) == [
        ("a_*_b", ["t/a", "t/b"]),
        ("n", ["t/c"]),
        ("", []),
    ]
