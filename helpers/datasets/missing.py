"""The one definition of a missing name, for classes, organs, donors, statuses and gene symbols.

Missing are: nothing at all (`None`, NaN, NaT, `pandas.NA`), an empty text or one of white space,
the words of `WORDS` in any case of letters, and texts of nothing but the marks in `MARKS`. The
words are what pandas, R, Excel and the portals of TCGA and GTEx write where nothing is known. Some
of them are words of biologists too: ``NA`` was once a symbol of a gene, and a class can be called
``None`` or ``-``. They are missing all the same, here as in R, and whoever means a class by them
renames it. ``unknown`` and ``other`` are what somebody said of a sample: they are names.

Everything else is a name, and names are text: ``True``, ``10``, ``1e3`` and dates stay as they are
written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

WORDS = frozenset(
    {
        "", "na", "n/a", "n.a.", "#n/a", "#na", "nan", "<nan>", "<na>", "nat", "none", "null",
        "#name?", "#ref!", "#value!", "#div/0!", "#null!", "#num!", "[not available]",
        "[not applicable]", "not available", "not applicable",
    }
)  # fmt: skip
"""Words for nothing, in small letters."""

MARKS = frozenset("-–—.?_'\"")
"""Marks that are no name by themselves, such as ``-``, ``--``, ``---`` and ``?``."""

_INVISIBLE = "\ufeff\u200b\u200e\u200f\x00"
"""Signs that are in a text without being seen, at its ends."""

_SHOWN = 4


@dataclass(frozen=True)
class Names:
    """Names as text.

    Attributes
    ----------
    texts
        The names; empty where one is missing.
    words
        What stood where one is missing → how often.
    """

    texts: list[str]
    words: dict[str, int]

    @property
    def missing(self) -> int:
        """Number of names that are missing."""
        return sum(self.words.values())

    def said(self) -> str:
        """Say what stood in place of names: ``empty 3, 'NA' 2``."""
        ordered = sorted(self.words.items(), key=lambda item: (-item[1], item[0]))
        shown = [f"{word!r} {count:,}" if word else f"empty {count:,}" for word, count in ordered]
        more = len(shown) - _SHOWN
        return ", ".join(shown[:_SHOWN]) + (f" and {more} more words" if more > 0 else "")


def is_missing(text: str) -> bool:
    """Tell whether a text stands for nothing."""
    bare = text.strip().strip(_INVISIBLE).strip()
    return bare.casefold() in WORDS or set(bare) <= MARKS


def names(values: Iterable[Any]) -> Names:
    """Turn what a file holds into names.

    Parameters
    ----------
    values
        A column or an index: texts, bytes, numbers, truth values, dates, categories.

    Returns
    -------
    Names
        White space around a name is taken off. A number that is whole is written without a
        decimal point, since a column of numbers becomes one of fractions as soon as one of
        them is missing.
    """
    if isinstance(getattr(values, "dtype", None), pd.CategoricalDtype):
        categories, codes = _categories(values)
        written = [_written(value) for value in categories]
        raw = [written[code] if code >= 0 else "" for code in codes]
    else:
        raw = [_written(value) for value in values]
    known: dict[str, bool] = {text: is_missing(text) for text in set(raw)}
    words = Counter(text for text in raw if known[text])
    return Names(["" if known[text] else text for text in raw], dict(words))


def _categories(values: Any) -> tuple[list[Any], np.ndarray]:
    array: Any = values.array if isinstance(values, pd.Series) else values
    return list(array.categories), np.asarray(array.codes)


def _written(value: Any) -> str:
    """Write one value as text, stripped; nothing is an empty text."""
    if isinstance(value, str):
        return value.strip().strip(_INVISIBLE).strip()
    if isinstance(value, bytes):
        return _written(value.decode("utf-8", errors="replace"))
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return ""
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, (np.datetime64, np.timedelta64)) and np.isnat(value):
        return ""
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return f"{value:%Y-%m-%d}"
    return str(value).strip()
