"""Genes taken away and put back, against sums by hand and against Captum and Quantus."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from captum.attr import FeatureAblation
from torch import nn

from helpers.errors import BadInputError
from helpers.faithfulness.curves import (
    area,
    changed_outputs,
    matched,
    mean_outputs,
    outputs_of,
    replacement,
    share_of_the_way,
    usable_sizes,
)
from helpers.models import MLP

WEIGHTS = np.array([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
X, WITHOUT = np.ones(4, dtype=np.float32), np.zeros(4, dtype=np.float32)


def linear(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return rows @ WEIGHTS.T


def network(genes: int = 30, classes: int = 4, seed: int = 0) -> MLP:
    torch.manual_seed(seed)
    model = MLP(genes, classes, hidden=16)
    model.train()
    for _ in range(20):
        model(torch.randn(16, genes) + 1)
    return model.eval()


def test_shares_of_a_linear_network_are_sums_of_its_weights() -> None:
    orders = np.array([[0, 1, 2, 3], [3, 2, 1, 0]])
    found = changed_outputs(linear, X, WITHOUT, orders, [1, 2, 3], target=0)
    assert found.shape == (2, 2, 2, 5)
    shares = share_of_the_way(found[0])
    for change in shares:
        np.testing.assert_allclose(change, [[0, 0.4, 0.7, 0.9, 1], [0, 0.1, 0.3, 0.6, 1]])
    # Probabilities of two classes, the other of which stays at zero.
    np.testing.assert_allclose(found[1, 0, 0], 1 / (1 + np.exp(-np.array([10, 6, 3, 1, 0.0]))))


def test_a_sample_that_does_not_stand_out_has_no_share() -> None:
    found = changed_outputs(linear, WITHOUT, X, np.array([[0, 1, 2, 3]]), [1, 2], target=0)
    assert np.isnan(share_of_the_way(found[0])).all()
    found = changed_outputs(linear, X, X, np.array([[0, 1, 2, 3]]), [1, 2], target=0)
    assert np.isnan(share_of_the_way(found[0])).all()


def test_taking_one_gene_away_is_captums_ablation() -> None:
    model, rng = network(), np.random.default_rng(0)
    x, without = rng.random((2, 30)).astype(np.float32)
    orders = np.arange(30)[:, None]
    found = changed_outputs(outputs_of(model), x, without, orders, [1], target=2)
    ablated = FeatureAblation(model).attribute(
        torch.from_numpy(x)[None], baselines=torch.from_numpy(without)[None], target=2
    )
    np.testing.assert_allclose(found[0, 0, :, 0] - found[0, 0, :, 1], ablated[0], atol=1e-5)


def test_deletion_is_pixel_flipping_of_quantus() -> None:
    quantus = pytest.importorskip("quantus")
    model, rng = network(), np.random.default_rng(1)
    x = rng.random((3, 30)).astype(np.float32)
    scores = rng.random((3, 30)).astype(np.float32)
    flipping = quantus.PixelFlipping(
        features_in_step=5, perturb_baseline=0.0, abs=True, normalise=False,
        return_auc_per_sample=False, disable_warnings=True, display_progressbar=False,
    )  # fmt: skip
    named = nn.Sequential(nn.Flatten(), model, nn.Softmax(dim=1)).eval()
    theirs = flipping(
        model=named, x_batch=x[:, None], y_batch=np.full(3, 2), a_batch=scores[:, None],
        device="cpu", softmax=True,
    )  # fmt: skip
    zero = np.zeros(30, dtype=np.float32)
    sizes = [5, 10, 15, 20, 25, 30]
    for number, own in enumerate(theirs):
        order = np.argsort(-scores[number], kind="stable")[None]
        found = changed_outputs(outputs_of(model), x[number], zero, order, sizes, target=2)
        np.testing.assert_allclose(np.asarray(own).ravel()[-6:], found[1, 0, 0, 1:-1], atol=1e-5)


def test_a_mean_of_networks_has_the_mean_of_their_outputs() -> None:
    models = [network(seed=seed) for seed in range(3)]
    rows = np.random.default_rng(0).random((5, 30)).astype(np.float32)
    each = [outputs_of(model)(rows) for model in models]
    np.testing.assert_allclose(mean_outputs([outputs_of(m) for m in models])(rows), sum(each) / 3)


def test_classes_count_alike_where_genes_are_set_to_a_median() -> None:
    x = np.array([[0.0], [0.0], [0.0], [0.0], [2.0], [4.0]])
    classes = np.array(list("aaaabc"))
    assert replacement(x, classes).tolist() == [2.0]


def test_an_area_counts_each_factor_of_ten_alike() -> None:
    assert area(np.array([0.0, 0.0, 1.0]), [1, 10, 100]) == pytest.approx(0.25)
    assert area(np.array([0.3, 0.3, 0.3]), [1, 7, 50]) == pytest.approx(0.3)
    assert area(np.array([[0.4]]), [3]).tolist() == [0.4]


def test_sizes_are_at_most_half_of_the_genes() -> None:
    assert usable_sizes((100, 1, 10), 40) == [1, 10, 20]
    assert usable_sizes((5,), 1) == [1]


def test_scores_are_shuffled_among_genes_of_like_expression_alone() -> None:
    rng = np.random.default_rng(0)
    levels = rng.permutation(200).astype(float)
    scores = levels.copy()
    found = matched(scores, levels, np.random.default_rng(1))
    assert sorted(found) == sorted(scores)
    assert 0 < np.abs(found - levels).max() < 50
    assert (found != scores).mean() > 0.9


def test_a_ranking_that_is_too_short_is_refused() -> None:
    with pytest.raises(BadInputError, match="A ranking of 2 genes cannot lose 3"):
        changed_outputs(linear, X, WITHOUT, np.array([[0, 1]]), [1, 3], target=0)
