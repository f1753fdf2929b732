"""The one-cycle schedule reaches its peak and ends low; the plateau is tested with the loop."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.training.learning_rates import OneCycle


def rates(peak: float, batches: int) -> list[float]:
    """Return the rate of each batch."""
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=peak, momentum=0.9)
    cycle, seen = OneCycle(optimiser, batches), []
    for _ in range(batches):
        seen.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        cycle.after_batch()
    return seen


@settings(deadline=None)
@given(st.floats(1e-4, 0.1), st.integers(10, 300))
def test_cycle_rises_to_its_peak_and_ends_low(peak: float, batches: int) -> None:
    seen = rates(peak, batches)
    top = max(range(batches), key=seen.__getitem__)
    assert seen[0] == pytest.approx(peak / 25)
    # The peak lies between two batches where 30 % of them is no whole number.
    assert peak * 0.8 < seen[top] <= peak * (1 + 1e-9)
    assert top == pytest.approx(0.3 * batches - 1, abs=1)
    assert seen[-1] == pytest.approx(peak / 250_000)
    assert seen[: top + 1] == sorted(seen[: top + 1])
    assert seen[top:] == sorted(seen[top:], reverse=True)


def test_cycle_is_half_a_cosine_up_and_one_down() -> None:
    seen, peak = rates(0.006, 100), 0.006
    for i, rate in enumerate(seen):
        low, done = (peak / 25, i / 29) if i <= 29 else (peak / 250_000, 1 - (i - 29) / 70)
        assert rate == pytest.approx(low + (peak - low) * (1 - math.cos(math.pi * done)) / 2)


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_a_cycle_of_few_batches_works(batches: int) -> None:
    assert all(0 < rate <= 0.01 for rate in rates(0.01, batches))
