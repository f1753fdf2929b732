"""What a rule is, and what a verdict is."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.claims.defined import NotTestableError, check_defined

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


LARGER, SMALLER, MET = "larger", "smaller", "met"
"""Which numbers speak for a statement: large ones, small ones, or its verdict alone does."""


@dataclass(frozen=True)
class Compared:
    """What of a statement is compared with networks that know nothing of biology.

    Attributes
    ----------
    supports
        `LARGER` or `SMALLER`: which numbers speak for the statement; `MET`: it has no single number
        that could be larger or smaller, so it is counted how often its rule is met.
    what
        What is compared, in few words, as a figure has room for them.
    number
        From the tables to that number, where it is not the one observed.
    """

    supports: str
    what: str
    number: Callable[[Tables], float] | None = None


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
        From the tables to a verdict. Of what is undefined it makes "not testable": where the
        function raises `NotTestableError`, where a column that is always a number is not, and where
        the verdict has no number.
    networks
        Architectures whose networks the verdict rests on: ``"mlp"``, ``"cnn"``, both or neither.
    circular_on
        Data sets that were made to have this property, and in what way: no evidence there.
    compared
        What is compared with networks that know nothing, see `helpers.claims.control`; None: there
        is no such control.
    """

    statistic: str
    expected: str
    fair: str
    tables: tuple[str, ...]
    produced_by: str
    judge: Callable[[Tables], Verdict]
    networks: tuple[str, ...] = ()
    circular_on: Mapping[str, str] = field(default_factory=dict)
    compared: Compared | None = None

    def __post_init__(self) -> None:
        """Let no undefined number lead to a verdict."""
        object.__setattr__(self, "judge", testable(self.judge))


def testable(judge: Callable[[Tables], Verdict]) -> Callable[[Tables], Verdict]:
    """Make "not testable" of what is undefined, see `Rule`."""

    @functools.wraps(judge)
    def judged(tables: Tables) -> Verdict:
        try:
            check_defined(tables)
            found = judge(tables)
        except NotTestableError as error:
            return Verdict(NOT_TESTABLE, reason=str(error))
        if found.verdict != NOT_TESTABLE and not np.isfinite(found.observed):
            return replace(found, verdict=NOT_TESTABLE, reason=f"Undefined. {found.reason}")
        return found

    return judged


def of_mlps(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Leave the rows on CNNs out of tables."""
    return {
        name: table[table["architecture"] != "cnn"] if "architecture" in table else table
        for name, table in tables.items()
    }
