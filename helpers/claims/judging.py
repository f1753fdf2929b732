"""What a rule is, what a verdict is, and the interval that goes with it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE = (
    "reproduced",
    "partly",
    "not_reproduced",
    "not_testable",
)

VERDICTS = (REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE)

NOT_RUN = "not_run"
"""In place of a verdict where a table that it is computed from is missing or stale."""

LOW = 0.5
"""A correlation or overlap is called low below this: two lists that share less than half."""

SIMILAR = 0.1
"""Two correlations or overlaps that differ by at most this are called similar."""

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Verdict:
    """A verdict with the number it rests on.

    Attributes
    ----------
    verdict
        One of `VERDICTS`, or `NOT_RUN` where there is none.
    observed
        The number; NaN where there is none.
    ci_low, ci_high
        Its 95 % interval; NaN where there is none, and then the reason says why.
    reason
        What was found, in words.
    n
        Number of units that the interval resamples, or that were looked at.
    unit
        What these are, in the plural, such as ``"samples"``.
    """

    verdict: str
    observed: float = float("nan")
    ci_low: float = float("nan")
    ci_high: float = float("nan")
    reason: str = ""
    n: int = 0
    unit: str = ""


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
        Notebook and cell that show it: ``02_baseline_reproducibility#figure_1a`` is the cell that
        shows ``figure_1a``, and the place of that figure on the page.
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
    picks = resampled_places(len(values), draws, seed)
    return percentiles(np.array([statistic(values[pick]) for pick in picks]))


def resampled_places(units: int, draws: int = 2000, seed: int = 0) -> np.ndarray:
    """Draw places of units with replacement: draws × units."""
    return np.random.default_rng(seed).integers(0, units, size=(draws, units))


def percentiles(found: np.ndarray) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of what resamples gave; those without are left out."""
    known = found[~np.isnan(found)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


class NotTestableError(Exception):
    """A run without what a rule needs; the message says what."""


def testable(judge: Callable[[Tables], Verdict]) -> Callable[[Tables], Verdict]:
    """Turn `NotTestableError` in a rule into the verdict ``"not_testable"``."""

    @functools.wraps(judge)
    def judged(tables: Tables) -> Verdict:
        try:
            return judge(tables)
        except NotTestableError as error:
            return Verdict(NOT_TESTABLE, reason=str(error))

    return judged


DRAWS = 2000
"""Times that samples, tissues or models are drawn anew for an interval."""


Values = npt.NDArray[np.float64]


def middle(values: Values, *, median: bool) -> tuple[float, float, float]:
    """Return the median or mean of units, with a 95 % interval that resamples them."""
    take = np.median if median else np.mean
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan"), float("nan")
    picks = np.random.default_rng(0).integers(0, len(known), size=(DRAWS, len(known)))
    low, high = np.percentile(take(known[picks], axis=1), [2.5, 97.5])
    return float(take(known)), float(low), float(high)
