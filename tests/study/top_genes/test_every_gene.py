"""All genes ranked, beside differential expression; and the user's own markers among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.baselines.one_vs_rest import one_vs_rest
from helpers.explain import make_scores
from helpers.study import Study, open_study
from helpers.study.top_genes.every_gene import NAMES, of_classes, ranks


@pytest.fixture(scope="module")
def rankings(tiny_study: Study) -> pd.DataFrame:
    return tiny_study.get("tables/rankings")


def test_there_is_a_row_for_every_gene_class_and_explainer(
    tiny_study: Study, rankings: pd.DataFrame
) -> None:
    assert not rankings.duplicated(list(NAMES)).any()
    genes = tiny_study.get("data/expression").var_names
    classes = set(tiny_study.get("tables/explained")["tissue"])
    assert set(rankings["gene"]) == set(genes)
    assert set(rankings["class"]) == classes
    sizes = rankings.groupby(["architecture", "explainer", "class"], observed=True).size()
    assert (sizes == len(genes)).all()
    assert {"mlp", "cnn", "none"} == set(rankings["architecture"])
    for _, part in rankings.groupby(["architecture", "explainer", "class"], observed=True):
        assert sorted(part["rank"]) == list(range(1, len(genes) + 1))


def test_the_first_genes_are_those_of_the_lists(tiny_study: Study, rankings: pd.DataFrame) -> None:
    keys = ["architecture", "explainer", "tissue", "rank"]
    lists = tiny_study.get("tables/top_genes")
    lists = lists[lists["aggregated"].astype(bool)][[*keys, "gene"]]
    own = rankings.rename(columns={"class": "tissue"}).astype(dict.fromkeys(keys[:3], str))
    both = lists.merge(own, on=keys, suffixes=("", "_ranked"), validate="one_to_one")
    assert len(both) == len(lists)
    assert (both["gene"] == both["gene_ranked"].astype(str)).all()


def test_differential_expression_is_the_same_beside_every_explainer(
    tiny_study: Study, rankings: pd.DataFrame
) -> None:
    adata = tiny_study.get("data/expression")
    name = str(rankings["class"].iloc[0])
    tested = one_vs_rest(np.asarray(adata.X), adata.obs["tissue"], [name], adata.var_names)
    own = rankings[rankings["class"] == name]
    for _, part in own.groupby(["architecture", "explainer"], observed=True):
        np.testing.assert_allclose(part["wilcoxon_z"], tested["wilcoxon_z"])
        assert list(part["differential_rank"]) == list(tested["differential_rank"])


def test_spread_is_over_models_and_missing_without(rankings: pd.DataFrame) -> None:
    plain = rankings["architecture"] == "none"
    assert rankings.loc[plain, "spread"].isna().all()
    assert (rankings.loc[~plain, "spread"] >= 0).all()
    values = np.random.default_rng(0).normal(size=(3, 2, 5))
    scores = make_scores(
        values, models=[0, 1, 2], genes=list("abcde"), samples=["x", "y"], tissues=["t", "t"]
    )
    [(name, mean, spread)] = of_classes(scores, "raw")
    assert name == "t"
    np.testing.assert_allclose(mean, values.mean(axis=(0, 1)), rtol=1e-5)
    np.testing.assert_allclose(spread, values.mean(axis=1).std(axis=0, ddof=1), rtol=1e-5)


def test_ranks_follow_size_or_sign_and_ties_the_order_of_genes() -> None:
    scores = np.array([1.0, -3.0, 2.0, 2.0])
    assert ranks(scores, "absolute").tolist() == [4, 1, 2, 3]
    assert ranks(scores, "signed").tolist() == [3, 4, 1, 2]


def test_own_markers_are_looked_up_in_every_ranking(tiny_study: Study, tmp_path: Path) -> None:
    assert tiny_study.get("tables/markers").empty
    path = tmp_path / "markers.csv"
    name = tiny_study.get("tables/explained")["tissue"].iloc[0]
    path.write_text(f"class,gene\n{name},GENE000\n{name},GENE011\nmoon,GENE000\n", "utf-8")
    settings = tiny_study.settings.model_dump() | {"marker_file": str(path)}
    study = open_study("smoke", "rnaseqdb", tiny_study.data, tiny_study.workspace.root, **settings)
    table = study.get("tables/markers")
    assert set(table["gene"]) == {"GENE000", "GENE011"}
    assert set(table["class"]) == {name}
    assert table["rank"].between(1, 150).all()
    rows = study.get("tables/rankings")
    assert len(table) == 2 * len(rows[["architecture", "explainer"]].drop_duplicates())
