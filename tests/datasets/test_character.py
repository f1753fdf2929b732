"""How genes vary: data whose spread and correlations are known."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.datasets import character as measured
from helpers.datasets.character import character, quantile_rows


def _data(x: np.ndarray, tissues: list[str]) -> anndata.AnnData:
    obs = pd.DataFrame({"tissue": tissues}, index=[f"s{i}" for i in range(len(x))])
    return anndata.AnnData(x.astype(np.float32), obs=obs)


def _made(genes: int = 300, samples: int = 60, shared: float = 0.0) -> anndata.AnnData:
    """Three classes around 5, 8 and 11, with a standard deviation of 1 and a shared part."""
    generator = np.random.default_rng(0)
    own = generator.normal(size=(3 * samples, genes)) * np.sqrt(1 - shared)
    common = generator.normal(size=(3, samples, 1)) * np.sqrt(shared)
    # What is shared must not move a class, or the spread between classes would be unknown.
    common = (common - common.mean(axis=1, keepdims=True)).reshape(-1, 1)
    levels = np.repeat([5.0, 8.0, 11.0], samples)[:, None]
    return _data(own + common + levels, [*"a" * samples, *"b" * samples, *"c" * samples])


def _medians(adata: anndata.AnnData, seed: int = 1) -> pd.Series:
    table = character(adata, seed=seed)
    return table[table["quantile"] == 0.5].set_index("measure")["value"]


def test_spread_and_correlation_are_those_that_were_put_in() -> None:
    found = _medians(_made(shared=0.4))
    assert found[measured.WITHIN] == pytest.approx(1, abs=0.05)
    assert found[measured.BETWEEN] == pytest.approx(3, abs=0.1)
    assert found[measured.CORRELATION] == pytest.approx(0.4, abs=0.08)
    assert found[measured.BY_CHANCE] == pytest.approx(0, abs=0.03)
    assert found[measured.FIRST] == pytest.approx(0.4, abs=0.08)
    assert found[measured.FIRST_BY_CHANCE] < 0.05


def test_classes_alone_make_no_correlation() -> None:
    found = _medians(_made())
    assert found[measured.CORRELATION] == pytest.approx(0, abs=0.03)
    assert found[measured.FIRST] == pytest.approx(found[measured.FIRST_BY_CHANCE], rel=0.1)
    assert found[measured.FIVE] > found[measured.FIRST]


def test_zeros_and_genes_that_are_not_expressed() -> None:
    adata = _made(genes=100)
    adata.X[:, :25] = 0
    table = character(adata, seed=1)
    zeros = table.loc[table["measure"] == measured.ZEROS, "value"]
    assert zeros.tolist() == [0.25] * 5
    genes = table.loc[table["measure"] == measured.BETWEEN, "n"]
    assert set(genes) == {75}


def test_the_same_seed_gives_the_same_and_samples_are_no_more_than_asked_for() -> None:
    adata = _made(samples=150)
    pd.testing.assert_frame_equal(character(adata, seed=3), character(adata, seed=3))
    assert not character(adata, seed=3).equals(character(adata, seed=4))
    table = character(adata, seed=3).set_index("measure")
    assert set(table.loc[[measured.FIRST], "n"]) == {measured.RESIDUALS}
    assert set(table.loc[[measured.ZEROS], "n"]) == {3 * measured.MOST}


def test_small_classes_have_no_spread() -> None:
    x = np.arange(24.0).reshape(8, 3)
    table = character(_data(x, [*"aabbccdd"]), seed=0)
    assert set(table["measure"]) == {measured.ZEROS}


def test_of_one_value_there_is_only_the_median() -> None:
    assert quantile_rows("m", [2.0, float("nan")], "u")["quantile"].tolist() == [0.5]
    assert quantile_rows("m", [], "u").empty
    assert quantile_rows("m", range(101), "u")["value"].tolist() == [5, 25, 50, 75, 95]
