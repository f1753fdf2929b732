"""Notebooks and their templates fit together."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from IPython.display import Markdown

from helpers.errors import BadInputError, MissingInputError
from helpers.prose.evidence import pairs as cancer_evidence
from helpers.prose.evidence import reasons
from helpers.prose.writing.templates import Template
from helpers.publish.chapters import Chapter, find_chapters
from helpers.publish.sentences import sentences
from helpers.workspace.store import project_root

CHAPTERS = find_chapters(project_root())
SENTENCES = {"hide-input", "sentence"}


def asked_for(chapter: Chapter) -> set[str]:
    """Blocks that a notebook shows or writes."""
    calls = (node for node in ast.walk(ast.parse(chapter.source())) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func) in {"say", "say.text"} and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_notebook_and_its_template_have_the_same_blocks(chapter: Chapter) -> None:
    assert f'say = sentences("{chapter.name}")' in chapter.source()
    template = Template(chapter.template)
    elsewhere = {"control"} if chapter.name == "15_claims" else set()  # the command line's
    assert asked_for(chapter) == set(template.blocks()) - elsewhere
    assert chapter.template.name in chapter.sentences()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_the_code_of_every_number_can_be_opened(chapter: Chapter) -> None:
    for cell in chapter.cells():
        tags = set(cell.metadata.get("tags", []))
        assert not tags & {"remove-input", "remove-cell"}
        if re.search(r"^(say|show_claims)\(", cell.source, re.MULTILINE):
            assert tags in (SENTENCES, {"hide-cell"}), cell.source


def test_every_shared_part_is_used() -> None:
    folder = project_root() / "notebooks"
    used = {name for chapter in CHAPTERS for name in chapter.sentences()}
    assert used == {path.relative_to(folder).as_posix() for path in folder.rglob("*.j2")}


def test_every_kind_of_evidence_has_a_macro() -> None:
    kinds = {
        kind
        for module in (reasons, cancer_evidence)
        for kind in re.findall(r'"kind": "(\w+)"', Path(str(module.__file__)).read_text())
    }
    shared = (project_root() / "notebooks/shared/evidence.md.j2").read_text()
    assert kinds
    assert kinds <= set(re.findall(r"macro (\w+)\(found\)", shared))


def test_a_block_is_shown_as_markdown_and_written_as_text(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks/01_x.md.j2"
    path.write_text(
        "{% block words %}\n**{{ n | counted('model') }}** of {{ name }}\n{% endblock %}\n"
        "{% block nothing %}\n{% if n %}{{ n }}{% endif %}\n{% endblock %}"
    )
    say = sentences("01_x", tmp_path)
    shown = say("words", {"n": 2}, name="a_b")
    assert isinstance(shown, Markdown)
    assert shown.data == "**2 models** of a_b"
    assert say.text("words", n=1, name="a_b") == "1 model of a_b"
    assert say("nothing", n=0) is None  # and not an empty output
    with pytest.raises(BadInputError, match=r"01_x\.md\.j2, line 2 .*'name' is undefined"):
        say("words", n=2)
    with pytest.raises(MissingInputError, match=r"02_y\.md\.j2 is missing"):
        sentences("02_y", tmp_path)
