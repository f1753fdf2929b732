from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray
from scipy.cluster import hierarchy
from scipy.stats import spearmanr

from helpers.errors import BadInputError, UnknownNameError
from helpers.stability.identities import explainer_distances, explainer_linkage, explainer_names

NAMES = ["DeepLift", "Saliency", "IntegratedGradients", "InputXGradient"]


@pytest.fixture
def scores() -> xarray.DataArray:
    """DeepLift and IntegratedGradients differ by rounding, InputXGradient is near them."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=(2, 3, 400)).astype(np.float32)
    values = np.stack(
        [
            base,
            np.abs(rng.normal(size=base.shape)),
            base * np.float32(1 + 1e-7),
            base + 0.5 * rng.normal(size=base.shape),
        ],
        axis=1,
    )
    dims = ("model", "explainer", "sample", "gene")
    return xarray.DataArray(values.astype(np.float32), dims=dims, coords={"explainer": NAMES})


def test_distances(scores):
    table = explainer_distances(scores)
    assert table.columns.tolist() == [
        "a", "b", "spearman", "distance", "max_relative_difference", "vectors"
    ]  # fmt: skip
    assert len(table) == 6
    row = table.query("a == 'Saliency' and b == 'InputXGradient'").iloc[0]
    values = scores.values
    pairs = [(values[m, 1, s], values[m, 3, s]) for m in range(2) for s in range(3)]
    assert row["spearman"] == pytest.approx(np.mean([spearmanr(*pair).statistic for pair in pairs]))
    assert row["distance"] == pytest.approx(1 - row["spearman"])
    worst = max(abs(a - b).max() / max(abs(a).max(), abs(b).max()) for a, b in pairs)
    assert row["max_relative_difference"] == pytest.approx(worst)
    assert row["vectors"] == 6
    same = table.query("a == 'DeepLift' and b == 'IntegratedGradients'").iloc[0]
    assert same["max_relative_difference"] < 3e-7
    assert same["distance"] < 1e-6


def test_one_vector_per_explainer_is_enough(scores):
    single = scores.isel(model=0, sample=0).transpose("gene", "explainer")
    assert explainer_distances(single)["vectors"].tolist() == [1] * 6


def test_the_tree_is_scipys(scores):
    table = explainer_distances(scores)
    linkage = explainer_linkage(table)
    expected = hierarchy.linkage(table["distance"].to_numpy(), method="average")
    np.testing.assert_allclose(linkage[["left", "right", "height", "size"]], expected)
    assert explainer_names(table) == NAMES
    assert linkage["members"].tolist()[:2] == [
        "DeepLift; IntegratedGradients",
        "InputXGradient; DeepLift; IntegratedGradients",
    ]
    shuffled = table.sample(frac=1, random_state=1)
    heights = explainer_linkage(shuffled)["height"]
    pd.testing.assert_series_equal(heights, linkage["height"])


def test_all_zero_scores_are_equal_and_do_not_divide_by_zero(scores):
    scores.values[0, :2, 0] = 0
    row = explainer_distances(scores).iloc[0]
    assert row["vectors"] == 5
    assert np.isfinite(row["max_relative_difference"])


def test_bad_input(scores):
    with pytest.raises(BadInputError, match="dimension 'explainer'"):
        explainer_distances(scores.isel(explainer=0))
    with pytest.raises(BadInputError, match="At least two explainers"):
        explainer_distances(scores.isel(explainer=[0]))
    table = explainer_distances(scores)
    with pytest.raises(BadInputError, match="each of their 6 pairs once, but there are 5"):
        explainer_linkage(table.iloc[:5])
    with pytest.raises(UnknownNameError, match="linkage method 'ward'"):
        explainer_linkage(table, "ward")


def test_an_explainer_without_any_order_is_unrelated_to_all(scores):
    before = explainer_distances(scores)
    scores.values[:, 1] = 0
    table = explainer_distances(scores)
    mute = table[["a", "b"]].eq("Saliency").any(axis=1)
    assert (table.loc[mute, ["spearman", "distance", "vectors"]] == [0, 1, 0]).all(axis=None)
    pd.testing.assert_frame_equal(table[~mute], before[~mute])
    assert len(explainer_linkage(table)) == 3
