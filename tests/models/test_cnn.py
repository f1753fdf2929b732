"""The CNN is the paper's, and fit for Captum."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import DeepLift
from torch import nn
from torch.nn import functional

from helpers.errors import BadInputError
from helpers.models import ARCHITECTURES, CNN, GeneGrid


def small(genes: int = 100, classes: int = 4, *, seed: int = 0, channels=(5, 6, 7)) -> CNN:
    """Build a small network in double precision, in evaluation mode, with odd BatchNorms."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        order = torch.randperm(genes)
        model = CNN(genes, classes, channels=channels, order=order).double()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.running_mean.normal_(std=0.3)
                module.running_var.uniform_(0.5, 2)
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias)
    return model.eval()


def test_layers_in_the_papers_order() -> None:
    block = [nn.Conv2d, nn.MaxPool2d, nn.BatchNorm2d, nn.ReLU]
    last = [nn.Dropout2d, nn.AdaptiveAvgPool2d, nn.BatchNorm1d, nn.ReLU, nn.Linear]
    model = CNN(100, 7)
    assert [type(layer) for layer in model.children()] == [GeneGrid, *(3 * block), *last]
    assert model.dropout.p == 0.25


def test_layers_run_in_that_order_and_once() -> None:
    model, called = small(), []
    for name, layer in model.named_children():
        layer.register_forward_hook(lambda *_, name=name: called.append(name))
    model(torch.rand(2, 100).double())
    assert called == [name for name, _ in model.named_children()]


def test_shapes_of_the_papers_network() -> None:
    model, shapes = CNN(19_241, 82).eval(), {}
    for name, layer in model.named_children():
        layer.register_forward_hook(
            lambda module, inputs, output, name=name: shapes.update({name: tuple(output.shape)})
        )
    with torch.no_grad():
        assert model(torch.rand(1, 19_241)).shape == (1, 82)
    assert shapes["grid"] == (1, 1, 144, 144)
    assert shapes["conv1"] == (1, 64, 144, 144)
    assert shapes["conv2"] == (1, 128, 72, 72)
    assert shapes["conv3"] == (1, 256, 36, 36)
    assert shapes["dropout"] == (1, 256, 18, 18)
    assert [model.get_submodule(f"conv{i}").kernel_size for i in (1, 2, 3)] == [
        (5, 5),
        (5, 5),
        (3, 3),
    ]


def test_number_of_parameters() -> None:
    counted = sum(parameter.numel() for parameter in CNN(19_241, 82).parameters())
    convolutions = (25 + 1) * 64 + (25 * 64 + 1) * 128 + (9 * 128 + 1) * 256
    norms = 2 * (64 + 128 + 256) + 2 * 256
    assert counted == convolutions + norms + (256 + 1) * 82


def test_forward_equals_the_formula() -> None:
    model = small()
    x = torch.rand(3, 100).double()

    def norm(values: torch.Tensor, layer: nn.Module) -> torch.Tensor:
        shape = (1, -1) + (1,) * (values.ndim - 2)
        mean, var = layer.running_mean.view(shape), layer.running_var.view(shape)
        scaled = (values - mean) / (var + 1e-5).sqrt()
        return (scaled * layer.weight.view(shape) + layer.bias.view(shape)).clamp(min=0)

    maps = functional.pad(x[:, model.grid.order], (0, 16 * 16 - 100)).view(3, 1, 16, 16)
    for i, padding in ((1, 2), (2, 2), (3, 1)):
        conv = model.get_submodule(f"conv{i}")
        maps = functional.conv2d(maps, conv.weight, conv.bias, padding=padding)
        maps = norm(functional.max_pool2d(maps, 2), model.get_submodule(f"norm{i}"))
    features = norm(maps.mean(dim=(2, 3)), model.norm)
    expected = features @ model.output.weight.T + model.output.bias
    torch.testing.assert_close(model(x), expected)


def test_dropout_drops_whole_feature_maps() -> None:
    model = small(channels=(5, 6, 40))
    seen = []
    model.dropout.train()
    model.dropout.register_forward_hook(lambda module, inputs, output: seen.append(output))
    model.relu3.register_forward_hook(lambda module, inputs, output: seen.append(output))
    model(torch.rand(2, 100).double())
    before, after = seen
    kept = after.flatten(2).any(dim=2)
    assert 0 < kept.sum() < before.flatten(2).any(dim=2).sum()
    torch.testing.assert_close(after[kept], before[kept] / 0.75)


@pytest.mark.parametrize("seed", range(5))
def test_deeplift_is_complete(seed: int) -> None:
    """Pins the order conv, pool, BatchNorm, ReLU: with ReLU next to pool it is off by far more."""
    model = small(seed=seed)
    rng = np.random.default_rng(seed)
    x, reference = (torch.tensor(rng.gamma(1, 2, (4, 100))) for _ in range(2))
    target = torch.tensor([0, 1, 2, 3])
    whole = (model(x) - model(reference)).gather(1, target[:, None])[:, 0]
    scores = DeepLift(model).attribute(x, reference, target=target)
    assert (scores.sum(dim=1) - whole).abs().max() <= 1e-6
    assert whole.abs().max() > 0.01


def test_registry_builds_what_it_says() -> None:
    model = ARCHITECTURES["cnn"].build(30, 5, channels=(2, 3, 4), side=16, dropout=0.5)
    assert isinstance(model, CNN)
    assert (model.grid.side, model.dropout.p) == (16, 0.5)
    assert model.eval()(torch.rand(2, 30)).shape == (2, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"side": 8}, "8 × 8 is too small for 100 genes"),
        ({"side": 12}, "multiple of 8, .* but it is 12"),
        ({"order": [0] * 100}, "but it holds 0 100 times"),
        ({"channels": (4, 8)}, r"three convolutions .* not \(4, 8\)"),
        ({"channels": (4, 8, 0)}, "one channel or more"),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        CNN(100, 3, **options)
