"""Sets of estimates for CNNs that share what they can, against Captum with the same masks."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from given_masks import GivenMasks

from helpers.explain import EXPLAINERS
from helpers.explain.cnn.gradients import LAYER
from helpers.explain.cnn.sets import explain_shared_sets
from helpers.explain.cnn.weighted import WeightedSets, mixtures, runs
from helpers.explain.entry import Options, quiet_captum
from helpers.explain.explanation import explain_sets
from helpers.models import CNN

GENES, CLASSES, CHANNELS, STEPS = 150, 3, (3, 4, 5), 4
RNG = np.random.default_rng(0)
# Genes that are zero in samples and references alike: layers whose inputs are the same.
OFF = RNG.random(GENES) < 0.3
X = np.where(OFF, 0, RNG.random((3, GENES)))
REFERENCES = np.where(OFF, 0, RNG.random((4, GENES)))
TARGET = np.array([0, 2, 1])
REPEATED = REFERENCES[[0, 0, 1, 1, 2, 2, 3, 3]]
MEMBERS = np.array(
    [[1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 0, 0], [1, 0, 1, 1, 0, 1, 1, 1]], dtype=bool
)
SHARING = [name for name, entry in EXPLAINERS.items() if entry.cnn is not None]


def network() -> CNN:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = CNN(GENES, CLASSES, channels=CHANNELS, order=RNG.permutation(GENES))
        with torch.no_grad():
            # Statistics as after training; and BatchNorm may turn a map round.
            for norm in (model.norm1, model.norm2, model.norm3, model.norm):
                norm.weight[::2] *= -1
            model.double().train()
            for _ in range(50):
                model(torch.tensor(np.concatenate([X, REFERENCES])))
    return model.eval()


MODEL = network()


def mask_shape(name: str) -> tuple[int, ...]:
    each = {"IntegratedGradients": STEPS, "DeepLift": 2, "DeepLiftShap": 2}
    return (len(X), MEMBERS.shape[1], each.get(name, 2 if "Cam" in name else 1), CHANNELS[-1])


def captums_estimate(
    name: str, sample: int, reference: np.ndarray, masks: np.ndarray
) -> np.ndarray:
    """One estimate of one sample; masks × maps."""
    masked = copy.deepcopy(MODEL)
    # Guided class activation maps take two passes; else rows of one pass have a mask each.
    masked.dropout = GivenMasks(masks[:, None] if "Cam" in name else masks[None])
    x = torch.tensor(X[sample : sample + 1], requires_grad=True)
    with quiet_captum():
        scores = EXPLAINERS[name].captum(
            masked,
            x,
            torch.tensor(TARGET[sample : sample + 1]),
            torch.tensor(reference[None]) if EXPLAINERS[name].needs_reference else None,
            Options(STEPS, None, LAYER),
        )
    assert not masked.dropout.masks
    return scores[0].numpy()


@pytest.mark.parametrize("rows", [1, 3, 64])
@pytest.mark.parametrize("name", SHARING)
def test_equals_captum_for_the_same_masks(name: str, rows: int) -> None:
    masks = (np.random.default_rng(3).random(mask_shape(name)) > 0.25) / 0.75
    weights = MEMBERS / MEMBERS.sum(axis=1, keepdims=True)
    needs = EXPLAINERS[name].needs_reference
    found = explain_shared_sets(
        MODEL,
        torch.tensor(X),
        torch.tensor(TARGET),
        WeightedSets(torch.tensor(weights), torch.tensor(REPEATED) if needs else None),
        rule=EXPLAINERS[name].need_cnn(),
        mode="dropout",
        steps=STEPS,
        rows=rows,
        seed=0,
        masks=masks,
    )
    each = np.array(
        [
            [captums_estimate(name, i, REPEATED[e], masks[i, e]) for i in range(len(X))]
            for e in range(MEMBERS.shape[1])
        ]
    )
    expected = np.einsum("se,eig->sig", weights, each)
    scale = np.abs(expected).max()
    assert scale > 1e-6
    # Captum rounds the steps of IntegratedGradients to single precision before it multiplies.
    assert np.abs(found - expected).max() <= 1e-9 * scale


@pytest.mark.parametrize("name", SHARING)
def test_engines_agree_without_dropout(name: str) -> None:
    arguments = {
        "explainer": name, "members": MEMBERS, "mode": "eval", "seed": 0,
        "integration_steps": STEPS, "references": REPEATED,
    }  # fmt: skip
    expected = explain_sets(MODEL, X, TARGET, **arguments)
    found = explain_sets(MODEL, X, TARGET, engine="exact", **arguments)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", SHARING)
def test_drawn_masks_have_the_distribution_of_dropout(name: str) -> None:
    members = np.ones((1, 400), dtype=bool)
    arguments = {
        "explainer": name, "members": members, "seed": 1, "integration_steps": 2,
        "references": np.repeat(REFERENCES[:1], 400, axis=0),
    }  # fmt: skip
    expected = explain_sets(MODEL, X[1:2], TARGET[1:2], **arguments)[0, 0]
    found = explain_sets(MODEL, X[1:2], TARGET[1:2], engine="exact", **arguments)[0, 0]
    still = explain_sets(MODEL, X[1:2], TARGET[1:2], mode="eval", **arguments)[0, 0]
    assert np.corrcoef(found, expected)[0, 1] > 0.98
    assert not np.allclose(found, still, rtol=1e-3)


def test_same_seed_same_bytes_and_the_model_is_left_alone() -> None:
    before = {name: value.clone() for name, value in MODEL.state_dict().items()}
    made = [
        explain_sets(
            MODEL, X, TARGET, explainer="DeepLift", members=MEMBERS, references=REPEATED,
            seed=seed, engine="exact", batch_rows=rows,
        )
        for seed, rows in ((4, 2), (4, 2), (5, 2))
    ]  # fmt: skip
    assert made[0].tobytes() == made[1].tobytes()
    assert not np.allclose(made[0], made[2])
    assert not MODEL.training
    after = MODEL.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


@pytest.mark.parametrize("references", [REPEATED, np.zeros_like(REPEATED)])
def test_noisy_copies_of_a_sample_average_as_captums(references: np.ndarray) -> None:
    many = 300
    arguments = {
        "explainer": "DeepLift", "members": np.ones((1, 8 * many), dtype=bool), "seed": 2,
        "noise_sd": 0.2, "references": np.tile(references, (many, 1)), "mode": "eval",
    }  # fmt: skip
    expected = explain_sets(MODEL, X[1:2], TARGET[1:2], **arguments)[0, 0]
    found = explain_sets(MODEL, X[1:2], TARGET[1:2], engine="exact", **arguments)[0, 0]
    assert np.corrcoef(found, expected)[0, 1] > 0.98
    assert 0.9 < np.abs(found).sum() / np.abs(expected).sum() < 1.1
    without = explain_sets(MODEL, X[1:2], TARGET[1:2], **(arguments | {"noise_sd": 0.0}))[0, 0]
    assert np.corrcoef(found, without)[0, 1] < np.corrcoef(found, expected)[0, 1]


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_noise_and_medians_are_left_to_captum(noise: float) -> None:
    arguments = {
        "explainer": "Saliency", "members": MEMBERS, "seed": 0, "noise_sd": noise,
        "combine": "signed_mean" if noise else "absolute_median",
    }  # fmt: skip
    captums = explain_sets(MODEL, X, TARGET, **arguments)
    assert (
        captums.tobytes() == explain_sets(MODEL, X, TARGET, engine="exact", **arguments).tobytes()
    )


def test_sets_of_the_same_proportions_share_a_mixture() -> None:
    weights = torch.tensor([[0.5, 0.5, 0], [0.1, 0.1, 0], [0, 0, 0]])
    found = mixtures(weights)
    assert len(found.shares) == 1
    torch.testing.assert_close(found.weights @ found.shares, weights)
    many = torch.rand(5, 3)
    found = mixtures(many)
    assert len(found.shares) == 3
    torch.testing.assert_close(found.weights @ found.shares, many)


def test_equal_neighbours_are_one_run() -> None:
    references = torch.tensor([[1.0], [1.0], [2.0], [1.0]])
    assert runs(references) == [slice(0, 2), slice(2, 3), slice(3, 4)]
    assert runs(references[:1]) == [slice(0, 1)]
