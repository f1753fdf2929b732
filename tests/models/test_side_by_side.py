"""Networks side by side have the mean of their outputs, and of their explanations."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.errors import BadInputError
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.explain.explanation import explain
from helpers.models import MLP
from helpers.models.side_by_side import MeanProbability, side_by_side


def networks(n: int = 3, genes: int = 25) -> list[MLP]:
    found = []
    for seed in range(n):
        torch.manual_seed(seed)
        model = MLP(genes, 4, hidden=6 + seed)
        for _ in range(20):
            model(torch.rand(12, genes) * 4)
        found.append(model.eval())
    return found


X = np.random.default_rng(0).uniform(0, 4, (5, 25)).astype(np.float32)


def test_logits_are_the_means_of_all() -> None:
    models, rows = networks(), torch.from_numpy(X)
    mean = torch.stack([model(rows) for model in models]).mean(dim=0)
    torch.testing.assert_close(side_by_side(models)(rows), mean, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("explainer", explainers("mlp"))
def test_the_explanation_of_the_mean_is_the_mean_of_explanations(explainer: str) -> None:
    models = networks()
    references = np.random.default_rng(1).uniform(0, 2, (3, 25)).astype(np.float32)
    needs = EXPLAINERS[explainer].needs_reference

    def scores(model: torch.nn.Module) -> np.ndarray:
        return explain(model, X, 2, explainer=explainer, mode="eval", seed=0,
                       references=references if needs else None)[0]  # fmt: skip

    mean, whole = np.mean([scores(model) for model in models], axis=0), scores(side_by_side(models))
    if EXPLAINERS[explainer].signed:
        np.testing.assert_allclose(mean, whole, atol=1e-5 * np.abs(whole).max())
    else:
        # Absolute values of a mean are at most means of absolute values, and now and then less.
        assert (mean >= whole - 1e-6).all()
        assert (mean > whole + 1e-3).any()


def test_probabilities_are_averaged_before_their_logarithm_is_taken() -> None:
    models, rows = networks(), torch.from_numpy(X)
    mean = torch.stack([model(rows).softmax(dim=1) for model in models]).mean(dim=0)
    torch.testing.assert_close(MeanProbability(models)(rows), mean.log(), rtol=1e-5, atol=1e-5)


def test_networks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadInputError, match="no network to average"):
        side_by_side([])
    with pytest.raises(BadInputError, match="have no mean"):
        side_by_side([*networks(1), *networks(1, genes=7)])
