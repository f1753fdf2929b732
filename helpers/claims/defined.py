"""Undefined is not testable: every number that a rule compares is known to be one.

Scores that are all equal have no ranks, a set without genes has no fold over chance, a mean of
nothing is no number. In Python such a number is NaN, and every comparison with it is quietly false:
a rule would take it for a failure, or for a success where it asks for "not above". So what a rule
compares goes through `defined`, which raises `NotTestableError` in place of an answer, and
`helpers.claims.judging.Rule` turns that into the verdict "not testable".
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

Numbers = TypeVar("Numbers", float, pd.Series, pd.DataFrame)


class NotTestableError(Exception):
    """A run without what a rule needs; the message says what."""


def defined(values: Numbers, what: str) -> Numbers:
    """Return values, all of which are numbers.

    Parameters
    ----------
    values
        A number, or a column or table of numbers.
    what
        What they are, for the message, such as ``"the overlap"``.

    Raises
    ------
    NotTestableError
        If there are none, or one of them is missing or infinite.
    """
    title = what[:1].upper() + what[1:]
    if isinstance(values, (pd.Series, pd.DataFrame)):
        if values.size == 0:
            raise NotTestableError(f"{title} was measured nowhere in this run.")
        unknown = ~np.isfinite(values.to_numpy(dtype=float))
        if unknown.any():
            raise NotTestableError(f"{title} is undefined{_places(values, unknown)}.")
    elif not np.isfinite(values):
        raise NotTestableError(f"{title} is undefined.")
    return values


def _places(values: pd.Series | pd.DataFrame, unknown: np.ndarray, most: int = 3) -> str:
    """Name the first columns of a table, or entries of a column, with an undefined value."""
    index = values.columns if isinstance(values, pd.DataFrame) else values.index
    wrong = unknown.any(axis=0) if isinstance(values, pd.DataFrame) else unknown
    labels = index[np.flatnonzero(wrong)]
    if labels.nlevels == 1 and labels.inferred_type == "integer":
        return f" in {int(unknown.sum())} of {unknown.size} places"
    names = list(dict.fromkeys(_label(label) for label in labels))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f" for {', '.join(names[:most])}{more}"


def _label(label: object) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
