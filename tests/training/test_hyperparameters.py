"""Models differ slightly, each in its own repeatable way."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.training import Hyperparameters, draw_hyperparameters


def test_values_lie_within_the_spread_and_fill_it_log_uniformly() -> None:
    drawn = [draw_hyperparameters(i, 0, 0.001, 0.01, 0.2) for i in range(2000)]
    for values, centre in (
        ([h.learning_rate for h in drawn], 0.001),
        ([h.weight_decay for h in drawn], 0.01),
    ):
        position = np.log(np.array(values) / centre) / np.log(1 / 0.8)
        assert -1 <= position.min() < -0.99
        assert 0.99 < position.max() <= 1
        assert np.quantile(position, [0.25, 0.5, 0.75]) == pytest.approx([-0.5, 0, 0.5], abs=0.06)


def test_rate_and_decay_are_drawn_apart() -> None:
    drawn = [draw_hyperparameters(i, 0, 1.0, 1.0, 0.2) for i in range(500)]
    rates, decays = [h.learning_rate for h in drawn], [h.weight_decay for h in drawn]
    assert abs(np.corrcoef(rates, decays)[0, 1]) < 0.15


def test_depends_on_index_and_seed_only() -> None:
    draw = draw_hyperparameters
    assert draw(3, 5, 0.1, 0.1, 0.2) == draw(3, 5, 0.1, 0.1, 0.2)
    assert draw(3, 5, 0.1, 0.1, 0.2) != draw(4, 5, 0.1, 0.1, 0.2)
    assert draw(3, 5, 0.1, 0.1, 0.2) != draw(3, 6, 0.1, 0.1, 0.2)


def test_no_spread_and_no_decay() -> None:
    assert draw_hyperparameters(1, 2, 0.001, 0.0, 0.0) == Hyperparameters(0.001, 0.0)
    assert draw_hyperparameters(1, 2, 0.001, 0.0, 0.5).weight_decay == 0.0
