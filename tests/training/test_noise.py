"""The scripts' training noise hits the share it is told."""

from __future__ import annotations

import pytest
import torch

from helpers.training import add_noise


@pytest.mark.parametrize(("fraction", "noisy"), [(0.0, 0), (0.2, 20), (0.8, 80), (1.0, 100)])
def test_share_of_samples(fraction: float, noisy: int) -> None:
    batch = torch.full((100, 30), 0.5)
    returned = add_noise(batch, fraction, torch.Generator().manual_seed(0))
    assert returned is batch
    assert int((batch != 0.5).any(dim=1).sum()) == noisy


def test_noise_is_standard_normal_made_absolute() -> None:
    high = add_noise(torch.full((50, 2000), 100.0), 1.0, torch.Generator().manual_seed(0)) - 100
    assert abs(float(high.mean())) < 0.02
    assert abs(float(high.std()) - 1) < 0.02
    low = add_noise(torch.zeros(50, 2000), 1.0, torch.Generator().manual_seed(0))
    torch.testing.assert_close(low, high.abs(), atol=1e-5, rtol=0)


def test_same_generator_same_noise() -> None:
    first, second = (
        add_noise(torch.ones(10, 5), 0.5, torch.Generator().manual_seed(1)) for _ in range(2)
    )
    assert torch.equal(first, second)
