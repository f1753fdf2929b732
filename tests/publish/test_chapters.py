from __future__ import annotations

import os
import re
from pathlib import Path

import nasty
import nbformat
import numpy as np
import pytest
from own_files import truth, write_h5ad

from helpers.config import settings
from helpers.datasets.missing import is_missing
from helpers.errors import BadInputError, UnknownNameError
from helpers.publish.chapters import (
    Chapter,
    find_chapters,
    page_key,
    page_state,
    parameters,
    saved_by,
)
from helpers.publish.display import FILES_TAG
from helpers.study import Study, open_study
from helpers.study.catalogue import STEPS
from helpers.workspace.formats import BYTES
from helpers.workspace.store import project_root


def notebook(path: Path, *cells: str) -> Chapter:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells]), path
    )
    return Chapter(path.stem, path)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study("smoke", workspace=tmp_path / "ws", folds=3, tissues="liver")


CELL = 'study.get("tables/classes")\nshow_claims(study, "B3")\nprint(study.settings.top)'


def test_what_a_notebook_asks_for_is_found(tmp_path: Path) -> None:
    chapter = notebook(tmp_path / "01_x.ipynb", CELL)
    assert chapter.artefacts() == ["tables/classes", "tables/learnt", "tables/unoptimised"]
    both = settings("smoke", protocols="text,strict")
    assert chapter.needs(both) == [
        "tables/classes", "tables/learnt", "tables/unoptimised", "strict:tables/learnt",
        "strict:tables/unoptimised",
    ]  # fmt: skip
    assert chapter.needs(settings("smoke", protocols="text")) == chapter.artefacts()
    assert chapter.settings() == ["top"]


def test_every_chapter_asks_for_steps_that_exist() -> None:
    chapters = find_chapters(project_root())
    assert [chapter.name[:2] for chapter in chapters] == sorted(c.name[:2] for c in chapters)
    for chapter in chapters:
        assert chapter.artefacts()
        asked = {name.partition(":")[2] or name for name in chapter.artefacts()}
        assert asked <= set(STEPS)


@pytest.mark.parametrize("name", ["02_baseline_reproducibility", "02", "baseline_reproducibility"])
def test_chapters_are_chosen_by_name_number_or_title(name: str) -> None:
    found = find_chapters(project_root(), [name])
    assert [chapter.name for chapter in found] == ["02_baseline_reproducibility"]


def test_an_unknown_chapter_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean '01_training'"):
        find_chapters(project_root(), ["01_trainign"])


def test_parameters_open_the_same_study(study: Study) -> None:
    given = parameters(study)
    assert given["overrides"] == {"folds": 3}
    again = open_study(
        given["profile"], given["dataset"], given["data"], given["workspace"],
        tissues=given["tissues"], **given["overrides"],
    )  # fmt: skip
    assert again.settings == study.settings
    assert again.workspace.root == study.workspace.root


@pytest.mark.parametrize("start", range(0, len(nasty.NAMES), 7))
def test_parameters_name_the_same_tissues(tmp_path: Path, start: int) -> None:
    tissues = (*nasty.of(7, start), "liver, left", '"quoted"', "lung")
    tissues = tuple(name for name in tissues if not is_missing(name))
    samples = tuple(f"{k}" for k in range(3 * len(tissues)))
    known = truth().named(values=np.ones((len(samples), 60)), classes=tissues * 3, samples=samples)
    file = str(write_h5ad(tmp_path / "own.h5ad", known))
    own = {"class_column": "kind", "min_class_size": 3}
    study = open_study("smoke", file, workspace=tmp_path / "ws", tissues=list(tissues), **own)
    given = parameters(study)
    again = open_study("smoke", file, workspace=tmp_path / "ws", tissues=given["tissues"], **own)
    assert again.settings.tissues == tissues
    plain = open_study("smoke", workspace=tmp_path / "ws", tissues="liver, lung")
    assert parameters(plain)["tissues"] == "liver,lung"


