"""Welch's t: the difference of means over its standard error, sides of unequal variance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from helpers.baselines.entry import Baseline, OneVsRest, Scores, Side


def welch_t(x: npt.NDArray[np.floating], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return Welch's t of every gene, samples of a class against all others.

    Parameters
    ----------
    x
        Samples (or cells) × genes, log2 units.
    inside
        Whether each is of the class; two or more must be, and as many not.

    Returns
    -------
    numpy.ndarray
        One t per gene; 0 where a gene varies on neither side.
    """
    return t_of(Side.of(x[inside]), Side.of(x[~inside]))


def t_of(first: Side, second: Side) -> Scores:
    """Return t from what was measured on each side."""
    error = np.sqrt(first.variance / first.n + second.variance / second.n)
    difference = first.mean - second.mean
    return np.divide(difference, error, out=np.zeros(len(error)), where=error > 0)


def score(question: OneVsRest) -> Scores:
    """Compare the class with the rest."""
    return t_of(*question.sides)


BASELINE = Baseline(name="WelchT", title="t-test (Welch)", score=score, signed=True, place=1)
