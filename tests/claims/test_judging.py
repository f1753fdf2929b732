"""Intervals."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.claims.judging import bootstrap_interval


def test_the_bootstrap_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(0).normal(5, 2, size=400)
    low, high = bootstrap_interval(values, lambda v: float(np.mean(v)))
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.03)
    assert high == pytest.approx(values.mean() + half, abs=0.03)
