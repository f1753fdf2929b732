"""Sets of estimates: what is combined is what single explanations would give."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.errors import BadInputError
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain, explain_sets
from helpers.models import CNN, MLP

GENES, CLASSES = 40, 3
RNG = np.random.default_rng(0)
X = RNG.random((3, GENES))
POOL = RNG.random((6, GENES))
TARGET = np.array([0, 2, 1])
MEMBERS = np.array([[1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 1, 0], [1, 1, 1, 1, 1, 1]], dtype=bool)


def network(name: str) -> torch.nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = MLP(GENES, CLASSES) if name == "mlp" else CNN(GENES, CLASSES, channels=(2, 3, 4))
    return model.double().eval()


CASES = [(a, e) for e, entry in EXPLAINERS.items() for a in sorted(entry.architectures)]


@pytest.mark.parametrize(("architecture", "explainer"), CASES)
def test_in_eval_mode_a_set_is_the_explanation_with_its_references(
    architecture: str, explainer: str
) -> None:
    model = network(architecture)
    found = explain_sets(
        model, X, TARGET, explainer=explainer, members=MEMBERS, references=POOL, mode="eval",
        integration_steps=4, seed=0, batch_rows=5,
    )  # fmt: skip
    for number, chosen in enumerate(MEMBERS):
        one = explain(
            model, X, TARGET, explainer=explainer, references=POOL[chosen], mode="eval",
            integration_steps=4, seed=0,
        )[0]  # fmt: skip
        np.testing.assert_allclose(found[number], one, rtol=1e-9, atol=1e-12)


def test_sets_share_their_estimates() -> None:
    """With dropout on, a set of two is the mean of the two sets of one."""
    members = np.array([[1, 0], [0, 1], [1, 1]], dtype=bool)
    found = explain_sets(
        network("mlp"), X, TARGET, explainer="InputXGradient", members=members, seed=3
    )
    assert not np.allclose(found[0], found[1])
    np.testing.assert_allclose(found[2], found[:2].mean(axis=0), rtol=1e-12)


def test_the_median_of_absolute_values_is_taken_within_sets() -> None:
    singles = explain_sets(
        network("mlp"), X, TARGET, explainer="InputXGradient", members=np.eye(5, dtype=bool), seed=3
    )
    members = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
    found = explain_sets(
        network("mlp"), X, TARGET, explainer="InputXGradient", members=members, seed=3,
        combine="absolute_median",
    )  # fmt: skip
    np.testing.assert_allclose(found[1], np.median(np.abs(singles), axis=0), rtol=1e-12)
    np.testing.assert_allclose(found[0], np.median(np.abs(singles[:3]), axis=0), rtol=1e-12)


def test_noise_is_new_in_every_estimate_and_its_mean_effect_vanishes() -> None:
    model = network("mlp")
    members = np.vstack([np.eye(400, dtype=bool)[:2], np.ones((1, 400), dtype=bool)])
    plain = explain(model, X, TARGET, explainer="InputXGradient", mode="eval", seed=0)[0]
    noisy = explain_sets(
        model, X, TARGET, explainer="InputXGradient", members=members, mode="eval",
        noise_sd=1e-7, seed=0,
    )  # fmt: skip
    assert not np.array_equal(noisy[0], noisy[1])
    assert np.abs(noisy[2] - plain).max() < np.abs(noisy[0] - plain).max() / 5
    quiet = explain_sets(
        model, X, TARGET, explainer="InputXGradient", members=members, mode="eval", seed=0
    )
    np.testing.assert_allclose(quiet[2], plain, rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"members": np.ones((2, 3))}, "true and false"),
        ({"members": np.array([[True, True], [False, False]])}, r"Set 1 \(counted from 0\)"),
        ({"members": np.ones((1, 4), dtype=bool)}, "4 estimates needs a reference .* 6 references"),
        ({"noise_sd": -1.0}, "'noise_sd' must be finite"),
        ({"noise_sd": np.array([1.0, np.nan])}, "'noise_sd' must be finite"),
        ({"noise_sd": np.ones(3)}, r"one for each of the 40 genes, .* \(3,\)"),
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, object], message: str) -> None:
    known = {"explainer": "DeepLift", "members": MEMBERS, "references": POOL, "seed": 0}
    with pytest.raises(BadInputError, match=message):
        explain_sets(network("mlp"), X, TARGET, **(known | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["eval", "training"])
@pytest.mark.parametrize("engine", ["captum", "exact"])
@pytest.mark.parametrize(("architecture", "explainer"), CASES)
def test_genes_can_have_noise_of_their_own(
    architecture: str, explainer: str, engine: str, mode: str
) -> None:
    """As little as nothing for all genes but one: then only that of one gene counts."""
    sd = np.zeros(GENES)
    sd[3] = 5.0
    model = network(architecture)
    arguments = {"explainer": explainer, "references": POOL, "members": np.ones((1, 6), dtype=bool)}
    arguments |= {"mode": mode, "engine": engine, "integration_steps": 3, "seed": 0}
    if mode == "training":
        model.dropout.p = 0.0
    noisy, quiet = (explain_sets(model, X, TARGET, noise_sd=noise, **arguments)  # type: ignore[arg-type]
                    for noise in (sd, np.zeros(GENES)))  # fmt: skip
    assert not np.allclose(noisy, quiet)
    small = explain_sets(model, X, TARGET, noise_sd=sd * 1e-9, **arguments)  # type: ignore[arg-type]
    np.testing.assert_allclose(small, quiet, atol=1e-6 * np.abs(quiet).max())
