from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.datasets.thinning import fewer_genes
from helpers.errors import BadInputError


@pytest.fixture
def adata() -> anndata.AnnData:
    """Return 40 genes of rising level, of which g5 and g30 tell the classes apart."""
    rng = np.random.default_rng(0)
    values = np.arange(40) / 4 + rng.normal(0, 0.05, (6, 40))
    values[:3, [5, 30]] += 8
    return anndata.AnnData(
        values.astype(np.float32),
        obs=pd.DataFrame({"tissue": ["a"] * 3 + ["b"] * 3}, index=[f"s{i}" for i in range(6)]),
        var=pd.DataFrame(index=[f"g{i}" for i in range(40)]),
        uns={"notes": ["before"]},
    )


def test_genes_that_differ_and_all_levels_are_kept(adata: anndata.AnnData) -> None:
    found = fewer_genes(adata, 8)
    assert found.n_vars == 8
    assert {"g5", "g30", "g0", "g39"} <= set(found.var_names)
    assert found.var_names.tolist() == [g for g in adata.var_names if g in set(found.var_names)]
    np.testing.assert_array_equal(found.X, adata[:, found.var_names].X)
    assert found.uns["notes"][0] == "before"
    assert "8 of 40 genes" in found.uns["notes"][1]
    assert adata.n_vars == 40


def test_samples_may_come_in_any_order(adata: anndata.AnnData) -> None:
    turned = adata[::-1].copy()
    assert fewer_genes(turned, 8).var_names.tolist() == fewer_genes(adata, 8).var_names.tolist()


def test_few_genes_are_left_alone(adata: anndata.AnnData) -> None:
    assert fewer_genes(adata, 40) is adata
    with pytest.raises(BadInputError, match="At least 2"):
        fewer_genes(adata, 1)
