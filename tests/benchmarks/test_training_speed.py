"""Training one MLP against a plain PyTorch loop over a DataLoader: pytest tests/benchmarks -s."""

from __future__ import annotations

import time
from functools import partial

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from helpers.models import MLP
from helpers.training import Hyperparameters, Regime, train

SAMPLES, VALIDATION, GENES, CLASSES = 2000, 200, 19_700, 83
BATCH, EPOCHS, ROUNDS = 256, 2, 4

Data = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


@pytest.fixture(scope="module")
def data() -> Data:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(SAMPLES + VALIDATION, GENES, generator=generator) * 10
    y = torch.arange(SAMPLES + VALIDATION) % CLASSES
    return x[:SAMPLES], y[:SAMPLES], x[SAMPLES:], y[SAMPLES:]


def ours(data: Data) -> None:
    train(
        *data,
        build=partial(MLP, GENES, CLASSES),
        regime=Regime(Hyperparameters(0.001, 0.001), EPOCHS, BATCH),
        seed=0,
    )


def plain(data: Data) -> None:
    """Train as a tutorial would: TensorDataset, DataLoader, default Adam; as many samples."""
    x, y, x_validation, y_validation = data
    counts = y.bincount()
    drawn = CLASSES * int(counts.max())
    sampler = WeightedRandomSampler((1 / counts)[y].tolist(), drawn)
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, sampler=sampler)
    model = MLP(GENES, CLASSES)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.001, weight_decay=0.001)
    best = float("inf")
    for _ in range(EPOCHS):
        model.train()
        for batch, labels in loader:
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(batch), labels).backward()
            optimiser.step()
        model.eval()
        with torch.no_grad():
            loss = nn.functional.cross_entropy(model(x_validation), y_validation).item()
        if loss < best:
            best, _state = loss, {k: v.clone() for k, v in model.state_dict().items()}


@pytest.mark.benchmark(group="training", min_rounds=ROUNDS, warmup=True)
def test_training(benchmark: BenchmarkFixture, data: Data) -> None:
    benchmark(ours, data)


@pytest.mark.benchmark(group="training", min_rounds=ROUNDS, warmup=True)
def test_plain_loop(benchmark: BenchmarkFixture, data: Data) -> None:
    benchmark(plain, data)


def test_ratio(data: Data) -> None:
    """Take turns, so that a busy machine slows both; the fastest round of each counts."""
    times: dict[str, list[float]] = {"ours": [], "plain": []}
    for _ in range(ROUNDS):
        for name, loop in (("ours", ours), ("plain", plain)):
            start = time.perf_counter()
            loop(data)
            times[name].append((time.perf_counter() - start) / EPOCHS)
    fastest = {name: min(values) for name, values in times.items()}
    print(  # noqa: T201
        f"\n{SAMPLES} samples × {GENES} genes, {torch.get_num_threads()} threads: "
        f"ours {1 / fastest['ours']:.2f} epochs/s, plain {1 / fastest['plain']:.2f} epochs/s, "
        f"ratio {fastest['plain'] / fastest['ours']:.2f}"
    )
    assert fastest["ours"] < fastest["plain"]
