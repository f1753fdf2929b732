from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.datasets.reference import reference_table
from helpers.datasets.unlabelled import load_unlabelled
from helpers.errors import BadInputError

KNOWN = reference_table()[["ensembl_id"]].iloc[100:140]


@pytest.fixture
def counts() -> pd.DataFrame:
    """Three samples × the known genes."""
    values = np.random.default_rng(2).integers(0, 500, size=(3, len(KNOWN)))
    return pd.DataFrame(values, ["s1", "s2", "s3"], KNOWN.index)


def expected(counts: pd.DataFrame) -> np.ndarray:
    values = counts.to_numpy(float)
    return np.log2(values / values.sum(axis=1, keepdims=True) * 1e6 + 1)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("samples", [1, 3])
def test_tables_without_classes_either_way_round(
    counts: pd.DataFrame, tmp_path: Path, turned: bool, samples: int
) -> None:
    # In an order of their own, as files have it.
    table = counts.iloc[:samples, ::-1]
    path = tmp_path / "new.csv"
    (table.T if turned else table).to_csv(path, index_label="name")
    found = load_unlabelled(path, KNOWN)
    assert list(found.obs_names) == list(counts.index[:samples])
    assert list(found.var_names) == list(KNOWN.index)
    np.testing.assert_allclose(found.X, expected(counts.iloc[:samples]), rtol=1e-5)
    assert found.uns["unit"].startswith("counts")


def test_ensembl_ids_and_anndata(counts: pd.DataFrame, tmp_path: Path) -> None:
    ids = [f"{name}.3" for name in KNOWN["ensembl_id"]]
    counts.T.set_axis(ids).to_csv(tmp_path / "ids.tsv", sep="\t")
    np.testing.assert_allclose(
        load_unlabelled(tmp_path / "ids.tsv", KNOWN).X, expected(counts), rtol=1e-5
    )
    anndata.AnnData(counts.astype("float32")).write_h5ad(tmp_path / "new.h5ad")
    np.testing.assert_allclose(
        load_unlabelled(tmp_path / "new.h5ad", KNOWN).X, expected(counts), rtol=1e-5
    )


def test_missing_genes_are_named(counts: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    counts.iloc[:, 2:].to_csv(path)
    with pytest.raises(BadInputError, match=f"lacks 2 of the 40 genes.*{KNOWN.index[0]}"):
        load_unlabelled(path, KNOWN)


def test_genes_never_seen_are_refused_or_left_out(counts: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    other = reference_table().index[0]
    counts.assign(**{other: [1000, 2000, 3000]}).to_csv(path)
    with pytest.raises(BadInputError, match=f"1 genes that the networks have never seen.*{other}"):
        load_unlabelled(path, KNOWN)
    found = load_unlabelled(path, KNOWN, leave_out_unseen=True)
    np.testing.assert_allclose(found.X, expected(counts), rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table - 600, "negative"),
        (lambda table: table * 0, "is zero in all 40 genes"),
        (lambda table: table.set_axis([f"x{n}" for n in range(40)], axis=1), "called like genes"),
    ],
)
def test_other_units_and_names(
    counts: pd.DataFrame, tmp_path: Path, change: object, message: str
) -> None:
    path = tmp_path / "new.csv"
    change(counts).to_csv(path)  # type: ignore[operator]
    with pytest.raises(BadInputError, match=message):
        load_unlabelled(path, KNOWN)
