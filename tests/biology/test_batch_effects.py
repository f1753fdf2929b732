from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.biology.batch_effects import LABORATORY_COLUMNS, laboratory_effect
from helpers.biology.differential import Criteria
from helpers.biology.pairs import PAIR_COLUMNS, cancer_pairs, pairs_left_out, smallest_p
from helpers.datasets.reference import reference_classes
from helpers.datasets.rnaseqdb import load_rnaseqdb
from helpers.errors import BadInputError


def samples(groups: list[tuple[str, str, str, str, int]]) -> pd.DataFrame:
    rows = [group[:4] for group in groups for _ in range(group[4])]
    obs = pd.DataFrame(rows, columns=["tissue", "organ", "study", "status"])
    obs.index = [f"s{i}" for i in range(len(obs))]
    return obs


OBS = samples(
    [
        ("liver", "liver", "GTEx", "normal", 20),
        ("liver", "liver", "TCGA", "normal", 12),
        ("TCGA_LIHC", "liver", "TCGA", "cancer", 15),
        ("TCGA_CHOL", "liver", "TCGA", "cancer", 1),
        ("lung", "lung", "GTEx", "normal", 4),
        ("TCGA_LUAD", "lung", "TCGA", "cancer", 5),
        ("TCGA_UVM", "eye", "TCGA", "cancer", 30),
        ("ovary", "ovary", "GTEx", "normal", 30),
    ]
)


@pytest.mark.parametrize(("n", "m"), [(2, 3), (4, 5), (7, 7)])
def test_the_smallest_p_is_that_of_complete_separation(n: int, m: int) -> None:
    exact = stats.mannwhitneyu(range(n), range(n, n + m), method="exact").pvalue
    assert smallest_p(n, m) == pytest.approx(exact)


def test_cancers_are_paired_with_the_normal_tissue_of_their_organ() -> None:
    table = cancer_pairs(OBS)
    assert list(table.columns) == PAIR_COLUMNS
    assert table.to_numpy().tolist() == [["liver", "liver", "TCGA_LIHC", 32, 15]]
    relaxed = cancer_pairs(OBS, Criteria(fdr=0.05))
    assert relaxed["cancer"].tolist() == ["TCGA_LIHC", "TCGA_LUAD"]
    as_categories = OBS.astype("category").iloc[:35]
    assert cancer_pairs(as_categories, Criteria(fdr=0.05))["n_cancer"].tolist() == [3]


def test_cancers_without_a_partner_are_named_with_the_reason() -> None:
    reasons = pairs_left_out(OBS).set_index("tissue")["reason"]
    assert reasons["TCGA_CHOL"] == ("against liver: one sample of the cancer, and a test needs two")
    assert reasons["TCGA_LUAD"] == (
        "against lung: 4 normal and 5 cancer samples cannot give a p-value below 0.016, and "
        "0.001 is asked for"
    )
    assert reasons["TCGA_UVM"] == "no normal class of eye"
    assert len(reasons) == 3


def test_every_cancer_is_in_a_pair_or_left_out() -> None:
    classes = reference_classes().rename_axis("tissue").reset_index()
    obs = classes.loc[classes.index.repeat(8), ["tissue", "organ", "study", "status"]]
    pairs, out = cancer_pairs(obs), pairs_left_out(obs)
    cancers = set(classes.loc[classes["status"] == "cancer", "tissue"])
    assert set(pairs["cancer"]) | set(out["tissue"]) == cancers
    assert {"liver", "lung", "ovary", "pancreas"} <= set(pairs["organ"])


def test_missing_columns_are_named() -> None:
    with pytest.raises(BadInputError, match="table of samples has no column 'organ'"):
        cancer_pairs(OBS.drop(columns="organ"))


def cohort(laboratory: float, cancer: float) -> anndata.AnnData:
    """40 genes; 10 are shifted in TCGA's samples, another 10 in its tumours."""
    rng = np.random.default_rng(0)
    x = rng.normal(5, 0.3, size=(len(OBS), 40))
    in_tcga = (OBS["study"] == "TCGA").to_numpy()
    x[np.ix_(in_tcga, range(10))] += laboratory
    x[np.ix_((OBS["status"] == "cancer").to_numpy(), range(10, 20))] += cancer
    var = pd.DataFrame(index=[f"G{i}" for i in range(40)])
    return anndata.AnnData(x.astype(np.float32), obs=OBS.copy(), var=var)


@pytest.mark.parametrize(
    ("laboratory", "cancer", "expected"),
    [(0, 0, [0, 0, 0]), (2.5, 0, [10, 10, 0]), (0, 2.5, [0, 10, 10]), (2.5, 2.5, [10, 20, 10])],
)
def test_the_studies_effect_stands_beside_the_cancers(
    laboratory: float, cancer: float, expected: list[int]
) -> None:
    table = laboratory_effect(cohort(laboratory, cancer))
    assert list(table.columns) == LABORATORY_COLUMNS
    # Only liver's normal samples come from two studies; one cholangiocarcinoma is too few.
    assert table["organ"].eq("liver").all()
    differ = table.set_index("comparison")["differ"]
    names = ["studies", "cancer, other study", "cancer, same study"]
    assert differ[names].tolist() == expected
    assert table.set_index("comparison").loc["studies", ["n_a", "n_b"]].tolist() == [20, 12]
    np.testing.assert_allclose(table["share"], table["differ"] / 40)


def test_one_study_alone_tells_nothing() -> None:
    adata = cohort(1, 1)
    # One normal sample of TCGA is left: tumours can be compared with GTEx, the studies cannot.
    few = np.r_[0:21, 32:47]
    assert adata.obs["study"].iloc[few].value_counts()["TCGA"] == 16
    assert laboratory_effect(adata[few].copy()).empty
    assert laboratory_effect(adata[adata.obs["organ"] == "lung"].copy()).empty


@pytest.mark.real
@pytest.mark.slow
def test_real_studies_differ_less_than_cancer_does(shared_data: Path, tmp_path: Path) -> None:
    names = ("kidney-rsem-fpkm-gtex", "kich-rsem-fpkm-tcga", "kich-rsem-fpkm-tcga-t")
    for name in names:
        (tmp_path / f"{name}.txt.gz").symlink_to(shared_data / "rnaseqdb" / f"{name}.txt.gz")
    table = laboratory_effect(load_rnaseqdb(tmp_path)).set_index("comparison")
    assert set(table.index) == {"studies", "cancer, same study", "cancer, other study"}
    assert table.loc["studies", "share"] < 0.5 * table.loc["cancer, same study", "share"]
