"""The MLP is the paper's, and fit for Captum."""

from __future__ import annotations

import torch
from captum.attr import DeepLift
from torch import nn

from helpers.models import ARCHITECTURES, MLP


def test_layers_in_the_papers_order() -> None:
    kinds = [type(layer) for layer in MLP(50, 7).children()]
    assert kinds == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Dropout, nn.Linear]
    assert [name for name, _ in MLP(50, 7).named_children()] == [
        "hidden",
        "norm",
        "relu",
        "dropout",
        "output",
    ]
    assert MLP(50, 7).dropout.p == 0.25


def test_number_of_parameters() -> None:
    genes, classes = 19241, 82
    counted = sum(parameter.numel() for parameter in MLP(genes, classes).parameters())
    assert counted == (genes + 1) * 128 + 2 * 128 + (128 + 1) * classes


def test_forward_equals_the_formula() -> None:
    model = MLP(6, 3).double().eval()
    model.norm.running_mean = torch.randn(128).double()
    model.norm.running_var = torch.rand(128).double() + 0.5
    x = torch.rand(4, 6).double()
    hidden = x @ model.hidden.weight.T + model.hidden.bias
    scaled = (hidden - model.norm.running_mean) / (model.norm.running_var + 1e-5).sqrt()
    expected = scaled.clamp(min=0) @ model.output.weight.T + model.output.bias
    torch.testing.assert_close(model(x), expected)


def test_deeplift_is_complete() -> None:
    model = MLP(20, 4).double().eval()
    x, reference = torch.rand(3, 20).double(), torch.zeros(3, 20).double()
    scores = DeepLift(model).attribute(x, reference, target=2)
    torch.testing.assert_close(scores.sum(1), (model(x) - model(reference))[:, 2])


def test_registry_builds_what_it_says() -> None:
    assert all(name == entry.name for name, entry in ARCHITECTURES.items())
    model = ARCHITECTURES["mlp"].build(30, 5)
    assert isinstance(model, MLP)
    assert model.eval()(torch.rand(2, 30)).shape == (2, 5)
