"""Any multilayer perceptron of ReLUs, once its normalisation is fixed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import nn

from helpers.errors import BadInputError


class ReluStack(nn.Module):
    """Linear layers with a ReLU, and dropout, between each two.

    In evaluation BatchNorm is an affine map, so that it can be taken into the weights of a linear
    layer beside it: a perceptron with it, and any number of hidden layers, is such a stack.

    Parameters
    ----------
    sizes
        Number of genes, units of each hidden layer, number of classes.
    dropout
        Probability with which a unit is dropped, for each hidden layer.

    Raises
    ------
    BadInputError
        If there is no hidden layer, or not one probability for each.
    """

    def __init__(self, sizes: Sequence[int], dropout: Sequence[float]) -> None:
        super().__init__()
        if len(sizes) < 3 or len(dropout) != len(sizes) - 2:
            raise BadInputError(
                f"A stack of sizes {tuple(sizes)} has {max(0, len(sizes) - 2)} hidden layers, and "
                f"{len(dropout)} probabilities of dropout: it needs one layer at least, and one "
                "probability for each."
            )
        self.linear = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        self.relu = nn.ModuleList(nn.ReLU() for _ in dropout)
        self.dropout = nn.ModuleList(nn.Dropout(p) for p in dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map samples × genes to logits, samples × classes."""
        for linear, relu, dropout in zip(self.linear[:-1], self.relu, self.dropout, strict=True):
            x = dropout(relu(linear(x)))
        result: torch.Tensor = self.linear[-1](x)
        return result
