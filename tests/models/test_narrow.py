"""Convolutions of few maps, against the layers by themselves."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.models import narrow
from helpers.models.cnn import CNN
from helpers.models.narrow import convolve, convolve_and_pool, convolve_back

# Maps that go in and come out; with the last two nothing is done beside each other.
MAPS = [(1, 4, 5), (1, 3, 3), (2, 1, 5), (4, 4, 5), (4, 16, 5), (3, 20, 3), (1, 8, 5), (16, 8, 3),
        (8, 4, 3)]  # fmt: skip
POOL = nn.MaxPool2d(2)


def layer(maps: tuple[int, int, int]) -> nn.Conv2d:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Conv2d(maps[0], maps[1], maps[2], padding="same").double()


def samples(maps: int, side: int = 16) -> Tensor:
    """Maps of which a part is zero, so that pooled places are equal there."""
    x = torch.randn(3, maps, side, side, dtype=torch.float64,
                    generator=torch.Generator().manual_seed(2))  # fmt: skip
    x[:, :, side // 2 :] = 0
    return x.requires_grad_()


def gradients(made: Tensor, conv: nn.Conv2d, x: Tensor) -> tuple[Tensor, ...]:
    """Gradients to the input, the filters and the biases."""
    weights = torch.linspace(-1, 2, made.numel(), dtype=made.dtype).view(made.shape)
    return torch.autograd.grad((made * weights).sum(), (x, *conv.parameters()))


@pytest.mark.parametrize("maps", MAPS, ids=str)
def test_multipliers_go_back_as_gradients_do(maps: tuple[int, int, int]) -> None:
    conv, values = layer(maps), samples(maps[1]).detach()
    expected = functional.conv_transpose2d(values, conv.weight, padding=maps[2] // 2)
    torch.testing.assert_close(convolve_back(conv, values), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("maps", MAPS, ids=str)
def test_equals_the_layers_by_themselves(maps: tuple[int, int, int]) -> None:
    conv, x = layer(maps), samples(maps[0])
    for found, expected in (
        (convolve(conv, x), conv(x)),
        (convolve_and_pool(conv, POOL, x), POOL(conv(x))),
    ):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
        for one, other in zip(gradients(found, conv, x), gradients(expected, conv, x), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_sides_that_are_even_only() -> None:
    """Four places beside each other do not fit."""
    conv, x = layer((1, 4, 5)), samples(1, side=10)
    found, expected = convolve_and_pool(conv, POOL, x), POOL(conv(x))
    for one, other in zip(gradients(found, conv, x), gradients(expected, conv, x), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_who_looks_at_a_layer_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    conv, x = layer((1, 4, 5)), samples(1)
    seen: list[torch.Size] = []
    fused: list[int] = []
    apply = narrow._ConvolveAndPool.apply

    def noted(*arguments: Tensor) -> Tensor:
        fused.append(1)
        made: Tensor = apply(*arguments)
        return made

    monkeypatch.setattr(narrow._ConvolveAndPool, "apply", noted)
    convolve_and_pool(conv, POOL, x)
    assert fused == [1]
    handle = conv.register_forward_hook(lambda _, inputs, output: seen.append(output.shape))
    convolve_and_pool(conv, POOL, x)
    assert seen == [(3, 4, 16, 16)]
    handle.remove()
    pool = nn.MaxPool2d(2)
    pool.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape))
    convolve_and_pool(conv, pool, x)
    assert len(seen) == 2
    assert fused == [1]


@pytest.mark.parametrize("training", [True, False])
def test_a_narrow_network_is_the_same_function(training: bool) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CNN(250, 3, channels=(4, 8, 8), dropout=0.0).double().train(training)
    x = torch.rand(5, 250, dtype=torch.float64, requires_grad=True)
    leaves = (x, *model.parameters())
    found = torch.autograd.grad(model(x).square().sum(), leaves)
    for part in model.children():
        part.register_forward_hook(lambda *_: None)
    expected = torch.autograd.grad(model(x).square().sum(), leaves)
    scale = max(of.abs().max().item() for of in expected)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-11 * scale)
