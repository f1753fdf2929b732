"""Quizzes: what is refused, what a page holds, and that the project's own are whole."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.errors import BadInputError
from helpers.teaching.quizzes import (
    ENDING,
    Question,
    quiz_markup,
    quiz_path,
    read_quiz,
    with_quiz,
)
from helpers.workspace.store import project_root

NOTEBOOKS = sorted((project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))
GOOD: list[dict[str, Any]] = [
    {
        "question": f"What is {n} & {n}?",
        "answers": [
            {"right": f"{2 * n} <b>", "why": "They are added."},
            {"wrong": f"{n}", "why": 'Both "count".'},
            {"wrong": "none of `these`", "why": "One is."},
        ],
    }
    for n in (1, 2, 3)
]


def written(folder: Path, quiz: object) -> Path:
    path = folder / f"01_x{ENDING}"
    path.write_text(yaml.safe_dump(quiz), encoding="utf-8")
    return path


def changed(**answer: object) -> list[dict[str, Any]]:
    first = {"question": "What is 1 & 1?", "answers": [answer, *GOOD[0]["answers"][1:]]}
    return [first, *GOOD[1:]]


def test_a_quiz_is_read_in_its_order(tmp_path: Path) -> None:
    questions = read_quiz(written(tmp_path, GOOD))
    assert [question.text for question in questions] == [entry["question"] for entry in GOOD]
    assert [answer.right for answer in questions[0].answers] == [True, False, False]
    assert questions[0].answers[1].why == 'Both "count".'


@pytest.mark.parametrize(
    ("quiz", "message"),
    [
        (GOOD[:2], "at least 3 questions"),
        ({"question": "?"}, "at least 3 questions"),
        (changed(wrong="2", why="It is."), "question 1 has no right answers: mark one"),
        (
            [*GOOD[:2], {**GOOD[2], "answers": [GOOD[2]["answers"][0]] * 2}],
            "question 3 has 2 right",
        ),
        (changed(right="2"), "question 1, answer 1 is not explained"),
        (changed(right="2", why="  "), "question 1, answer 1: `why` must be a text"),
        (changed(right=2, why="It is."), "question 1, answer 1: `right` must be a text"),
        (changed(right="2", wrong="3", why="It is."), "either `right` or `wrong`"),
        (changed(right="2", why="It is.", because="so"), "and nothing else"),
        (changed(right="1", why="It is."), "question 1 has an answer twice"),
        ([{"question": "?", "answers": []}, *GOOD[1:]], "question 1 has no two answers"),
        ([{"ask": "?", "answers": []}, *GOOD[1:]], "question 1: write `question` and `answers`"),
        ([*GOOD, GOOD[0]], "asks a question twice"),
        ("text", "at least 3 questions"),
    ],
)
def test_what_is_wrong_with_a_quiz_is_named(tmp_path: Path, quiz: object, message: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(message)) as refused:
        read_quiz(written(tmp_path, quiz))
    assert f"01_x{ENDING}" in str(refused.value)


@pytest.mark.parametrize("text", ["- question: [", "!!python/object/apply:os.getcwd []", "\x00"])
def test_a_file_that_is_no_plain_yaml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"01_x{ENDING}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match="cannot be read as YAML"):
        read_quiz(path)


def test_the_place_of_the_right_answer_tells_nothing() -> None:
    asked = [question for path in NOTEBOOKS for question in read_quiz(quiz_path(path))]
    places = [[each.right for each in question.shuffled()].index(True) for question in asked]
    assert all(0.2 < places.count(place) / len(places) < 0.5 for place in (0, 1, 2))
    longest = [
        max(question.answers, key=lambda answer: len(answer.text)).right for question in asked
    ]
    assert sum(longest) / len(longest) < 0.5


def test_a_page_can_be_read_without_a_script(tmp_path: Path) -> None:
    markup = quiz_markup(read_quiz(written(tmp_path, GOOD)))
    assert markup.count("<fieldset><legend>") == markup.count("</fieldset>") == 3
    assert markup.count("<details>") == 3
    assert "<strong>2 &lt;b&gt;</strong> They are added." in markup
    assert "<em>none of <code>these</code></em> One is." in markup
    assert 'data-why="Both &quot;count&quot;."' in markup
    # Every answer stands there twice: to be chosen, and with its explanation.
    assert markup.count("</li>") == 3 * 3 + 3 * 2
    assert "http" not in markup
    assert "\n\n" not in markup


def test_a_notebook_gets_its_quiz_at_the_end_and_nothing_else(tmp_path: Path) -> None:
    page: dict[str, Any] = {"cells": [{"cell_type": "markdown", "source": "# Über"}], "nbformat": 4}
    text = with_quiz(json.dumps(page), read_quiz(written(tmp_path, GOOD)))
    assert text == with_quiz(json.dumps(page), read_quiz(written(tmp_path, GOOD)))
    first, last = json.loads(text)["cells"]
    assert first == page["cells"][0]
    assert last["source"].startswith("## Check yourself\n\n```{raw} html\n<link")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_chapter_has_a_quiz_that_does_not_hang_on_a_run(path: Path) -> None:
    questions: tuple[Question, ...] = read_quiz(quiz_path(path))
    assert len(questions) >= 3
    for question in questions:
        assert len(question.answers) >= 3
        assert question.text.rstrip().endswith(("?", "."))
        for answer in question.answers:
            assert len(answer.why) >= 15
            assert not re.search(r"in this run|on this page's data", answer.text + answer.why)


def test_every_quiz_belongs_to_a_chapter() -> None:
    found = {path.name.removesuffix(ENDING) for path in NOTEBOOKS[0].parent.glob(f"*{ENDING}")}
    assert found == {path.stem for path in NOTEBOOKS}
