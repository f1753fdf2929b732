"""Scores find their way to Scanpy and to files, with the names that they have."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from helpers.api import Explanation, example_network, explain_network
from helpers.errors import BadInputError, MissingInputError


@pytest.fixture(scope="module")
def found(trained) -> Explanation:
    model, adata = trained
    several = [model, example_network(1)[0]]
    return explain_network(several, adata, class_column="tissue", n=3)


def test_scanpy_reads_and_draws_the_ranking(found: Explanation, tmp_path: Path) -> None:
    mpl.use("Agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import scanpy
    adata = found.to_anndata()
    table = scanpy.get.rank_genes_groups_df(adata, group="liver")
    scores = found.data["class_score"].sel({"class": "liver"}).to_series()
    wanted = scores.sort_values(ascending=False)
    assert table["names"].tolist() == wanted.index.tolist()
    np.testing.assert_allclose(table["scores"], wanted, rtol=1e-6)
    change = table.set_index("names")["logfoldchanges"]
    own = (adata.obs["tissue"] == "liver").to_numpy()
    alb = adata[:, "ALB"].X[:, 0]
    assert change["ALB"] == pytest.approx(alb[own].mean() - alb[~own].mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scanpy.pl.rank_genes_groups(adata, n_genes=4, show=False)
        axes = scanpy.pl.rank_genes_groups_dotplot(
            adata, n_genes=2, show=False, dendrogram=False, values_to_plot="logfoldchanges"
        )
        scanpy.pl.rank_genes_groups_matrixplot(adata, n_genes=2, show=False, dendrogram=False)
    shown = [label.get_text() for label in axes["mainplot_ax"].get_xticklabels()]
    assert {"ALB", "MYH6"} <= set(shown)
    mpl.pyplot.close("all")
    adata.write_h5ad(tmp_path / "found.h5ad")
    np.testing.assert_allclose(adata.varm["class_scores"]["liver"], scores)
    np.testing.assert_allclose(adata.layers["scores"], found.data["score"])


def test_predicted_classes_get_a_column(trained) -> None:
    model, adata = trained
    made = explain_network(model, adata, target="predicted").to_anndata()
    assert made.uns["rank_genes_groups"]["params"]["groupby"] == "explained_class"
    assert set(made.obs["explained_class"]) == {"output 0", "output 1", "output 2"}


def test_tables_hold_every_score(found: Explanation, tmp_path: Path) -> None:
    table = found.table()
    assert list(table) == ["class", "rank", "gene", "score", "spread"]
    assert len(table) == 3 * 12
    row = table[(table["class"] == "liver") & (table["gene"] == "ALB")].iloc[0]
    at = {"class": "liver", "gene": "ALB"}
    assert row["score"] == found.data["class_score"].sel(at)
    assert row["spread"] == found.data["spread"].sel(at)
    assert found.table("sample")["sample"].nunique() == 30
    found.to_parquet(tmp_path / "scores.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "scores.parquet"), table)


def test_without_pyarrow_one_sentence_says_so(
    found: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingInputError, match="pip install pyarrow"):
        found.to_parquet(tmp_path / "scores.parquet")
    assert not list(tmp_path.iterdir())


def test_networks_kept_apart_have_no_one_table_of_genes(trained) -> None:
    model, adata = trained
    apart = explain_network([model, model], adata, class_column="tissue", aggregate="none")
    assert list(apart.top(2)) == ["model", "class", "rank", "gene", "score"]
    with pytest.raises(BadInputError, match="aggregate='unit'"):
        apart.to_anndata()
