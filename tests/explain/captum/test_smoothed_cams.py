"""SmoothGrad of guided class activation maps: both ways by hand, and against Captum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop, LayerAttribution, LayerGradCam, NoiseTunnel
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import explain
from helpers.explain.captum.smoothed_cams import CAMS, smoothed_cam
from helpers.models import CNN, GeneGrid

RNG = np.random.default_rng(0)
X = RNG.random((3, 12))
NOISE = RNG.standard_normal((6, 3, 12))


class Square(nn.Module):
    """One gene a, class score a²·w by a map and a path: factors that change with the sample."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = GeneGrid(4, side=2, order=[0, 1, 2, 3])
        self.conv = nn.Conv2d(1, 1, 1, bias=False)
        self.relu = nn.ReLU()
        self.output = nn.Linear(1, 1, bias=False)
        self.double().eval()
        with torch.no_grad():
            self.conv.weight.fill_(1.0)
            self.output.weight.fill_(4.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.relu(self.conv(self.grid(x))).mean(dim=(2, 3)))


@pytest.fixture
def cnn() -> CNN:
    torch.manual_seed(0)
    return CNN(12, 3, channels=(3, 4, 5)).double().eval()


@pytest.mark.parametrize("explainer", CAMS)
def test_with_one_copy_both_ways_are_one_explanation(cnn: CNN, explainer: str) -> None:
    found = smoothed_cam(cnn, X, [0, 1, 2], NOISE[:1], explainer=explainer, mode="eval", seed=0)
    assert found.product == pytest.approx(found.factors, rel=1e-12, abs=1e-15)
    plain = explain(
        cnn, X + NOISE[0], [0, 1, 2], explainer=explainer, mode="eval", seed=0
    )[0]  # fmt: skip
    assert found.product == pytest.approx(plain, rel=1e-9, abs=1e-12)
    assert np.abs(plain).max() > 0


def test_by_hand_a_mean_of_products_and_a_product_of_means() -> None:
    """The score is the sum of genes above 0, so a gene's gradient is 1 there and its map itself.

    Copies of gene 0 are 1 and 3, of gene 1 2 and −2. Gradients are 1, 1 and 1, 0, maps 1, 3 and
    2, 0 (times the mean gradient of the map: the share of genes above 0).
    """
    x, noise = np.zeros((1, 4)), np.zeros((2, 1, 4))
    noise[:, 0, 0], noise[:, 0, 1] = (1, 3), (2, -2)
    # Gene 2 is above 0 in neither, gene 3 in the second alone, so that both have two of four.
    noise[:, 0, 3] = (-1, 5)
    found = smoothed_cam(Square(), x, 0, noise, explainer="GuidedGradCam", mode="eval", seed=0)
    gradients = np.array([[1.0, 1, 0, 0], [1, 0, 0, 1]])
    maps = np.array([[1.0, 2, 0, 0], [3, 0, 0, 5]])
    scale = found.product[0, 0] / (gradients * maps).mean(axis=0)[0]
    assert found.product[0] == pytest.approx(scale * (gradients * maps).mean(axis=0))
    assert found.factors[0] == pytest.approx(scale * gradients.mean(axis=0) * maps.mean(axis=0))
    # They part where the factors go together: (2 + 0) / 2 = 1 against 1/2 · 1 = 1/2.
    assert found.product[0, 1] == pytest.approx(2 * found.factors[0, 1])
    assert found.product[0, 0] == pytest.approx(found.factors[0, 0])


class _Given(nn.Module):
    """Add given noise to the rows that come, copy by copy of each sample, as NoiseTunnel does."""

    def __init__(self, model: CNN, noise: np.ndarray) -> None:
        super().__init__()
        self.model = model
        # NoiseTunnel repeats each sample, so that the copies of one follow each other.
        self.noise = torch.tensor(noise.transpose(1, 0, 2).reshape(-1, noise.shape[2]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x + self.noise)


def test_factors_apart_are_captums_noise_tunnels_multiplied(cnn: CNN) -> None:
    copies = len(NOISE)
    x, target = torch.tensor(X), torch.tensor([2, 0, 1])
    layer = cnn.get_submodule([n for n, m in cnn.named_modules() if isinstance(m, nn.Conv2d)][-1])
    noisy = _Given(cnn, NOISE)
    how: dict[str, Any] = {
        "nt_type": "smoothgrad", "nt_samples": copies, "stdevs": 0.0, "target": target
    }  # fmt: skip
    backprop = NoiseTunnel(GuidedBackprop(noisy)).attribute(x, **how)
    cams = NoiseTunnel(LayerGradCam(noisy, layer)).attribute(x, relu_attributions=True, **how)
    side = cnn.grid.side
    enlarged = LayerAttribution.interpolate(cams, (side, side))
    wanted = (backprop * cnn.grid.to_genes(enlarged)).detach().numpy()
    found = smoothed_cam(cnn, X, target.numpy(), NOISE, explainer="GuidedGradCam", mode="eval",
                         seed=0)  # fmt: skip
    assert found.factors == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert not np.allclose(found.factors, found.product, rtol=1e-3)


def test_the_product_is_the_mean_of_explanations(cnn: CNN) -> None:
    each = [
        explain(cnn, X + own, 1, explainer="GuidedGradCam++", mode="eval", seed=0)[0]
        for own in NOISE
    ]
    found = smoothed_cam(cnn, X, 1, NOISE, explainer="GuidedGradCam++", mode="eval", seed=0)
    assert found.product == pytest.approx(np.mean(each, axis=0), rel=1e-9, abs=1e-12)


def test_the_model_is_left_as_it_was_and_masks_come_from_the_seed(cnn: CNN) -> None:
    before = {name: value.clone() for name, value in cnn.state_dict().items()}
    a, b, c = (
        smoothed_cam(cnn, X, 0, NOISE, explainer="GuidedGradCam", seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(a.factors, b.factors)
    assert not np.array_equal(a.factors, c.factors)
    assert all(torch.equal(value, before[name]) for name, value in cnn.state_dict().items())


def test_what_does_not_fit_is_refused(cnn: CNN) -> None:
    with pytest.raises(BadInputError, match="copies × 3 samples × 12 genes"):
        smoothed_cam(cnn, X, 0, NOISE[:, :2], explainer="GuidedGradCam", seed=0)
    with pytest.raises(BadInputError, match="copies"):
        smoothed_cam(cnn, X, 0, NOISE[:0], explainer="GuidedGradCam", seed=0)
    with pytest.raises(UnknownNameError, match="GuidedGradCam"):
        smoothed_cam(cnn, X, 0, NOISE, explainer="Saliency", seed=0)
