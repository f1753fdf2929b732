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
        if type(module) in _SHAPES:
            module.forward = partial(_drop, module)


def _drop(module: nn.Dropout | nn.Dropout2d, x: Tensor) -> Tensor:
    if not module.training:
        return x
    ones = torch.ones(_SHAPES[type(module)](x), dtype=x.dtype)
    return x * functional.dropout(ones, module.p).to(x.device)


_SHAPES = {
    nn.Dropout: lambda x: tuple(x.shape),
    nn.Dropout2d: lambda x: (*x.shape[:2], *(1 for _ in x.shape[2:])),
}
"""Layers, and the shape of the masks that they draw: of each number, or of each map."""
