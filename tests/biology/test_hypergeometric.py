"""The exact interval of a share, against SciPy's."""

from __future__ import annotations

import numpy as np
from scipy import stats

from helpers.biology.hypergeometric import share_interval


def test_the_interval_of_a_share_is_scipys():
    hits, size = np.array([0, 1, 13, 99, 100]), np.full(5, 100)
    found = np.column_stack(share_interval(hits, size))
    expected = [
        tuple(stats.binomtest(int(k), 100).proportion_ci(0.95, method="exact")) for k in hits
    ]
    # SciPy searches for its limits, to about twelve digits.
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_means_of_hits_lie_between_whole_hits():
    low, high = share_interval([0.25, 1.5], [100, 100])
    below, above = share_interval([0, 1], [100, 100]), share_interval([1, 2], [100, 100])
    assert ((below[0] <= low) & (low <= above[0])).all()
    assert ((below[1] <= high) & (high <= above[1])).all()
