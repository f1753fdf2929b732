"""In which numbers and memory layout a network trains: a setting, the same on every machine.

Ways differ in the last digits, and training makes these grow. So no stopwatch chooses among them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from helpers.errors import one_of
from helpers.models.registry import ARCHITECTURES

PLAIN = "float32"

# What a measurement may take: steps, and seconds in which more steps are begun.
MEASURED_STEPS = 5
MEASURED_SECONDS = 3.0


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


def choose_precision(name: str, architecture: str) -> str:
    """Return the way in which networks of an architecture train, where a setting names one.

    Parameters
    ----------
    name
        A key of `PRECISIONS`.
    architecture
        A key of `helpers.models.ARCHITECTURES`; only networks on a grid have more than one way.

    Raises
    ------
    UnknownNameError
        If there is no such way.
    """
    one_of("precision", name, PRECISIONS)
    return name if ARCHITECTURES[architecture].grid else PLAIN


def step_seconds(
    way: Precision,
    build: Callable[[], nn.Module],
    genes: int,
    classes: int,
    batch: int,
    device: torch.device,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Measure a training step; the random state stays as it was. The fastest of a few counts.

    Parameters
    ----------
    way
        How it is trained.
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
    float
        Seconds of a step; infinite where it does not train here.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        x = torch.rand(batch, genes, device=device)
        y = torch.arange(batch, device=device) % classes
        model = way.prepare(build().to(device).train())
        timed = partial(_timed_step, way, model, x=x, y=y, device=device, clock=clock)
        # Memory is set up in the first step, which does not count.
        timed()
        start, taken = clock(), [timed()]
        while len(taken) < MEASURED_STEPS and clock() - start <= MEASURED_SECONDS:
            taken.append(timed())
    return min(taken)


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
