"""Networks are told by what they are made of, and only where outputs are the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.api.recognition import hidden_layers, recognised
from helpers.explain import EXPLAINERS, explain
from helpers.models import MLP, ReluStack

GENES, CLASSES, UNITS = 10, 4, 6


def linear(a: int = GENES, b: int = UNITS) -> nn.Linear:
    return nn.Linear(a, b)


def last() -> nn.Linear:
    return nn.Linear(UNITS, CLASSES)


class Functional(nn.Module):
    """The way in which many are written: ReLU and dropout as functions."""

    def __init__(self, norm_last: bool = False) -> None:
        super().__init__()
        self.first, self.norm, self.last = linear(), nn.BatchNorm1d(UNITS), last()
        self.norm_last = norm_last

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        h = self.norm(functional.relu(h)) if self.norm_last else functional.relu(self.norm(h))
        out: Tensor = self.last(functional.dropout(h, 0.5, self.training))
        return out


class Around(nn.Module):
    """A module that holds a Sequential, and does something else besides if told so."""

    def __init__(self, change: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.net = nn.Sequential(linear(), nn.ReLU(), nn.Dropout(0.5), last())
        self.change = change

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x if self.change is None else self.change(x))
        return out


class Shared(nn.Module):
    """One ReLU for two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c, self.relu = linear(), linear(UNITS), last(), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.c(self.relu(self.b(self.relu(self.a(x)))))
        return out


def seq(*layers: nn.Module) -> Callable[[], nn.Module]:
    return lambda: nn.Sequential(*layers)


ONE = {
    "plain": seq(linear(), nn.ReLU(), last()),
    "norm": seq(linear(), nn.BatchNorm1d(UNITS), nn.ReLU(), nn.Dropout(0.3), last()),
    "norm behind": seq(linear(), nn.ReLU(inplace=True), nn.BatchNorm1d(UNITS), last()),
    "norm at both ends": seq(
        nn.Flatten(), nn.BatchNorm1d(GENES), linear(), nn.ReLU(), last(), nn.BatchNorm1d(CLASSES)
    ),
    "norm without weights": seq(
        nn.Linear(GENES, UNITS, bias=False), nn.BatchNorm1d(UNITS, affine=False), nn.ReLU(), last()
    ),
    "dropout everywhere": seq(
        nn.Dropout(0.1), linear(), nn.Dropout(0.1), nn.BatchNorm1d(UNITS), nn.Dropout(0.1),
        nn.ReLU(), nn.Dropout(0.1), last(), nn.Dropout(0.1),
    ),
    "functions": Functional,
    "functions, norm last": lambda: Functional(True),
    "around": Around,
}  # fmt: skip
DEEP = {
    "two": seq(
        linear(),
        nn.BatchNorm1d(UNITS),
        nn.ReLU(),
        nn.Dropout(0.2),
        linear(UNITS),
        nn.ReLU(),
        last(),
    ),
    "one ReLU for both": Shared,
    "norm behind": seq(
        linear(), nn.ReLU(), nn.BatchNorm1d(UNITS), linear(UNITS), nn.ReLU(), last()
    ),
}
NOT = {
    "no hidden layer": seq(nn.Linear(GENES, CLASSES)),
    "linear twice": seq(linear(), linear(UNITS), nn.ReLU(), last()),
    "another layer": seq(linear(), nn.LayerNorm(UNITS), nn.ReLU(), last()),
    "tanh": seq(linear(), nn.Tanh(), last()),
    "no statistics": seq(
        linear(), nn.BatchNorm1d(UNITS, track_running_stats=False), nn.ReLU(), last()
    ),
    "softmax": seq(linear(), nn.ReLU(), last(), nn.Softmax(1)),
    "takes logarithms": lambda: Around(lambda x: x.abs().log1p()),
    "turns genes round": lambda: Around(lambda x: x.flip(1)),
}


def made(build: Callable[[], nn.Module], dtype: torch.dtype = torch.float64) -> nn.Module:
    torch.manual_seed(0)
    model = build().to(dtype)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm1d) and layer.running_mean is not None:
                layer.running_mean.normal_()
                layer.running_var.uniform_(0.5, 2)
                if layer.affine:
                    layer.weight.normal_()  # of both signs
                    layer.bias.normal_()
    return model.eval()


X = torch.from_numpy(np.random.default_rng(0).normal(size=(6, GENES)))


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("explainer", ["DeepLift", "Saliency", "GuidedBackprop"])
def test_one_hidden_layer_gets_captums_scores(name: str, explainer: str) -> None:
    model = made(ONE[name])
    twin = recognised(model, X, "eval")
    assert type(twin) is MLP
    if "functions" in name and explainer != "Saliency":
        return  # Captum has no rule for a ReLU that is a function
    if "inplace=True" in repr(model):
        # What Captum cannot do either.
        model = nn.Sequential(*(nn.ReLU() if type(m) is nn.ReLU else m for m in model)).eval()
    told = {"target": 1, "explainer": explainer, "references": np.ones((2, GENES)), "seed": 0}
    told |= {"mode": "eval"}
    exact = explain(twin, X.numpy(), engine="exact", **told)
    captum = explain(model, X.numpy(), engine="captum", **told)
    assert EXPLAINERS[explainer].mlp is not None
    np.testing.assert_allclose(exact, captum, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", DEEP)
def test_several_hidden_layers_are_a_stack(name: str) -> None:
    twin = recognised(made(DEEP[name]), X, "eval")
    assert type(twin) is ReluStack
    assert hidden_layers(twin) == 2


@pytest.mark.parametrize("name", NOT)
def test_other_networks_are_not_recognised(name: str) -> None:
    assert recognised(made(NOT[name]), X, "eval") is None


def test_single_precision_is_recognised_too() -> None:
    twin = recognised(made(ONE["norm"], torch.float32), X.float(), "eval")
    assert twin is not None
    assert {p.dtype for p in twin.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ((nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.2), nn.Linear(4, 2)), 0.2),
        ((nn.Linear(3, 4), nn.Dropout(0.2), nn.ReLU(), nn.Linear(4, 2)), 0.2),
        ((nn.Linear(3, 4), nn.Dropout(0.5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2)), 0.75),
        ((nn.Dropout(0.2), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), None),
        ((nn.Linear(3, 4), nn.Dropout(0.2), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)), None),
        ((nn.Linear(3, 4), nn.ReLU(), nn.BatchNorm1d(4), nn.Dropout(0.2), nn.Linear(4, 2)), None),
        ((nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Dropout(0.2)), None),
    ],
)
def test_dropout_that_is_on_must_stand_beside_a_relu(
    layers: tuple[nn.Module, ...], expected: float | None
) -> None:
    model = nn.Sequential(*layers).eval()
    twin = recognised(model, torch.randn(4, 3), "dropout")
    assert (None if twin is None else pytest.approx(twin.dropout.p)) == expected
    assert recognised(model, torch.randn(4, 3), "eval") is not None
    assert recognised(model, torch.randn(4, 3), "training") is None


def test_networks_of_this_package_are_themselves() -> None:
    model = MLP(GENES, CLASSES).double()
    assert recognised(model, X, "training") is model
