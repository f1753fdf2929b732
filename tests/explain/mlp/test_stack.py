"""Several hidden layers in closed form, against Captum and against what the integral must be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.explain import EXPLAINERS, explain, explain_sets
from helpers.explain.mlp.stack import StackLayers, mean_gradient
from helpers.models import ReluStack

GENES, CLASSES, SAMPLES = 11, 3, 5
OF_MLP = [name for name, entry in EXPLAINERS.items() if "mlp" in entry.architectures]
DROPPED = 0.3


def stack(*hidden: int, dropout: float = DROPPED, seed: int = 0) -> ReluStack:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = ReluStack((GENES, *hidden, CLASSES), [dropout] * len(hidden)).double()
        for layer in made.linear:
            torch.nn.init.normal_(layer.weight, std=0.7)
    return made.eval()


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return (
        rng.normal(size=(SAMPLES, GENES)),
        rng.integers(0, CLASSES, SAMPLES),
        rng.normal(size=(4, GENES)),
    )


def both(name: str, model: ReluStack, drawn: tuple[np.ndarray, ...], **told: object) -> np.ndarray:
    x, target, references = drawn
    told = {"references": references, "mode": "eval", "seed": 0} | told
    return np.stack(
        [explain(model, x, target, explainer=name, engine=e, **told) for e in ("exact", "captum")]
    )


@pytest.mark.parametrize("hidden", [(7, 6), (7, 6, 5)])
@pytest.mark.parametrize("name", [n for n in OF_MLP if n != "IntegratedGradients"])
def test_scores_are_captums(name: str, hidden: tuple[int, ...], drawn) -> None:
    exact, captum = both(name, stack(*hidden), drawn)
    np.testing.assert_allclose(exact, captum, rtol=1e-9, atol=1e-12)


def test_captums_integral_tends_to_the_exact_one(drawn) -> None:
    gaps, (x, target, references) = [], drawn
    some = (x[:2], target[:2], references[:2])
    for steps in (20, 300):
        exact, captum = both("IntegratedGradients", stack(7, 6), some, integration_steps=steps)
        gaps.append(np.abs(exact - captum).max() / np.abs(exact).max())
    assert gaps[1] < 5e-3
    assert gaps[1] < gaps[0] / 4


def test_the_exact_integral_adds_up_whatever_the_depth(drawn) -> None:
    x, target, references = drawn
    model = stack(7, 6, 5)
    scores, _ = both("IntegratedGradients", model, (x, target, references[:1]))
    with torch.no_grad():
        change = model(torch.tensor(x)) - model(torch.tensor(references[:1]))
    np.testing.assert_allclose(
        scores[0].sum(axis=1), change.numpy()[np.arange(SAMPLES), target], rtol=1e-10
    )


def test_with_two_layers_the_integral_is_not_deep_lift_and_with_one_it_is(drawn) -> None:
    def gap(model: ReluStack) -> float:
        lift, _ = both("DeepLift", model, drawn)
        path, _ = both("IntegratedGradients", model, drawn)
        return float(np.abs(lift - path).max() / np.abs(lift).max())

    assert gap(stack(9)) < 1e-12
    assert gap(stack(9, 9)) > 1e-2


def test_the_pages_example_by_hand() -> None:
    # f(x) = relu(relu(x) - 2 relu(x - 1)) from 0 to 2: up until 1, and down to nothing until 2.
    upper = StackLayers(
        (torch.eye(2), torch.tensor([[1.0, -2.0]]).double(), torch.ones(1, 1).double()),
        (torch.zeros(2).double(), torch.zeros(1).double(), torch.zeros(1).double()),
        (0.0, 0.0),
    )
    start, end = (torch.tensor(values).double() for values in ([0.0, -1.0], [2.0, 1.0]))
    g = mean_gradient(upper, start, end, torch.ones(1).double(), [None, None])
    # The first unit is on all the way, the second in the second half; the output never is cut.
    torch.testing.assert_close(g, torch.tensor([1.0, -1.0]).double())


def test_dropout_is_one_mask_for_a_whole_estimate(drawn) -> None:
    # With the same mask for sample and reference, each estimate adds up for the network it is of.
    x, target, references = drawn
    model = stack(7, 6)
    found = explain(
        model, x, target, explainer="DeepLift", references=references[:, None][:1], seed=3,
        engine="exact", mode="dropout", replicates=1,
    )  # fmt: skip
    still = explain(
        model, x, target, explainer="DeepLift", references=references[:1], seed=3,
        engine="exact", mode="eval",
    )  # fmt: skip
    assert not np.allclose(found, still)
    many = explain(
        model, x, target, explainer="Saliency", repeats=600, seed=3, engine="exact", mode="dropout"
    )
    captum = explain(
        model, x, target, explainer="Saliency", repeats=600, seed=3, engine="captum", mode="dropout"
    )
    assert np.corrcoef(many.ravel(), captum.ravel())[0, 1] > 0.99
    np.testing.assert_allclose(many.mean(), captum.mean(), rtol=0.03)


def test_sets_are_means_of_their_estimates(drawn) -> None:
    x, target, references = drawn
    model, members = stack(7, 6), np.array([[1, 1, 0, 0], [0, 1, 1, 1]], dtype=bool)
    told = {"explainer": "DeepLift", "mode": "eval", "seed": 0, "engine": "exact"}
    sets = explain_sets(model, x, target, references=references, members=members, **told)
    single = explain(model, x, target, references=references[:, None], replicates=4, **told)
    np.testing.assert_allclose(sets[1], single[1:].mean(axis=0), atol=1e-12)


def test_noise_and_steps_are_left_to_captum(drawn) -> None:
    model = stack(7, 6)
    for told in ({"noise_sd": 0.5}, {"integration_rule": "steps"}):
        exact, captum = both("IntegratedGradients", model, drawn, **told)
        np.testing.assert_array_equal(exact, captum)
