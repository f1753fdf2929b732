"""The worked example says what Captum says of the same network, in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum import attr as captum
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from helpers.errors import BadInputError
from helpers.explain import worked_example as hand
from helpers.explain.entry import quiet_captum
from helpers.explain.worked_example import NETWORK, REFERENCE, SAMPLE

EXPRESSION = st.tuples(*[st.integers(0, 60).map(lambda x: x / 4)] * 2)
MASKS = st.sampled_from([None, *hand.dropout_masks()])


class Masked(nn.Module):
    """Dropout with a mask that is given."""

    def __init__(self, mask: tuple[float, float] | None) -> None:
        super().__init__()
        self.mask = torch.tensor(mask or (1.0, 1.0), dtype=torch.float64)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.mask


def network(mask: tuple[float, float] | None) -> nn.Module:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), Masked(mask), nn.Linear(2, 1)).double()
    values = (NETWORK.hidden, NETWORK.bias, [NETWORK.output], [NETWORK.output_bias])
    for parameter, value in zip(model.parameters(), values, strict=True):
        parameter.data = torch.tensor(value, dtype=torch.float64)
    return model


def row(x: tuple[float, float]) -> torch.Tensor:
    return torch.tensor([x], dtype=torch.float64, requires_grad=True)


def smooth_at(x: tuple[float, float]) -> bool:
    """No ReLU is at its kink, where a gradient is a matter of convention."""
    return bool((NETWORK.inputs(x) != 0).all())


@given(EXPRESSION, MASKS)
def test_output(x, mask):
    assert network(mask)(row(x)).item() == pytest.approx(NETWORK(x, mask))


@given(EXPRESSION, MASKS)
def test_gradients(x, mask):
    assume(smooth_at(x))
    model = network(mask)
    with quiet_captum():
        for explainer, own in (
            (captum.Saliency(model), lambda: abs(hand.gradient(NETWORK, x, mask))),
            (captum.InputXGradient(model), lambda: hand.input_x_gradient(NETWORK, x, mask)),
            (captum.GuidedBackprop(model), lambda: hand.guided_backprop(NETWORK, x, mask)),
        ):
            theirs = explainer.attribute(row(x), target=0).detach().numpy()[0]
            np.testing.assert_allclose(own(), theirs, atol=1e-12)


@given(EXPRESSION, EXPRESSION, MASKS)
def test_deep_lift(x, reference, mask):
    assume(smooth_at(x) and smooth_at(reference))
    with quiet_captum():
        theirs = captum.DeepLift(network(mask)).attribute(row(x), row(reference), target=0)
    own = hand.deep_lift(NETWORK, x, reference, mask)
    np.testing.assert_allclose(own, theirs.detach().numpy()[0], atol=1e-12)


@given(EXPRESSION, EXPRESSION, MASKS, st.integers(2, 20))
def test_integrated_gradients_in_steps(x, reference, mask, steps):
    middles = (np.arange(steps)[:, None] + 0.5) / steps
    points = np.asarray(reference) + middles * np.subtract(x, reference)
    assume(all(abs(NETWORK.inputs(list(point))).min() > 1e-9 for point in points))
    theirs = captum.IntegratedGradients(network(mask)).attribute(
        row(x), row(reference), target=0, n_steps=steps, method="riemann_middle"
    )
    own = hand.integrated_gradients(NETWORK, x, reference, mask, steps)
    np.testing.assert_allclose(own, theirs.detach().numpy()[0], atol=1e-12)


@given(EXPRESSION, EXPRESSION, MASKS)
def test_exact_integrated_gradients_are_deep_lift_and_complete(x, reference, mask):
    exact = hand.integrated_gradients(NETWORK, x, reference, mask)
    np.testing.assert_allclose(exact, hand.deep_lift(NETWORK, x, reference, mask), atol=1e-12)
    assert exact.sum() == pytest.approx(NETWORK(x, mask) - NETWORK(reference, mask))


@pytest.mark.parametrize("steps", [10, 100, 1000])
def test_steps_tend_to_the_integral(steps):
    """A unit that switches on or off within a step is wrong by one step at most."""
    exact = hand.integrated_gradients(NETWORK, SAMPLE, REFERENCE)
    found = hand.integrated_gradients(NETWORK, SAMPLE, REFERENCE, steps=steps)
    bound = np.abs(NETWORK.output) @ np.abs(NETWORK.hidden) * np.abs(SAMPLE) / steps
    assert (np.abs(found - exact) <= bound).all()


def test_the_numbers_of_the_example():
    """On paper: a(x) = (4, −1.5), a(r) = (−1, 0.5); multipliers 4/5 and 1/4."""
    np.testing.assert_allclose(NETWORK.inputs(SAMPLE), [4, -1.5])
    np.testing.assert_allclose(NETWORK.inputs(REFERENCE), [-1, 0.5])
    assert (NETWORK(SAMPLE), NETWORK(REFERENCE)) == (4.5, 1.5)
    np.testing.assert_allclose(hand.gradient(NETWORK, SAMPLE), [2, -1])
    np.testing.assert_allclose(hand.input_x_gradient(NETWORK, SAMPLE), [6, -1])
    np.testing.assert_allclose(hand.deep_lift(NETWORK, SAMPLE, REFERENCE), [3.3, -0.3])


def test_the_mean_mask_is_one_and_leaves_the_mean_score_unchanged():
    masks = hand.dropout_masks(0.25)
    assert sum(masks.values()) == pytest.approx(1)
    mean = sum(chance * np.array(mask) for mask, chance in masks.items())
    np.testing.assert_allclose(mean, [1, 1])
    scores = [
        chance * hand.deep_lift(NETWORK, SAMPLE, REFERENCE, mask) for mask, chance in masks.items()
    ]
    np.testing.assert_allclose(np.sum(scores, axis=0), hand.deep_lift(NETWORK, SAMPLE, REFERENCE))
    assert hand.dropout_masks(0) == {(1.0, 1.0): 1.0}


def test_bad_input():
    with pytest.raises(BadInputError, match="2 genes, but the sample has 3"):
        NETWORK((1.0, 2.0, 3.0))
    with pytest.raises(BadInputError, match="at least one step"):
        hand.integrated_gradients(NETWORK, SAMPLE, REFERENCE, steps=0)
    with pytest.raises(BadInputError, match="below 1, not 1"):
        hand.dropout_masks(1)
