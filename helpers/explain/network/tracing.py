"""What a network does with one sample: its layers, and the memory that they need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.errors import BadInputError, one_of
from helpers.explain.network.modes import explanation_mode
from helpers.models.grid import GeneGrid

MOST_ROWS = 256
# Explaining needs up to five times the memory of the outputs of all layers (DeepLIFT, which
# keeps inputs and outputs of its layers), so this bounds it to well under 1 GB. More rows at once
# are slower: their tensors are too large to be used again and come fresh from the system.
OUTPUT_BYTES = 120_000_000


@dataclass(frozen=True)
class Trace:
    """What was seen when one sample went through a network.

    Attributes
    ----------
    classes
        Number of the network's outputs.
    shapes
        Shape of the output of each layer that has no layers of its own, by name.
    row_bytes
        Memory of these outputs for one row.
    sample_bytes
        Memory of the row itself.
    """

    classes: int
    shapes: dict[str, tuple[int, ...]]
    row_bytes: int
    sample_bytes: int = 0

    @property
    def rows(self) -> int:
        """Rows that can go through the network at once without asking for too much memory."""
        return max(1, min(MOST_ROWS, OUTPUT_BYTES // max(1, self.row_bytes)))

    @property
    def batch_rows(self) -> int:
        """The same where it is the rows that matter, and not only how fast they pass."""
        return max(1, OUTPUT_BYTES // max(1, self.row_bytes + self.sample_bytes))


def trace(model: nn.Module, sample: Tensor) -> Trace:
    """Send one sample (1 × genes) through a network, in evaluation mode."""
    device = device_of(model)
    outputs: dict[str, tuple[tuple[int, ...], int]] = {}
    leaves = [(name, m) for name, m in model.named_modules() if not any(m.children())]
    handles = [m.register_forward_hook(partial(_note, outputs, name)) for name, m in leaves]
    try:
        with explanation_mode(model, "eval", 0), torch.no_grad():
            classes = int(model(sample.to(device)).shape[1])
    finally:
        for handle in handles:
            handle.remove()
    return Trace(
        classes,
        {name: shape for name, (shape, _) in outputs.items()},
        sum(size for _, size in outputs.values()),
        sample.numel() * sample.element_size(),
    )


def _note(
    outputs: dict[str, tuple[tuple[int, ...], int]],
    name: str,
    module: nn.Module,
    inputs: Any,
    output: Any,
) -> None:
    if isinstance(output, Tensor):
        outputs[name] = tuple(output.shape), output.numel() * output.element_size()


def feature_layer(model: nn.Module, traced: Trace, layer: str | None) -> str:
    """Return the layer whose feature maps are looked at: `layer`, or the last convolution.

    Raises
    ------
    UnknownNameError
        If no layer that puts out feature maps has this name.
    BadInputError
        If the network has no `GeneGrid`, or no convolution.
    """
    if not isinstance(getattr(model, "grid", None), GeneGrid):
        raise BadInputError(
            "Class activation maps need a network that lays its genes out with a GeneGrid of "
            f"name 'grid', and {type(model).__name__} has none: choose another explainer."
        )
    maps = [name for name, shape in traced.shapes.items() if len(shape) == 4]
    if layer is not None:
        return one_of("layer with feature maps", layer, maps)
    convolutions = [name for name in maps if isinstance(model.get_submodule(name), nn.Conv2d)]
    if not convolutions:
        raise BadInputError(
            f"{type(model).__name__} has no convolution to look at: choose another explainer."
        )
    return convolutions[-1]


def predicted(model: nn.Module, samples: Tensor, rows: int) -> Tensor:
    """Return the class that a network predicts for each sample, in evaluation mode."""
    device = device_of(model)
    with explanation_mode(model, "eval", 0), torch.no_grad():
        parts = [model(part.to(device)).argmax(dim=1).cpu() for part in samples.split(rows)]
    return torch.cat(parts)
