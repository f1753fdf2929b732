"""The exercises of a chapter: question, solution in words and in code, and a cell that checks.

In a notebook the exercises stand below the heading `HEADING`, each as a paragraph that begins with
its number, ``**2.1**``. Cells with the tag `SOLUTION` and `CHECK` belong to the exercise whose
number their first line names: code below ``# Solution 2.1``, words below
``<details><summary>Solution 2.1</summary>``, and a call of `helpers.teaching.answers.check` below
``# Check 2.1``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from helpers.errors import BadInputError

HEADING = "## Exercises"
SOLUTION, CHECK = "solution", "check"
"""Tags of the cells that belong to an exercise."""

_NUMBER = re.compile(r"^\*\*(\d+\.\d+)\*\*\s*", re.MULTILINE)
_CODE = re.compile(r"# (Solution|Check) (\d+\.\d+)")
_WORDS = re.compile(
    r"<details><summary>Solution (\d+\.\d+)</summary>\n+(.*\S)\n+</details>", re.DOTALL
)


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter.

    Attributes
    ----------
    number
        Such as ``"2.1"``.
    question
        What is asked, as Markdown.
    words
        The solution in words, as Markdown.
    code
        Cells of the solution in code.
    check
        The cell that checks an answer.
    answers
        Names that the solution gives, and the checking cell reads.
    """

    number: str
    question: str
    words: str
    code: tuple[str, ...]
    check: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Parts:
    """A chapter taken apart.

    Attributes
    ----------
    before
        Its cells without what belongs to exercises; the last one ends before `HEADING`.
    introduction
        What stands between the heading and the first exercise, as Markdown.
    exercises
        In order; none in a page without any.
    """

    before: tuple[Any, ...]
    introduction: str
    exercises: tuple[Exercise, ...]


def read_exercises(path: Path) -> Parts:
    """Read a chapter and its exercises.

    Parameters
    ----------
    path
        The notebook.

    Raises
    ------
    BadInputError
        If it cannot be read, an exercise has no solution in words or in code or no checking cell,
        or a solution has no exercise; the message names notebook and exercise.
    """
    try:
        cells = list(nbformat.read(path, as_version=4).cells)
    except (ValueError, OSError, KeyError, AttributeError) as error:
        raise BadInputError(
            f"{path} cannot be read as a notebook ({error}): restore it from the repository."
        ) from error
    questions, introduction, before = _questions(cells)
    code, checks, words = _belonging(cells, path)
    for number in questions:
        missing = [
            what
            for what, found in (
                ("solution in words", words), ("solution in code", code), ("checking cell", checks),
            )
            if number not in found
        ]  # fmt: skip
        if missing:
            raise BadInputError(
                f"{path}: exercise {number} has no {missing[0]}: add it, or drop the exercise."
            )
    for number in (*words, *code, *checks):
        if number not in questions:
            raise BadInputError(f"{path}: there is a solution {number}, and no such exercise.")
    found = tuple(
        Exercise(
            number,
            question,
            words[number],
            tuple(code[number]),
            checks[number],
            _answers(checks[number], f"{path}: the checking cell of exercise {number}"),
        )
        for number, question in questions.items()
    )
    return Parts(tuple(before), introduction, found)


def _questions(cells: list[Any]) -> tuple[dict[str, str], str, list[Any]]:
    """Return questions by number, what introduces them, and the cells that are no exercise."""
    questions: dict[str, str] = {}
    introduction = ""
    before = []
    for cell in cells:
        if {SOLUTION, CHECK} & set(cell.metadata.get("tags", [])):
            continue
        if cell.cell_type == "markdown" and HEADING in cell.source.splitlines():
            kept, _, asked = f"\n{cell.source}".partition(f"\n{HEADING}\n")
            introduction, *parts = _NUMBER.split(asked)
            texts = [text.strip() for text in parts[1::2]]
            questions |= dict(zip(parts[::2], texts, strict=True))
            cell = nbformat.from_dict({**cell, "source": kept.strip()})
            if not cell.source:
                continue
        before.append(cell)
    return questions, introduction.strip(), before


def _belonging(
    cells: list[Any], path: Path
) -> tuple[dict[str, list[str]], dict[str, str], dict[str, str]]:
    """Return code of solutions, checking cells and words of solutions, by number."""
    code: dict[str, list[str]] = {}
    checks: dict[str, str] = {}
    words: dict[str, str] = {}
    for cell in cells:
        tags = {SOLUTION, CHECK} & set(cell.metadata.get("tags", []))
        is_code = cell.cell_type == "code"
        found = (_CODE if is_code else _WORDS).match(cell.source)
        if found is None:
            if tags:
                raise BadInputError(
                    f"{path}: the cell that begins {cell.source[:40]!r} has the tag "
                    f"{tags.pop()!r}, and does not begin with the number of an exercise."
                )
            continue
        kind = found[1].lower() if is_code else SOLUTION
        if tags != {kind}:
            raise BadInputError(
                f"{path}: the cell {found[0][:40]!r} needs the tag {kind!r}, and no other kind."
            )
        if not is_code:
            words[found[1]] = found[2]
        elif kind == SOLUTION:
            code.setdefault(found[2], []).append(cell.source)
        elif found[2] in checks:
            raise BadInputError(f"{path}: exercise {found[2]} has two checking cells.")
        else:
            checks[found[2]] = cell.source
    return code, checks, words


def _answers(source: str, place: str) -> tuple[str, ...]:
    """Return the names that a checking cell hands to `check` as the answer."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError as error:
        raise BadInputError(f"{place} is no Python ({error}).") from error
    for call in calls:
        if ast.unparse(call.func) == "check" and len(call.args) > 1:
            given = call.args[1]
            parts = given.elts if isinstance(given, ast.Tuple) else [given]
            if parts and all(isinstance(part, ast.Name) for part in parts):
                return tuple(ast.unparse(part) for part in parts)
    raise BadInputError(f"{place} does not call check(number, answer, …) with the answer's name.")
