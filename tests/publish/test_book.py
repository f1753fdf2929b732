from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
import yaml

from helpers.errors import BadInputError
from helpers.publish.book import _without_missing, assemble, book_key, build
from helpers.publish.chapters import find_chapters
from helpers.study import open_study
from helpers.workspace.formats import BYTES
from helpers.workspace.store import project_root

TOC = {
    "format": "jb-book",
    "root": "intro",
    "parts": [
        {"caption": "A", "chapters": [{"file": "methods"}, {"file": "notebooks/01_training"}]},
        {"caption": "B", "chapters": [{"file": "notebooks/02_baseline_reproducibility"}]},
    ],
}


def test_chapters_that_are_not_fresh_are_dropped_from_the_contents() -> None:
    kept = _without_missing(TOC, {"notebooks/01_training"})
    assert kept == {
        "format": "jb-book",
        "root": "intro",
        "parts": [
            {"caption": "A", "chapters": [{"file": "methods"}, {"file": "notebooks/01_training"}]}
        ],
    }


def test_a_stale_page_never_reaches_the_book(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path / "ws")
    for file in ("notebooks/01_training.ipynb", "tables/accuracy.csv", "figures/accuracy.svg"):
        study.workspace.write(file, b"{}", BYTES, key="of another run")
    study.workspace.path("tables/mine.csv").write_text("mine")
    assemble(study, project_root(), [], tmp_path / "source")
    assert list((tmp_path / "source" / "notebooks").iterdir()) == []
    assert list((tmp_path / "source" / "extra").iterdir()) == []
    contents = yaml.safe_load((tmp_path / "source" / "_toc.yml").read_text())
    assert "notebooks" not in str(contents)
    # Its first page is a notebook too: a page that is always there takes its place.
    assert contents["root"] == "intro"
    assert str(contents).count("'intro'") == 1


@pytest.mark.parametrize("page", ["intro", "methods", "data", "how_to_run", "how_to_read"])
def test_hand_written_pages_are_part_of_the_book(page: str) -> None:
    assert (project_root() / "book" / f"{page}.md").is_file()
    assert page in (project_root() / "book" / "_toc.yml").read_text()


def test_a_book_can_be_laid_out_from_a_source_that_nobody_may_write(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(project_root() / "book", root / "book")
    shutil.copyfile(project_root() / "_config.yml", root / "_config.yml")
    (root / "notebooks").mkdir()
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    study = open_study("smoke", workspace=tmp_path / "ws")
    assemble(study, root, [], tmp_path / "source")
    made = [tmp_path / "source", *(tmp_path / "source").rglob("*")]
    assert len(made) > len(list(root.rglob("*")))
    assert all(path.stat().st_mode & 0o200 for path in made)
    for path in (root, *root.rglob("*")):
        path.chmod(0o755)


def test_a_page_gets_its_chapters_quiz_and_a_bad_quiz_stops_the_book(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(project_root() / "book", root / "book")
    shutil.copyfile(project_root() / "_config.yml", root / "_config.yml")
    (root / "notebooks").mkdir()
    name = "02_baseline_reproducibility"
    for ending in ("ipynb", "quiz.yaml"):
        shutil.copy(project_root() / "notebooks" / f"{name}.{ending}", root / "notebooks")
    study = open_study("smoke", workspace=tmp_path / "ws")
    (chapter,) = find_chapters(root)
    page = chapter.path.read_bytes()
    study.workspace.write(chapter.page, page, BYTES, key="a run")
    assemble(study, root, [chapter], tmp_path / "source")
    laid = nbformat.read(tmp_path / "source" / chapter.page, as_version=4)
    assert laid.cells[-1].source.startswith("## Check yourself")
    assert len(laid.cells) == len(chapter.cells()) + 1
    # The page in the workspace stays as it was, and fresh.
    assert study.workspace.path(chapter.page).read_bytes() == page
    quiz = root / "notebooks" / f"{name}.quiz.yaml"
    before = book_key(study, root, [chapter])
    quiz.write_text(quiz.read_text().replace("That it repeats itself.", "That it repeats."))
    assert book_key(study, root, [chapter]) != before
    quiz.write_text(quiz.read_text().replace("- right:", "- wrong:", 1))
    with pytest.raises(BadInputError, match=r"question 1 has no right answers"):
        build(study, root, tmp_path / "html")
    assert not (tmp_path / "html").exists()
