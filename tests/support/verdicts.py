"""What holds of every verdict."""

from __future__ import annotations

import numpy as np

from helpers.claims.judging import NOT_TESTABLE, Verdict


def check(found: Verdict) -> Verdict:
    """See that a verdict has a reason and that its interval, if it has one, holds its number."""
    assert found.reason
    if found.verdict != NOT_TESTABLE:
        assert np.isfinite(found.observed)
    if np.isnan(found.ci_low):
        assert np.isnan(found.ci_high)
        assert (
            found.verdict == NOT_TESTABLE
            or "no interval" in found.reason
            or ("no 95 % interval" in found.reason)
        )
    else:
        assert found.ci_low < found.ci_high
        assert found.ci_low - 1e-9 <= found.observed <= found.ci_high + 1e-9
        assert f"over {found.n} {found.unit}" in found.reason or "Welch's" in found.reason
    return found
