from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.biology.cancer import (
    SEGREGATION_COLUMNS,
    SHARE_COLUMNS,
    SUMMARY_COLUMNS,
    paired,
    rank_in_scores,
    rank_of,
    segregation,
    segregation_summary,
    share_different,
)
from helpers.biology.shared_cancer import (
    SHARED_COLUMNS,
    known_cancer_genes,
    shared_top_genes,
    summarise_shared,
)
from helpers.errors import BadInputError, UnknownNameError
from helpers.explain.scores import make_scores, top_genes

GENES = [f"G{i}" for i in range(200)]
# The first 20 genes go down in cancer, the next 40 up.
DE = pd.DataFrame(
    {
        "normal": "liver", "cancer": "TCGA_LIHC", "gene": GENES,
        "fold_change": [-3.0] * 20 + [2.5] * 40 + [0.1] * 140, "p": 0.5, "fdr": 0.5,
        "direction": ["down"] * 20 + ["up"] * 40 + ["none"] * 140,
        "n_normal": 30, "n_cancer": 30,
    }
)  # fmt: skip


def top(lists: dict[tuple[str, str], list[str]]) -> pd.DataFrame:
    rows = [
        ("mlp", explainer, True, tissue, rank, gene)
        for (explainer, tissue), genes in lists.items()
        for rank, gene in enumerate(genes, start=1)
    ]
    columns = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene"]
    return pd.DataFrame(rows, columns=columns)


TOP = top(
    {
        ("DeepLift", "liver"): [*GENES[:8], *GENES[100:110]],
        ("DeepLift", "TCGA_LIHC"): [*GENES[20:26], *GENES[105:115]],
        ("Saliency", "liver"): [*GENES[18:22], *GENES[150:160]],
        ("Saliency", "TCGA_LIHC"): [*GENES[18:22], *GENES[150:161]],
        ("DeepLift", "lung"): GENES[:10],
    }
)


def test_top_genes_that_differ_are_counted_against_chance() -> None:
    table = share_different(TOP, DE)
    assert list(table.columns) == SHARE_COLUMNS
    assert len(table) == 4  # lung is in no pair
    row = table.iloc[0]
    assert (row["tissue"], row["hits"], row["size"]) == ("liver", 8, 18)
    assert row["chance"] == pytest.approx(0.3)
    assert row["fold"] == pytest.approx(8 / 18 / 0.3)
    assert row["fold_low"] < row["fold"] < row["fold_high"]
    upper = stats.hypergeom.sf(7, 200, 60, 18)
    assert row["p"] == pytest.approx(2 * upper)


def test_all_genes_differ_as_often_as_chance() -> None:
    everything = share_different(top({("DeepLift", "liver"): GENES}), DE)
    assert everything.at[0, "fold"] == pytest.approx(1)
    assert everything.at[0, "p"] == 1


def test_genes_are_told_apart_by_the_lists_they_are_in() -> None:
    table = segregation(TOP, DE)
    assert list(table.columns) == SEGREGATION_COLUMNS
    deep = table[table["explainer"] == "DeepLift"].set_index("gene")
    assert len(deep) == 29
    assert deep.loc["G0", ["group", "direction"]].tolist() == ["normal_only", "down"]
    assert deep.loc["G20", ["group", "direction"]].tolist() == ["cancer_only", "up"]
    assert deep.loc["G105", ["group", "direction"]].tolist() == ["both", "none"]
    assert deep.loc["G0", "fold_change"] == -3


