from __future__ import annotations

from collections import Counter

import nbformat
import pytest

from helpers.claims.rulebook import RULES
from helpers.errors import BadInputError, UnknownNameError
from helpers.publish.chapters import Chapter, find_chapters
from helpers.publish.places import claims_shown, find_place
from helpers.workspace.store import project_root

SOURCES = (
    "# A chapter\n\n## GPC3 and others",
    'show_figure(\n    study, "figure_1a", draw(),\n)',
    'for source in ("go", "tf"):\n    display(show_figure(study, f"figure_4f_{source}", x))',
    'show_table(rows, "A table.", name="rows")',
)


@pytest.fixture
def chapters(tmp_path) -> dict[str, Chapter]:
    new = nbformat.v4
    cells = [new.new_markdown_cell(SOURCES[0]), *map(new.new_code_cell, SOURCES[1:])]
    nbformat.write(new.new_notebook(cells=cells), tmp_path / "01_x.ipynb")
    return {"01_x": Chapter("01_x", tmp_path / "01_x.ipynb")}


@pytest.mark.parametrize(
    ("anchor", "cell"),
    [("gpc3-and-others", 1), ("figure_1a", 2), ("figure_4f_go", 3), ("rows", 4)],
)
def test_a_place_is_found_in_its_cell(chapters: dict[str, Chapter], anchor: str, cell: int) -> None:
    place = find_place(f"01_x#{anchor}", chapters)
    assert (place.cell, place.link) == (cell, f"01_x.html#{anchor}")


def test_a_place_that_is_not_there_is_named(chapters: dict[str, Chapter]) -> None:
    with pytest.raises(BadInputError, match="shows nothing under the name 'figure_1b'"):
        find_place("01_x#figure_1b", chapters)
    with pytest.raises(UnknownNameError, match="'02_x'"):
        find_place("02_x#figure_1a", chapters)


def test_every_statement_is_shown_where_its_rule_says() -> None:
    chapters = {chapter.name: chapter for chapter in find_chapters(project_root())}
    shown = {name: claims_shown(chapter) for name, chapter in chapters.items()}
    for name, rule in RULES.items():
        place = find_place(rule.produced_by, chapters)
        assert name in shown[place.chapter], f"{place.chapter} has no box of {name}"
    # A box is on one page; the chapter on identities shows again what it proves.
    sections = (ids for name, ids in shown.items() if name < "13" and name != "06_identities")
    times = Counter(claim for ids in sections for claim in ids)
    assert times == dict.fromkeys(RULES, 1)
