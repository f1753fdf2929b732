"""What people have who have only a notebook: typed parameters, and where results are at its end."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from papermill.inspection import inspect_notebook

from helpers.publish.alone.ending import linked_pages, where_results_are
from helpers.publish.alone.links import ALONE
from helpers.publish.chapters import Chapter, find_chapters
from helpers.study import open_study
from helpers.workspace.store import project_root

CHAPTERS = find_chapters(project_root())
KINDS = {
    "profile": "str", "dataset": "str", "data": "str", "workspace": "str", "tissues": "str",
    "overrides": "dict",
}  # fmt: skip


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_papermill_tells_type_and_help_of_every_parameter(chapter: Chapter) -> None:
    found = inspect_notebook(str(chapter.path))
    assert {name: one["inferred_type_name"] for name, one in found.items()} == KINDS
    assert all(len(one["help"]) > 10 for one in found.values())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_notebook_ends_with_where_its_results_are(chapter: Chapter) -> None:
    last = chapter.cells()[-1]
    assert ALONE in last.metadata["tags"]
    assert f'where_results_are(study, "{chapter.name}")' in last.source


def test_the_end_names_the_folder_and_links_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = open_study("smoke", workspace="a <b>")
    (tmp_path / "a <b>" / "tables").mkdir(parents=True)
    shown = where_results_are(study, "10_gene_ontology")
    assert "a &lt;b&gt;</a> (" in shown.markup
    assert "<b>" not in shown.markup
    addresses = re.findall(r'href="([^"]*)"', shown.markup)
    assert len(addresses) == 2 + len(linked_pages("10_gene_ontology"))
    assert all((tmp_path / unquote(address)).exists() for address in addresses)
    plain = shown._repr_mimebundle_()[0]["text/plain"]
    assert plain == f"Results: {study.workspace.root}"


def test_pages_that_a_chapter_links_are_found_in_the_project() -> None:
    names = [page.name for page in linked_pages("10_gene_ontology")]
    assert "methods_explainers.md" in names
    assert "19_are_they_right.ipynb" in names
    assert linked_pages("16_summary")
