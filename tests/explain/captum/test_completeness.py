"""Networks that DeepLift and its kin cannot decompose are refused, and the layer is named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.errors import BadInputError
from helpers.explain import explain, explain_sets
from helpers.explain.network.bends import bends
from tests.explain.conftest import BUILDERS, GENES

CLASSES, HIDDEN = 3, 16
KIN = ("DeepLift", "DeepLiftShap", "IntegratedGradients")
X = np.random.default_rng(0).uniform(0, 8, (3, GENES)).astype(np.float32)
REFERENCES = np.random.default_rng(1).uniform(0, 8, (2, GENES)).astype(np.float32)


class Layers(nn.Module):
    """Layers one after the other; some are used twice, and a function may follow the first."""

    def __init__(
        self, between: nn.Module, *, twice: bool = False, function: Callable | None = None
    ) -> None:
        super().__init__()
        self.first = nn.Linear(GENES, HIDDEN)
        self.between = between
        self.middle = nn.Linear(HIDDEN, HIDDEN)
        self.last = nn.Linear(HIDDEN, CLASSES)
        self.twice, self.function = twice, function

    def forward(self, x: Tensor) -> Tensor:
        x = self.between(self.first(x))
        if self.function is not None:
            x = self.function(x)
        x = self.middle(x)
        return self.last(self.between(x) if self.twice else x)


def layers(between: nn.Module, **more: object) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Layers(between, **more).eval()


def explained(model: nn.Module, explainer: str, **more: object) -> np.ndarray:
    x, references = X.astype(model_type(model)), REFERENCES.astype(model_type(model))
    return explain(model, x, 0, explainer=explainer, references=references, seed=0, **more)


def model_type(model: nn.Module) -> type:
    return np.float64 if next(model.parameters()).dtype == torch.float64 else np.float32


BEYOND_DEEP_LIFT = {
    "LayerNorm": (lambda: layers(nn.Sequential(nn.LayerNorm(HIDDEN), nn.ReLU())), "between.0"),
    "GELU": (lambda: layers(nn.GELU()), "between"),
    "SiLU": (lambda: layers(nn.SiLU()), "between"),
    "ReLU": (lambda: layers(nn.ReLU(), twice=True), "used 2 times"),
    "relu": (lambda: layers(nn.Identity(), function=functional.relu), "function 'relu'"),
    "gelu": (lambda: layers(nn.Identity(), function=functional.gelu), "function 'gelu'"),
    "mul": (lambda: layers(nn.Identity(), function=lambda x: x * x), "function 'mul'"),
}


@pytest.mark.parametrize("kind", BEYOND_DEEP_LIFT)
@pytest.mark.parametrize("explainer", ["DeepLift", "DeepLiftShap"])
def test_deep_lift_refuses_what_it_cannot_decompose(explainer: str, kind: str) -> None:
    build, named = BEYOND_DEEP_LIFT[kind]
    with pytest.raises(BadInputError, match=f"cannot decompose.*reason is .*{named}") as found:
        explained(build(), explainer)
    assert kind in str(found.value)


@pytest.mark.parametrize("kind", BEYOND_DEEP_LIFT)
@pytest.mark.parametrize("explainer", ["Saliency", "InputXGradient", "IntegratedGradients"])
def test_others_explain_the_same_networks(explainer: str, kind: str) -> None:
    assert np.isfinite(explained(BEYOND_DEEP_LIFT[kind][0](), explainer)).all()


@pytest.mark.parametrize("between", [nn.ReLU, nn.ELU, nn.Tanh, nn.Sigmoid, nn.Identity])
@pytest.mark.parametrize("explainer", KIN)
def test_networks_of_ruled_layers_pass(explainer: str, between: type[nn.Module]) -> None:
    model = layers(nn.Sequential(nn.BatchNorm1d(HIDDEN), between(), nn.Dropout(0.5)))
    assert np.isfinite(explained(model, explainer)).all()


@pytest.mark.parametrize("steps", [2, 5, 50])
@pytest.mark.parametrize("architecture", BUILDERS)
def test_our_networks_pass(architecture: str, steps: int) -> None:
    for explainer in KIN:
        explained(BUILDERS[architecture](), explainer, integration_steps=steps, replicates=2)


@pytest.mark.parametrize("function", [torch.detach, torch.round, torch.sign])
def test_a_path_of_gradients_that_are_not_there(function: Callable) -> None:
    model = layers(nn.ReLU(), function=function)
    named = f"function '{function.__name__}' that the forward of the network calls"
    with pytest.raises(BadInputError, match=f"IntegratedGradients.*{named}.*integration_steps"):
        explained(model, "IntegratedGradients")


def test_sets_are_checked_too() -> None:
    members = np.ones((1, 2), dtype=bool)
    told = {"members": members, "references": REFERENCES, "seed": 0}
    with pytest.raises(BadInputError, match="LayerNorm"):
        explain_sets(layers(nn.LayerNorm(HIDDEN)), X, 0, explainer="DeepLift", **told)


def test_the_check_changes_nothing() -> None:
    model = BUILDERS["mlp"]()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.random.get_rng_state()
    explained(model, "DeepLift", replicates=2)
    assert torch.equal(state, torch.random.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_bends_are_named_in_their_order() -> None:
    model = layers(nn.Sequential(nn.LayerNorm(HIDDEN), nn.ReLU()), function=torch.tanh, twice=True)
    found = bends(model, torch.from_numpy(X[:2]))
    assert [(bend.layer, bend.kind, bend.times) for bend in found] == [
        ("between.0", "LayerNorm", 2),
        ("between.1", "ReLU", 2),
        ("", "tanh", 1),
    ]
    assert not bends(layers(nn.BatchNorm1d(HIDDEN)), torch.from_numpy(X[:2]))
