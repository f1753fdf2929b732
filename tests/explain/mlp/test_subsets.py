"""Weighted means over one pool: against single estimates, added up by hand."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import EXPLAINERS, explain_exact, explain_subsets
from helpers.explain.mlp import model as exact_model

MODELS, ESTIMATES, SAMPLES, GENES, HIDDEN, SETS = 2, 9, 5, 12, 8, 4
OF_MLP = [name for name, explainer in EXPLAINERS.items() if "mlp" in explainer.architectures]


@pytest.fixture
def models(build):
    return [build("mlp", seed=seed) for seed in range(MODELS)]


@pytest.fixture
def pool():
    return np.random.default_rng(3).uniform(0, 8, (ESTIMATES, GENES))


@pytest.fixture
def masks():
    kept = np.random.default_rng(5).random((MODELS, ESTIMATES, SAMPLES, HIDDEN)) > 0.25
    return kept / 0.75


@pytest.fixture
def subsets():
    """One estimate, all, three of them, and weights of any kind."""
    rng = np.random.default_rng(4)
    weights = np.zeros((SETS, ESTIMATES))
    weights[0, 3] = 1
    weights[1] = 1 / ESTIMATES
    weights[2, rng.choice(ESTIMATES, 3, replace=False)] = 1 / 3
    weights[3] = rng.dirichlet(np.ones(ESTIMATES))
    return weights


@pytest.fixture(params=[2, 64], ids=lambda size: f"chunks of {size}")
def chunk(request, monkeypatch):
    monkeypatch.setattr(exact_model, "_ESTIMATES", request.param)
    monkeypatch.setattr(exact_model, "_NOISY_ROWS", request.param * SAMPLES)
    monkeypatch.setattr(exact_model, "TOGETHER", 5)


def close(observed: np.ndarray, expected: np.ndarray) -> None:
    assert observed.shape == expected.shape
    scale = np.abs(expected).max(axis=-1, keepdims=True)
    assert scale.max() > 0.1
    assert (np.abs(observed - expected) / np.maximum(scale, 1e-3)).max() <= 1e-9


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("name", OF_MLP)
def test_equals_means_by_hand(models, x, target, pool, masks, subsets, name, noisy):
    """Each estimate alone, as one repeat with its masks, its reference and its noise."""
    noise = np.random.default_rng(6).normal(size=(MODELS, ESTIMATES, SAMPLES, GENES)) * noisy
    arguments = {"explainer": name, "seed": 0, "precision": "float64"}
    expected = np.zeros((MODELS, SETS, SAMPLES, GENES))
    for k in range(ESTIMATES):
        one = explain_exact(
            models,
            x,
            target,
            references=pool[k : k + 1],
            masks=masks[:, None, k : k + 1],
            noise=noise[:, None, k : k + 1],
            **arguments,
        )
        expected += subsets[:, k, None, None] * one
    given = {"noise": noise} if noisy else {}
    observed = explain_subsets(
        models, x, target, subsets=subsets, references=pool, masks=masks, **given, **arguments
    )
    close(observed, expected)


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("noise_sd", [0.0, 0.5])
@pytest.mark.parametrize("rule", ["exact", "steps"])
@pytest.mark.parametrize("name", OF_MLP)
def test_replicates_are_blocks(models, x, target, pool, name, rule, noise_sd):
    """Three replicates of three estimates are three sets of nine; drawn masks are the same."""
    arguments = {"explainer": name, "seed": 8, "precision": "float64", "noise_sd": noise_sd}
    arguments |= {"integration_rule": rule, "integration_steps": 3}
    expected = explain_exact(
        models,
        x,
        target,
        references=pool.reshape(3, 3, GENES),
        replicates=3,
        repeats=3,
        **arguments,
    )
    blocks = np.kron(np.eye(3), np.full((1, 3), 1 / 3))
    observed = explain_subsets(models, x, target, subsets=blocks, references=pool, **arguments)
    close(observed, expected)


@pytest.mark.parametrize("name", ["DeepLift", "IntegratedGradients"])
def test_one_reference_for_all(models, x, target, pool, subsets, name):
    arguments = {"explainer": name, "subsets": subsets, "seed": 0, "precision": "float64"}
    copies = np.repeat(pool[:1], ESTIMATES, axis=0)
    # Two references that are all but the same take the way of references that differ.
    copies[0, 0] += 1e-13
    expected = explain_subsets(models, x, target, references=copies, **arguments)
    close(explain_subsets(models, x, target, references=pool[:1], **arguments), expected)


def test_each_model_can_have_its_own_subsets(models, x, target, subsets):
    arguments = {"explainer": "Saliency", "seed": 0}
    both = np.stack([subsets, subsets[::-1]])
    observed = explain_subsets(models, x, target, subsets=both, **arguments)
    for number in range(MODELS):
        alone = explain_subsets(models, x, target, subsets=both[number], **arguments)
        np.testing.assert_array_equal(observed[number], alone[number])


@pytest.mark.parametrize("name", OF_MLP)
@pytest.mark.parametrize("models_at_once", [1, 2])
def test_threads_do_not_change_a_bit(models, x, target, pool, subsets, name, models_at_once):
    some = models[:models_at_once]
    arguments = {"explainer": name, "subsets": subsets, "references": pool, "seed": 1}
    arguments |= {"noise_sd": 0.5}
    first = explain_subsets(some, x, target, threads=1, **arguments)
    for threads in (2, 3):
        again = explain_subsets(some, x, target, threads=threads, **arguments)
        assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"subsets": np.ones(9)}, r"'subsets' must hold weights.*\(9,\)"),
        ({"subsets": np.ones((3, 2, 9)) / 9}, "2 models"),
        ({"subsets": np.eye(9, dtype=bool)}, "type bool"),
        ({"subsets": np.eye(9) * [1, 1, 2, 1, 1, 1, 1, 1, 1]}, "set 2 .* add up to 2"),
        ({"subsets": np.full((1, 9), np.nan)}, "set 0 .* nan"),
        ({"references": np.ones((3, 12))}, "1 × genes or 9 estimates"),
        ({"masks": np.ones((5, 9, 5, 8))}, r"shape \(2, 9, 5, 8\)"),
        ({"masks": -np.ones(8)}, "none negative"),
        ({"threads": 0}, "'threads' must be at least 1"),
    ],
)
def test_bad_input_is_one_sentence(models, x, target, pool, changed, message):
    arguments = {"explainer": "DeepLift", "subsets": np.eye(9), "references": pool, "seed": 0}
    with pytest.raises(BadInputError, match=message):
        explain_subsets(models, x, target, **(arguments | changed))


def test_unknown_names(models, x, target):
    with pytest.raises(UnknownNameError, match="nonsense"):
        explain_subsets(models, x, target, explainer="nonsense", subsets=np.eye(2), seed=0)
