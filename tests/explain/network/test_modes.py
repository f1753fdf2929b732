from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
import torch
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import MODES, explanation_mode


def state(model: nn.Module) -> dict[str, Any]:
    return {
        "training": [m.training for m in model.modules()],
        "attributes": [sorted(vars(m)) for m in model.modules()],
        "buffers": [b.clone() for b in model.buffers()],
        "parameters": [(p.detach().clone(), p.requires_grad, p.grad) for p in model.parameters()],
        "generator": torch.get_rng_state(),
    }


def assert_same(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert a["training"] == b["training"]
    assert a["attributes"] == b["attributes"]
    assert all(torch.equal(p, q) for p, q in zip(a["buffers"], b["buffers"], strict=True))
    for (p, grads, grad), (q, grads_after, grad_after) in zip(
        a["parameters"], b["parameters"], strict=True
    ):
        assert torch.equal(p, q)
        assert grads == grads_after
        assert grad is grad_after
    assert torch.equal(a["generator"], b["generator"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_restored(mlp, mode, fails):
    mlp.train()
    mlp.dropout.eval()
    mlp.hidden.bias.requires_grad_(False)
    before = state(mlp)
    with contextlib.suppress(KeyError), explanation_mode(mlp, mode, 3):
        x = torch.rand(6, 12, dtype=torch.float64, requires_grad=True)
        mlp(x).sum().backward()
        mlp.relu.input = x
        if fails:
            raise KeyError
    assert_same(before, state(mlp))


def test_which_modules_are_in_training_mode(mlp):
    def training(mode: str) -> set[str]:
        with explanation_mode(mlp, mode, 0):
            return {name for name, module in mlp.named_modules() if module.training}

    assert training("eval") == set()
    assert training("dropout") == {"dropout"}
    assert training("training") == {"", "hidden", "norm", "relu", "dropout", "output"}


def test_only_training_mode_changes_batchnorm_inside(mlp):
    x = torch.rand(6, 12, dtype=torch.float64)
    before = mlp.norm.running_mean.clone()
    for mode in MODES:
        with explanation_mode(mlp, mode, 0):
            mlp(x)
            assert torch.equal(mlp.norm.running_mean, before) == (mode != "training")


def test_seed_decides_the_masks(mlp):
    def output(seed: int) -> torch.Tensor:
        with explanation_mode(mlp, "dropout", seed):
            return mlp(torch.ones(6, 12, dtype=torch.float64))

    assert torch.equal(output(1), output(1))
    assert not torch.equal(output(1), output(2))


def test_two_dimensional_dropout_counts_as_dropout():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout2d(0.5)).eval()
    with explanation_mode(model, "dropout", 0):
        assert [module.training for module in model] == [False, False, True]


def test_batch_of_one_in_training_mode_is_explained(mlp):
    before = copy.deepcopy(mlp.state_dict())
    with (
        pytest.raises(BadInputError, match="batch of one row"),
        explanation_mode(mlp, "training", 0),
    ):
        mlp(torch.ones(1, 12, dtype=torch.float64))
    assert all(torch.equal(before[name], value) for name, value in mlp.state_dict().items())


def test_other_value_errors_pass(mlp):
    with pytest.raises(ValueError, match="mine"), explanation_mode(mlp, "training", 0):
        raise ValueError("mine")


def test_unknown_mode(mlp):
    with (
        pytest.raises(UnknownNameError, match="did you mean 'dropout'"),
        explanation_mode(mlp, "drop", 0),
    ):
        pass
