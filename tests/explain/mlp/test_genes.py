"""Weighted sums over estimates: in strips, and at once, against what they stand for."""

from __future__ import annotations

import pytest
import torch

from helpers.explain.mlp import genes as exact_genes
from helpers.explain.mlp.sums import Sums, Terms
from helpers.explain.mlp.threads import in_turn

ESTIMATES, SAMPLES, HIDDEN, GENES = 40, 6, 128, 150
WAYS = {"in strips": exact_genes._weighted, "at once": exact_genes._weighted_at_once}


def numbers(kept: float, on: float) -> torch.Tensor:
    """Return g: values of a sample's units, of which some are off and others dropped at random."""
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    values = (draw(SAMPLES, HIDDEN) - 0.5) * (draw(SAMPLES, HIDDEN) < on)
    return values * (draw(ESTIMATES, SAMPLES, HIDDEN) < kept)


CASES = {
    "dropout": numbers(0.75, 0.5),
    "strong dropout": numbers(0.2, 0.5),
    "all on": numbers(1.0, 1.0),
    "all off": numbers(1.0, 0.0),
    "every unit another number": numbers(1.0, 1.0) + numbers(0.75, 1.0).sin().cumsum(0),
}


@pytest.fixture
def first() -> torch.Tensor:
    return torch.randn(
        HIDDEN, GENES, dtype=torch.float64, generator=torch.Generator().manual_seed(2)
    )


@pytest.fixture
def share() -> torch.Tensor:
    """One estimate, none, all, and some."""
    generator = torch.Generator().manual_seed(3)
    weights = torch.zeros(4, ESTIMATES, dtype=torch.float64)
    weights[0, 7] = 1
    weights[2] = torch.rand(ESTIMATES, dtype=torch.float64, generator=generator)
    weights[3, ::3] = 0.5
    return weights


def taken_together(g: torch.Tensor) -> torch.Tensor:
    """Put together again what `Terms` took apart."""
    terms = Terms.of(g)
    whole = torch.from_numpy(terms.usual).repeat(ESTIMATES, 1, 1)
    begin = 0
    for sample in range(SAMPLES):
        for estimate in range(ESTIMATES):
            end = terms.ends[sample, estimate]
            units = torch.from_numpy(terms.units[begin:end]).long()
            assert len(set(units.tolist())) == len(units)
            whole[estimate, sample, units] += torch.from_numpy(terms.factors[begin:end])
            begin = end
    assert begin == len(terms.units)
    return whole


@pytest.mark.parametrize("case", CASES)
def test_terms_are_the_numbers(case):
    g = CASES[case]
    assert torch.allclose(taken_together(g), g, rtol=0, atol=1e-15 * float(g.abs().max()))


@pytest.mark.parametrize(
    ("case", "terms"), [("dropout", 0.15), ("strong dropout", 0.12), ("all on", 0), ("all off", 0)]
)
def test_few_terms_are_left(case, terms):
    """Of units that are on half the time a quarter is dropped: an eighth differs."""
    g = CASES[case]
    assert len(Terms.of(g).units) <= terms * g.numel()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("which", ["absolute", "for all samples", "of each sample"])
def test_equals_the_sums_by_definition(first, share, case, way, which, monkeypatch):
    monkeypatch.setattr(exact_genes, "_ROWS", 3 * ESTIMATES)
    g, factor = CASES[case], None
    scores = g @ first
    if which != "absolute":
        samples = 1 if which == "for all samples" else SAMPLES
        factor = torch.randn(ESTIMATES, samples, GENES, dtype=torch.float64)
    before = torch.randn(len(share), SAMPLES, GENES, dtype=torch.float64)
    result = before.clone()
    add = WAYS[way](
        first, g, None if factor is None else lambda genes: factor[..., genes], share, result
    )
    exact_genes.add_up([add], GENES, in_turn, width=70)
    single = scores.abs() if factor is None else scores * factor
    expected = before + torch.einsum("ke,esg->ksg", share, single)
    scale = float(expected.abs().max())
    assert torch.allclose(result, expected, rtol=0, atol=1e-14 * scale)


@pytest.mark.parametrize("case", CASES)
def test_single_precision_rounds_as_any_sum_may(first, share, case):
    g = CASES[case]
    exact = torch.einsum("ke,esg->ksg", share, (g.float().double() @ first.float().double()).abs())
    result = torch.zeros(len(share), SAMPLES, GENES)
    Sums(Terms.of(g.float()), share.float()).add(first.float(), None, result, 0)
    terms = torch.einsum("ke,esg->ksg", share, g.abs() @ first.abs())
    rounding = torch.finfo(torch.float32).eps * (HIDDEN + ESTIMATES) * terms
    assert ((result.double() - exact).abs() <= rounding).all()