def test_complete_segregation_is_one_and_shared_genes_do_not_segregate() -> None:
    table = segregation_summary(segregation(TOP, DE))
    assert list(table.columns) == SUMMARY_COLUMNS
    rows = table.set_index(["explainer", "group"])
    assert rows.loc[("DeepLift", "normal_only"), ["genes", "down", "none", "up"]].tolist() == [
        13, 8, 5, 0,
    ]  # fmt: skip
    assert rows.loc[("DeepLift", "normal_only"), "share_down"] == pytest.approx(8 / 13)
    assert rows.loc[("DeepLift", "cancer_only"), "share_up"] == pytest.approx(6 / 11)
    assert rows.loc[("DeepLift", "both"), "genes"] == 5
    assert (rows.loc["DeepLift", "segregation"] == 1).all()
    assert rows.loc[("DeepLift", "both"), "p"] == pytest.approx(
        stats.fisher_exact([[8, 0], [0, 6]]).pvalue
    )
    # Saliency's lists hold the same genes but one, which does not differ.
    assert rows.loc["Saliency", "segregation"].isna().all()
    assert rows.loc["Saliency", "p"].isna().all()
    assert rows.loc[("Saliency", "normal_only"), "genes"] == 0
    assert np.isnan(rows.loc[("Saliency", "normal_only"), "share_down"])


def test_pairs_that_are_read_once_say_the_same_as_their_table() -> None:
    both = pd.concat([DE, DE.assign(cancer="other", fold_change=-DE["fold_change"])])
    lists = pd.concat([TOP, TOP[TOP["tissue"] == "TCGA_LIHC"].assign(tissue="other")])
    for ask in (segregation, share_different):
        pd.testing.assert_frame_equal(ask(lists, paired(both)), ask(lists, both))
    found = segregation(lists, both)
    keys = ["normal", "cancer", "gene"]
    looked_up = found[keys].merge(both, on=keys)
    assert set(found["cancer"]) == {"TCGA_LIHC", "other"}
    for name in ("fold_change", "direction"):
        assert found[name].tolist() == looked_up[name].tolist()


@given(st.lists(st.tuples(*[st.sampled_from(("normal_only", "both", "cancer_only")),
                            st.sampled_from(("down", "none", "up"))]), min_size=1))  # fmt: skip
def test_counts_are_those_of_a_cross_table(genes: list[tuple[str, str]]) -> None:
    table = pd.DataFrame(genes, columns=["group", "direction"]).assign(
        architecture="mlp", explainer="DeepLift", aggregated=True, normal="liver",
        cancer="TCGA_LIHC", gene="G", fold_change=1.0,
    )  # fmt: skip
    found = segregation_summary(table).set_index("group")[["down", "none", "up"]]
    counts = pd.crosstab(table["group"], table["direction"])
    counts = counts.reindex(index=found.index, columns=found.columns, fill_value=0)
    assert (found == counts).all(axis=None)


def test_one_side_alone_is_not_compared() -> None:
    alone = TOP[TOP["tissue"] != "TCGA_LIHC"]
    assert segregation(alone, DE).empty
    assert segregation_summary(segregation(alone, DE)).empty
    assert share_different(TOP[TOP["tissue"] == "lung"], DE).empty


def test_faults_are_named() -> None:
    odd = top({("DeepLift", "liver"): ["G1", "X"]})
    with pytest.raises(BadInputError, match="top genes of liver by DeepLift hold X"):
        share_different(odd, DE)
    with pytest.raises(BadInputError, match="no column 'direction'"):
        segregation(TOP, DE.drop(columns="direction"))
    with pytest.raises(BadInputError, match="no column 'rank'"):
        rank_of("G1", TOP.drop(columns="rank"))


def test_ranks_are_looked_up() -> None:
    table = rank_of("G3", TOP).set_index(["explainer", "tissue"])
    assert table.loc[("DeepLift", "liver"), "rank"] == 4
    assert table.loc[("DeepLift", "TCGA_LIHC"), "rank"] is pd.NA
    assert table.loc[("DeepLift", "TCGA_LIHC"), "size"] == 16
    assert len(table) == 5
    assert rank_of("nowhere", TOP)["rank"].isna().all()


@given(st.lists(st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0]), min_size=4, max_size=8))
def test_ranks_among_all_genes_are_those_of_the_lists(values: list[float]) -> None:
    genes = [f"G{i}" for i in range(len(values))]
    scores = make_scores(
        np.array([values, values[::-1]]), samples=["a", "b"], tissues=["x", "y"], genes=genes
    )
    lists = top_genes(scores, k=len(genes)).set_index(["sample", "gene"])["rank"]
    for gene in genes:
        table = rank_in_scores(gene, scores)
        assert list(table.columns) == ["sample", "tissue", "gene", "rank", "genes"]
        assert table["tissue"].tolist() == ["x", "y"]
        assert table["rank"].tolist() == [lists["a", gene], lists["b", gene]]


