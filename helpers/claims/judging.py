"""What a rule is, what a verdict is, and the interval that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE = (
    "reproduced",
    "partly",
    "not_reproduced",
    "not_testable",
)

LOW = 0.5
"""A correlation or overlap is called low below this: two lists that share less than half."""

SIMILAR = 0.1
"""Two correlations or overlaps that differ by at most this are called similar."""

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Verdict:
    """A verdict with the number it rests on and a 95 % interval (NaN where there is none)."""

    verdict: str
    observed: float = float("nan")
    ci_low: float = float("nan")
    ci_high: float = float("nan")
    reason: str = ""


@dataclass(frozen=True)
class Rule:
    """How a statement is judged.

    Attributes
    ----------
    statistic
        What is measured.
    expected
        What the paper's value or wording asks of it.
    fair
        Why this is a fair reading.
    tables
        The tables read.
    produced_by
        Notebook and cell that show it.
    judge
        From the tables to a verdict.
    """

    statistic: str
    expected: str
    fair: str
    tables: tuple[str, ...]
    produced_by: str
    judge: Callable[[Tables], Verdict]
    circular_on: Mapping[str, str] = field(default_factory=dict)
    """Data sets that were made to have this property, and in what way: no evidence there."""


def bootstrap_interval(
    values: np.ndarray, statistic: Callable[[np.ndarray], float], draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic over resampled units.

    Parameters
    ----------
    values
        One entry (or row) for each independent unit, such as a model or a sample.
    statistic
        From resampled values to a number.
    draws
        Number of resamples.
    seed
        Seed of the resampling.
    """
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(values), size=(draws, len(values)))
    found = np.array([statistic(values[pick]) for pick in picks])
    known = found[~np.isnan(found)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
