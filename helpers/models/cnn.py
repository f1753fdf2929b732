"""The paper's convolutional neural network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy.typing as npt
import torch
from torch import nn

from helpers.errors import BadInputError
from helpers.models.grid import GeneGrid
from helpers.models.narrow import convolve_and_pool

KERNELS = (5, 5, 3)


class CNN(nn.Module):
    """Convolutional network on genes in a grid (paper, "The architecture of CNN models").

    Three times convolution → max pooling → BatchNorm → ReLU; then Dropout2d → global average
    pooling → BatchNorm → ReLU → Linear. Each layer is a module of its own that `forward` uses
    once, because DeepLIFT and guided backpropagation hook into modules; where no hook looks, few
    feature maps are convolved and pooled in one (`helpers.models.narrow`). DeepLIFT gives wrong
    scores where a ReLU stands next to a max pooling, which this order avoids.

    Parameters
    ----------
    genes
        Number of input genes.
    classes
        Number of tissues to tell apart.
    channels
        Feature maps of the three convolutions.
    order
        The order in which genes fill the grid: a permutation of their numbers, or None for
        the order in which they come. It is saved with the weights.
    side
        Side of the grid, a multiple of 8; None: the smallest that holds all genes.
    dropout
        Probability with which a feature map of the third block is dropped.

    Raises
    ------
    BadInputError
        If the grid is too small or its side no multiple of 8, if `order` is not a permutation,
        or if there are not three numbers of channels.
    """

    def __init__(
        self,
        genes: int,
        classes: int,
        *,
        channels: Sequence[int] = (64, 128, 256),
        order: npt.ArrayLike | torch.Tensor | None = None,
        side: int | None = None,
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        if len(channels) != len(KERNELS) or min(channels) < 1:
            raise BadInputError(
                f"A CNN has three convolutions with one channel or more each, not {channels!r}."
            )
        self.grid = GeneGrid(genes, order=order, side=side)
        if self.grid.side % 8:
            raise BadInputError(
                f"The side of a CNN's grid must be a multiple of 8, which it can halve three "
                f"times, but it is {side}."
            )
        first, second, third = channels
        self.conv1 = nn.Conv2d(1, first, KERNELS[0], padding="same")
        self.pool1 = nn.MaxPool2d(2)
        self.norm1 = nn.BatchNorm2d(first)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(first, second, KERNELS[1], padding="same")
        self.pool2 = nn.MaxPool2d(2)
        self.norm2 = nn.BatchNorm2d(second)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(second, third, KERNELS[2], padding="same")
        self.pool3 = nn.MaxPool2d(2)
        self.norm3 = nn.BatchNorm2d(third)
        self.relu3 = nn.ReLU()
        self.dropout = nn.Dropout2d(dropout)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.norm = nn.BatchNorm1d(third)
        self.relu = nn.ReLU()
        self.output = nn.Linear(third, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map log2(TPM + 1), samples × genes, to logits, samples × classes."""
        maps = self.grid(x)
        maps = self.relu1(self.norm1(convolve_and_pool(self.conv1, self.pool1, maps)))
        maps = self.relu2(self.norm2(convolve_and_pool(self.conv2, self.pool2, maps)))
        maps = self.relu3(self.norm3(convolve_and_pool(self.conv3, self.pool3, maps)))
        features = self.average(self.dropout(maps)).flatten(1)
        result: torch.Tensor = self.output(self.relu(self.norm(features)))
        return result