def test_a_single_vector_and_a_gene_without_a_score() -> None:
    scores = make_scores(np.array([0.1, -3.0]), genes=["ALB", "GPC3"])
    assert rank_in_scores("GPC3", scores).to_numpy().tolist() == [["GPC3", 1, 2]]
    with pytest.raises(UnknownNameError, match="did you mean 'GPC3'"):
        rank_in_scores("GPC33", scores)


LISTS = pd.DataFrame(
    [(cancer, sample, gene)
     for cancer, sample, genes in [
         ("TCGA_LIHC", "l1", "AFP GPC3 TP53 KRT8"), ("TCGA_LIHC", "l2", "AFP GPC3 TP53"),
         ("TCGA_LIHC", "l3", "AFP X"), ("TCGA_OV", "o1", "MUC16 TP53 KRT8"),
         ("TCGA_OV", "o2", "MUC16 TP53"), ("TCGA_UVM", "u1", "MLANA")]
     for gene in genes.split()],
    columns=["tissue", "sample", "gene"],
)  # fmt: skip
ROLES = pd.DataFrame({"gene": ["TP53", "KRT8"], "role": ["suppressor", "oncogene"]})


def test_shared_genes_are_those_of_several_samples_of_one_cancer() -> None:
    table = shared_top_genes(LISTS, ROLES)
    assert list(table.columns) == SHARED_COLUMNS
    assert table.to_numpy().tolist() == [
        ["AFP", "TCGA_LIHC", 3, 1, "none"],
        ["GPC3", "TCGA_LIHC", 2, 1, "none"],
        ["TP53", "TCGA_LIHC", 2, 2, "suppressor"],
        ["MUC16", "TCGA_OV", 2, 1, "none"],
        ["TP53", "TCGA_OV", 2, 2, "suppressor"],
    ]
    # KRT8 is in one sample of each cancer, so it is shared by neither.
    summary = summarise_shared(table, LISTS).iloc[0]
    assert summary[["cancers", "samples", "genes", "specific", "known", "most_types"]].tolist() == [
        3, 6, 4, 3, 1, 2,
    ]  # fmt: skip
    assert summary["share_specific"] == 0.75
    assert summary["samples_per_cancer"] == 2
    known = known_cancer_genes(table)
    assert known.to_numpy().tolist() == [["TP53", "suppressor", 2, "TCGA_LIHC;TCGA_OV"]]


def test_every_gene_is_shared_by_one_sample_and_none_by_many() -> None:
    assert set(shared_top_genes(LISTS, min_samples=1)["gene"]) == set(LISTS["gene"])
    nothing = shared_top_genes(LISTS, ROLES, min_samples=4)
    assert list(nothing.columns) == SHARED_COLUMNS
    assert np.isnan(summarise_shared(nothing, LISTS).at[0, "share_specific"])
    assert known_cancer_genes(nothing).empty


def test_faulty_lists_of_samples_are_named() -> None:
    with pytest.raises(BadInputError, match=r"sample 'l1' hold AFP more than once"):
        shared_top_genes(pd.concat([LISTS, LISTS.iloc[:1]]))
    with pytest.raises(BadInputError, match="no column 'sample'"):
        shared_top_genes(LISTS.drop(columns="sample"))
    with pytest.raises(BadInputError, match="at least 1 sample"):
        shared_top_genes(LISTS, min_samples=0)


def test_means_of_tissues_are_ranked_with_their_tissue() -> None:
    scores = make_scores(
        np.array([[1.0, -3.0, 2.0], [2.0, 0.5, 1.0]]), genes=["A", "B", "C"], samples=["s", "t"],
        tissues=["liver", "lung"],
    )  # fmt: skip
    table = rank_in_scores("B", scores.groupby("tissue").mean("sample"))
    assert table.columns.tolist() == ["tissue", "gene", "rank", "genes"]
    assert dict(zip(table["tissue"], table["rank"], strict=True)) == {"liver": 1, "lung": 3}
