"""Every method computes the same, which is what makes their times comparable."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.planning.speed.contest import COLUMNS, contest, pairs
from helpers.planning.speed.methods import EXACT, METHODS
from helpers.planning.speed.tasks import TASKS, Sizes, make_work

SMALL = Sizes(genes=40, hidden=12, classes=4, models=2, samples=3, estimates=4, steps=100)


def test_every_method_finds_the_same_scores() -> None:
    found = contest(SMALL, apart=False)
    assert list(found.columns) == COLUMNS
    assert list(zip(found["task"], found["method"], strict=True)) == list(pairs())
    assert (found["seconds"] > 0).all()
    stepwise = (found["task"] == "IntegratedGradients") & (found["method"] != EXACT)
    assert (found.loc[~stepwise, "difference"] < 1e-5).all()
    # Steps along the path come near to the integral, and only near.
    assert found.loc[stepwise, "difference"].between(1e-6, 1e-2).all()


def test_masks_and_references_count(monkeypatch: pytest.MonkeyPatch) -> None:
    work = make_work(SMALL)
    compute = METHODS["captum_loop"].compute
    usual = compute(TASKS["DeepLift"], work)
    assert usual.shape == (2, 3, 40)
    work.masks[:] = 1
    assert np.abs(compute(TASKS["DeepLift"], work) - usual).max() > 1e-3
    again = compute(TASKS["DeepLift"], work)
    work.references[:] = 0
    assert np.abs(compute(TASKS["DeepLift"], work) - again).max() > 1e-3


def test_each_task_has_the_exact_engine_and_another() -> None:
    for task in TASKS:
        able = [name for name, method in METHODS.items() if task in method.able]
        assert able[0] == EXACT
        assert len(able) > 1
    for method in METHODS.values():
        assert method.why_not or method.able == set(TASKS)
