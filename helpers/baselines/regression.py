"""Logistic regression of a class against the rest: a network without a hidden layer."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from helpers.baselines.entry import OneVsRest

STRENGTH = 1.0
"""Inverse strength of the L2 penalty: scikit-learn's default."""


# Two baselines ask for the same fit.
@functools.lru_cache(maxsize=1)
def fitted(question: OneVsRest) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Fit an L2-penalised logistic regression, sides weighed alike.

    Returns
    -------
    tuple of numpy.ndarray
        Coefficient of every gene (per log2 unit), and the gene's mean over the samples, which
        values are measured from.
    """
    mean = question.x.mean(axis=0)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", tol=1e-3, max_iter=300)
    model.fit(question.x - mean, question.inside)
    return np.asarray(model.coef_[0], np.float64), np.asarray(mean, np.float64)
