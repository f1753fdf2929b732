from __future__ import annotations

import warnings

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.baselines.one_vs_rest import COLUMNS, one_vs_rest
from helpers.errors import BadInputError

CLASSES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def samples() -> anndata.AnnData:
    """30 samples × 40 genes, log2(x + 1): many zeros, ties, and one gene that never varies."""
    rng = np.random.default_rng(4)
    labels = np.repeat(CLASSES, [6, 10, 14])
    counts = rng.poisson(2.0, size=(30, 40)).astype(float)
    counts[labels == "b", :5] += rng.poisson(20, size=(10, 5))
    counts[:, 7] = 3
    obs = pd.DataFrame({"tissue": labels}, index=[f"s{n}" for n in range(30)])
    var = pd.DataFrame(index=[f"g{n}" for n in range(40)])
    return anndata.AnnData(np.log2(counts + 1).astype(np.float32), obs, var)


def found(samples: anndata.AnnData, classes: list[str] = CLASSES) -> pd.DataFrame:
    return one_vs_rest(samples.X, samples.obs["tissue"], classes, samples.var_names)


@pytest.mark.parametrize(
    ("method", "statistic"), [("wilcoxon", "wilcoxon_z"), ("t-test", "welch_t")]
)
def test_tests_and_fold_changes_are_scanpys(
    samples: anndata.AnnData, method: str, statistic: str
) -> None:
    scanpy = pytest.importorskip("scanpy")
    theirs = samples.copy()
    theirs.uns["log1p"] = {"base": 2}
    theirs.obs["tissue"] = theirs.obs["tissue"].astype("category")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Its false discovery rate needs statsmodels, which is not here; that of scipy is ours.
        scanpy.tl.rank_genes_groups(theirs, "tissue", method=method, corr_method="bonferroni")
        listed = scanpy.get.rank_genes_groups_df(theirs, None)
    both = found(samples).merge(
        listed, left_on=["class", "gene"], right_on=["group", "names"], validate="one_to_one"
    )
    assert len(both) == 3 * 40
    name = statistic.split("_")[0]
    np.testing.assert_allclose(both[statistic], both["scores"], atol=1e-4)
    np.testing.assert_allclose(both[f"{name}_p"], both["pvals"], rtol=1e-4)
    for _, own in both.groupby("class"):
        # Benjamini and Hochberg: the smallest p × n / rank of this rank or a later one.
        p = np.sort(own[f"{name}_p"])
        steps = np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
        np.testing.assert_allclose(np.sort(own[f"{name}_fdr"]), np.minimum(steps, 1))
    np.testing.assert_allclose(both["log2_fold_change"], both["logfoldchanges"], atol=1e-3)


def test_what_is_high_in_a_class_comes_first(samples: anndata.AnnData) -> None:
    table = found(samples)
    assert list(table.columns) == list(COLUMNS)
    own = table[table["class"] == "b"]
    assert set(own.nsmallest(5, "differential_rank")["gene"]) == {f"g{n}" for n in range(5)}
    assert sorted(own["differential_rank"]) == list(range(1, 41))
    constant = table[table["gene"] == "g7"]
    assert (constant["welch_t"] == 0).all()
    assert (constant[["wilcoxon_p", "welch_p"]] == 1).all(axis=None)
    assert np.allclose(constant["log2_fold_change"], 0)


def test_order_of_samples_and_number_of_classes_change_nothing(samples: anndata.AnnData) -> None:
    order = np.random.default_rng(0).permutation(30)
    shuffled = found(samples[order].copy(), ["c"]).reset_index(drop=True)
    own = found(samples)
    own = own[own["class"] == "c"].reset_index(drop=True)
    pd.testing.assert_frame_equal(shuffled, own, rtol=1e-9)


def test_a_class_of_one_sample_is_refused(samples: anndata.AnnData) -> None:
    labels = ["alone", *samples.obs["tissue"].iloc[1:]]
    with pytest.raises(BadInputError, match="Class 'alone' has 1 samples"):
        one_vs_rest(samples.X, labels, ["alone"], samples.var_names)
