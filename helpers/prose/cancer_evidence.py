"""Why a statement on shares of genes that differ in cancer is not reproduced: pair by pair."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.claims.judging import NotTestableError, Tables
from helpers.claims.rules.cancer import FOLDS, SHARES, pair_means
from helpers.claims.rules.lists import ABOUT
from helpers.prose.writing.wording import listed, percent, tissue_name

HALF = 0.5
"""Share of all genes above which no list can hold twice as many."""


def pairs_outside(group: str, *, shares: bool, fold: bool) -> Callable[[Tables], str]:
    """Return what says which pairs lie above and below the paper's range, and where chance is high.

    Parameters
    ----------
    group
        The paper's group of explainers, II or III.
    shares, fold
        Whether the statement asks for a range of shares in each pair, or for a mean fold.
    """

    def sentence(tables: Tables) -> str:
        if tables["cancer_shares"].empty:
            return ""
        try:
            pairs = pair_means(tables, group)
        except NotTestableError:
            return ""
        texts = [
            _shares(pairs["share"], *SHARES[group]) if shares else "",
            _fold(float(pairs["fold"].mean()), FOLDS[group]) if fold else "",
            _chance(pairs["chance"]),
        ]
        return " ".join(text for text in texts if text)

    return sentence


def _shares(values: pd.Series, low: float, high: float) -> str:
    asked = f"{100 * low:.0f} to {percent(high, 0)}"
    parts = [
        f"{where} lie {_named(part)}"
        for where, part in (("below", values[values < low]), ("above", values[values > high]))
        if len(part)
    ]
    if not parts:
        return f"Of {len(values)} pairs all lie within the {asked} that the paper has."
    return f"Of {len(values)} pairs, against the {asked} that the paper has, {listed(parts)}."


def _fold(found: float, paper: float) -> str:
    low, high = (1 - ABOUT) * paper, (1 + ABOUT) * paper
    where = "below" if found < low else "above" if found > high else "within"
    return f"The mean fold, {found:.2f}, is {where} the {low:.4g} to {high:.4g} asked for."


def _chance(values: pd.Series) -> str:
    text = (
        f"By the same test {percent(values.min(), 0)} to {percent(values.max(), 0)} of all genes "
        "differ in these pairs."
    )
    high = values[values > HALF]
    if high.empty:
        return text
    return (
        f"{text} Where that is above {percent(HALF, 0)} no list can exceed it twofold: "
        f"{_named(high)}."
    )


def _named(values: pd.Series) -> str:
    rows = values.rename("value").reset_index().to_dict("records")
    return listed(
        [
            f"{tissue_name(row['normal'])} with {tissue_name(row['cancer'])} "
            f"({percent(row['value'], 0)})"
            for row in rows
        ]
    )
