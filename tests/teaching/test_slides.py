"""The slides: which figures they show, and what is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from matplotlib import pyplot as plt

from helpers.errors import BadInputError, WorkspaceError
from helpers.publish.chapters import find_chapters
from helpers.publish.display import show_figure
from helpers.publish.places import find_place
from helpers.study import open_study
from helpers.teaching.slides import chapters_of, read_deck, write_slides
from helpers.workspace.store import project_root

ROUTE = ["06_identities", "18_which_experiment", "13_choices"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a page with one figure, as a run leaves it."""
    study = open_study("smoke", workspace=tmp_path / "ws")
    shown = show_figure(
        study, "line", plt.figure(), pd.DataFrame({"x": [1]}), caption="A <b>line</b>.",
        alt="One & more", made_by="tables/split",
    )  # fmt: skip
    data, metadata = shown._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell("show()")
    cell.outputs = [nbformat.v4.new_output("display_data", data, metadata=metadata)]
    path = tmp_path / "01_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def deck(folder: Path, *slides: dict[str, object]) -> Path:
    path = folder / "deck.yaml"
    path.write_text(yaml.safe_dump(list(slides)))
    return path


def test_the_route_takes_90_minutes_and_its_figures_are_on_the_pages() -> None:
    slides = read_deck()
    assert sum(slide.minutes for slide in slides) == 90
    assert chapters_of(slides) == ROUTE
    chapters = {chapter.name: chapter for chapter in find_chapters(project_root())}
    for slide in slides:
        assert slide.points or slide.figure
        assert not slide.figure or find_place(slide.figure, chapters).chapter in ROUTE


def test_a_figure_is_shown_with_its_words_and_without_its_links(page: Path, tmp_path: Path) -> None:
    slides = read_deck(
        deck(
            tmp_path,
            {"title": "A & B", "minutes": 2, "points": ["one", 2], "notes": "Say <this>."},
            {"title": "A figure", "minutes": 3, "figure": "01_x#line"},
        )
    )
    folder = tmp_path / "slides"
    assert write_slides(slides, {"01_x": page}, folder, "Simulated, profile smoke") == 2
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert text.count("<section ") == 2
    assert "<li>one</li><li>2</li>" in text
    assert "<aside>Say &lt;this&gt;.</aside>" in text
    svg = base64.b64encode((tmp_path / "ws" / "figures" / "line.svg").read_bytes()).decode()
    assert f'<img alt="One &amp; more" src="data:image/svg+xml;base64,{svg}"/>' in text
    assert "A <b>line</b>." in text
    assert "simulated-note" in text
    assert "download" not in text
    assert "explain-artefact" not in text
    assert "Figures: Simulated, profile smoke." in text
    first = (folder / "index.html").read_bytes()
    write_slides(slides, {"01_x": page}, folder, "Simulated, profile smoke")
    assert (folder / "index.html").read_bytes() == first


@pytest.mark.parametrize(
    ("slide", "message"),
    [
        ({"title": "A"}, "slide 1 needs a title and minutes"),
        ({"title": "A", "minutes": 1, "colour": "red"}, "slide 1 needs a title and minutes"),
        ({"title": "A", "minutes": "two"}, "slide 1: minutes is not of the kind int"),
        ({"title": "A", "minutes": 1, "figure": "line"}, "slide 1: write a figure as CHAPTER#NAME"),
        ("A", "slide 1 needs a title and minutes"),
    ],
)
def test_what_is_wrong_with_a_slide_is_named(tmp_path: Path, slide: object, message: str) -> None:
    path = tmp_path / "deck.yaml"
    path.write_text(yaml.safe_dump([slide]))
    with pytest.raises(BadInputError, match=message):
        read_deck(path)


def test_a_figure_that_is_not_there_and_a_foreign_folder_are_refused(
    page: Path, tmp_path: Path
) -> None:
    wrong = read_deck(deck(tmp_path, {"title": "Bars", "minutes": 1, "figure": "01_x#bars"}))
    with pytest.raises(BadInputError, match=r"'Bars' shows 01_x#bars"):
        write_slides(wrong, {"01_x": page}, tmp_path / "slides", "")
    assert not (tmp_path / "slides").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "talk.pptx").write_text("mine")
    right = read_deck(deck(tmp_path, {"title": "Line", "minutes": 1, "figure": "01_x#line"}))
    with pytest.raises(WorkspaceError, match="did not make"):
        write_slides(right, {"01_x": page}, tmp_path / "mine", "")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["talk.pptx"]
