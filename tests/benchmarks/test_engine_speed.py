"""The exact engine against a loop around Captum, at the size and the optimum of the paper.

Run with ``pytest tests/benchmarks/test_engine_speed.py -s`` to see the table. The loop goes over
models and over repeats or references, with all samples in one call. It is stopped after some
seconds and extrapolated linearly from its median call: all its calls do the same work. Both use
as many threads as PyTorch takes on this machine: the engine on several models at once, Captum
inside PyTorch's operations. ``OMP_NUM_THREADS=1`` compares them on one thread.

The share of the matrix product's rate counts all hidden units. It may exceed 100 %, since the
engine leaves out those that are off or dropped.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.explain import EXPLAINERS, explain_exact
from helpers.explain.entry import Options, quiet_captum
from helpers.explain.network.modes import explanation_mode
from helpers.planning.speed.tasks import Sizes, Work, make_work

GENES, SAMPLES, MODELS, CLASSES, HIDDEN = 19_000, 10, 20, 82, 128
REPEATS, REFERENCES, STEPS = 40, 60, 50
CAPTUM_SECONDS, ROUNDS = 3.0, 5


@pytest.fixture(scope="module")
def data() -> Work:
    """Return samples, references and networks of the paper's size; masks are each method's own."""
    return make_work(
        Sizes(GENES, HIDDEN, CLASSES, models=MODELS, samples=SAMPLES, estimates=REFERENCES)
    )


def calls(name: str, data: Work) -> Iterator[Callable[[], torch.Tensor]]:
    """Yield the calls of Captum of one loop over models and repeats or references."""
    entry = EXPLAINERS[name]
    # Scripts that hand one copied reference per sample to DeepLiftShap pay for all pairs.
    attribute = entry.captum_over_references or entry.captum
    target = torch.from_numpy(data.target)
    for model in data.plain:
        for k in range(REFERENCES if entry.needs_reference else REPEATS):
            x = torch.from_numpy(data.x).requires_grad_()
            one = torch.from_numpy(data.references[k]).expand(SAMPLES, -1)
            yield lambda m=model, x=x, r=one: attribute(m, x, target, r, Options(STEPS))  # type: ignore[misc]


def captum_seconds(name: str, data: Work) -> tuple[float, float]:
    """Time the loop, and tell the part of it that was run."""
    count = MODELS * (REFERENCES if EXPLAINERS[name].needs_reference else REPEATS)
    with explanation_mode(data.plain[0], "dropout", 0), quiet_captum():
        for model in data.plain:
            model.requires_grad_(False)
            model.dropout.train()
        todo = calls(name, data)
        next(todo)()
        times: list[float] = []
        for call in todo:
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
            if sum(times) > CAPTUM_SECONDS:
                break
    for model in data.plain:
        model.eval()
    return float(np.median(times)) * count, len(times) / count


def median(call: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def sgemm_rate() -> float:
    """Measure FLOPs per second of a product of the engine's shapes, all genes at once."""
    g, first = torch.randn(SAMPLES * REFERENCES, HIDDEN), torch.randn(HIDDEN, GENES)
    out = torch.empty(SAMPLES * REFERENCES, GENES)
    return 2 * SAMPLES * REFERENCES * HIDDEN * GENES / median(lambda: torch.mm(g, first, out=out))


def flops(name: str) -> int:
    """Count FLOPs of the matrix products, no use made of units that are off."""
    per_row = 2 * HIDDEN * GENES
    if name == "Saliency":
        return MODELS * per_row * (SAMPLES + SAMPLES * REPEATS)
    if not EXPLAINERS[name].needs_reference:
        return MODELS * per_row * 2 * SAMPLES
    return MODELS * per_row * (2 * SAMPLES + REFERENCES + SAMPLES * REFERENCES)


@pytest.mark.slow
def test_ratios(data: Work) -> None:
    """Geometric mean at least 40, IntegratedGradients at least 150, none below 8."""
    rate = max(sgemm_rate() for _ in range(3))
    ratios = {}
    print(f"\n{torch.get_num_threads()} threads, sgemm {rate / 1e9:.1f} GFLOP/s")  # noqa: T201
    print("explainer             engine s   loop s (part run)   ratio   share of sgemm")  # noqa: T201
    for name in (n for n, e in EXPLAINERS.items() if "mlp" in e.architectures):
        arguments = {"explainer": name, "references": data.references, "repeats": REPEATS}
        for rule in ("exact", "steps") if name == "IntegratedGradients" else ("exact",):
            arguments |= {"integration_rule": rule, "integration_steps": STEPS, "seed": 0}
            engine = median(lambda a=arguments: explain_exact(data.plain, data.x, data.target, **a))
            if rule == "exact":
                loop, part = captum_seconds(name, data)
                ratios[name] = loop / engine
            label = name if rule == "exact" else "  with 50 steps"
            print(  # noqa: T201
                f"{label:20s} {engine:9.3f} {loop:9.1f} ({part:6.1%}) {loop / engine:10.1f} "
                f"{flops(name) / rate / engine:12.0%}"
            )
    mean = np.exp(np.mean(np.log(list(ratios.values()))))
    print(f"geometric mean {mean:.1f}")  # noqa: T201
    assert mean >= 40
    assert ratios["IntegratedGradients"] >= 150
    assert min(ratios.values()) >= 8


PEAK = """
import sys
from pathlib import Path
import numpy as np
from helpers.explain import explain_exact
from helpers.planning.speed.tasks import Sizes, Work, make_work

def megabytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))

name, n, rule = sys.argv[1], int(sys.argv[2]), sys.argv[3]
models = [MLP(19_000, 82).eval() for _ in range(2)]
rng = np.random.default_rng(0)
x, pool = (rng.random((rows, 19_000), dtype=np.float32) for rows in (10, 400))
arguments = dict(explainer=name, integration_rule=rule, seed=0)
explain_exact(models, x, 0, references=pool[:1], **arguments)
Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
before = megabytes("VmRSS")
explain_exact(models, x, 0, references=pool[:n], repeats=n, **arguments)
print(before, megabytes("VmHWM"))
"""


def peak_megabytes(name: str, n: int, rule: str) -> tuple[float, float]:
    command = [sys.executable, "-c", PEAK, name, str(n), rule]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    before, after = map(float, output.split())
    return before, after


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    ("name", "rule"),
    [("Saliency", "exact"), ("DeepLift", "exact"), ("IntegratedGradients", "steps")],
)
def test_memory_does_not_grow_with_estimates(name: str, rule: str) -> None:
    (base, few), (_, many) = (peak_megabytes(name, n, rule) for n in (40, 400))
    print(f"\n{name}: {base:.0f} MB before, {few:.0f} MB with 40, {many:.0f} MB with 400")  # noqa: T201
    assert abs(many - few) < 50
