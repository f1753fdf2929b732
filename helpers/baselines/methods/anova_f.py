"""ANOVA's F of two groups: the variance between them over that within."""

from __future__ import annotations

import numpy as np

from helpers.baselines.entry import Baseline, OneVsRest, Scores


def score(question: OneVsRest) -> Scores:
    """Compare the class with the rest, with one variance for both (unlike Welch's t)."""
    first, second = question.sides
    samples = first.n + second.n
    between = first.n * second.n / samples * (first.mean - second.mean) ** 2
    within = (first.n - 1) * first.variance + (second.n - 1) * second.variance
    # Where nothing varies within the sides there is no test, as with the t-test.
    return np.divide(between * (samples - 2), within, out=np.zeros(len(within)), where=within > 0)


BASELINE = Baseline(name="AnovaF", title="ANOVA's F", score=score, signed=False, place=3)
