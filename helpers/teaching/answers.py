"""How a checking cell tells a student whether an answer is right."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.display import Markdown

GRADING = "NBGRADER_EXECUTION"
"""Set by nbgrader while it grades: then an exercise without an answer counts as wrong."""


class WrongAnswerError(AssertionError):
    """An answer that is not right yet."""


def check(number: str, answer: object, right: Callable[[Any], object], hint: str) -> Markdown:
    """Tell whether the answer to an exercise is right.

    Parameters
    ----------
    number
        Of the exercise, such as ``"2.1"``.
    answer
        What the student found; ``...``, or a tuple with it, is no answer yet.
    right
        Called with the answer: is it right?
    hint
        Where to look if it is not.

    Raises
    ------
    WrongAnswerError
        If it is wrong, or is of another kind than asked for.
    """
    parts = answer if isinstance(answer, tuple) else (answer,)
    if any(part is ... for part in parts):
        if os.environ.get(GRADING):
            raise WrongAnswerError(f"Exercise {number} has no answer.")
        return Markdown(f"Exercise {number} waits for your answer.")
    try:
        fits = bool(right(answer))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise WrongAnswerError(
            f"Exercise {number}: the answer is of another kind than asked for. {hint}"
        ) from error
    if not fits:
        raise WrongAnswerError(f"Exercise {number}: not yet. {hint}")
    return Markdown(f"Exercise {number}: right.")


def near(expected: object, relative: float = 1e-6, absolute: float = 1e-9) -> Callable[[Any], bool]:
    """Return a test whether numbers are those expected, but for rounding.

    Parameters
    ----------
    expected
        A number, or an array or series of numbers of the same shape as the answer.
    relative, absolute
        How far the answer may be away.
    """
    wanted = np.asarray(expected, dtype=float)

    def fits(answer: Any) -> bool:
        found = np.asarray(answer, dtype=float)
        same = found.shape == wanted.shape
        return same and np.allclose(found, wanted, rtol=relative, atol=absolute, equal_nan=True)

    return fits
