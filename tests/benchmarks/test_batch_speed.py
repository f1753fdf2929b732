"""Scores in training mode: the batch engine against a loop around Captum, on one core.

Run with ``pytest tests/benchmarks/test_batch_speed.py -s`` to see the table. Five samples of a
batch are explained by one model, by the median of the absolute values of 50 estimates; the others
only provide BatchNorm's statistics. Captum sends the whole batch through the network for every
estimate. Its loop is stopped after some seconds and extrapolated from its median call: all calls do
the same work. Both are timed by what this process computes, whatever else the machine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import torch

from helpers.explain import EXPLAINERS, explain_batch
from helpers.explain.entry import Options, quiet_captum
from helpers.explain.network.modes import explanation_mode
from helpers.models import MLP

GENES, CLASSES, ESTIMATES, STEPS, EXPLAINED = 19_000, 82, 50, 50, 5
CAPTUM_SECONDS, ROUNDS = 3.0, 3
OF_MLP = [name for name, explainer in EXPLAINERS.items() if "mlp" in explainer.architectures]


def seconds(work: Callable[[], object], rounds: int = ROUNDS, most: float = np.inf) -> float:
    """Return the median time of some calls after a first one."""
    work()
    times: list[float] = []
    while len(times) < rounds and sum(times) < most:
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return float(np.median(times))


def captum_seconds(name: str, model: MLP, x: np.ndarray, reference: np.ndarray) -> float:
    """Time one pass of the batch; IntegratedGradients has as many steps at once as fit."""
    rows = torch.from_numpy(x).requires_grad_()
    target = torch.zeros(len(x), dtype=torch.long)
    pool = torch.from_numpy(reference).expand_as(rows)
    options = Options(STEPS, internal_rows=max(1500 // len(x), 1) * len(x))
    with explanation_mode(model, "training", 0), quiet_captum():
        attribute = EXPLAINERS[name].captum
        return seconds(
            lambda: attribute(model, rows, target, pool, options).abs(), ESTIMATES, CAPTUM_SECONDS
        )


@pytest.mark.slow
@pytest.mark.parametrize("batch", [30, 256])
def test_ratios(batch: int) -> None:
    """Under a second for each explainer, and at least five times as fast as Captum."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 8, (batch, GENES)).astype(np.float32)
    pool = rng.uniform(0, 8, (ESTIMATES, GENES)).astype(np.float32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = MLP(GENES, CLASSES).eval()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    print(f"\nbatch of {batch}: engine s, Captum s, ratio")  # noqa: T201
    ratios = {}
    try:
        for name in OF_MLP:
            arguments = {"explainer": name, "references": pool, "integration_steps": STEPS}
            arguments |= {"members": np.ones((1, ESTIMATES), dtype=bool), "threads": 1, "seed": 0}
            arguments |= {"rows": np.arange(EXPLAINED), "combine": "absolute_median"}
            engine = seconds(lambda a=arguments: explain_batch([model], x, 0, **a))
            loop = captum_seconds(name, model, x, pool[0]) * ESTIMATES
            ratios[name] = loop / engine
            print(f"{name:20s} {engine:8.3f} {loop:8.1f} {loop / engine:8.0f}")  # noqa: T201
            assert engine < 1
    finally:
        torch.set_num_threads(before)
    assert min(ratios.values()) >= 5
