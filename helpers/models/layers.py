"""What a network is made of, read from the network itself."""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn

from helpers.devices import device_of
from helpers.models.grid import GeneGrid

KINDS: dict[type[nn.Module], str] = {
    GeneGrid: "genes laid out on a grid",
    nn.Linear: "linear layer",
    nn.Conv2d: "convolution",
    nn.MaxPool2d: "max pooling",
    nn.BatchNorm1d: "batch normalisation",
    nn.BatchNorm2d: "batch normalisation",
    nn.ReLU: "rectifier (ReLU)",
    nn.Dropout: "dropout",
    nn.Dropout2d: "dropout of whole maps",
    nn.AdaptiveAvgPool2d: "mean of each map",
}
"""How a layer is called on a page."""

COLUMNS = ["layer", "kind", "shape", "values", "weights"]


def layer_table(model: nn.Module, genes: int) -> pd.DataFrame:
    """List a network's layers in the order in which a sample passes them.

    Parameters
    ----------
    model
        Network from samples × genes to logits. Left as it was.
    genes
        Number of its genes.

    Returns
    -------
    pandas.DataFrame
        layer (name of the module), kind (`KINDS`), shape (of what comes out, such as
        ``"8 × 144 × 144"``), values (that come out, per sample), weights (of the layer).
    """
    rows: list[tuple[str, str, str, int, int]] = []

    def record(name: str, layer: nn.Module, output: torch.Tensor) -> None:
        kind = KINDS.get(type(layer), type(layer).__name__)
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            size = layer.kernel_size
            side = size[0] if isinstance(size, tuple) else size
            kind = f"{side} × {side} {kind}"
        shape = " × ".join(str(size) for size in output.shape[1:])
        weights = sum(parameter.numel() for parameter in layer.parameters())
        rows.append((name, kind, shape, output[0].numel(), weights))

    parts = [(name, part) for name, part in model.named_modules() if not any(part.children())]
    handles = [
        part.register_forward_hook(lambda layer, _, output, name=name: record(name, layer, output))
        for name, part in parts
    ]
    training = model.training
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, genes, device=device_of(model)))
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    return pd.DataFrame(rows, columns=COLUMNS)
