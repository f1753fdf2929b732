"""One figure by itself: the part of its notebook that makes it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import BadInputError, UnknownNameError, WorkspaceError
from helpers.publish.runs.one_figure import Recipe, draw, find_recipe, recipes, write_figure
from helpers.study import Study
from helpers.study.catalogue import STEPS
from helpers.workspace.store import project_root

ROOT = project_root()
EVERY = recipes(ROOT)


def test_every_figure_names_steps_that_there_are() -> None:
    assert len(EVERY) > 60
    for recipe in EVERY.values():
        own = {name.rpartition(":")[2] for name in recipe.needs}
        assert own <= set(STEPS), recipe.name
    assert not any("claims" in name for name in EVERY["figure_2d"].needs)
    assert set(EVERY["figure_2d"].needs) == {
        "tables/curves",
        "tables/disjoint",
        "tables/saturation",
    }


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("2d", "figure_2d"), ("Figure 2D", "figure_2d"), ("figure_2d", "figure_2d"),
        ("2e", "figures_2e_2f"), ("S4-MLP", "figure_s4_mlp"), ("tau", "tau"),
    ],
)  # fmt: skip
def test_names_of_the_paper_and_of_the_book(asked: str, name: str) -> None:
    assert find_recipe(ROOT, asked).name == name


def test_an_unknown_figure_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'recall'"):
        find_recipe(ROOT, "recal")


@pytest.fixture(scope="module")
def recall() -> Recipe:
    return find_recipe(ROOT, "recall")


def test_a_figure_is_drawn_as_its_chapter_does(
    tiny_study: Study, recall: Recipe, tmp_path: Path
) -> None:
    for name in recall.needs:
        tiny_study.ensure(name)
    folder = tmp_path / "figures" / "recall"
    files = write_figure(draw(tiny_study, recall), recall, folder)
    assert [path.name for path in files] == [f"recall.{kind}" for kind in
                                             ("csv", "pdf", "png", "svg")]  # fmt: skip
    assert "<text" in (folder / "recall.svg").read_text("utf-8")
    assert (folder / "recall.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "recall.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_csv(folder / "recall.csv")) > 0
    before = {path.name: path.read_bytes() for path in files}
    write_figure(draw(tiny_study, recall), recall, folder)
    assert {path.name: path.read_bytes() for path in files} == before


def test_a_folder_of_somebody_else_is_refused(
    tiny_study: Study, recall: Recipe, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(WorkspaceError):
        write_figure(draw(tiny_study, recall), recall, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_figure_of_cnns_needs_some(tiny_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    without = tiny_study.settings.model_copy(update={"cnn_models": 0})
    monkeypatch.setattr(tiny_study, "settings", without)
    with pytest.raises(BadInputError, match="is about CNNs, and this run has none"):
        draw(tiny_study, find_recipe(ROOT, "1a"))
