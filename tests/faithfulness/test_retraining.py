"""Which classes and samples ROAR trains on, and what it removes."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.errors import BadInputError
from helpers.faithfulness.retraining import (
    first_of_each,
    in_halves,
    nearest_classes,
    without_genes,
)


def test_classes_like_the_explained_ones_come_first() -> None:
    rng = np.random.default_rng(0)
    base = rng.random((3, 50))
    means = np.stack([base[0], base[0] + 0.05 * rng.random(50), base[1], base[2]])
    classes = np.array(["kidney", "a kidney's twin", "liver", "zebra"])
    assert nearest_classes(means, classes, ["kidney"], 2) == ["a kidney's twin", "kidney"]
    assert len(nearest_classes(means, classes, ["kidney", "liver"], 1)) == 3
    assert nearest_classes(means, classes, ["kidney"], 0) == sorted(classes)


def test_halves_test_every_class_and_train_on_it() -> None:
    obs = pd.DataFrame({"tissue": ["a"] * 12 + ["b"] * 3}, index=[f"s{i}" for i in range(15)])
    sides = in_halves(obs, 1)
    counts = pd.crosstab(obs["tissue"], sides)
    assert counts.loc["a"].to_dict() == {"test": 6, "train": 5, "validation": 1}
    assert counts.loc["b"].to_dict() == {"test": 1, "train": 1, "validation": 1}
    assert in_halves(obs, 1).equals(sides)
    assert not in_halves(obs, 2).equals(sides)
    with pytest.raises(BadInputError, match="Class 'b' has 2 samples"):
        in_halves(obs.iloc[:14], 1)


def test_removed_genes_are_the_same_in_all_samples_and_the_data_stay_as_they_were() -> None:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    adata = anndata.AnnData(x.copy(), obs=pd.DataFrame({"tissue": ["a", "b"]}, index=["s", "t"]))
    found = without_genes(adata, np.array([1]), np.array([7, 8, 9], dtype=np.float32))
    assert np.asarray(found.X).tolist() == [[0, 8, 2], [3, 8, 5]]
    assert np.asarray(adata.X).tolist() == x.tolist()


def test_the_first_genes_of_all_classes_are_removed_together() -> None:
    orders = [np.array([3, 1, 2]), np.array([3, 5, 0])]
    assert first_of_each(orders, 2).tolist() == [1, 3, 5]
    assert first_of_each([], 2).tolist() == []
