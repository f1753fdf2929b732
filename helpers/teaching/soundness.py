"""What is wrong with a quiz or an exercise is said before anything is computed or rendered."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from helpers.teaching.exercises import read_exercises
from helpers.teaching.quizzes import quiz_path, read_quiz


def refuse_unsound(notebooks: Iterable[Path]) -> None:
    """Refuse chapters with a quiz or an exercise that cannot be used.

    Parameters
    ----------
    notebooks
        The chapters as committed. One without a quiz or without exercises is sound.

    Raises
    ------
    BadInputError
        If a quiz breaks its rules (`read_quiz`), or an exercise has no solution or no checking
        cell (`read_exercises`); the message names it.
    """
    for path in notebooks:
        if quiz_path(path).is_file():
            read_quiz(quiz_path(path))
        read_exercises(path)
