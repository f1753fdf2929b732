"""Coefficients of a logistic regression times value: what each gene adds to a sample's logit."""

from __future__ import annotations

import numpy as np

from helpers.baselines.entry import Baseline, OneVsRest, Scores
from helpers.baselines.regression import fitted


def score(question: OneVsRest) -> Scores:
    """Average coefficient × (value − mean) over the explained samples: a linear DeepLIFT."""
    coefficients, mean = fitted(question)
    return coefficients * (question.explained.mean(axis=0, dtype=np.float64) - np.asarray(mean))


BASELINE = Baseline(
    name="LogisticContributions", title="logistic regression, coefficients × value", score=score,
    signed=True, place=5,
)  # fmt: skip
