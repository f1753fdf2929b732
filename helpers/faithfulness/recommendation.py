"""Which explainer to use: explainers beside each other on every question, and a rule that chooses.

The rule is plain on purpose. On each question an explainer is as good as the best if it is within
`TOLERANCE` of it. Chosen is the explainer that is as good as the best on most questions; of several
the one with the fewest passes through the network; of these the first in the order of tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

QUESTIONS = ("reproduces", "right", "faithful")
"""Questions whose answers are numbers of which more is better: overlap of halves, average
precision of planted genes, area above that of random genes."""

FEWEST = 2
"""Questions that need an answer before anything is chosen."""

TOLERANCE = 0.02
"""Difference in overlap, average precision or area that counts as none."""

LITTLE = 1.05
"""Networks, in parts of those that endlessly many estimates of each would take, that count as
enough."""


def as_good_as_the_best(table: pd.DataFrame) -> pd.Series:
    """Count the questions on which each row is within `TOLERANCE` of the best one.

    Parameters
    ----------
    table
        With the columns `QUESTIONS`; what is missing is no answer.
    """
    answers = table[list(QUESTIONS)].astype(float)
    return (answers >= answers.max() - TOLERANCE).sum(axis=1)


def choose(table: pd.DataFrame) -> pd.Series:
    """Tell which row is chosen, by the rule at the top.

    Parameters
    ----------
    table
        Explainers of one architecture: `QUESTIONS` and ``passes``.

    Returns
    -------
    pandas.Series
        True for one row; for none where fewer than `FEWEST` questions have an answer.
    """
    good = as_good_as_the_best(table)
    chosen = pd.Series(False, index=table.index)
    if table[list(QUESTIONS)].notna().any().sum() >= FEWEST:
        best = table[good == good.max()]
        chosen[best["passes"].astype(float).idxmin()] = True
    return chosen


def enough_estimates(between: float, within: float) -> float:
    """Return the fewest estimates of a network beyond which more save hardly any network.

    Parameters
    ----------
    between, within
        Variance of one estimate between networks, and within one.

    Returns
    -------
    float
        The smallest number with which `LITTLE` times the networks are enough that endlessly many
        would take; infinite where networks do not differ at all.
    """
    if within == 0:
        return 1.0
    if between == 0:
        return math.inf
    return float(math.ceil(round(within / ((LITTLE - 1) * between), 9)))


def models_of_enough(need: Mapping[str, Any], enough: float) -> float:
    """Return how many networks of enough estimates each do as well as those that are needed.

    Parameters
    ----------
    need
        A row of ``networks_needed.csv``: ``between``, ``within``, ``models``, ``estimates``.
    enough
        Estimates of each network; more than those of the row are not taken.
    """
    between, within = float(need["between"]), float(need["within"])
    asked = between + within / float(need["estimates"])
    taken = between + within / min(enough, float(need["estimates"]))
    models = float(need["models"])
    return float(math.ceil(round(models * taken / asked, 9))) if math.isfinite(models) else math.nan


def expected_overlap(fitted: float, largest: float, models: npt.ArrayLike) -> list[float]:
    """Return the overlap that is expected of means over so many networks.

    The share of genes that are not shared falls with the square root of their number.

    Parameters
    ----------
    fitted, largest
        Overlap expected at the largest number measured, and that number.
    models
        Numbers of networks.
    """
    found = 1 - (1 - fitted) * np.sqrt(largest / np.asarray(models, dtype=np.float64))
    return [float(value) for value in found]
