"""Several runs of the study side by side: where their verdicts part, and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

FACTORS = ("seed", "dataset", "protocol", "size")
"""In what runs may differ. ``size`` is the profile and how many networks there are."""

RUN_COLUMNS = ("run", *FACTORS, "id", "verdict", "observed")


@dataclass(frozen=True)
class Difference:
    """A statement on which runs do not agree.

    Attributes
    ----------
    id
        The statement.
    verdicts
        By verdict, how many rows (a run under a protocol) have it.
    goes_with
        The factors of which this is known: two rows that are the same in all others have not the
        same verdict. Empty where no two rows differ in one factor alone.
    """

    id: str
    verdicts: Mapping[str, int]
    goes_with: tuple[str, ...]


def differences(runs: pd.DataFrame, factors: tuple[str, ...] = FACTORS) -> list[Difference]:
    """Return the statements on which runs do not agree, in their order.

    Parameters
    ----------
    runs
        Columns as `RUN_COLUMNS`, a row for each run, protocol and statement.
    factors
        In what the runs may differ: columns of `runs`.

    Returns
    -------
    list of Difference
        Empty where all agree.
    """
    found = []
    for name, part in runs.groupby("id", sort=False):
        if part["verdict"].nunique() > 1:
            counts = part["verdict"].value_counts()
            verdicts = {str(verdict): int(count) for verdict, count in counts.items()}
            found.append(Difference(str(name), verdicts, _goes_with(part, factors)))
    return found


def agreements(runs: pd.DataFrame) -> list[str]:
    """Return the statements on which all runs say the same, in their order."""
    same = runs.groupby("id", sort=False)["verdict"].nunique() == 1
    return [str(name) for name in same.index[same]]


def _goes_with(part: pd.DataFrame, factors: tuple[str, ...]) -> tuple[str, ...]:
    """Return the factors that a verdict changes with while all others stay."""
    found = []
    for factor in factors:
        others = [name for name in factors if name != factor]
        alike = part.groupby(others, sort=False, dropna=False) if others else [((), part)]
        if any(group[factor].nunique() > 1 and _changes(group, factor) for _, group in alike):
            found.append(factor)
    return tuple(found)


def _changes(group: pd.DataFrame, factor: str) -> bool:
    """Tell whether two rows with different values of a factor have different verdicts."""
    by_value = {frozenset(part["verdict"]) for _, part in group.groupby(factor, sort=False)}
    return len(by_value) > 1
