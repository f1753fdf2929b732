"""The small example, trained once."""

from __future__ import annotations

import anndata
import pytest
from torch import nn

from helpers.api import example_network

Trained = tuple[nn.Sequential, anndata.AnnData]


@pytest.fixture(scope="session")
def trained() -> Trained:
    return example_network()
