"""The worked example of BatchNorm in training mode is what PyTorch does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from helpers.explain.worked_batch import gradient, normalised, surviving_share

numbers = st.floats(-5, 5).map(lambda value: round(value, 3))
batches = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9).filter(
    lambda rows: np.std([z for z, _ in rows]) > 0.1
)


@given(batches)
def test_gradients_are_those_of_pytorch(rows: list[tuple[float, float]]) -> None:
    z, u = (np.array(column) for column in zip(*rows, strict=True))
    norm = nn.BatchNorm1d(1, eps=1e-13, affine=False, dtype=torch.float64).train()
    inputs = torch.tensor(z[:, None], requires_grad=True)
    out = norm(inputs)
    (found,) = torch.autograd.grad((out[:, 0] * torch.tensor(u)).sum(), inputs)
    np.testing.assert_allclose(normalised(z), out.detach().numpy()[:, 0], atol=1e-9)
    np.testing.assert_allclose(gradient(z, u, batch=True), found.numpy()[:, 0], atol=1e-7)


@given(batches)
def test_what_all_samples_share_is_taken_away(rows: list[tuple[float, float]]) -> None:
    z, u = (np.array(column) for column in zip(*rows, strict=True))
    through = gradient(z, u, batch=True)
    assert through.sum() == pytest.approx(0, abs=1e-8)
    assert (through * normalised(z)).sum() == pytest.approx(0, abs=1e-7)
    np.testing.assert_allclose(gradient(z, u + 3, batch=True), through, atol=1e-7)


@given(numbers, numbers, numbers, numbers)
def test_two_samples_have_no_gradient_at_all(z: float, other: float, u: float, v: float) -> None:
    if abs(z - other) < 0.01:
        return
    assert np.abs(normalised([z, other])) == pytest.approx([1, 1])
    np.testing.assert_allclose(gradient([z, other], [u, v], batch=True), 0, atol=1e-9)


def test_shares_that_survive() -> None:
    assert surviving_share([1, 2, 4], [5, 5, 5]) == pytest.approx(0, abs=1e-12)
    assert np.isnan(surviving_share([1, 2, 4], [0, 0, 0]))
    rng = np.random.default_rng(0)
    z, u = rng.normal(size=400), rng.normal(size=400)
    assert 0.95 < surviving_share(z, u) < 1
