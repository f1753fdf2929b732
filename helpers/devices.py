"""Where a network is, and how exactly it computes there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits
from torch import nn


def device_of(model: nn.Module) -> torch.device:
    """Return the device on which a network is: the CPU if it has no weights."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))


@contextmanager
def whole_float32(device: torch.device) -> Iterator[None]:
    """Let a GPU convolve in whole float32, and always in the same way, in the context.

    Left to itself, NVIDIA's library rounds what it multiplies to ten bits (TF32) and chooses
    among ways of adding up that differ from run to run: enough to change which genes are first.
    """
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        yield


def device() -> torch.device:
    """Return the GPU if PyTorch can use one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch, NumPy and SciPy use one thread in the context, and as many as before after."""
    before = torch.get_num_threads()
    with threadpool_limits(1):
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
