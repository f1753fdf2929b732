"""Class activation maps against their formulas, and against Captum on an image network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop, GuidedGradCam, LayerGradCam
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import explain, explanation_mode
from helpers.explain import explanation as explanation_module
from helpers.explain.cams import grad_cam, grad_cam_plus_plus
from helpers.models import CNN, GeneGrid

CAMS = ["GuidedGradCam", "GuidedGradCam++"]


class Tiny(nn.Module):
    """Four genes on 2 × 2 places, 1 × 1 convolutions, mean, linear: gradients by hand."""

    def __init__(self, filters: list[float], outputs: list[list[float]]) -> None:
        super().__init__()
        self.grid = GeneGrid(4, side=2, order=[2, 0, 3, 1])
        self.conv = nn.Conv2d(1, len(filters), 1, bias=False)
        self.relu = nn.ReLU()
        self.output = nn.Linear(len(filters), len(outputs), bias=False)
        self.double().eval()
        with torch.no_grad():
            self.conv.weight.copy_(torch.tensor(filters, dtype=torch.float64).view(-1, 1, 1, 1))
            self.output.weight.copy_(torch.tensor(outputs, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.relu(self.conv(self.grid(x))).mean(dim=(2, 3)))


X = np.array([[1.0, 5.0, 0.0, 2.0], [3.0, 0.5, 4.0, 0.0]])


def maps(model: nn.Module, x: np.ndarray, target: int, make, layer: str = "conv") -> np.ndarray:
    inputs = torch.tensor(x, requires_grad=True)
    classes = torch.full((len(x),), target)
    return make(model, inputs, classes, model.get_submodule(layer)).detach().numpy()


def test_grad_cam_plus_plus_by_hand():
    """Places hold genes 2, 0, 3, 1; A = wX; S = Σ v · mean(relu A), so g = v / 4 where A > 0."""
    filters, outputs = [1.0, -0.5, 2.0], [[0.3, 2.0, -1.0], [-0.4, 1.0, 0.7]]
    model = Tiny(filters, outputs)
    for target in (0, 1):
        observed = maps(model, X, target, grad_cam_plus_plus)
        for sample, genes in enumerate(X):
            places = genes[[2, 0, 3, 1]]
            total = np.zeros(4)
            score = sum(
                outputs[target][k] * np.maximum(w * places, 0).mean() for k, w in enumerate(filters)
            )
            for k, w in enumerate(filters):
                a = w * places
                g = outputs[target][k] / 4 * (a > 0)
                # First, second and third derivative of Y = exp(S).
                first, second, third = (np.exp(score) * g**n for n in (1, 2, 3))
                denominator = 2 * second + a.sum() * third
                alpha = np.divide(second, denominator, where=denominator != 0, out=np.zeros(4))
                total += (alpha * np.maximum(first, 0)).sum() / np.exp(score) * a
            expected = np.maximum(total, 0).reshape(2, 2)
            np.testing.assert_allclose(observed[sample, 0], expected, atol=1e-12)
    assert observed.any()


def test_grad_cam_plus_plus_with_derivatives_by_autograd(cnn, x):
    """On the whole CNN: derivatives of exp(S) with respect to each place, one by one."""
    inputs = torch.tensor(x[:1])
    kept = {}
    handle = cnn.conv3.register_forward_hook(lambda *of: kept.update(output=of[2]))
    inputs.requires_grad_()
    exponential = cnn(inputs)[0, 1].exp()
    handle.remove()
    activation = kept["output"]
    (first,) = torch.autograd.grad(exponential, activation, create_graph=True)
    second, third = torch.zeros_like(first), torch.zeros_like(first)
    for place in np.ndindex(*first.shape):
        (row,) = torch.autograd.grad(first[place], activation, create_graph=True)
        second[place] = row[place]
        if row.requires_grad:
            third[place] = torch.autograd.grad(row[place], activation, retain_graph=True)[0][place]
    total = activation.sum(dim=(2, 3), keepdim=True)
    denominator = 2 * second + total * third
    alpha = torch.where(second == 0, 0, second / denominator)
    weights = (alpha * first.relu()).sum(dim=(2, 3), keepdim=True) / exponential
    expected = (weights * activation).sum(dim=1, keepdim=True).relu()
    observed = maps(cnn, x[:1], 1, grad_cam_plus_plus, "conv3")
    assert observed.any()
    np.testing.assert_allclose(observed, expected.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize(
    ("filters", "outputs"),
    [([2.0], [[0.8]]), ([0.5, 0.5], [[0.8, 0.8]]), ([2.0, 0.5], [[0.2, 0.8]])],
    ids=["one map", "equal maps", "maps of equal sum × gradient"],
)
def test_reduces_to_grad_cam_where_the_weights_coincide(filters, outputs):
    """One positive gradient all over a map: α is 1 / (2 + ΣA g) and the weight 4 α g."""
    model, x = Tiny(filters, outputs), X + 0.5
    plain = maps(model, x, 0, grad_cam)
    activation_times_gradient = filters[0] * x.sum(axis=1) * outputs[0][0] / 4
    factor = 4 / (2 + activation_times_gradient)
    observed = maps(model, x, 0, grad_cam_plus_plus)
    np.testing.assert_allclose(observed, plain * factor[:, None, None, None], rtol=1e-12)
    assert plain.all()


def test_grad_cam_is_captums(cnn, x):
    expected = LayerGradCam(cnn, cnn.conv3).attribute(torch.tensor(x, requires_grad=True), target=2)
    observed = maps(cnn, x, 2, grad_cam, "conv3")
    np.testing.assert_allclose(observed, expected.relu().detach().numpy(), rtol=1e-12)
    assert observed.any()


def test_a_denominator_of_zero_gives_no_weight():
    """A = (4, −8, 0, 0) and g = ½ where A > 0, so 2 + ΣA g = 0 there."""
    scores = maps(Tiny([1.0], [[2.0]]), np.array([[-8.0, 0, 4, 0]]), 0, grad_cam_plus_plus)
    assert np.isfinite(scores).all()
    assert not scores.any()


def image_network(model: CNN) -> nn.Sequential:
    layers = dict(model.named_children())
    del layers["grid"]
    network = nn.Sequential()
    for name, layer in layers.items():
        network.add_module(name, layer)
        if name == "average":
            network.add_module("flatten", nn.Flatten())
    return network


@pytest.mark.parametrize("mode", ["eval", "dropout"])
@pytest.mark.parametrize("layer", [None, "conv2", "relu3"])
def test_guided_grad_cam_is_captums_on_images(cnn, x, target, mode, layer):
    """Padding is dropped and places become genes; masks are drawn in the same order."""
    network = image_network(cnn)
    images = cnn.grid.to_grid(torch.tensor(x)).requires_grad_()
    with explanation_mode(network, mode, 3), pytest.warns(UserWarning, match="backward hooks"):
        expected = GuidedGradCam(network, network.get_submodule(layer or "conv3")).attribute(
            images, target=torch.tensor(target)
        )
    observed = explain(cnn, x, target, explainer="GuidedGradCam", mode=mode, layer=layer, seed=3)
    np.testing.assert_allclose(observed[0], cnn.grid.to_genes(expected).detach(), atol=1e-12)
    assert observed.any()


def test_guided_grad_cam_plus_plus_is_map_times_guided_backprop(cnn, x, target):
    inputs, classes = torch.tensor(x, requires_grad=True), torch.tensor(target)
    with pytest.warns(UserWarning, match="backward hooks"):
        backprop = GuidedBackprop(cnn).attribute(inputs, target=classes).detach().numpy()
    coarse = grad_cam_plus_plus(cnn, inputs, classes, cnn.conv3).detach().numpy()
    fine = coarse.repeat(4, axis=2).repeat(4, axis=3).reshape(len(x), -1)[:, : x.shape[1]]
    factor = np.empty_like(x)
    factor[:, cnn.grid.order.numpy()] = fine
    observed = explain(cnn, x, target, explainer="GuidedGradCam++", mode="eval", seed=0)
    np.testing.assert_allclose(observed[0], factor * backprop, atol=1e-12)
    assert observed.any()


@pytest.mark.parametrize("mode", ["eval", "dropout"])
def test_predicted_class(cnn, x, target, mode):
    with torch.no_grad():
        foreseen = cnn(torch.tensor(x)).argmax(dim=1).numpy()
    assert (foreseen != target).any()
    arguments = {"mode": mode, "seed": 1}
    for name, same in (("GuidedGradCam++", foreseen), ("GuidedGradCam", target)):
        np.testing.assert_array_equal(
            explain(cnn, x, target, explainer=name, gradcampp_target="predicted", **arguments),
            explain(cnn, x, same, explainer=name, **arguments),
        )


@pytest.mark.parametrize("name", CAMS)
@pytest.mark.parametrize("layer", ["conv4", "output", "norm", ""])
def test_layers_that_have_no_maps(cnn, x, target, name, layer, monkeypatch):
    monkeypatch.setattr(explanation_module, "engine_for", None)
    with pytest.raises(UnknownNameError, match=f"no layer with feature maps {layer!r}: .*conv3"):
        explain(cnn, x, target, explainer=name, layer=layer, seed=0)


@pytest.mark.parametrize("name", CAMS)
def test_networks_that_have_no_maps(x, target, name, monkeypatch):
    monkeypatch.setattr(explanation_module, "engine_for", None)
    plain = nn.Sequential(nn.Linear(12, 4)).double()
    with pytest.raises(BadInputError, match=r"need a network .* GeneGrid .* Sequential has none"):
        explain(plain, x, target, explainer=name, seed=0)
    model = nn.Sequential()
    model.add_module("grid", GeneGrid(12))
    model.add_module("flat", nn.Flatten())
    model.add_module("output", nn.Linear(64, 4))
    with pytest.raises(BadInputError, match="no convolution"):
        explain(model.double(), x, target, explainer=name, seed=0)
