"""Small words that all chapters need."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from helpers.figures.naming import class_name, visible

_MARKUP = re.compile(
    r"""
    [\\`*\[\]{}<>&$|~^@]  # emphasis, code, links, roles, tags, mathematics, cells of tables
    | (?<![^\W_])_ | _(?![^\W_])  # an underscore within a word means nothing
    | (?<=/)/  # the start of an address
    | \A[-+=%:(\#!]+ | (?<=\A\d)[.)] | (?<=\A\d\d)[.)]  # only where a line begins
    | ^\s | \s$ | (?<=\s)\s  # spaces that would be lost
    """,
    re.VERBOSE,
)

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_APART = ("\u2068", "\u2069")
"""Between these, the direction of a text says nothing on what stands around it."""


def as_written(text: object) -> str:
    """Write a name, or a text with one in it, so that pages show it as it is written.

    Characters that Markdown or HTML would read are replaced by references, which both know: it
    can stand in a sentence, in a caption, and in the cell of a table.
    """
    shown = _MARKUP.sub(lambda found: "".join(map(_reference, found[0])), visible(text))
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in shown):
        return shown.join(_APART)
    return shown


def _reference(letter: str) -> str:
    return "&#160;" if letter == " " else f"&#{ord(letter)};"


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def tissue_name(tissue: str) -> str:
    """Write a class as in a sentence: ``thyroid_gland`` of ours as ``thyroid gland``.

    Others are as they are written; see `as_written`.
    """
    return as_written(class_name(tissue))


def percent(value: float, digits: int = 1) -> str:
    """Write a share as a percentage with a thin space."""
    return f"{100 * value:.{digits}f}\u202f%"


def agreement(value: float) -> str:
    """Write a correlation; scores that are all the same have none with anything."""
    return f"{value:.2f}" if value == value else "no number (some scores are all the same)"


COUNTS = ("number of ", "estimates after ", "genes in ", "rank of ")
"""How a statistic begins that counts whole things."""

HUNDREDS = 100
"""From here on decimals say nothing."""


def measured(value: float, statistic: str) -> str:
    """Write a measured value or a limit of its interval: whole if it counts whole things.

    Parameters
    ----------
    value
        The value; NaN is written as a dash.
    statistic
        What is measured, as a rule of the ledger says it.
    """
    if value != value:
        return "–"
    whole = statistic.startswith(COUNTS) or abs(value) >= HUNDREDS
    text = f"{value:,.0f}" if whole else f"{value:.3f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def counted(number: int, noun: str) -> str:
    """Write a number with its noun in the right form: ``1 model``, ``20 models``."""
    plural = noun if noun.endswith("s") else f"{noun}s"
    plural = noun[:-1] + "ies" if noun.endswith("y") else plural
    plural = f"{noun}es" if noun.endswith("ss") else plural
    return f"{number:,} {noun if number == 1 else plural}"


def combination_phrase(name: str) -> str:
    """Write a combination as in a sentence: ``mlp:DeepLift:single`` as DeepLift on single MLPs."""
    architecture, explainer, how = name.split(":")
    return f"{explainer} on {how} {architecture.upper()}s"
