"""Ways of training: a setting chooses, each is measured in time, and each trains."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
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
from helpers.training.precision import PLAIN, step_seconds

CPU = torch.device("cpu")
GENES, CLASSES, CHANNELS = 60, 3, (8, 8, 8)
build = partial(CNN, GENES, CLASSES, channels=CHANNELS)


def test_the_first_step_does_not_count_and_the_fastest_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = iter([9.0, 4.0, 3.0, 5.0, 3.5, 6.0])
    monkeypatch.setattr(precision, "_timed_step", lambda way, model, **_: next(taken))
    way = PRECISIONS["float32_channels_last"]
    assert step_seconds(way, build, GENES, CLASSES, 4, CPU) == 3


def test_a_measurement_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def step(way: precision.Precision, model: nn.Module, **_: Any) -> float:
        steps.append(way.name)
        return 1.0

    monkeypatch.setattr(precision, "_timed_step", step)
    clock = lambda: 2.0 * len(steps)  # noqa: E731
    step_seconds(PRECISIONS[PLAIN], build, GENES, CLASSES, 4, CPU, clock=clock)
    assert len(steps) == 3


@pytest.mark.parametrize("fault", [RuntimeError("not implemented for 'BFloat16'"), math.nan])
def test_a_way_that_does_not_train_takes_for_ever(fault: RuntimeError | float) -> None:
    class Faulty(CNN):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if isinstance(fault, RuntimeError):
                raise fault
            return super().forward(x) * fault

    faulty = partial(Faulty, GENES, CLASSES, channels=CHANNELS)
    assert step_seconds(PRECISIONS[PLAIN], faulty, GENES, CLASSES, 4, CPU) == math.inf


def test_a_measurement_leaves_the_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    assert step_seconds(PRECISIONS[PLAIN], build, GENES, CLASSES, 4, CPU) > 0
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_setting_chooses_and_no_stopwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "step_seconds", None)
    for name in PRECISIONS:
        assert choose_precision(name, "cnn") == name
        assert choose_precision(name, "mlp") == PLAIN
    with pytest.raises(UnknownNameError, match="did you mean 'float32'"):
        choose_precision("float64", "cnn")


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
