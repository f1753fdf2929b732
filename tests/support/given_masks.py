"""Dropout that is known, so that two ways to explain can be given the same."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class GivenMasks(nn.Module):
    """Dropout of feature maps whose masks are given: a list, one for each call."""

    def __init__(self, masks: np.ndarray) -> None:
        super().__init__()
        self.masks = [torch.tensor(mask)[:, :, None, None] for mask in masks]

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps * self.masks.pop(0)
