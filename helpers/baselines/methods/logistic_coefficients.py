"""Coefficients of a logistic regression: the gradient of a linear model."""

from __future__ import annotations

from helpers.baselines.entry import Baseline, OneVsRest, Scores
from helpers.baselines.regression import fitted


def score(question: OneVsRest) -> Scores:
    """Return the coefficients: what Saliency would be, but for the sign."""
    return fitted(question)[0]


BASELINE = Baseline(
    name="LogisticCoefficients", title="logistic regression, coefficients", score=score,
    signed=True, place=4,
)  # fmt: skip
