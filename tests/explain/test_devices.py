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

from helpers.explain import (
    EXPLAINERS,
    MODES,
    explain,
    explain_exact,
    explain_subsets,
    explanation_mode,
)
from helpers.explain.explanation import explain_sets
from helpers.explain.mlp import model as exact_model
from helpers.explain.network.dropout import drop_alike
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
@pytest.mark.parametrize(("engine", "noise_sd"), [("captum", 1.0), ("exact", 1.0), ("exact", 0.0)])
def test_sets_are_the_same_on_the_device(
    build, device, x, target, references, architecture, explainer, combine, engine, noise_sd
):
    model = build(architecture)
    there = copy.deepcopy(model).to(device)
    members = np.array([[True] * 3 + [False] * 4, [True] * 7])

    def scores(network: nn.Module) -> np.ndarray:
        return explain_sets(
            network, x, target, explainer=explainer, references=references, members=members,
            noise_sd=noise_sd, combine=combine, integration_steps=4, engine=engine, seed=1,
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


@pytest.mark.parametrize("explainer", [e for a, e in EXPLAINED if a == "mlp"])
@pytest.mark.parametrize("mode", ["dropout", "eval"])
@pytest.mark.parametrize("rule", ["exact", "steps"])
@pytest.mark.parametrize("noise_sd", [0.0, 1.0])
@pytest.mark.parametrize("pool", [1, 7])
def test_exact_means_are_the_same_on_the_device(
    build, device, x, target, references, explainer, mode, rule, noise_sd, pool
):
    models = [build("mlp", seed=seed) for seed in (0, 1)]
    there = [copy.deepcopy(model).to(device) for model in models]
    subsets = np.stack([np.eye(7)[0], np.full(7, 1 / 7)])
    how = {
        "explainer": explainer, "references": references[:pool], "mode": mode,
        "integration_rule": rule, "integration_steps": 4, "noise_sd": noise_sd, "seed": 1,
        "precision": "float64",
    }  # fmt: skip

    def scores(networks: list[nn.Module]) -> list[np.ndarray]:
        counts = {"replicates": 2, "repeats": 3}
        return [
            explain_exact(networks, x, target, **counts, **how),
            explain_subsets(networks, x, target, subsets=subsets, **how),
        ]

    for found, expected in zip(scores(there), scores(models), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_given_masks_and_noise_go_to_the_device(build, device, x, target):
    model = build("mlp")
    given = {
        "masks": np.random.default_rng(0).uniform(size=(3, 1, 8)),
        "noise": np.random.default_rng(1).normal(size=(3, 1, x.shape[1])),
        "precision": "float64", "explainer": "Saliency", "repeats": 3, "seed": 0,
    }  # fmt: skip
    there = copy.deepcopy(model).to(device)
    np.testing.assert_allclose(
        explain_exact([there], x, target, **given), explain_exact([model], x, target, **given)
    )


def test_the_exact_engine_computes_on_the_device(build, device, x, target, monkeypatch):
    """Sums over genes are the bulk of the work: they must not quietly stay on the CPU."""
    seen = []
    monkeypatch.setattr(
        exact_model, "absolute",
        lambda first, g, share, result: seen.extend([first, g, share, result]) or (lambda _: None),
    )  # fmt: skip
    explain_exact([build("mlp").to(device)], x, target, explainer="Saliency", repeats=3, seed=0)
    assert seen
    assert all(isinstance(tensor, OnDevice) for tensor in seen)
