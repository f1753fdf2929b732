"""Every explainer against its closed form on a network with one hidden ReLU layer."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch

from helpers.explain import EXPLAINERS, explain
from helpers.models import ARCHITECTURES

OF_MLP = {name: entry for name, entry in EXPLAINERS.items() if "mlp" in entry.architectures}
OF_CNN = {name: entry for name, entry in EXPLAINERS.items() if "cnn" in entry.architectures}
PLAIN = [name for name, explainer in OF_MLP.items() if not explainer.needs_reference]
COMPARING = [name for name, explainer in OF_MLP.items() if explainer.needs_reference]


class ByHand:
    """f(x) = W₂ · mask · relu(a · W₁x + c) + b₂ with BatchNorm folded into a and c."""

    def __init__(self, model):
        norm = model.norm
        self.scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
        shift = norm.bias.detach().numpy() - self.scale * norm.running_mean.numpy()
        self.first = self.scale[:, None] * model.hidden.weight.detach().numpy()
        self.offset = self.scale * model.hidden.bias.detach().numpy() + shift
        self.second = model.output.weight.detach().numpy()
        self.bias = model.output.bias.detach().numpy()

    def z(self, x):
        return x @ self.first.T + self.offset

    def f(self, x, target):
        outputs = np.maximum(self.z(x), 0) @ self.second.T + self.bias
        return outputs[np.arange(len(x)), target]

    def gradient(self, x, target, mask=1.0):
        return (self.second[target] * mask * (self.z(x) > 0)) @ self.first

    def guided(self, x, target, mask=1.0):
        return (np.maximum(self.second[target] * mask, 0) * (self.z(x) > 0)) @ self.first

    def rescale(self, x, target, reference, mask=1.0):
        z, z0 = self.z(x), self.z(reference)
        slope = (np.maximum(z, 0) - np.maximum(z0, 0)) / (z - z0)
        return (self.second[target] * mask * slope) @ self.first * (x - reference)


def test_registry_names_and_architectures():
    assert list(OF_MLP) == [
        "Saliency",
        "InputXGradient",
        "GuidedBackprop",
        "IntegratedGradients",
        "DeepLift",
        "DeepLiftShap",
    ]
    assert list(OF_CNN) == [*OF_MLP, "GuidedGradCam", "GuidedGradCam++"] == list(EXPLAINERS)
    assert COMPARING == ["IntegratedGradients", "DeepLift", "DeepLiftShap"]
    for name, explainer in EXPLAINERS.items():
        assert explainer.name == name
        assert explainer.citation
        assert explainer.architectures <= set(ARCHITECTURES)


def test_hand_written_network_is_the_network(mlp, x, target):
    outputs = mlp(torch.tensor(x)).detach().numpy()[np.arange(len(x)), target]
    np.testing.assert_allclose(ByHand(mlp).f(x, target), outputs, atol=1e-12)


def test_gradient_methods(mlp, x, target):
    hand = ByHand(mlp)
    gradient = hand.gradient(x, target)
    assert 0 < (hand.z(x) > 0).mean() < 1
    expected = {
        "Saliency": np.abs(gradient),
        "InputXGradient": x * gradient,
        "GuidedBackprop": hand.guided(x, target),
    }
    assert list(expected) == PLAIN
    for name, scores in expected.items():
        observed = explain(mlp, x, target, explainer=name, mode="eval", seed=0)[0]
        np.testing.assert_allclose(observed, scores, atol=1e-12, err_msg=name)
        assert (observed >= 0).all() or EXPLAINERS[name].signed


def test_deeplift_is_the_rescale_rule(mlp, x, target, references):
    expected = ByHand(mlp).rescale(x, target, references[:1])
    for name in ("DeepLift", "DeepLiftShap"):
        observed = explain(
            mlp, x, target, explainer=name, references=references[:1], mode="eval", seed=0
        )
        np.testing.assert_allclose(observed[0], expected, atol=1e-10, err_msg=name)


def test_deepliftshap_is_deeplift_averaged_over_references(mlp, x, target, references):
    hand = ByHand(mlp)
    expected = np.mean([hand.rescale(x, target, r[None]) for r in references], axis=0)
    for name in ("DeepLift", "DeepLiftShap"):
        observed = explain(
            mlp, x, target, explainer=name, references=references, mode="eval", seed=0
        )
        np.testing.assert_allclose(observed[0], expected, atol=1e-10, err_msg=name)


def test_deepliftshap_calls_captum_with_every_pair_once(mlp, x, target, references):
    """35 pairs, each with sample and reference, are 70 rows: no estimate is made twice."""
    rows = []
    mlp.hidden.register_forward_hook(lambda module, inputs, output: rows.append(len(output)))
    explain(mlp, x, target, explainer="DeepLiftShap", references=references, mode="eval", seed=0)
    # Before them one sample tells what the network is, and one pair whether scores add up.
    assert rows[:4] == [1, 2, 1, 1]
    assert sum(rows[4:]) == 70


def test_integrated_gradients_tend_to_deeplift(mlp, x, target, references):
    """On one hidden ReLU layer the integral is DeepLIFT's rescale rule; the error falls as 1/n."""
    expected = ByHand(mlp).rescale(x, target, references[:1])
    scale = np.abs(expected).max()

    def error(steps: int) -> float:
        observed = explain(
            mlp,
            x,
            target,
            explainer="IntegratedGradients",
            references=references[:1],
            integration_steps=steps,
            mode="eval",
            seed=0,
        )
        return float(np.abs(observed[0] - expected).max() / scale)

    assert error(50) < 2e-2
    assert error(200) < 5e-3


