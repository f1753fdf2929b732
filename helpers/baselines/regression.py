"""Logistic regression of a class against the rest: a network without a hidden layer."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from sklearn.linear_model import LogisticRegression

from helpers.baselines.entry import OneVsRest, Scores

STRENGTH = 1.0
"""Inverse strength of the L2 penalty: scikit-learn's default."""

RIDGE = 1e-4
"""Added to the matrix of products, relative to its mean diagonal: more than single precision errs,
so that the matrix has a root."""


# Two baselines ask for the same fit.
@functools.lru_cache(maxsize=1)
def fitted(question: OneVsRest) -> tuple[Scores, Scores]:
    """Fit an L2-penalised logistic regression, sides weighed alike.

    Returns
    -------
    tuple of numpy.ndarray
        Coefficient of every gene (per log2 unit), and the gene's mean over the samples, which
        values are measured from.
    """
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", tol=1e-3, max_iter=300)
    reduced = _reduced(_Same(question.x))
    model.fit(reduced.z, question.inside)
    return reduced.coefficients(np.asarray(model.coef_[0], np.float64)), reduced.mean


class _Same:
    """An array that is equal to itself alone, so that what is made of it can be kept."""

    def __init__(self, x: npt.NDArray[np.floating]) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.x is other.x

    def __hash__(self) -> int:
        return id(self.x)


class _Reduced:
    """Samples in as many dimensions as there are samples, where an L2 penalty costs the same.

    With fewer samples than genes the best coefficients are a combination of samples, w = X'a. Let
    LL' = XX'. Then Xw = Lv and |w| = |v| for v = L'a, so that the regression can be fitted on L.
    """

    def __init__(self, x: npt.NDArray[np.floating]) -> None:
        self.mean = np.asarray(x.mean(axis=0, dtype=np.float64))
        self._centred = x - self.mean.astype(x.dtype)
        self.z: npt.NDArray[Any] = self._centred
        self._root: npt.NDArray[Any] | None = None
        if len(x) < x.shape[1]:
            products = (self._centred @ self._centred.T).astype(np.float64)
            products[np.diag_indices(len(x))] += RIDGE * products.trace() / len(x)
            root: npt.NDArray[Any] = np.linalg.cholesky(products)
            self.z = self._root = root

    def coefficients(self, v: Scores) -> Scores:
        """Return the coefficient of every gene."""
        if self._root is None:
            return v
        own = solve_triangular(self._root, v, lower=True, trans="T")
        return np.asarray(self._centred.T @ own.astype(self._centred.dtype), np.float64)


# Classes are compared on the same samples, one after the other.
@functools.lru_cache(maxsize=1)
def _reduced(same: _Same) -> _Reduced:
    return _Reduced(same.x)


def forget() -> None:
    """Let go of the samples of the last comparison, which are kept for the next class."""
    fitted.cache_clear()
    _reduced.cache_clear()
