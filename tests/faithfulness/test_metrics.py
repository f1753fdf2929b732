"""Infidelity and max-sensitivity where they are known, and against Captum's own examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient
from captum.metrics import sensitivity_max
from torch import nn

from helpers.explain.explainers import explainers
from helpers.faithfulness import metrics
from helpers.faithfulness.metrics import RADIUS, Task, max_sensitivity, unexplained
from helpers.models import ARCHITECTURES, MLP

GENES = 40


@pytest.fixture(autouse=True)
def many_of_few_genes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of forty genes a hundredth is none."""
    monkeypatch.setattr(metrics, "TAKEN", 0.2)


def task(model: nn.Module, draws: int = 8) -> Task:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 5, (3, GENES)).astype(np.float32)
    return Task(model, x, np.array([0, 1, 2]), np.full(GENES, 0.5, np.float32), draws, 7, 20)


def straight() -> MLP:
    """Make an MLP whose units are always on, so that it is linear."""
    torch.manual_seed(0)
    model = MLP(GENES, 3, hidden=8).eval()
    with torch.no_grad():
        model.norm.bias.fill_(100.0)
    return model


def bent() -> MLP:
    torch.manual_seed(1)
    model = MLP(GENES, 3, hidden=8)
    for _ in range(30):
        model(torch.rand(16, GENES) * 5)
    return model.eval()


@pytest.mark.parametrize("explainer", [n for n in explainers("mlp") if n not in {"Saliency"}])
def test_scores_of_a_linear_network_foretell_everything(explainer: str) -> None:
    model = straight()
    if explainer == "GuidedBackprop":
        with torch.no_grad():
            model.output.weight.abs_()
    np.testing.assert_allclose(unexplained(task(model), explainer), 0, atol=1e-4)


def test_scores_of_a_bent_network_foretell_part() -> None:
    for explainer in explainers("mlp"):
        found = unexplained(task(bent()), explainer)
        assert found.shape == (3,)
        assert ((found > 1e-3) & (found <= 1 + 1e-6)).all()


def test_cnns_are_measured_too() -> None:
    torch.manual_seed(0)
    model = ARCHITECTURES["cnn"].build(GENES, 3, channels=(2, 2, 4)).eval()
    for explainer in explainers("cnn"):
        for measure in (unexplained, max_sensitivity):
            found = measure(task(model, draws=2), explainer)
            assert found.shape == (3,)
            assert (found >= -1e-6).all()


def test_nothing_is_known_of_an_output_that_never_changes() -> None:
    model = straight()
    with torch.no_grad():
        model.output.weight.zero_()
    assert np.isnan(unexplained(task(model), "Saliency")).all()


def test_gradients_of_a_linear_network_do_not_move() -> None:
    assert max_sensitivity(task(straight()), "Saliency").max() < 1e-6


def test_sensitivity_is_captums_with_captums_explainer() -> None:
    model, own = bent(), task(bent())
    generator = torch.Generator().manual_seed(own.seed)
    theirs = sensitivity_max(
        InputXGradient(model).attribute, torch.from_numpy(own.x),
        perturb_func=lambda r: r + RADIUS * (2 * torch.rand(r.shape, generator=generator) - 1),
        n_perturb_samples=own.draws, target=torch.from_numpy(own.target),
    )  # fmt: skip
    np.testing.assert_allclose(max_sensitivity(own, "InputXGradient"), theirs.detach(), rtol=1e-4)


def test_a_single_sample_is_measured_as_one_of_several() -> None:
    own = task(bent())
    alone = replace(own, x=own.x[:1], target=own.target[:1])
    for measure in (unexplained, max_sensitivity):
        assert measure(alone, "DeepLift").shape == (1,)


def test_the_same_seed_gives_the_same_changes() -> None:
    for measure in (unexplained, max_sensitivity):
        first = measure(task(bent()), "DeepLift")
        np.testing.assert_array_equal(first, measure(task(bent()), "DeepLift"))
        assert (first > 0).all()
