"""Where a network is, and how exactly it computes there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
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
