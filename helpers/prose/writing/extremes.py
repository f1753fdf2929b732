"""What a figure says, for a reader who cannot see it, where no sentence beside it does."""

from __future__ import annotations

import pandas as pd

from helpers.figures.naming import class_name

FALLBACK = "No number is known"


def extremes(values: pd.Series, what: str, form: str = "{:.2f}") -> str:
    """Say of whom a number is highest and lowest.

    Parameters
    ----------
    values
        Numbers by name; the names may have several parts. NaN are left out.
    what
        What is measured, as a sentence begins: ``"Recall"``.
    form
        How a number is written.

    Returns
    -------
    str
        Such as ``"Recall is highest for liver (1.00) and lowest for rectum (0.61), of 20."``
    """
    known = values.dropna().sort_values(ascending=False, kind="stable")
    if known.empty:
        return f"{FALLBACK}: {what.lower()}."
    if len(known) == 1 or known.iloc[0] == known.iloc[-1]:
        shared = f" for all {len(known)}" if len(known) > 1 else f" for {_name(known.index[0])}"
        return f"{what} is {form.format(known.iloc[0])}{shared}."
    first, last = (
        f"{_name(known.index[place])} ({form.format(known.iloc[place])})" for place in (0, -1)
    )
    return f"{what} is highest for {first} and lowest for {last}, of {len(known)}."


def _name(label: object) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    return ", ".join(class_name(part) for part in parts)
