"""Small networks in double precision, with BatchNorm statistics that are not trivial."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from helpers.models import MLP

GENES, CLASSES, HIDDEN = 12, 4, 8


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


@pytest.fixture
def mlp() -> MLP:
    return small_mlp()


@pytest.fixture
def build() -> Callable[..., MLP]:
    return small_mlp


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 8, size=(5, GENES))


@pytest.fixture
def references() -> np.ndarray:
    return np.random.default_rng(2).uniform(0, 8, size=(7, GENES))


@pytest.fixture
def target() -> np.ndarray:
    return np.array([0, 1, 2, 3, 1])