def between_kinks(hand: ByHand, x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Points where the straight line from reference to sample crosses a ReLU's kink."""
    z, z0 = hand.z(x[None])[0], hand.z(reference[None])[0]
    t = -z0 / (z - z0)
    inner = np.sort(t[(t > 0) & (t < 1)])
    return reference + np.concatenate([[0], inner, [1]])[:, None] * (x - reference)


def test_integrated_gradients_are_complete(mlp, x, target, references):
    """Sum = f(x) − f(reference), with as many steps as the kinks on the path ask for."""
    hand = ByHand(mlp)
    for sample, of in zip(x, target, strict=True):
        points = between_kinks(hand, sample, references[0])
        pieces = [
            explain(
                mlp,
                end[None],
                np.array([of]),
                explainer="IntegratedGradients",
                references=start[None],
                integration_steps=5,
                mode="eval",
                seed=0,
            ).sum()
            for start, end in pairwise(points)
        ]
        whole = hand.f(sample[None], [of])[0] - hand.f(references[:1], [of])[0]
        assert sum(pieces) == pytest.approx(whole, abs=1e-6)


def test_deeplift_is_complete(mlp, x, target, references):
    hand = ByHand(mlp)
    whole = hand.f(x, target) - hand.f(np.repeat(references[:1], len(x), axis=0), target)
    for name in ("DeepLift", "DeepLiftShap"):
        observed = explain(
            mlp, x, target, explainer=name, references=references[:1], mode="eval", seed=0
        )
        np.testing.assert_allclose(observed[0].sum(axis=1), whole, atol=1e-6)


def test_nothing_differs_from_itself(mlp, x, target):
    for name in COMPARING:
        observed = explain(
            mlp, x[:1], target[:1], explainer=name, references=x[:1], mode="eval", seed=0
        )
        np.testing.assert_allclose(observed, 0, atol=1e-12)


def test_replicates_differ_only_by_the_hidden_gates(mlp, x, target, references):
    """With the masks that were drawn, scores follow from the closed form (DESIGN of the book)."""
    masks: list[np.ndarray] = []

    def dropout(hidden: torch.Tensor) -> torch.Tensor:
        mask = torch.nn.functional.dropout(torch.ones_like(hidden), 0.25, mlp.dropout.training)
        if mlp.dropout.training:
            masks.append(mask.numpy())
        return hidden * mask

    mlp.dropout.forward = dropout
    hand = ByHand(mlp)
    n = len(x)
    expected = {
        "Saliency": lambda mask: np.abs(hand.gradient(x, target, mask)),
        "InputXGradient": lambda mask: x * hand.gradient(x, target, mask),
        "GuidedBackprop": lambda mask: hand.guided(x, target, mask),
        "DeepLift": lambda mask: hand.rescale(x, target, references[:1], mask),
    }
    for name, closed in expected.items():
        masks.clear()
        observed = explain(
            mlp, x, target, explainer=name, references=references[:1], replicates=3, seed=4
        )
        assert len(masks) == 3
        assert len({mask[:n].tobytes() for mask in masks}) == 3
        # Rows have masks of their own.
        assert len(np.unique(masks[0][:n], axis=0)) > 1
        for scores, mask in zip(observed, masks, strict=True):
            np.testing.assert_allclose(scores, closed(mask[:n]), atol=1e-9, err_msg=name)


@pytest.mark.parametrize("name", EXPLAINERS)
@pytest.mark.parametrize("mode", ["dropout", "training", "eval"])
def test_no_warning_leaves_an_explainer(build, x, target, references, name, mode):
    networks = [build(architecture) for architecture in EXPLAINERS[name].architectures]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for network in networks:
            explain(network, x, target, explainer=name, references=references, mode=mode, seed=0)


def test_warnings_that_are_not_captums_are_shown(mlp, x, target):
    mlp.hidden.register_forward_hook(lambda *_: warnings.warn("of the network", stacklevel=1))
    with pytest.warns(UserWarning, match="of the network"):
        explain(mlp, x, target, explainer="GuidedBackprop", seed=0)
