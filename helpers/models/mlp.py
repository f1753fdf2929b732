"""The paper's multilayer perceptron."""

from __future__ import annotations

import torch
from torch import nn


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
    """

    def __init__(
        self, genes: int, classes: int, *, hidden: int = 128, dropout: float = 0.25
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(genes, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map log2(TPM + 1), samples × genes, to logits, samples × classes."""
        result: torch.Tensor = self.output(self.dropout(self.relu(self.norm(self.hidden(x)))))
        return result