def test_the_key_of_a_page_changes_with_what_it_shows(study: Study, tmp_path: Path) -> None:
    key = page_key(study, notebook(tmp_path / "01_x.ipynb", CELL))
    assert page_key(study, notebook(tmp_path / "01_x.ipynb", CELL)) == key
    assert page_key(study, notebook(tmp_path / "01_x.ipynb", CELL, "1 + 1")) != key
    for setting, changes in {"top": True, "samples_per_class": True, "folds": False}.items():
        other = open_study("smoke", workspace=tmp_path / "ws", **{"folds": 3, setting: 5})
        other_key = page_key(
            other, notebook(tmp_path / "01_x.ipynb", 'study.get("tables/classes")')
        )
        ours = page_key(study, notebook(tmp_path / "01_x.ipynb", 'study.get("tables/classes")'))
        assert (other_key != ours) == (changes and setting != "top")
    other = open_study("smoke", workspace=tmp_path / "ws", folds=3, top=9)
    assert page_key(other, notebook(tmp_path / "01_x.ipynb", CELL)) != key


def keep(study: Study, chapter: Chapter, **files: str) -> None:
    """Keep a page that shows a figure with these files, as if it had been executed."""
    with study.workspace.writing(chapter.page, key=page_key(study, chapter)) as path:
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
        metadata = {FILES_TAG: files} if files else {}
        page.cells[0].outputs = [
            nbformat.v4.new_output("display_data", {"text/html": "x"}, metadata=metadata)
        ]
        nbformat.write(page, path)


def test_a_page_is_stale_when_a_file_that_it_links_is_of_another_run(
    study: Study, tmp_path: Path
) -> None:
    chapter = notebook(tmp_path / "01_x.ipynb", "1")
    figure = "figures/x.csv"
    mine = study.workspace.write(figure, b"of this run", BYTES, key="")
    keep(study, chapter, **{figure: mine})
    assert saved_by(study.workspace.path(chapter.page)) == {figure: mine}
    assert page_state(study, chapter) == "fresh"
    study.workspace.write(figure, b"on other tissues", BYTES, key="")
    assert page_state(study, chapter) == "stale"
    study.workspace.write(figure, b"of this run", BYTES, key="")
    assert page_state(study, chapter) == "fresh"
    study.workspace.path(figure).unlink()
    assert page_state(study, chapter) == "stale"


def test_a_page_is_stale_when_its_artefacts_are_not_there(study: Study, tmp_path: Path) -> None:
    chapter = notebook(tmp_path / "01_x.ipynb", 'study.get("tables/classes")')
    assert page_state(study, chapter) == "missing"
    keep(study, chapter)
    assert page_state(study, chapter) == "stale"
    nothing = notebook(tmp_path / "02_y.ipynb", "1")
    keep(study, nothing)
    assert page_state(study, nothing) == "fresh"
    notebook(study.workspace.path(nothing.page), "2")
    os.utime(study.workspace.path(nothing.page), ns=(1, 1))
    assert page_state(study, nothing) == "stale"


def test_pages_say_how_long_lists_are_and_not_how_long_they_should_be() -> None:
    """Lists are shorter than the setting `top` where few genes are measured."""
    for chapter in find_chapters(project_root()):
        code = "\n".join(cell.source for cell in chapter.cells() if cell.cell_type == "code")
        asked = re.findall(r".*(?:chosen|settings)\.top\b.*", code)
        allowed = ("list_length(", "top=study.settings.top,", "cautions(")
        assert all(any(call in line for call in allowed) for line in asked), (chapter.name, asked)


def test_a_damaged_notebook_is_named(tmp_path: Path) -> None:
    (tmp_path / "01_x.ipynb").write_text('{"cells": ')
    with pytest.raises(BadInputError, match=r"01_x\.ipynb cannot be read as a notebook"):
        Chapter("01_x", tmp_path / "01_x.ipynb").cells()


def test_a_page_is_made_anew_when_a_sentence_of_it_changes(study: Study, tmp_path: Path) -> None:
    chapter = notebook(tmp_path / "01_x.ipynb", 'study.get("tables/classes")')
    bare = page_key(study, chapter)
    chapter.template.write_text('{% block a %}{% include "more.md.j2" %}{% endblock %}')
    (tmp_path / "more.md.j2").write_text("Words.")
    key = page_key(study, chapter)
    (tmp_path / "more.md.j2").write_text("Other words.")
    assert len({bare, key, page_key(study, chapter)}) == 3
    (tmp_path / "more.md.j2").write_text("{{ broken")
    with pytest.raises(BadInputError, match=r"more\.md\.j2, line 1"):
        page_key(study, chapter)
