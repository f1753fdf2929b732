"""CNN estimates that share the forward pass, against Captum, which is given the same masks."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from given_masks import GivenMasks

from helpers.explain import EXPLAINERS, explain
from helpers.explain.cnn import gradients as shared
from helpers.explain.cnn.gradients import LAYER, BackwardRule, explain_shared
from helpers.explain.entry import Options, quiet_captum

SAMPLES, REPLICATES, REPEATS, CHANNELS = 5, 2, 3, 6
SHARING = [name for name, entry in EXPLAINERS.items() if isinstance(entry.cnn, BackwardRule)]
COMBINE = {
    "signed_mean": lambda each: np.mean(each, axis=0),
    "absolute_median": lambda each: np.median(np.abs(each), axis=0),
}


def by_captum(name, model, x, target, masks):
    """One estimate of each sample; masks are masks × samples × maps."""
    masked = copy.deepcopy(model).eval()
    masked.dropout = GivenMasks(masks)
    rows = torch.tensor(x, requires_grad=True)
    with quiet_captum():
        scores = EXPLAINERS[name].captum(
            masked, rows, torch.tensor(target), None, Options(layer=LAYER)
        )
    assert not masked.dropout.masks
    return scores.numpy()


def close(observed: np.ndarray, expected: np.ndarray, tolerance: float = 1e-9) -> None:
    assert observed.shape == expected.shape
    # Guided backpropagation may pass on nothing in one sample, but not in all.
    scale = np.abs(expected).max(axis=-1, keepdims=True)
    assert scale.max() > 1e-7
    assert (np.abs(observed - expected) / np.maximum(scale, scale.max() / 100)).max() <= tolerance


@pytest.fixture(params=[0, 1])
def model(build, request):
    made = build("cnn", seed=request.param)
    with torch.no_grad():
        # BatchNorm may turn a map round.
        made.norm.weight[::3] *= -1
        made.norm3.weight[1::3] *= -1
    return made


def test_these_explainers_share():
    plain = {name for name, explainer in EXPLAINERS.items() if not explainer.needs_reference}
    assert set(SHARING) == plain


@pytest.mark.parametrize("rows", [2, 5])
@pytest.mark.parametrize("combine", COMBINE)
@pytest.mark.parametrize("name", SHARING)
def test_equals_captum_for_the_same_masks(model, x, target, name, combine, rows):
    count = 2 if "Cam" in name else 1
    shape = (SAMPLES, REPLICATES, REPEATS, count, CHANNELS)
    masks = (np.random.default_rng(3).random(shape) > 0.25) / 0.75
    each = [
        [by_captum(name, model, x, target, masks[:, r, k].swapaxes(0, 1)) for k in range(REPEATS)]
        for r in range(REPLICATES)
    ]
    observed = explain_shared(
        model,
        torch.tensor(x),
        torch.tensor(target),
        rule=EXPLAINERS[name].cnn,
        replicates=REPLICATES,
        repeats=REPEATS,
        combine=combine,
        mode="dropout",
        rows=rows,
        seed=0,
        masks=masks,
    )
    close(observed, np.stack([COMBINE[combine](of) for of in each]))


@pytest.mark.parametrize("name", SHARING)
def test_without_dropout_it_is_the_other_engine(model, x, target, name):
    arguments = {"explainer": name, "mode": "eval", "seed": 0, "replicates": 2}
    arguments |= {"gradcampp_target": "predicted"}
    expected = explain(model, x, target, **arguments)
    close(explain(model, x, target, engine="exact", **arguments), expected)


@pytest.mark.parametrize("name", SHARING)
def test_drawn_masks_have_the_distribution_of_dropout(cnn, x, target, name):
    arguments = {"explainer": name, "repeats": 2, "seed": 1, "replicates": 60}
    captums = explain(cnn, x, target, **arguments)
    exacts = explain(cnn, x, target, engine="exact", **arguments)
    error = np.sqrt((captums.var(axis=0) + exacts.var(axis=0)) / 60)
    scale = np.abs(captums).max()
    assert (np.abs(captums.mean(axis=0) - exacts.mean(axis=0)) < 5 * error + 1e-6 * scale).all()
    assert 0.8 < exacts.std(axis=0).sum() / captums.std(axis=0).sum() < 1.25


@pytest.mark.parametrize("name", SHARING)
def test_same_seed_same_bytes_whatever_the_batches(cnn, x, target, name):
    arguments = {"explainer": name, "repeats": 2, "replicates": 2, "engine": "exact"}
    first = explain(cnn, x, target, seed=1, **arguments)
    assert first.tobytes() == explain(cnn, x, target, seed=1, **arguments).tobytes()
    assert not np.allclose(first, explain(cnn, x, target, seed=2, **arguments))
    assert not np.allclose(first[0], first[1])
    np.testing.assert_allclose(
        explain(cnn, x, target, seed=1, batch_rows=2, **arguments), first, atol=1e-9
    )


def test_a_mean_of_gradients_takes_one_backward_pass(cnn, x, target, monkeypatch):
    passes = []
    backward = shared.Maps.backward
    monkeypatch.setattr(shared.Maps, "backward", lambda of, q: passes.append(1) or backward(of, q))
    forward = []
    cnn.conv3.register_forward_hook(lambda *_: forward.append(1))
    arguments = {"repeats": 7, "replicates": 3, "engine": "exact", "seed": 0}
    for name, expected in (("InputXGradient", 3), ("Saliency", 21), ("GuidedBackprop", 21)):
        passes.clear()
        forward.clear()
        explain(cnn, x, target, explainer=name, **arguments)
        # One forward pass is that of the checks.
        assert (len(passes), len(forward)) == (expected, 2)


def test_what_cannot_share_is_captums(cnn, x, target, references):
    arguments = {"references": references, "seed": 3, "replicates": 2}
    for name, layer in (("DeepLift", None), ("GuidedGradCam", "conv2")):
        np.testing.assert_array_equal(
            explain(cnn, x, target, explainer=name, layer=layer, engine="exact", **arguments),
            explain(cnn, x, target, explainer=name, layer=layer, **arguments),
        )


@pytest.mark.parametrize("name", EXPLAINERS)
def test_left_to_captum_in_training_mode(cnn, x, target, references, name):
    arguments = {"explainer": name, "references": references[:2], "mode": "training", "seed": 0}
    arguments |= {"integration_steps": 3}
    np.testing.assert_array_equal(
        explain(cnn, x, target, engine="exact", **arguments),
        explain(cnn, x, target, **arguments),
    )


def test_the_network_is_left_as_it_was(build, x, target):
    model = build("cnn", dtype=torch.float32)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    filters = [parameter.data_ptr() for parameter in model.parameters()]
    state = torch.get_rng_state()
    explain(model, x, target, explainer="Saliency", repeats=2, engine="exact", seed=0)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert filters == [parameter.data_ptr() for parameter in model.parameters()]
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert not any(module.training or module._backward_hooks for module in model.modules())
