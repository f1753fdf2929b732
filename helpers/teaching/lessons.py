"""Notebooks for a class: without solutions for students, with them for whoever teaches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from helpers.teaching.exercises import Exercise, Parts, read_exercises
from helpers.workspace import atomic, fingerprints, ownership, publication

STUDENT, INSTRUCTOR = "student", "instructor"
"""The two editions, each a folder."""

MADE_BY = "python -m helpers student-notebooks"

_HOW = """\
This notebook needs the package `helpers`. Open it in an environment in which the book is installed,
and set the size of the run in the next cell but one: profile `smoke` takes a minute or so the first
time. The cells up to the exercises are the chapter."""

_FOR = {
    STUDENT: "Put an answer in place of the dots, write down your judgement below it, and run the "
    "cell that checks.",
    INSTRUCTOR: "With solutions: words to compare a judgement with, and code that the checking "
    "cells accept. The cells carry metadata of nbgrader.",
}
_JUDGE = "*Your judgement: what does the answer say, and what not?*"


def write_lessons(notebooks: Iterable[Path], folder: Path) -> dict[str, int]:
    """Write both editions of chapters into a folder of their own.

    Parameters
    ----------
    notebooks
        Chapters as committed. Those without exercises are left out.
    folder
        New, empty, or made by this function before.

    Returns
    -------
    dict
        Exercises of each chapter that was written, by name.

    Raises
    ------
    BadInputError
        If an exercise is not whole.
    WorkspaceError
        If the folder holds what this function did not write; nothing is changed then.
    """
    chapters = {path.stem: (path, read_exercises(path)) for path in notebooks}
    wanted = {name: found for name, found in chapters.items() if found[1].exercises}
    key = fingerprints.of_value(
        {
            "notebooks": {name: fingerprints.of_file(path) for name, (path, _) in wanted.items()},
            "code": fingerprints.of_code([__name__]),
        }
    )
    ownership.keep_apart(folder, "lessons", inputs=[path for path, _ in wanted.values()])
    publication.refuse_changed(folder, "lessons")
    ownership.claim(folder, "lessons", MADE_BY)
    with atomic.scratch_folder(folder, "made") as made:
        for name, (path, parts) in wanted.items():
            for edition in (STUDENT, INSTRUCTOR):
                place = made / edition / f"{name}.ipynb"
                place.parent.mkdir(exist_ok=True)
                place.write_text(_as_json(lesson(path, parts, edition)), encoding="utf-8")
        publication.publish(made, folder, key=key, made_by=MADE_BY, kind="lessons")
    return {name: len(parts.exercises) for name, (_, parts) in wanted.items()}


def lesson(path: Path, parts: Parts, edition: str) -> Any:
    """Return an edition of a chapter.

    Parameters
    ----------
    path
        The chapter as committed, for its metadata.
    parts
        The same, taken apart.
    edition
        `STUDENT` or `INSTRUCTOR`.
    """
    notebook = nbformat.read(path, as_version=4)
    title = _words("how-to-run", f"{_HOW}\n\n{_FOR[edition]}")
    asked = [cell for each in parts.exercises for cell in _cells(each, edition)]
    heading = _words("exercises", f"## Exercises\n\n{parts.introduction}".strip())
    first, *others = parts.before
    notebook.cells = [first, title, *others, heading, *asked]
    return notebook


def _cells(exercise: Exercise, edition: str) -> list[Any]:
    name = f"exercise-{exercise.number.replace('.', '-')}"
    question = _words(name, f"### Exercise {exercise.number}\n\n{exercise.question}")
    solved = edition == INSTRUCTOR
    words = f"**Solution {exercise.number}.** {exercise.words}" if solved else _JUDGE
    judgement = _words(f"{name}-words", words)
    judgement.metadata = _graded(f"{name}-words", points=1, solution=True, kind="markdown")
    dots = "\n".join(f"{answer} = ..." for answer in exercise.answers)
    sources = exercise.code if solved else (f"# Exercise {exercise.number}\n{dots}",)
    code = []
    for place, source in enumerate(sources):
        own = f"{name}-code" + (f"-{place}" if place else "")
        marked = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION" if solved else source
        cell = nbformat.v4.new_code_cell(marked, id=own)
        cell.metadata = _graded(own, points=0, solution=True, kind="code")
        code.append(cell)
    check = nbformat.v4.new_code_cell(exercise.check, id=f"{name}-check")
    check.metadata = _graded(f"{name}-check", points=1, solution=False, kind="code")
    check.metadata["jupyter"] = {"source_hidden": True}
    return [question, *code, judgement, check]


def _words(name: str, text: str) -> Any:
    return nbformat.v4.new_markdown_cell(text, id=name)


def _graded(name: str, *, points: int, solution: bool, kind: str) -> Any:
    """Return nbgrader's metadata of a cell; one with points is graded."""
    found: dict[str, Any] = {
        "grade": points > 0, "grade_id": name, "locked": not solution, "schema_version": 3,
        "solution": solution, "task": False, "cell_type": kind,
    }  # fmt: skip
    if points:
        found["points"] = points
    return nbformat.from_dict({"nbgrader": found})


def _as_json(notebook: Any) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
