from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from helpers.biology import differential as module
from helpers.biology.differential import (
    DE_COLUMNS,
    Criteria,
    cancer_differential,
    differential,
    log2_fold_change,
    mann_whitney,
)
from helpers.errors import BadInputError, UnknownNameError


def loop(a: np.ndarray, b: np.ndarray, method: str) -> np.ndarray:
    a, b = a.astype(float), b.astype(float)
    return np.array(
        [stats.mannwhitneyu(x, y, method=method).pvalue for x, y in zip(a.T, b.T, strict=True)]
    )


def groups(n: int, m: int, genes: int = 60, decimals: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Log expression, some genes shifted, some never expressed, tied by rounding."""
    rng = np.random.default_rng(n * 100 + m)
    a, b = (np.log2(rng.gamma(0.5, 20, (k, genes)) + 1) for k in (n, m))
    b[:, :10] += 2
    a[:, 10:14] = b[:, 10:14] = 0
    a[: n // 2, 14:20] = 0
    return np.round(a, decimals).astype(np.float32), np.round(b, decimals).astype(np.float32)


@pytest.mark.parametrize("method", ["auto", "asymptotic"])
@pytest.mark.parametrize(("n", "m"), [(1, 5), (2, 3), (5, 30), (8, 8), (9, 9), (25, 40)])
@pytest.mark.parametrize("decimals", [6, 1])
def test_p_values_are_those_of_scipy_gene_by_gene(
    n: int, m: int, decimals: int, method: str
) -> None:
    a, b = groups(n, m, decimals=decimals)
    found = mann_whitney(a, b, method=method)
    np.testing.assert_allclose(found, loop(a, b, method), rtol=1e-12, atol=0)


values = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.25])


@given(arrays(float, (7, 4), elements=values), arrays(float, (5, 4), elements=values))
def test_p_values_do_not_depend_on_the_order_of_groups_or_on_the_unit(
    a: np.ndarray, b: np.ndarray
) -> None:
    p = mann_whitney(a, b)
    assert ((p > 0) & (p <= 1)).all()
    np.testing.assert_allclose(mann_whitney(b, a), p, rtol=1e-12)
    np.testing.assert_allclose(mann_whitney(2**a, 2**b), p, rtol=1e-12)
    np.testing.assert_allclose(p, loop(a, b, "auto"), rtol=1e-12)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = groups(6, 20)
    whole = mann_whitney(a, b)
    monkeypatch.setattr(module, "_CHUNK", 26 * 7)
    np.testing.assert_array_equal(mann_whitney(a, b), whole)


def test_random_groups_have_uniform_p_values() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3000))
    p = mann_whitney(x[:30], x[30:])
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_fold_change_is_of_tpm() -> None:
    a = np.log2(np.array([[10.0, 0.0, 1.0], [30.0, 0.0, 1.0], [20.0, 0.0, 100.0]]) + 1)
    b = np.log2(np.array([[80.0, 0.0, 4.0], [80.0, 10.23, 4.0]]) + 1)
    np.testing.assert_allclose(2 ** log2_fold_change(a, b, offset=1e-9)[0], 4)
    np.testing.assert_allclose(log2_fold_change(a, b)[1], np.log2((10.23 / 2 + 0.01) / 0.01))
    np.testing.assert_allclose(2 ** log2_fold_change(a, b, centre="median", offset=1e-9)[2], 4)
    np.testing.assert_allclose(log2_fold_change(a, b), -log2_fold_change(b, a))
    assert log2_fold_change(a[:, 1:2], a[:, 1:2])[0] == 0


def test_genes_differ_by_both_criteria() -> None:
    rng = np.random.default_rng(1)
    base = np.full(4, 6.0) + rng.normal(0, 0.1, size=(60, 4))
    a, b = base[:30], base[30:].copy()
    b[:, 0] += 2  # fourfold up
    b[:, 1] -= 2
    b[:, 2] += 1  # twofold: certain, but too small
    table = differential(a, b, ["up", "down", "small", "same"])
    assert table["direction"].tolist() == ["up", "down", "none", "none"]
    assert table.at[2, "fdr"] < 1e-6
    np.testing.assert_allclose(table["fdr"], stats.false_discovery_control(table["p"]))
    loose = differential(a, b, list("wxyz"), Criteria(fold=1.5))
    assert loose["direction"].tolist() == ["up", "down", "up", "none"]
    assert set(differential(b, a, list("wxyz"))["direction"][:2]) == {"up", "down"}


def cohort() -> anndata.AnnData:
    a, b = groups(30, 25)
    obs = pd.DataFrame({"tissue": ["liver"] * 30 + ["TCGA_LIHC"] * 25})
    obs.index = [f"s{i}" for i in range(55)]
    var = pd.DataFrame(index=[f"G{i}" for i in range(60)])
    return anndata.AnnData(np.concatenate([a, b]), obs=obs, var=var)


PAIR = pd.DataFrame({"normal": ["liver"], "cancer": ["TCGA_LIHC"]})


def test_pairs_of_classes_are_compared() -> None:
    adata = cohort()
    table = cancer_differential(adata, PAIR)
    assert list(table.columns) == DE_COLUMNS
    assert len(table) == 60
    assert (table["n_normal"].unique(), table["n_cancer"].unique()) == ([30], [25])
    np.testing.assert_allclose(table["p"], loop(adata.X[:30], adata.X[30:], "auto"), rtol=1e-12)
    assert table.loc[:9, "fold_change"].gt(0).all()
    assert table.loc[10:13, "p"].eq(1).all()
    assert list(cancer_differential(adata, PAIR.iloc[:0]).columns) == DE_COLUMNS


def test_faults_are_named() -> None:
    ones = np.ones((3, 2))
    with pytest.raises(BadInputError, match=r"not 0 × 2 and 3 × 2"):
        mann_whitney(np.ones((0, 2)), ones)
    with pytest.raises(BadInputError, match="not numbers"):
        mann_whitney(ones, np.array([[1.0, np.nan]]))
    with pytest.raises(UnknownNameError, match="method of the test"):
        mann_whitney(ones, ones, method="exact")
    with pytest.raises(UnknownNameError, match="centre"):
        Criteria(centre="mode")
    with pytest.raises(BadInputError, match="fold above 1"):
        Criteria(fold=0.5)
    with pytest.raises(BadInputError, match="Class 'TCGA_OV' of the pair"):
        cancer_differential(cohort(), PAIR.assign(cancer="TCGA_OV"))
