from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.api.new_samples import distance_to_training, predict_ensemble
from helpers.errors import BadInputError
from helpers.models.files import TrainedModel

GENES = ("a", "b", "c")


def model(weight: float, index: int = 0, classes: tuple[str, ...] = ("x", "y")) -> TrainedModel:
    """Class x wins where gene a is high, the more so the larger `weight` is."""
    network = torch.nn.Linear(3, 2)
    with torch.no_grad():
        network.weight.zero_()
        network.bias.zero_()
        network.weight[0, 0] = weight
    return TrainedModel("mlp", network.eval(), GENES, classes, {}, 0, (), 1, index)


def test_probabilities_are_averaged_over_networks() -> None:
    x = np.array([[2.0, 0, 0], [-2.0, 0, 0]], dtype=np.float32)
    table = predict_ensemble([model(1.0), model(3.0, 1)], x, GENES, ["s", "t"])
    one, two = 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-6))
    assert table["named"].tolist() == ["x", "y"]
    assert table.loc["s", "probability"] == pytest.approx((one + two) / 2)
    assert table.loc["s", "spread"] == pytest.approx(np.std([one, two], ddof=1), rel=1e-4)
    np.testing.assert_allclose(table[["x", "y"]].sum(axis=1), 1, rtol=1e-6)
    alone = predict_ensemble([model(1.0)], x, GENES, ["s", "t"])
    assert alone["spread"].isna().all()


def test_other_genes_classes_and_no_network_are_refused() -> None:
    x = np.zeros((1, 3), dtype=np.float32)
    with pytest.raises(BadInputError, match="another order"):
        predict_ensemble([model(1.0)], x, GENES[::-1], ["s"])
    with pytest.raises(BadInputError, match="other classes"):
        predict_ensemble([model(1.0), model(1.0, 1, ("y", "x"))], x, GENES, ["s"])
    with pytest.raises(BadInputError, match="no trained network"):
        predict_ensemble([], x, GENES, ["s"])


def test_distances_are_those_to_the_nearest_training_sample() -> None:
    rng = np.random.default_rng(1)
    training = rng.normal(size=(300, 7)).astype(np.float32)
    new = np.concatenate([training[:1], rng.normal(size=(4, 7)), np.full((1, 7), 50.0)])
    found = distance_to_training(new, training)
    apart = np.sqrt(((new[:, None] - training[None]) ** 2).mean(axis=2))
    np.testing.assert_allclose(found["distance"], apart.min(axis=1), atol=1e-6)
    assert found["farther_than"].iloc[0] == 0
    assert found["farther_than"].iloc[-1] == 1
    own = np.sqrt(((training[:, None] - training[None]) ** 2).mean(axis=2))
    np.fill_diagonal(own, np.inf)
    share = (own.min(axis=1) < found["distance"].iloc[2]).mean()
    assert found["farther_than"].iloc[2] == pytest.approx(share)
    with pytest.raises(BadInputError, match="two training samples"):
        distance_to_training(new, training[:1])
