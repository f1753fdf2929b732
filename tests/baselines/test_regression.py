"""The regression in fewer dimensions against scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from helpers.baselines import OneVsRest, forget
from helpers.baselines.regression import STRENGTH, fitted


@pytest.mark.parametrize("samples", [40, 200])
def test_coefficients_are_those_of_the_plain_regression(samples: int) -> None:
    forget()
    rng = np.random.default_rng(0)
    x = rng.normal(3, 1, size=(samples, 120)).astype(np.float32)
    inside = x[:, 0] + x[:, 1] + rng.normal(size=samples) > 6.5
    found, mean = fitted(OneVsRest("liver", x, inside, x[:2]))
    np.testing.assert_allclose(mean, x.mean(axis=0), rtol=1e-5)
    exact = LogisticRegression(C=STRENGTH, class_weight="balanced", tol=1e-8, max_iter=5000)
    expected = exact.fit(x.astype(float) - mean, inside).coef_[0]
    assert np.corrcoef(found, expected)[0, 1] > 0.999
    np.testing.assert_allclose(found, expected, atol=0.03 * np.abs(expected).max())


def test_other_samples_are_fitted_anew() -> None:
    forget()
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(20, 50)).astype(np.float32) for _ in range(2))
    inside = np.arange(20) < 8
    first, again, other = (fitted(OneVsRest("a", each, inside, each))[0] for each in (x, x, y))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
