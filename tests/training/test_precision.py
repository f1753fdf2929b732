"""The way of training that is chosen is never slower than plain float32, and it trains."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from helpers.errors import UnknownNameError
from helpers.models import CNN
from helpers.training import (
    PRECISIONS,
    Hyperparameters,
    Regime,
    choose_precision,
    precision,
    probabilities,
    train,
)
from helpers.training.precision import PLAIN, fastest, step_seconds

CPU = torch.device("cpu")
GENES, CLASSES, CHANNELS = 60, 3, (8, 8, 8)
build = partial(CNN, GENES, CLASSES, channels=CHANNELS)
seconds = st.floats(1e-6, 1e3) | st.just(math.inf) | st.just(math.nan)


@pytest.fixture(autouse=True)
def _nothing_measured_before() -> Iterator[None]:
    precision._measured.cache_clear()
    yield
    precision._measured.cache_clear()


def all_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "candidates", lambda device: list(PRECISIONS.values()))


@given(st.fixed_dictionaries(dict.fromkeys(PRECISIONS, seconds)))
def test_choice_is_never_slower_than_plain(timings: dict[str, float]) -> None:
    chosen = fastest(timings)
    assert chosen == PLAIN or timings[chosen] < timings[PLAIN]
    # What was much faster is not missed.
    assert not any(
        taken < 0.8 * timings[PLAIN] and not timings[chosen] <= taken for taken in timings.values()
    )


def test_chance_does_not_decide_between_equals() -> None:
    layout = "float32_channels_last"
    assert fastest({PLAIN: 1.0, layout: 0.95}) == PLAIN
    assert fastest({PLAIN: 1.0, layout: 0.85}) == layout


def injected(monkeypatch: pytest.MonkeyPatch, taken: dict[str, list[float]]) -> dict[str, float]:
    """Measure with a stopwatch that shows for each step of a way what `taken` says."""
    all_ways(monkeypatch)
    steps = {
        name: itertools.chain(times, itertools.repeat(times[-1])) for name, times in taken.items()
    }
    monkeypatch.setattr(precision, "_timed_step", lambda way, model, **_: next(steps[way.name]))
    return step_seconds(build, GENES, CLASSES, 4, CPU)


def test_first_steps_do_not_count_but_sort_out_the_hopeless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain, layout, half = PRECISIONS
    measured = injected(monkeypatch, {plain: [9, 4, 3], layout: [1, 5, 2], half: [30, 0.1]})
    assert measured == {plain: 3, layout: 2, half: math.inf}
    assert fastest(measured) == layout
    # However slow plain float32 is at first, it stays in the comparison.
    measured = injected(monkeypatch, {plain: [90, 1], layout: [1, 2], half: [math.inf]})
    assert fastest(measured) == plain


def test_measurement_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def step(way: precision.Precision, model: nn.Module, **_: Any) -> float:
        steps.append(way.name)
        return 1.0

    all_ways(monkeypatch)
    monkeypatch.setattr(precision, "_timed_step", step)
    step_seconds(build, GENES, CLASSES, 4, CPU, clock=lambda: 2.0 * len(steps))
    assert len(steps) == 2 * len(PRECISIONS)


@pytest.mark.parametrize("fault", [RuntimeError("not implemented for 'BFloat16'"), math.nan])
def test_a_way_that_does_not_train_is_not_chosen(
    fault: RuntimeError | float, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty(CNN):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            plain = not torch.is_autocast_enabled("cpu") and self.conv2.weight.is_contiguous()
            if not plain and isinstance(fault, RuntimeError):
                raise fault
            return super().forward(x) * (1.0 if plain else math.nan)

    all_ways(monkeypatch)
    measured = step_seconds(
        partial(Faulty, GENES, CLASSES, channels=CHANNELS), GENES, CLASSES, 4, CPU
    )
    assert [math.isfinite(value) for value in measured.values()] == [True, False, False]
    assert fastest(measured) == PLAIN


def test_measurement_leaves_the_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    measured = step_seconds(build, GENES, CLASSES, 4, CPU)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert set(measured) <= set(PRECISIONS)
    assert PLAIN in measured
    assert all(value > 0 for value in measured.values())


def choose(name: str = "fastest", architecture: str = "cnn", **changes: Any) -> str:
    sizes = {"genes": GENES, "classes": CLASSES, "batch_size": 8, "device": "cpu", **changes}
    options = {"channels": CHANNELS} if architecture == "cnn" else {}
    return choose_precision(name, architecture, options, **sizes)


def test_measured_once_per_network_and_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    def measure(*arguments: Any) -> dict[str, float]:
        calls.append(arguments)
        return {PLAIN: 2.0, "float32_channels_last": 1.0}

    monkeypatch.setattr(precision, "step_seconds", measure)
    assert [choose(), choose(device=CPU)] == 2 * ["float32_channels_last"]
    assert len(calls) == 1
    choose(batch_size=4)
    assert len(calls) == 2


def test_nothing_is_measured_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "step_seconds", None)
    assert choose(architecture="mlp") == PLAIN
    assert [choose(name) for name in PRECISIONS] == list(PRECISIONS)
    with pytest.raises(UnknownNameError, match="did you mean 'float32'"):
        choose("float64")


@pytest.mark.parametrize("way", PRECISIONS)
def test_every_way_trains_the_same_network(way: str) -> None:
    """Ways differ by rounding only, and give float32 weights in the usual layout."""
    generator = np.random.default_rng(0)
    y = np.arange(24) % CLASSES
    x = (generator.random((24, GENES)) + 4 * (np.arange(GENES) % CLASSES == y[:, None])).astype(
        "f4"
    )

    def trained(name: str) -> tuple[nn.Module, list[dict[str, float]]]:
        return train(
            x,
            y,
            x,
            y,
            build=partial(build, dropout=0.0),
            regime=Regime(Hyperparameters(0.001, 0.0), 2, 8, precision=name),
            seed=0,
        )

    (model, history), (_, expected) = trained(way), trained(PLAIN)
    assert all(p.dtype == torch.float32 and p.is_contiguous() for p in model.parameters())
    for record, other in zip(history, expected, strict=True):
        assert record["train_loss"] == pytest.approx(other["train_loss"], rel=0.03)
    again = trained(way)
    assert again[1] == history
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), again[0].parameters(), strict=True)
    )


@pytest.mark.parametrize("way", PRECISIONS)
def test_predictions_are_float32_in_any_layout(way: str) -> None:
    model = build()
    x = torch.rand(10, GENES)
    predicted = probabilities(model, x, precision=way)
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, probabilities(model, x), rtol=1e-5)
    assert model.training
    assert all(parameter.is_contiguous() for parameter in model.parameters())
    with pytest.raises(UnknownNameError, match="float32"):
        probabilities(model, x, precision="half")
