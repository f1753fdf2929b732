"""In which numbers and memory layout a network trains: the fastest, by a short measurement."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from helpers.errors import one_of
from helpers.models.registry import ARCHITECTURES

PLAIN = "float32"
FASTEST = "fastest"

# What a measurement may take: samples of a step, steps of each way, and seconds in which
# more steps are begun.
MEASURED_BATCH = 16
MEASURED_STEPS = 5
MEASURED_SECONDS = 3.0
# A way whose first step is this many times slower than the fastest is not tried again.
HOPELESS = 4.0
# A way must take less than this share of plain float32's time. Where they are about equal,
# plain is kept, so that chance does not decide and the choice is the same in every run.
MARGIN = 0.9


@dataclass(frozen=True)
class Precision:
    """A way of holding numbers while training; weights are float32 in all.

    Attributes
    ----------
    name
        Its name among the hyperparameters of a model.
    channels_last
        Whether the channels of a pixel lie next to each other in memory.
    dtype
        Type in which convolutions and matrix products are computed (autocast); None: float32.
    """

    name: str
    channels_last: bool = False
    dtype: torch.dtype | None = None

    def prepare(self, model: nn.Module) -> nn.Module:
        """Bring the weights into the memory layout."""
        return laid_out(model, torch.channels_last) if self.channels_last else model

    def autocast(self, device: torch.device) -> torch.autocast:
        """Return the context in which to compute losses."""
        if self.dtype is None:
            return torch.autocast(device.type, enabled=False)
        return torch.autocast(device.type, self.dtype)


PRECISIONS: dict[str, Precision] = {
    way.name: way
    for way in (
        Precision(PLAIN),
        Precision("float32_channels_last", channels_last=True),
        Precision("bfloat16_channels_last", channels_last=True, dtype=torch.bfloat16),
    )
}


def laid_out(model: nn.Module, layout: torch.memory_format) -> nn.Module:
    """Return the network itself, with its weights in the memory layout."""
    # PyTorch's stubs know `memory_format` with other arguments only.
    return model.to(memory_format=layout)  # type: ignore[call-overload]


def choose_precision(
    name: str,
    architecture: str,
    options: Mapping[str, Any],
    genes: int,
    classes: int,
    batch_size: int,
    device: torch.device | str,
) -> str:
    """Return the way of training that is meant by a name.

    Parameters
    ----------
    name
        A key of `PRECISIONS`, which is returned; or "fastest": what a measurement of a few
        steps finds fastest for networks on a grid (measured once per process for the same
        network, batch, device and threads), plain float32 for others. As two machines, or
        two measurements, may differ, only a key makes two runs the same to the last bit.
    architecture, options
        As in `helpers.training.train_member`.
    genes, classes, batch_size
        Sizes of the task.
    device
        Where to train.

    Raises
    ------
    UnknownNameError
        If there is no such way.
    """
    if one_of("precision", name, (*PRECISIONS, FASTEST)) != FASTEST:
        return name
    if not ARCHITECTURES[architecture].grid:
        return PLAIN
    return _measured(
        architecture,
        tuple(sorted(options.items())),
        genes,
        classes,
        min(batch_size, MEASURED_BATCH),
        str(device),
        torch.get_num_threads(),
    )


@functools.cache
def _measured(
    architecture: str,
    options: tuple[tuple[str, Any], ...],
    genes: int,
    classes: int,
    batch: int,
    device: str,
    threads: int,
) -> str:
    """Measure, once per process; `threads` tells apart measurements with more and fewer."""
    build = partial(ARCHITECTURES[architecture].build, genes, classes, **dict(options))
    return fastest(step_seconds(build, genes, classes, batch, torch.device(device)))


def fastest(seconds: Mapping[str, float]) -> str:
    """Return the way that took the least time, plain float32 unless it is clearly beaten.

    Parameters
    ----------
    seconds
        Time of a step by way, "float32" among them; infinite or NaN where it does not train.
    """
    limit = MARGIN * seconds[PLAIN]
    faster = {name: taken for name, taken in seconds.items() if taken < limit}
    return min(faster, key=faster.__getitem__, default=PLAIN)


def candidates(device: torch.device) -> list[Precision]:
    """Return the ways that are worth a measurement on a device."""
    # Without AVX-512, bfloat16 convolutions are emulated, more than ten times slower (measured).
    emulated = device.type == "cpu" and "AVX512" not in torch.backends.cpu.get_cpu_capability()
    return [way for way in PRECISIONS.values() if way.dtype is None or not emulated]


def step_seconds(
    build: Callable[[], nn.Module],
    genes: int,
    classes: int,
    batch: int,
    device: torch.device,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Measure a training step in each way; the random state stays as it was.

    The ways take turns, so that a busy machine slows all; the fastest step of each counts.

    Parameters
    ----------
    build
        Makes the untrained network.
    genes, classes, batch
        Sizes of the task.
    device
        Where to train.
    clock
        Seconds since some moment.

    Returns
    -------
    dict
        Seconds of a step by way; infinite for a way that does not train here.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        x = torch.rand(batch, genes, device=device)
        y = torch.arange(batch, device=device) % classes
        models = {way: way.prepare(build().to(device).train()) for way in candidates(device)}
        timed = partial(_timed_step, x=x, y=y, device=device, clock=clock)
        first = {way: timed(way, model) for way, model in models.items()}
        limit = HOPELESS * min(first.values())
        seconds = {way.name: math.inf for way in models}
        start = clock()
        for _ in range(MEASURED_STEPS):
            for way, model in models.items():
                if way.name == PLAIN or first[way] <= limit:
                    seconds[way.name] = min(seconds[way.name], timed(way, model))
            if clock() - start > MEASURED_SECONDS:
                break
    return seconds


def _timed_step(
    way: Precision,
    model: nn.Module,
    *,
    x: torch.Tensor,
    y: torch.Tensor,
    device: torch.device,
    clock: Callable[[], float],
) -> float:
    """Return the seconds of a forward and backward pass, infinite if it does not work."""
    start = clock()
    try:
        with way.autocast(device):
            logits = model(x)
        loss = nn.functional.cross_entropy(logits.float(), y)
        model.zero_grad(set_to_none=True)
        loss.backward()
        # Reading the value also waits for a GPU.
        trains = math.isfinite(loss.item())
    except RuntimeError:
        # Not every device and version of PyTorch has every operation in bfloat16.
        return math.inf
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return clock() - start if trains else math.inf
