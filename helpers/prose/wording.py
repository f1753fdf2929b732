"""Small words that all chapters need."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def tissue_name(tissue: str) -> str:
    """Write a class as in a sentence: ``thyroid_gland`` as ``thyroid gland``."""
    return tissue if tissue.startswith(("TCGA_", "GTEx_")) else tissue.replace("_", " ")


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
