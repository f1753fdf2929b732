"""Small networks in double precision, with BatchNorm statistics that are not trivial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from helpers.models import CNN, MLP

GENES, CLASSES, HIDDEN, CHANNELS = 12, 4, 8, (3, 4, 6)


def small_mlp(seed: int = 0, *, dropout: float = 0.25, dtype: torch.dtype = torch.float64) -> MLP:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MLP(GENES, CLASSES, hidden=HIDDEN, dropout=dropout).to(dtype)
        with torch.no_grad():
            model.norm.running_mean.normal_()
            model.norm.running_var.uniform_(0.5, 2)
            model.norm.weight.uniform_(0.5, 1.5)
            model.norm.bias.normal_()
    return model.eval()


def small_cnn(seed: int = 0, *, dropout: float = 0.25, dtype: torch.dtype = torch.float64) -> CNN:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        order = torch.randperm(GENES)
        model = CNN(GENES, CLASSES, channels=CHANNELS, order=order, side=16, dropout=dropout)
        model = model.to(dtype)
        with torch.no_grad():
            for module in model.modules():
                if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                    module.running_mean.normal_(std=0.3)
                    module.running_var.uniform_(0.3, 1)
                    module.weight.uniform_(0.5, 1.5)
                    module.bias.normal_()
            # Maps with clear positive sums, so that Grad-CAM is not nothing.
            model.conv3.bias.uniform_(0.2, 1)
    return model.eval()


BUILDERS = {"mlp": small_mlp, "cnn": small_cnn}


@pytest.fixture
def mlp() -> MLP:
    return small_mlp()


@pytest.fixture
def cnn() -> CNN:
    return small_cnn()


@pytest.fixture
def build() -> Callable[..., nn.Module]:
    """Build a small network: ``build("cnn", dropout=0.0)``."""

    def build(architecture: str, **arguments: Any) -> nn.Module:
        return BUILDERS[architecture](**arguments)

    return build


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 8, size=(5, GENES))


@pytest.fixture
def references() -> np.ndarray:
    return np.random.default_rng(2).uniform(0, 8, size=(7, GENES))


@pytest.fixture
def target() -> np.ndarray:
    return np.array([0, 1, 2, 3, 1])
