"""The paper's multilayer perceptron."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import nn

from helpers.errors import one_of

NORMS = ("batch", "layer", "none")
"""What stands between the first layer and the ReLU; the paper's MLP has BatchNorm."""

_NORM: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm1d,
    "layer": nn.LayerNorm,
    "none": lambda hidden: nn.Identity(),
}


class MLP(nn.Module):
    """Multilayer perceptron with one hidden layer (paper, "The architecture of MLP models").

    Linear → BatchNorm → ReLU → Dropout → Linear. Each layer is a module of its own that
    `forward` uses once, because DeepLIFT and guided backpropagation hook into modules.

    Parameters
    ----------
    genes
        Number of input genes.
    classes
        Number of tissues to tell apart.
    hidden
        Units of the hidden layer.
    dropout
        Probability with which a hidden unit is dropped.
    norm
        One of `NORMS`: BatchNorm couples the samples of a batch in training mode; LayerNorm
        normalises each sample by itself, and none does nothing.

    Raises
    ------
    UnknownNameError
        If there is no such norm.
    """

    def __init__(
        self,
        genes: int,
        classes: int,
        *,
        hidden: int = 128,
        dropout: float = 0.25,
        norm: str = "batch",
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(genes, hidden)
        # Engines that read BatchNorm ask first whether it is one (`architecture_of`).
        self.norm = cast(nn.BatchNorm1d, _NORM[one_of("norm", norm, NORMS)](hidden))
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map log2(TPM + 1), samples × genes, to logits, samples × classes."""
        result: torch.Tensor = self.output(self.dropout(self.relu(self.norm(self.hidden(x)))))
        return result
