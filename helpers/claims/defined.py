"""Undefined is not testable: every number that a rule compares is known to be one.

Scores that are all equal have no ranks, a set without genes has no fold over chance, a mean of
nothing is no number. In Python such a number is NaN, and every comparison with it is quietly false:
a rule would take it for a failure, or for a success where it asks for "not above". So what a rule
compares goes through `defined`, which raises `NotTestableError` in place of an answer, and
`helpers.claims.judging.Rule` turns that into the verdict "not testable".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import pandas as pd

Numbers = TypeVar("Numbers", float, pd.Series, pd.DataFrame)


MAY_BE_MISSING: dict[str, tuple[str, ...]] = {
    "unoptimised": ("value",),
    "curves": ("value",),
    "disjoint": ("value",),
    "consistency": ("overlap", "same_model"),
    "held_out": ("overlap",),
    "left_out": ("hits",),
    "shared_genes": ("overlap",),
    "expression": ("spearman", "spearman_absolute", "hits"),
    "distinct_genes": ("distinct",),
    "tissue_overlap": ("overlap",),
    "specificity": ("hits",),
    "housekeeping": ("hits",),
    "go": ("fold", "p", "fdr"),
    "regulators": ("hits", "fold", "p_depleted", "fdr"),
    "cancer_shares": ("share", "fold"),
    "control": ("number", "median", "lowest", "highest", "p"),
}
"""Columns in which a number may be missing with a meaning: scores that are all equal have no ranks,
sets without genes no fold. The rules look at the rows that they read, by `defined`."""


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


def check_defined(tables: Mapping[str, pd.DataFrame]) -> None:
    """Refuse tables in which a number is missing that is always there.

    Parameters
    ----------
    tables
        Tables that a rule reads, by name.

    Raises
    ------
    NotTestableError
        If a numeric column that is not in `MAY_BE_MISSING` has a missing or infinite value.
    """
    for name, table in tables.items():
        numbers = table.select_dtypes("number")
        always = [column for column in numbers if column not in MAY_BE_MISSING.get(name, ())]
        wrong = (~np.isfinite(numbers[always].to_numpy(dtype=float))).sum(axis=0)
        for column, count in zip(always, wrong.tolist(), strict=True):
            if count:
                raise NotTestableError(
                    f"In table {name!r}, {column!r} is undefined in {count} of {len(table)} rows."
                )
