from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.biology import tissue_expression
from helpers.biology.tissues import check_expression
from helpers.errors import BadInputError, UnknownNameError


@pytest.fixture
def adata() -> anndata.AnnData:
    tpm = np.random.default_rng(0).gamma(0.5, 60, size=(10, 30))
    obs = pd.DataFrame(
        {"tissue": ["lung"] * 4 + ["liver"] * 5 + ["ovary"]}, index=[f"s{i}" for i in range(10)]
    )
    var = pd.DataFrame(index=[f"G{i}" for i in range(30)])
    return anndata.AnnData(np.log2(tpm + 1).astype(np.float32), obs=obs, var=var)


@pytest.mark.parametrize(("statistic", "function"), [("mean", np.mean), ("median", np.median)])
def test_statistics_are_of_tpm(adata, statistic, function) -> None:
    found = tissue_expression(adata, statistic)
    assert found.columns.tolist() == ["lung", "liver", "ovary"]
    assert found.index.equals(adata.var_names.rename("gene"))
    tpm = np.exp2(adata.X.astype(float)) - 1
    for tissue, rows in (("lung", slice(4)), ("liver", slice(4, 9)), ("ovary", slice(9, 10))):
        np.testing.assert_allclose(found[tissue], function(tpm[rows], axis=0))


def test_bad_input(adata) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'median'"):
        tissue_expression(adata, "medians")
    with pytest.raises(BadInputError, match="Every sample needs a tissue"):
        tissue_expression(anndata.AnnData(adata.X, var=adata.var))
    for value in (np.nan, -1, np.inf):
        broken = adata.copy()
        broken.X[5, 7] = value
        with pytest.raises(BadInputError, match="gene 'G7' in a sample of 'liver'"):
            tissue_expression(broken)


def test_bad_tables(expression) -> None:
    with pytest.raises(BadInputError, match="at least 2 tissues"):
        check_expression(expression[["liver"]])
    with pytest.raises(BadInputError, match="at least one gene"):
        check_expression(expression.iloc[:0])
    with pytest.raises(BadInputError, match="Gene 'G3' is twice"):
        check_expression(expression.iloc[[1, 3, 3]])
    with pytest.raises(BadInputError, match="Tissue 'lung' is twice"):
        check_expression(expression[["liver", "lung", "lung"]])
    for value in (np.nan, -0.5, np.inf):
        broken = expression.copy()
        broken.loc["G5", "lung"] = value
        with pytest.raises(BadInputError, match=f"gene 'G5' in 'lung' is {value}"):
            check_expression(broken)
