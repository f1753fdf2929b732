"""Products of W₁ with the numbers of hidden units, by whichever way is cheapest."""

from __future__ import annotations

import pytest
import torch

from helpers.explain import exact_genes

ESTIMATES, SAMPLES, HIDDEN, GENES = 40, 6, 128, 30


def numbers(kept: float, on: float, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Return g: values of a sample's units, of which some are off and others dropped at random."""
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    values = (draw(SAMPLES, HIDDEN) - 0.5) * (draw(SAMPLES, HIDDEN) < on)
    return (values * (draw(ESTIMATES, SAMPLES, HIDDEN) < kept)).to(dtype)


CASES = {
    "dropout": (numbers(0.75, 0.5), "dropped"),
    "strong dropout": (numbers(0.2, 0.5), "on"),
    "all on": (numbers(1.0, 1.0), "dropped"),
    "all off": (numbers(1.0, 0.0), "on"),
    "every unit another number": (numbers(1.0, 1.0) + numbers(0.75, 1.0).sin().cumsum(0), "dense"),
}


@pytest.mark.parametrize("case", CASES)
def test_equals_the_dense_product(case):
    g, way = CASES[case]
    weights = torch.randn(HIDDEN, GENES, dtype=torch.float64)
    multiply = exact_genes.product(g)
    additions = isinstance(multiply, exact_genes._Additions)
    assert additions == (way != "dense")
    if additions:
        assert (multiply.usual is None) == (way == "on")
    expected = g.flatten(0, 1) @ weights
    assert torch.allclose(multiply(weights), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("case", CASES)
def test_a_strip_of_a_wide_matrix_in_single_precision(case):
    g, _ = CASES[case]
    wide = torch.randn(HIDDEN, 3 * GENES)
    strip = wide[:, GENES : 2 * GENES]
    expected = g.flatten(0, 1) @ strip.double()
    observed = exact_genes.product(g.float())(strip)
    # What rounding can add up to, whichever way the terms are summed.
    rounding = (
        torch.finfo(torch.float32).eps * HIDDEN * (g.flatten(0, 1).abs() @ strip.double().abs())
    )
    assert ((observed.double() - expected).abs() <= rounding).all()


@pytest.mark.parametrize("rows", [1, 3 * ESTIMATES, 10**6])
def test_sums_do_not_depend_on_the_samples_taken_together(monkeypatch, rows):
    g, _ = CASES["dropout"]
    monkeypatch.setattr(exact_genes, "_ROWS", rows)
    first = torch.randn(HIDDEN, GENES, dtype=torch.float64)
    share = torch.rand(2, ESTIMATES, dtype=torch.float64)
    result = torch.zeros(2, SAMPLES, GENES, dtype=torch.float64)
    exact_genes.absolute(first, g, share, result)(slice(0, GENES))
    expected = torch.einsum("ke,esg->ksg", share, (g @ first).abs())
    assert torch.allclose(result, expected, rtol=0, atol=1e-12)
