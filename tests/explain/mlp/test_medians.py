"""Medians of absolute scores in compiled code: against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.explain.mlp import medians as module
from helpers.explain.mlp.medians import medians

HIDDEN, SAMPLES = 5, 3


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16, 33])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rows_are_put_in_order(n: int, dtype: torch.dtype) -> None:
    values = torch.randn(n + 2, 64, generator=torch.Generator().manual_seed(n), dtype=dtype).numpy()
    values[: n // 2] = values[n // 2 : 2 * (n // 2)]  # ties
    expected = np.concatenate([np.sort(values[:n], axis=0), values[n:]])
    module._sort(values, n)
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("factor", ["none", "of samples", "of all"])
@pytest.mark.parametrize("genes", [1, 70, 130])
def test_equals_numpy(genes: int, factor: str, at_once: bool, monkeypatch) -> None:
    monkeypatch.setattr(module, "_SCORES", 40)
    estimates = 9
    rng = np.random.default_rng(genes)
    first = torch.tensor(rng.normal(size=(HIDDEN, genes)))
    g = torch.tensor(rng.normal(size=(estimates, SAMPLES, HIDDEN)) * rng.integers(0, 2, HIDDEN))
    members = torch.tensor(rng.random((4, estimates)) < 0.5)
    members[0], members[1], members[1, 3] = True, False, True
    assert members.any(dim=1).all()
    factors = {
        "none": None,
        "of samples": torch.tensor(rng.normal(size=(estimates, 1, genes))),
        "of all": torch.tensor(rng.normal(size=(estimates, SAMPLES, genes))),
    }[factor]
    scores = (g @ first).numpy() if factors is None else (factors * (g @ first)).numpy()
    expected = np.stack([np.median(np.abs(scores[own.numpy()]), axis=0) for own in members])
    result = torch.full((4, SAMPLES, genes), torch.nan, dtype=torch.float64)
    some = None if factors is None else lambda part: factors[..., part]
    prepare = module._at_once if at_once else medians
    write = prepare(first, g, some, members, result)
    for start in range(0, genes, 64):
        write(slice(start, start + 64))
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-12, atol=1e-13)
