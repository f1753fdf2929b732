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
from helpers.publish.sentences import ANSWER, LUNCH, TAKEAWAYS, sentences
from helpers.workspace.store import project_root

CHAPTERS = find_chapters(project_root())
SENTENCES = {"hide-input", "sentence"}


WRITING = {"say", "say.text", "say.message"}


def asked_for(chapter: Chapter) -> set[str]:
    """Blocks that a notebook shows or writes."""
    calls = [node for node in ast.walk(ast.parse(chapter.source())) if isinstance(node, ast.Call)]
    named = {
        str(call.args[0].value)
        for call in calls
        if ast.unparse(call.func) in WRITING and isinstance(call.args[0], ast.Constant)
    }
    own = {ast.unparse(call.func) for call in calls} & {f"say.{name}" for name in OF_ALL}
    return named | {name.removeprefix("say.") for name in own}


OF_ALL = (ANSWER, TAKEAWAYS)
"""Blocks that every chapter has."""


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
        # A cell that checks an answer is for those who answer; it shows no number.
        if tags == {"check", "remove-cell"}:
            assert cell.source.startswith("# Check ")
            continue
        # One that is for those who have the notebook alone says where results are.
        if tags == {"alone", "remove-cell"}:
            assert "where_results_are(" in cell.source
            continue
        assert not tags & {"remove-input", "remove-cell"}
        if re.search(r"^(say|show_claims)\(", cell.source, re.MULTILINE):
            assert tags in (SENTENCES, {"hide-cell"}), cell.source


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_chapter_opens_with_its_answer_and_ends_with_what_to_take_home(chapter: Chapter) -> None:
    cells = [cell.source for cell in chapter.cells()]
    places = {
        call: next((i for i, text in enumerate(cells) if call in text), -1)
        for call in ("say.answer(", "say.takeaways(", "## Three things to take home")
    }
    assert min(places.values()) >= 0, f"{chapter.name} lacks one of {places}"
    shown = [i for i, text in enumerate(cells) if "show_" in text and "import" not in text]
    about = [i for i, text in enumerate(cells) if "**What you will learn.**" in text]
    assert places["say.answer("] < min([*shown, *about])
    if chapter.name != "16_summary":  # its counts and settings come last
        judged = [i for i, text in enumerate(cells) if "show_figure(" in text]
        assert places["say.takeaways("] > max([0, *judged])
    assert places["say.takeaways("] == places["## Three things to take home"] + 1
    for name in OF_ALL:
        cell = chapter.cells()[places[f"say.{name}("]]
        assert set(cell.metadata["tags"]) == {*SENTENCES, name}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_figure_says_its_message_and_not_the_kind_of_its_chart(chapter: Chapter) -> None:
    for call in ast.walk(ast.parse(chapter.source())):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "show_figure":
            (alt,) = [ast.unparse(word.value) for word in call.keywords if word.arg == "alt"]
            assert re.search(r"say\.(text|message)\(|extremes\(", alt), alt


def written(folder: Path, answer: str, *takeaways: str) -> Path:
    (folder / "notebooks").mkdir(parents=True)
    items = "\n".join(f"- {item}" for item in takeaways)
    (folder / "notebooks/01_x.md.j2").write_text(
        f"{{% block answer %}}\n{answer}\n{{% endblock %}}\n"
        f"{{% block takeaways %}}\n{items}\n{{% endblock %}}\n"
    )
    return folder


def test_a_finding_has_a_number_and_is_one_sentence(tmp_path: Path) -> None:
    good = "**Yes**, 97.8 % of {{ n }} are right (e.g. liver)."
    say = sentences("01_x", written(tmp_path / "a", good, "One.", "Two.", "Three."))
    assert say.answer(n=3).data.startswith("**In one sentence.** **Yes**, 97.8 % of 3")
    assert say.takeaways().data.count("- ") == LUNCH
    for name, answer, said in (
        ("b", "Explanations do not repeat themselves.", r"01_x\.md\.j2, block answer.*no number"),
        ("c", "It is 3. And it is 4.", "one sentence"),
        ("d", "It is 3.\n\nAnd it is 4.", "one sentence"),
    ):
        with pytest.raises(BadInputError, match=said):
            sentences("01_x", written(tmp_path / name, answer)).answer()


def test_two_takeaways_are_too_few(tmp_path: Path) -> None:
    for name, items in (("a", ["One.", "Two."]), ("b", ["1.", "2.", "3.", "4."]), ("c", [])):
        say = sentences("01_x", written(tmp_path / name, "It is 3.", *items))
        with pytest.raises(BadInputError, match=r"01_x\.md\.j2, block takeaways.* 3 items"):
            say.takeaways()


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
