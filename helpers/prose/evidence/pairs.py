"""Why a statement on shares of genes that differ in cancer is not reproduced: pair by pair."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.claims.judging import NotTestableError, Tables
from helpers.claims.rules.cancer import FOLDS, SHARES, pair_means
from helpers.claims.rules.lists import ABOUT
from helpers.prose.writing.templates import Facts

HALF = 0.5
"""Share of all genes above which no list can hold twice as many."""


def pairs_outside(group: str, *, shares: bool, fold: bool) -> Callable[[Tables], Facts | None]:
    """Return what finds which pairs lie outside the paper's range, and where chance is high.

    Parameters
    ----------
    group
        The paper's group of explainers, II or III.
    shares, fold
        Whether the statement asks for a range of shares in each pair, or for a range of folds.

    Returns
    -------
    callable
        Of the tables; gives ``range``, None unless asked for (``pairs``, ``low``, ``high``, and
        pairs ``below`` and ``above``: ``normal``, ``cancer``, ``value``); ``fold``, likewise; the
        ``lowest`` and ``highest`` share of all genes that differ, and pairs in which it is above
        ``half`` (``high``).
    """

    def evidence(tables: Tables) -> Facts | None:
        if tables["cancer_shares"].empty:
            return None
        try:
            pairs = pair_means(tables, group)
        except NotTestableError:
            return None
        chance = pairs["chance"]
        return {
            "kind": "pairs_of_cancer",
            "range": _range(pairs["share"], *SHARES[group]) if shares else None,
            "fold": _range(pairs["fold"], *_about(FOLDS[group])) if fold else None,
            "lowest": float(chance.min()),
            "highest": float(chance.max()),
            "half": HALF,
            "high": _named(chance[chance > HALF]),
        }

    return evidence


def _range(values: pd.Series, low: float, high: float) -> Facts:
    return {
        "pairs": len(values),
        "low": low,
        "high": high,
        "below": _named(values[values < low]),
        "above": _named(values[values > high]),
    }


def _about(fold: float) -> tuple[float, float]:
    return (1 - ABOUT) * fold, (1 + ABOUT) * fold


def _named(values: pd.Series) -> list[Facts]:
    rows = values.rename("value").reset_index().to_dict("records")
    return [{name: row[name] for name in ("normal", "cancer", "value")} for row in rows]
