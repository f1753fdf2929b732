"""What the table of layers says must be what the network is."""

from __future__ import annotations

import pytest
import torch

from helpers.models import CNN, MLP
from helpers.models.layers import layer_table


def test_the_paper_s_cnn_has_the_shapes_of_the_paper() -> None:
    table = layer_table(CNN(19_241, 82), 19_241).set_index("layer")
    assert table.loc["conv1", "shape"] == "64 × 144 × 144"
    assert table.loc["pool2", "shape"] == "128 × 36 × 36"
    assert table.loc["norm3", "shape"] == "256 × 18 × 18"
    assert table.loc["output", "shape"] == "82"
    assert table.loc["conv3", "kind"] == "3 × 3 convolution"
    assert table.loc["conv1", "weights"] == 64 * 25 + 64


@pytest.mark.parametrize("build", [MLP, CNN])
def test_every_weight_is_counted_once_and_order_is_that_of_the_forward_pass(build) -> None:  # type: ignore[no-untyped-def]
    model = build(50, 3)
    table = layer_table(model, 50)
    assert table["weights"].sum() == sum(p.numel() for p in model.parameters())
    assert table["layer"].iloc[-1] == "output"
    assert table["values"].iloc[-1] == 3


def test_the_network_is_left_as_it_was() -> None:
    model = MLP(10, 2).train()
    layer_table(model, 10)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
    with pytest.raises(RuntimeError):
        layer_table(model, 11)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
    assert torch.equal(model.norm.running_mean, torch.zeros(128))
