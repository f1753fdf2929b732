"""BatchNorm in training mode, taken backwards by hand: against automatic differentiation."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.errors import BadInputError
from helpers.explain.mlp.coupling import Normalised, TrainingLayer


def layer_of(units: int, seed: int = 0) -> tuple[TrainingLayer, nn.BatchNorm1d]:
    """Make a normalisation whose slopes have both signs, and the same as a `TrainingLayer`."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        norm = nn.BatchNorm1d(units).double().train()
        norm.weight.normal_()
        norm.bias.normal_()
    none = torch.empty(units, 0, dtype=torch.float64)
    weights = norm.weight.detach(), norm.bias.detach()
    return TrainingLayer(none, *weights, norm.eps, none, 0.0), norm


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(2, 9), units=st.integers(1, 4), seed=st.integers(0, 1000))
def test_is_autograds_gradient(rows: int, units: int, seed: int) -> None:
    layer, norm = layer_of(units, seed)
    generator = torch.Generator().manual_seed(seed)
    z, u = torch.randn(2, rows, units, generator=generator, dtype=torch.float64)
    inputs = z.clone().requires_grad_()
    outputs = norm(inputs)
    (expected,) = torch.autograd.grad(outputs, inputs, u)
    normed = Normalised.of(z, layer)
    torch.testing.assert_close(normed.inputs, outputs.detach(), atol=1e-12, rtol=1e-10)
    found = normed.back(u, torch.arange(rows))
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=1e-8)


def test_what_all_rows_share_is_projected_out() -> None:
    """Nothing is left of what is the same for every row, or follows the unit's own value."""
    layer, _ = layer_of(3)
    z = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    normed = Normalised.of(z, layer)
    rows = torch.arange(6)
    shared = torch.tensor([1.0, -2.0, 5.0], dtype=torch.float64).expand(6, 3)
    scale = normed.slope.abs().max()
    assert normed.back(shared, rows).abs().max() < 1e-12 * scale
    assert normed.back(2 * normed.y, rows).abs().max() < 1e-4 * scale  # but for ε
    u = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    assert normed.back(u, rows).sum(dim=0).abs().max() < 1e-12 * scale


def test_two_rows_leave_nothing() -> None:
    """Two numbers are mean and difference, and BatchNorm takes off both."""
    layer, _ = layer_of(2)
    z = torch.tensor([[3.0, 1.0], [7.0, -2.0]], dtype=torch.float64)
    u = torch.tensor([[1.0, 0.0], [-4.0, 2.0]], dtype=torch.float64)
    found = Normalised.of(z, layer).back(u, torch.arange(2))
    assert found.abs().max() < 1e-4


def test_other_networks() -> None:
    with pytest.raises(BadInputError, match="'mlp' only, not Linear"):
        TrainingLayer.of(nn.Linear(3, 2), torch.float64)
