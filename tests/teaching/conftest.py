from __future__ import annotations

import pytest

from helpers.datasets.tissues import load_tissues
from helpers.models import MLP
from helpers.teaching.try_it import sides_of_samples, train_networks


@pytest.fixture(scope="session")
def two_networks() -> list[MLP]:
    """Train the first two networks of the page *Try it* again."""
    data = load_tissues()
    return train_networks(data, sides_of_samples(data), models=2)
