"""What the rules on lists of top genes share: the paper's groups, tissues, and means of lists."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from helpers.claims.curve_points import NotTestableError
from helpers.claims.judging import Verdict, bootstrap_interval
from helpers.datasets.gtex_tcga_classes import GTEX
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_GROUPS

ABOUT = 0.25
"""A number called "about x" may differ from x by a quarter of x."""


def is_about(value: float, paper: float) -> bool:
    """Tell whether a value is within `ABOUT` of the paper's."""
    return bool(abs(value - paper) <= ABOUT * paper)


def rows_of_group(table: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return the rows of one of the paper's groups of explainers.

    Raises
    ------
    NotTestableError
        If there are none.
    """
    if len(table):
        rows = table[combination_names(table).isin(PAPER_GROUPS[group])]
        if len(rows):
            return rows
    raise NotTestableError(f"No list of group {group} is among the tables of this run.")


def need_tissue(lists: pd.DataFrame, tissue: str) -> str:
    """Return the class of a normal tissue: ``liver``, or ``GTEx_Liver`` as the paper has it.

    Raises
    ------
    NotTestableError
        If the tissue is not explained.
    """
    found = [str(name) for name in dict.fromkeys(lists["tissue"])]
    for name in found:
        if name.lower().removeprefix(GTEX.lower()) == tissue:
            return name
    raise NotTestableError(
        f"The statement is about {tissue}, and this run explains {', '.join(found) or 'no tissue'}."
    )


def need_tissues(lists: pd.DataFrame, least: int = 2) -> None:
    """Refuse to compare tissues where fewer than `least` are explained.

    Raises
    ------
    NotTestableError
        In that case.
    """
    if lists["tissue"].nunique() < least:
        raise NotTestableError("The statement compares tissues, and this run explains only one.")


def mean_verdict(verdict: str, values: Collection[float], reason: str, unit: str) -> Verdict:
    """Make a verdict whose number is a mean over units, with its bootstrap interval.

    Parameters
    ----------
    verdict, reason
        As in `Verdict`.
    values
        One a unit.
    unit
        What the units are, in the plural.
    """
    numbers = np.asarray(list(values), dtype=float)
    if not len(numbers):
        return Verdict(verdict, reason=f"{reason}.")
    observed = float(np.mean(numbers))
    if len(numbers) < 2:
        return Verdict(verdict, observed, reason=f"{reason}; one of the {unit}, so no interval.")
    low, high = bootstrap_interval(numbers, lambda drawn: float(np.mean(drawn)))
    reason = f"{reason}; the interval resamples {len(numbers)} {unit}."
    return Verdict(verdict, observed, low, high, reason)
