"""References from samples, and from the medians of tissues as in the released scripts."""

from __future__ import annotations

from collections import OrderedDict

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.explain.references import GeneStatistics, make_references
from helpers.study.designs import references
from helpers.study.designs.combined_estimates import own_references
from helpers.study.designs.references import ADDED_SD, ReferenceMaker
from helpers.study.designs.seeds import REFERENCE_STREAM, derived_seed


@pytest.fixture(scope="module")
def adata() -> anndata.AnnData:
    rng = np.random.default_rng(0)
    # One class is much larger than the others, so that samples and classes tell different things.
    tissues = ["liver"] * 20 + ["lung"] * 4 + ["ovary"] * 4
    x = rng.gamma(2.0, 1.0, (28, 6)) + np.repeat([0, 3, 6], [20, 4, 4])[:, None]
    return anndata.AnnData(
        x.astype(np.float32),
        obs=pd.DataFrame({"tissue": tissues}, index=[f"s{k}" for k in range(28)]),
    )


def sides(adata: anndata.AnnData) -> pd.Series:
    return pd.Series(np.where(np.arange(28) % 4 == 3, "test", "train"), index=adata.obs_names)


def make(adata: anndata.AnnData, kind: str, statistics: str, samples: str = "all") -> np.ndarray:
    maker = ReferenceMaker(kind, adata, sides(adata), "mean_sd", statistics, samples, 5)
    made = maker.make(4, ["lung", "liver"])["lung"]
    assert made is not None
    return made


def expected(kind: str, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    return make_references(
        kind, 4, genes=6, statistics=GeneStatistics(mean, sd), cut="mean_sd",
        seed=derived_seed(5, REFERENCE_STREAM),
    )  # fmt: skip


@pytest.mark.parametrize("samples", ["all", "training"])
def test_universal_references_describe_the_medians_of_tissues(
    adata: anndata.AnnData, samples: str
) -> None:
    x = pd.DataFrame(np.asarray(adata.X), index=adata.obs_names)
    kept = x if samples == "all" else x[(sides(adata) == "train").to_numpy()]
    medians = kept.groupby(adata.obs.loc[kept.index, "tissue"]).median()
    wanted = expected("universal", medians.mean().to_numpy(float),
                      medians.std(ddof=0).to_numpy(float) + ADDED_SD)  # fmt: skip
    found = make(adata, "universal", "tissue_medians", samples)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert not np.allclose(found, make(adata, "universal", "samples", samples))


def test_specific_references_describe_samples_of_the_tissue_with_a_wider_spread(
    adata: anndata.AnnData,
) -> None:
    own = np.asarray(adata.X)[20:24].astype(float)
    wanted = expected("specific", own.mean(axis=0), own.std(axis=0) + ADDED_SD)
    np.testing.assert_allclose(make(adata, "specific", "tissue_medians"), wanted, rtol=1e-5)
    plain = expected("specific", own.mean(axis=0), own.std(axis=0))
    np.testing.assert_allclose(make(adata, "specific", "samples"), plain, rtol=1e-5)


def test_what_is_measured_of_one_data_set_is_not_taken_for_another(
    adata: anndata.AnnData,
) -> None:
    other = adata.copy()
    other.X = np.asarray(adata.X) + 1
    first, second = (make(data, "universal", "tissue_medians") for data in (adata, other))
    assert not np.allclose(first, second)
    np.testing.assert_array_equal(first, make(adata, "universal", "tissue_medians"))


@pytest.mark.parametrize("kind", ["zero", "normal"])
def test_kinds_that_need_no_data_do_not_depend_on_them(adata: anndata.AnnData, kind: str) -> None:
    np.testing.assert_array_equal(
        make(adata, kind, "samples"), make(adata, kind, "tissue_medians", "training")
    )


@pytest.mark.parametrize("kind", ["zero", "normal", "universal", "specific"])
def test_a_pool_holds_the_references_whichever_are_asked_for_first(
    adata: anndata.AnnData, kind: str
) -> None:
    maker = ReferenceMaker(kind, adata, sides(adata), "zero_sd", "samples", "all", 7)
    pool = maker.pools(9, ["lung", "liver"])["lung"]
    assert pool is not None
    some = pool[[7, 2, 7]]
    made = maker.make(9, ["lung"])["lung"]
    assert made is not None
    np.testing.assert_array_equal(some, made[[7, 2, 7]])
    wanted = make_references(
        kind, 9, genes=6, cut="zero_sd", seed=derived_seed(7, REFERENCE_STREAM),
        expression=np.asarray(adata.X), tissues=adata.obs["tissue"], tissue="lung",
    )  # fmt: skip
    np.testing.assert_array_equal(made, wanted)
    with pytest.raises(IndexError, match="9 references"):
        pool[[9]]


def test_models_draw_from_a_pool_as_from_an_array(adata: anndata.AnnData) -> None:
    for kind, n in (("universal", 6), ("zero", 1)):
        maker = ReferenceMaker(kind, adata, sides(adata), "mean_sd", "samples", "all", 7)
        pool, made = (make(n, ["lung"])["lung"] for make in (maker.pools, maker.make))
        found = own_references(pool, 4, [0, 1])
        assert found is not None
        np.testing.assert_array_equal(found, own_references(made, 4, [0, 1]))


def test_no_more_is_kept_than_memory_allows(
    adata: anndata.AnnData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "_KEPT_BYTES", 100)
    monkeypatch.setattr(references, "_kept", OrderedDict())
    for seed in range(8):
        ReferenceMaker("normal", adata, sides(adata), "mean_sd", "samples", "all", seed).make(
            2, ["lung"]
        )
    assert len(references._kept) == 3  # 48 bytes each: the last one is added to what is too much
