"""What the page on speed shows, measured: the exact engine beside Captum, torch.func and shap.

Run with ``pytest tests/benchmarks/test_speed_page.py -s`` to see the table.
`python -m helpers speed` measures the same and keeps it.
"""

from __future__ import annotations

import numpy as np
import pytest

from helpers.planning.speed.contest import contest
from helpers.planning.speed.methods import EXACT
from helpers.planning.speed.tasks import Sizes


@pytest.mark.slow
def test_the_engine_finds_the_same_scores_and_is_ten_times_as_fast_as_a_loop() -> None:
    found = contest(Sizes())
    print("\n" + found.to_string(index=False, float_format="%.3g"))  # noqa: T201
    others = found[found["method"] != EXACT]
    stepwise = others["task"] == "IntegratedGradients"
    assert (others.loc[~stepwise, "difference"] < 1e-4).all()
    assert (others.loc[stepwise, "difference"] < 2e-2).all()
    loops = others.loc[others["method"] == "captum_loop", "ratio"]
    assert np.exp(np.log(loops).mean()) >= 10
