"""Models on one scale: none outweighs the others, and single models stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import UnknownNameError
from helpers.stability.model_scale import on_one_scale, weighed


def scores(values: np.ndarray) -> xarray.DataArray:
    models, samples, genes = values.shape
    return xarray.DataArray(
        values,
        dims=("model", "sample", "gene"),
        coords={
            "model": range(models),
            "sample": [f"s{k}" for k in range(samples)],
            "gene": [f"g{k}" for k in range(genes)],
            "tissue": ("sample", ["liver", "lung"] * (samples // 2)),
        },
        attrs={"explainer": "DeepLift"},
    )


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((3, 4, 50)).astype(np.float32)


def test_every_model_carries_the_same_share_of_a_tissues_sum(values: np.ndarray) -> None:
    loud = values * np.array([1, 50, 0.01], dtype=np.float32)[:, None, None]
    found = on_one_scale(scores(loud))
    shares = abs(found).groupby("tissue").mean().mean("gene")
    np.testing.assert_allclose(shares, 1.0, rtol=1e-5)
    raw = abs(scores(loud)).mean(["sample", "gene"])
    assert float(raw.max() / raw.sum()) > 0.9


@given(st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3))
def test_how_steep_a_network_is_makes_no_difference(factors: list[float]) -> None:
    values = np.random.default_rng(1).standard_normal((3, 4, 20))
    plain = on_one_scale(scores(values)).mean("model")
    scaled = on_one_scale(scores(values * np.array(factors)[:, None, None])).mean("model")
    np.testing.assert_allclose(plain, scaled, rtol=1e-9)


def test_samples_and_genes_of_a_model_keep_their_proportions(values: np.ndarray) -> None:
    found = on_one_scale(scores(values))
    for tissue in ("liver", "lung"):
        own = found["tissue"].to_numpy() == tissue
        ratio = found.to_numpy()[:, own] / values[:, own]
        np.testing.assert_allclose(ratio, ratio[:, :1, :1] * np.ones_like(ratio), rtol=1e-4)
    assert found.dims == ("model", "sample", "gene")
    assert found.attrs == {"explainer": "DeepLift"}
    assert found.dtype == np.float32


def test_a_tissue_does_not_change_another(values: np.ndarray) -> None:
    loud = values.copy()
    loud[:, 1::2] *= 1000
    first, second = (on_one_scale(scores(v)).isel(sample=[0, 2]) for v in (values, loud))
    np.testing.assert_array_equal(first, second)


def test_raw_scores_are_left_as_they_are_and_a_model_without_scores_too(
    values: np.ndarray,
) -> None:
    assert on_one_scale(scores(values), "raw").identical(scores(values))
    values[1] = 0
    found = on_one_scale(scores(values))
    assert not found.isel(model=1).any()
    assert np.isfinite(found).all()


def test_one_model_and_tissue_are_weighed_alike(values: np.ndarray) -> None:
    liver = values[:, ::2]
    both = on_one_scale(scores(values)).isel(sample=[0, 2]).to_numpy()
    for number in range(3):
        np.testing.assert_allclose(weighed(liver[number]), both[number], rtol=1e-5)
    np.testing.assert_array_equal(weighed(liver[0], "raw"), liver[0])
    assert not weighed(np.zeros((2, 3), dtype=np.float32)).any()


def test_an_unknown_scale_is_refused(values: np.ndarray) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'unit'"):
        on_one_scale(scores(values), "units")
    with pytest.raises(UnknownNameError, match="did you mean 'raw'"):
        weighed(values[0], "row")
