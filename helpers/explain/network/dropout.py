"""Dropout on a GPU with the masks that it has on the CPU."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional


def drop_alike(model: nn.Module) -> None:
    """Let the dropout of a network on a GPU draw its masks from the CPU's generator.

    A GPU has a generator of its own, with other masks for the same seed: scores would depend on
    the machine by more than rounding. Masks are drawn as PyTorch draws them for the CPU and then
    moved. Layers whose masks are no factors (`torch.nn.AlphaDropout`) are left alone.

    Parameters
    ----------
    model
        Its layers get a ``forward`` of their own; delete it to undo this.
    """
    for module in model.modules():
        if isinstance(module, nn.Dropout | nn.Dropout2d):
            module.forward = partial(_drop, module)  # type: ignore[method-assign]


def _drop(module: nn.Dropout | nn.Dropout2d, x: Tensor) -> Tensor:
    if not module.training:
        return x
    # Of each number, or of each feature map.
    shape = x.shape if isinstance(module, nn.Dropout) else (*x.shape[:2], *(1 for _ in x.shape[2:]))
    return x * functional.dropout(torch.ones(shape, dtype=x.dtype), module.p).to(x.device)
