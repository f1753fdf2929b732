"""Quizzes: the questions that lie beside a chapter's notebook, and how a page asks them."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from helpers.errors import BadInputError, shortened

ENDING = ".quiz.yaml"
"""How the name of a quiz ends; before it stands the chapter's."""

FEWEST = 3
"""Questions of a quiz at least."""

HEADING = "## Check yourself"
CELL = "quiz"
"""Identifier of the cell that asks them."""

SCRIPT, STYLE = "../_static/quiz.js", "../_static/quiz.css"
"""Seen from a chapter's page."""


@dataclass(frozen=True)
class Answer:
    """What one can answer, and what is told to whoever does.

    Attributes
    ----------
    text
        The answer.
    why
        Why it is right, or what is wrong about it.
    right
        Whether it is right.
    """

    text: str
    why: str
    right: bool


@dataclass(frozen=True)
class Question:
    """A question with one right answer.

    Attributes
    ----------
    text
        The question.
    answers
        In the order of the file.
    """

    text: str
    answers: tuple[Answer, ...]

    def shuffled(self) -> tuple[Answer, ...]:
        """Return the answers in an order that tells nothing, the same in every book."""
        return tuple(sorted(self.answers, key=lambda each: _digest(self.text + each.text)))


def quiz_path(notebook: Path) -> Path:
    """Return where the quiz of a notebook lies, if it has one."""
    return notebook.with_name(f"{notebook.stem}{ENDING}")


def read_quiz(path: Path) -> tuple[Question, ...]:
    """Read a quiz.

    Parameters
    ----------
    path
        A YAML file: a list of questions, each with ``question`` and ``answers``; an answer has
        ``right`` or ``wrong`` with its text, and ``why``.

    Raises
    ------
    BadInputError
        If it is no such file; the message names file and question.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(f"{path} cannot be read as YAML: {shortened(str(error))}.") from error
    if not isinstance(found, list) or len(found) < FEWEST:
        raise BadInputError(f"{path} must be a list of at least {FEWEST} questions.")
    questions = tuple(
        _question(entry, f"{path}, question {number}") for number, entry in enumerate(found, 1)
    )
    if len({question.text for question in questions}) < len(questions):
        raise BadInputError(f"{path} asks a question twice: drop one of the two.")
    return questions


def _question(entry: Any, place: str) -> Question:
    if not isinstance(entry, dict) or set(entry) != {"question", "answers"}:
        raise BadInputError(f"{place}: write `question` and `answers`, and nothing else.")
    text = _text(entry["question"], "question", place)
    listed = entry["answers"]
    if not isinstance(listed, list) or len(listed) < 2:
        raise BadInputError(f"{place} has no two answers to choose from: add some.")
    answers = tuple(_answer(each, f"{place}, answer {k}") for k, each in enumerate(listed, 1))
    right = sum(answer.right for answer in answers)
    if right != 1:
        raise BadInputError(f"{place} has {right or 'no'} right answers: mark one with `right`.")
    if len({answer.text for answer in answers}) < len(answers):
        raise BadInputError(f"{place} has an answer twice: drop one of the two.")
    return Question(text, answers)


def _answer(entry: Any, place: str) -> Answer:
    kinds = {"right", "wrong"} & set(entry) if isinstance(entry, dict) else set()
    if len(kinds) != 1:
        raise BadInputError(f"{place}: write either `right` or `wrong` with its text.")
    (kind,) = kinds
    if "why" not in entry:
        raise BadInputError(f"{place} is not explained: say `why` it is {kind}.")
    if set(entry) != {kind, "why"}:
        raise BadInputError(f"{place}: write `{kind}` and `why`, and nothing else.")
    return Answer(
        _text(entry[kind], kind, place), _text(entry["why"], "why", place), kind == "right"
    )


def _text(value: Any, name: str, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInputError(f"{place}: `{name}` must be a text (in quotes, if it is a number).")
    return " ".join(value.split())


def quiz_markup(questions: tuple[Question, ...]) -> str:
    """Write a quiz as HTML that can be read without a script, and answered with it.

    The script makes a button of every answer, and tells in a live region whether it is right and
    why. Without it the answers are a list, and the right one is in a part that unfolds.
    """
    asked = "".join(_asked(number, question) for number, question in enumerate(questions, 1))
    return (
        f'<link rel="stylesheet" href="{STYLE}"/>'
        f'<div class="quiz">{asked}'
        '<p class="quiz-score" role="status" hidden></p></div>'
        f'<script defer src="{SCRIPT}"></script>'
    )


def _asked(number: int, question: Question) -> str:
    answers = question.shuffled()
    items = "".join(
        f'<li data-right="{str(answer.right).lower()}" data-why="{_plain(answer.why)}">'
        f"{_inline(answer.text)}</li>"
        for answer in answers
    )
    right = next(answer for answer in answers if answer.right)
    wrong = "".join(
        f"<li><em>{_inline(answer.text)}</em> {_inline(answer.why)}</li>"
        for answer in answers
        if not answer.right
    )
    return (
        f'<div class="quiz-question" id="quiz-{number}"><fieldset>'
        f"<legend>{number}. {_inline(question.text)}</legend>"
        f'<ul class="quiz-answers">{items}</ul></fieldset>'
        '<p class="quiz-feedback" role="status"></p>'
        f"<details><summary>Answer to question {number}</summary>"
        f"<p><strong>{_inline(right.text)}</strong> {_inline(right.why)}</p>"
        f"<p>And the others:</p><ul>{wrong}</ul></details></div>"
    )


def _inline(text: str) -> str:
    """Write a text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _plain(text: str) -> str:
    """Write a text as an attribute, in which nothing can be marked as code."""
    return html.escape(text.replace("`", ""))


def with_quiz(page: str, questions: tuple[Question, ...]) -> str:
    """Return an executed notebook with a cell at its end that asks a quiz.

    Parameters
    ----------
    page
        The notebook as JSON.
    questions
        What to ask.
    """
    notebook = json.loads(page)
    source = f"{HEADING}\n\n```{{raw}} html\n{quiz_markup(questions)}\n```"
    cell = {"cell_type": "markdown", "id": CELL, "metadata": {}, "source": source}
    notebook["cells"].append(cell)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
