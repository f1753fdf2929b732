"""Small words that all chapters need."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

from helpers.figures.naming import class_name
from helpers.prose.writing.markdown import Markup, as_written, code, escaped, one_list

UNKNOWN = "unknown"
"""What is written for a number that could not be computed."""


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


def metric_word(metric: str) -> str:
    """Return a metric's name as in a sentence: ``top100`` as ``top-100 overlap``."""
    if metric.startswith("top"):
        return f"top-{metric.removeprefix('top')} overlap"
    return "Spearman correlation"


VERDICTS = {
    "reproduced": "reproduced",
    "partly": "partly reproduced",
    "not_reproduced": "not reproduced",
    "not_testable": "not testable",
}
"""Verdicts as in a sentence."""

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


def is_known(value: Any) -> bool:
    """Tell whether a fact is there: not None, and a number if it should be one."""
    return value is not None and value == value


def _written(text: Callable[..., str]) -> Callable[..., Markup]:
    """Make a filter of templates from what writes a number; one that is not known is said so."""

    def write(value: Any, *how: Any, **more: Any) -> Markup:
        if not is_known(value):
            return Markup(UNKNOWN)
        return Markup(text(value, *how, **more))

    return write


def _number(value: float, digits: int = 2) -> str:
    # Adding zero turns the negative zero that rounding leaves into zero.
    return f"{round(float(value), digits) + 0.0:,.{digits}f}".replace("-", "−")


def _signed(value: float, digits: int = 2) -> str:
    return f"{value:+,.{digits}f}".replace("-", "−")


def _short(value: float, digits: int = 6) -> str:
    return f"{value:.{digits}g}".replace("-", "−") if math.isfinite(value) else str(value)


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve")  # fmt: skip


def _in_words(number: int) -> Markup:
    """Write a small number as a word."""
    return Markup(_NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}")


def _plural(number: Any, one: str, many: str) -> Markup:
    """Choose a word by a number, or by how many there are in a list."""
    return Markup(one if (len(number) if isinstance(number, Sized) else number) == 1 else many)


def _named(ids: Iterable[str]) -> list[str]:
    """Return statements by their few words."""
    # The ledger reads much, and the command line needs words before it.
    from helpers.claims.ledger import named

    return named(ids)


def _lower_first(text: str) -> str:
    """Begin a text with a small letter, as within a sentence; abbreviations and names stay."""
    word = text.split(" ", 1)[0].rstrip(",:;")
    ordinary = word[1:] == word[1:].lower() and word.isalpha() and len(word) > 1
    return text[:1].lower() + text[1:] if ordinary and word not in _NAMES else text


_NAMES = {"Saliency", "Spearman", "Jaccard"}


def _upto(low: Any, high: Any, between: str = " to ") -> Markup:
    """Write a range, or one value if both ends are written alike."""
    first, last = escaped(low), escaped(high)
    return first if first == last else Markup(f"{first}{between}{last}")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "percent": _written(percent),
    "number": _written(_number),
    "signed": _written(_signed),
    "short": _written(_short),
    "points": _written(lambda share, digits=1: _number(100 * share, digits)),
    "signed_points": _written(lambda share, digits=1: _signed(100 * share, digits)),
    "measured": lambda value, statistic: Markup(measured(value, statistic)),
    "agreement": lambda value: Markup(agreement(value)),
    "counted": lambda number, noun: escaped(counted(number, noun)),
    "plural": _plural,
    "in_words": _in_words,
    "upto": _upto,
    "listed": one_list,
    "named": _named,
    "capitalised": lambda text: text[:1].upper() + text[1:],
    "lower_first": _lower_first,
    "tissue": lambda name: Markup(tissue_name(name)),
    "tissues": lambda names: one_list(Markup(tissue_name(name)) for name in names),
    "combination": lambda name: escaped(combination_phrase(name)),
    "verdict": lambda name: Markup(VERDICTS[name]),
    "metric": lambda metric: escaped(metric_word(metric)),
    "code": code,
    "markdown": Markup,
}
"""How templates write facts: numbers, names and lists."""
