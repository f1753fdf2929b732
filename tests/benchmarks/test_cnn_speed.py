"""Training the full CNN as chosen against plain float32: pytest tests/benchmarks -s."""

from __future__ import annotations

import math
import time
from functools import partial
from pathlib import Path

import torch
from torch import nn

from helpers.models import CNN
from helpers.training import PRECISIONS, device

GENES, CLASSES, BATCH, ROUNDS = 19_241, 82, 32, 3


def seconds_per_batch(precision: str, x: torch.Tensor, y: torch.Tensor) -> list[float]:
    """Train on one batch a few times; the first step, which sets things up, is left out."""
    way = PRECISIONS[precision]
    torch.manual_seed(0)
    model = way.prepare(CNN(GENES, CLASSES).to(x.device).train())
    optimiser = torch.optim.Adam(model.parameters(), lr=0.0006, weight_decay=0.001)
    taken = []
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        with way.autocast(x.device):
            logits = model(x)
        loss = nn.functional.cross_entropy(logits.float(), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        assert math.isfinite(loss.item())
        taken.append(time.perf_counter() - start)
    return taken[1:]


def has_bfloat16_units(where: torch.device) -> bool:
    """Tell whether the processor multiplies bfloat16 matrices."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    return where.type == "cuda" or "amx_bf16" in flags or "avx512_bf16" in flags


def test_full_cnn_on_144_by_144() -> None:
    where = device()
    assert CNN(GENES, CLASSES).grid.side == 144
    chosen = "bfloat16_channels_last" if has_bfloat16_units(where) else "float32_channels_last"
    x = torch.rand(BATCH, GENES, device=where) * 10
    y = torch.arange(BATCH, device=where) % CLASSES
    measure = partial(seconds_per_batch, x=x, y=y)
    taken = {name: min(measure(name)) for name in {chosen, "float32"}}
    ratio = taken["float32"] / taken[chosen]
    print(  # noqa: T201
        f"\n64/128/256 channels, {BATCH} samples of 144 × 144, {where.type}, "
        f"{torch.get_num_threads()} threads: {chosen} {BATCH / taken[chosen]:.1f} samples/s, "
        f"plain float32 {BATCH / taken['float32']:.1f} samples/s, ratio {ratio:.2f}"
    )
    assert ratio >= (2.5 if has_bfloat16_units(where) else 0.9)
