from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray
from scipy.stats import spearmanr

from helpers.biology import expression_correlation, over_representation, top_expressed
from helpers.errors import BadInputError

TISSUES = ["lung", "liver"]


@pytest.fixture
def scores(expression) -> dict:
    rng = np.random.default_rng(0)
    shape = (2, len(expression))
    genes = expression.index[::-1]
    return {
        ("mlp", "DeepLift", True): pd.DataFrame(rng.normal(size=shape), TISSUES, genes),
        ("cnn", "Saliency", False): pd.DataFrame(rng.normal(size=shape), TISSUES, genes),
    }


def test_correlations_are_scipys(scores, expression) -> None:
    table = expression_correlation(scores, expression)
    assert table.columns.tolist() == [
        "architecture", "explainer", "aggregated", "tissue", "spearman", "spearman_absolute",
        "genes",
    ]  # fmt: skip
    assert len(table) == 4
    for row in table.itertuples():
        vector = scores[row.architecture, row.explainer, row.aggregated].loc[row.tissue]
        level = np.log2(expression[row.tissue][vector.index] + 1)
        assert row.spearman == pytest.approx(spearmanr(vector, level).statistic)
        assert row.spearman_absolute == pytest.approx(spearmanr(vector.abs(), level).statistic)
        assert row.genes == 600


def test_labelled_arrays_are_the_same(scores, expression) -> None:
    arrays = {
        key: xarray.DataArray(
            frame.T.to_numpy(),
            dims=["gene", "tissue"],
            coords={"gene": frame.columns, "tissue": frame.index},
        )
        for key, frame in scores.items()
    }
    pd.testing.assert_frame_equal(
        expression_correlation(arrays, expression), expression_correlation(scores, expression)
    )


def test_equal_scores_have_no_correlation(scores, expression) -> None:
    scores["mlp", "DeepLift", True].loc["liver"] = 1.0
    table = expression_correlation(scores, expression)
    assert table["spearman"].isna().tolist() == [False, True, False, False]


def test_highest_expressed_genes_and_ties(expression) -> None:
    expression["liver"] = 5.0
    table = top_expressed(expression, 10)
    assert table.columns.tolist() == ["set", "tissue", "rank", "gene", "tpm"]
    each = table.groupby("tissue")["gene"].agg(list)
    assert each["liver"] == [f"G{i}" for i in range(10)]
    assert each["lung"] == expression["lung"].nlargest(10).index.tolist()


def test_overlap_with_highest_expressed_genes(expression, make_lists) -> None:
    high = expression["liver"].nlargest(40).index.tolist()
    low = expression["liver"].nsmallest(40).index.tolist()
    lists = make_lists(
        {
            ("mlp", "DeepLift", True, "liver"): high[:10] + low[:30],
            ("mlp", "DeepLift", True, "lung"): expression["lung"].nlargest(40).index.tolist(),
            ("cnn", "Saliency", False, "liver"): low,
        }
    )
    table = over_representation(lists, top_expressed(expression, 40), expression)
    assert table["hits"].tolist() == [10, 40, 0]
    assert table["expected"].tolist() == pytest.approx([40 * 40 / 600] * 3)


def test_bad_input(scores, expression) -> None:
    with pytest.raises(BadInputError, match=r"gene 'G\d+' that the scores of DeepLift \(mlp\)"):
        expression_correlation(scores, expression.iloc[:300])
    with pytest.raises(BadInputError, match="no expression of tissue 'lung'"):
        expression_correlation(scores, expression[["liver", "ovary"]])
    array = xarray.DataArray(np.zeros((2, 2, 2)), dims=["sample", "tissue", "gene"])
    with pytest.raises(BadInputError, match="average the others first"):
        expression_correlation({("mlp", "A", True): array}, expression)
    with pytest.raises(BadInputError, match="top 100 genes cannot be taken from 60"):
        top_expressed(expression.iloc[:60])
