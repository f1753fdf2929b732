"""The memory layout in which processors convolve fastest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def channels_last(model: nn.Module) -> Iterator[None]:
    """Lay the filters of convolutions out with channels last; lay them back afterwards.

    In single precision on a processor the paper's CNN is explained 1.6 times as fast for it.
    Other types and devices gain nothing and are left alone. Sums are taken in another order, so
    that scores differ by rounding.
    """
    filters = [
        (parameter, parameter.data)
        for parameter in model.parameters()
        if parameter.ndim == 4
        and parameter.dtype == torch.float32
        and parameter.device.type == "cpu"
    ]
    try:
        for parameter, data in filters:
            parameter.data = data.contiguous(memory_format=torch.channels_last)
        yield
    finally:
        for parameter, data in filters:
            parameter.data = data
