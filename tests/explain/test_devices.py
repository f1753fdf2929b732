"""Explanations are made where the network is, and are the same wherever that is."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from pretend_device import OnDevice, WrongDeviceError, pretended_device
from torch import nn
from torch.nn import functional

from helpers.explain import EXPLAINERS, MODES, explain, explanation_mode
from helpers.explain.dropping import drop_alike
from helpers.explain.sets import explain_sets
from helpers.training.loop import probabilities

EXPLAINED = [
    (architecture, explainer.name)
    for architecture in ("mlp", "cnn")
    for explainer in EXPLAINERS.values()
    if architecture in explainer.architectures
]


@pytest.fixture(autouse=True)
def device() -> Iterator[torch.device]:
    with pretended_device() as device:
        yield device


def test_the_pretended_device_refuses_what_a_gpu_refuses(device):
    here, there = torch.ones(2, 2), torch.ones(2, 2).to(device)
    assert isinstance(there @ there, OnDevice)
    assert (there @ there).cpu().equal(here @ here)
    with pytest.raises(WrongDeviceError, match="mm"):
        there @ here
    with pytest.raises(WrongDeviceError, match="random"):
        functional.dropout(there, 0.5)
    with pytest.raises(RuntimeError, match="numpy"):
        there.numpy()


@pytest.mark.parametrize(("architecture", "explainer"), EXPLAINED)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
def test_captum_explains_on_the_device(
    build, device, x, target, references, architecture, explainer, mode, combine
):
    model = build(architecture)
    there = copy.deepcopy(model).to(device)

    def scores(network: nn.Module) -> np.ndarray:
        return explain(
            network, x, target, explainer=explainer, references=references, replicates=2,
            repeats=3, mode=mode, combine=combine, integration_steps=4,
            gradcampp_target="predicted", seed=1,
        )  # fmt: skip

    np.testing.assert_allclose(scores(there), scores(model), rtol=1e-9, atol=1e-12)
    assert all(isinstance(parameter, OnDevice) for parameter in there.parameters())


@pytest.mark.parametrize(("architecture", "explainer"), EXPLAINED)
@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
def test_sets_with_noise_are_the_same_on_the_device(
    build, device, x, target, references, architecture, explainer, combine
):
    model = build(architecture)
    there = copy.deepcopy(model).to(device)
    members = np.array([[True] * 3 + [False] * 4, [True] * 7])

    def scores(network: nn.Module) -> np.ndarray:
        return explain_sets(
            network, x, target, explainer=explainer, references=references, members=members,
            noise_sd=1.0, combine=combine, integration_steps=4, seed=1,
        )  # fmt: skip

    np.testing.assert_allclose(scores(there), scores(model), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("architecture", "explainer"), EXPLAINED)
@pytest.mark.parametrize("mode", ["dropout", "eval"])
@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
def test_exact_engine_explains_on_the_device(
    build, device, x, target, references, architecture, explainer, mode, combine
):
    model = build(architecture)
    there = copy.deepcopy(model).to(device)

    def scores(network: nn.Module) -> np.ndarray:
        return explain(
            network, x, target, explainer=explainer, references=references, replicates=2,
            repeats=3, mode=mode, combine=combine, integration_steps=4, engine="exact", seed=1,
        )  # fmt: skip

    np.testing.assert_allclose(scores(there), scores(model), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("layer", [nn.Dropout(0.25), nn.Dropout2d(0.25)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masks_are_those_that_pytorch_draws(layer, dtype):
    x = torch.rand(6, 5, 4, 4, dtype=dtype)
    with explanation_mode(layer, "dropout", 3):
        own = layer(x)
    with explanation_mode(layer, "dropout", 3):
        drop_alike(layer)
        alike = layer(x)
    assert alike.equal(own)
    assert (own == 0).any()
    assert "forward" not in vars(layer)


@pytest.mark.parametrize("precision", ["float32", "float32_channels_last"])
def test_networks_predict_on_the_device(build, device, x, precision):
    for architecture in ("mlp", "cnn"):
        model = build(architecture, dtype=torch.float32)
        there = copy.deepcopy(model).to(device)
        found = probabilities(there, x, precision=precision)
        np.testing.assert_allclose(found, probabilities(model, x, precision=precision), rtol=1e-5)
