from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.biology import (
    REPRESENTATIVES,
    distinct_genes,
    expression_profiles,
    representatives,
    tau,
    tau_of_top_genes,
    tissue_overlap,
)
from helpers.errors import BadInputError, UnknownNameError
from helpers.stability import PAPER_GROUPS

II, III = ("mlp", "DeepLift", True), ("mlp", "Saliency", True)


@pytest.fixture
def lists(make_lists):
    return make_lists(
        {
            (*II, "liver"): ["G0", "G1", "G2", "G3"],
            (*II, "lung"): ["G4", "G5", "G6", "G0"],
            (*II, "ovary"): ["G7", "G8", "G9", "G0"],
            (*III, "liver"): ["G0", "G1", "G2", "G3"],
            (*III, "lung"): ["G3", "G2", "G1", "G0"],
            (*III, "ovary"): ["G0", "G1", "G2", "G4"],
        }
    )


def test_representatives_belong_to_their_groups() -> None:
    assert all(name in PAPER_GROUPS[group] for group, name in REPRESENTATIVES.items())


def test_distinct_genes(lists) -> None:
    table = distinct_genes(lists)
    counts = table[["tissues", "listed", "distinct", "in_all"]].to_numpy().tolist()
    assert counts == [[3, 12, 10, 1], [3, 12, 5, 3]]
    assert table["explainer"].tolist() == ["DeepLift", "Saliency"]
    two = distinct_genes(lists, ["liver", "lung"])
    assert two["distinct"].tolist() == [7, 4]
    with pytest.raises(UnknownNameError, match="tissue with top genes 'livers'"):
        distinct_genes(lists, ["livers"])


def test_models_are_averaged(lists) -> None:
    other = lists.assign(model=1)
    other.loc[other["explainer"] == "Saliency", "gene"] += "x"
    other.loc[other["explainer"] == "DeepLift", "gene"] += other["tissue"]
    both = pd.concat([lists.assign(model=0), other])
    assert distinct_genes(both)["distinct"].tolist() == [(10 + 12) / 2, 5]
    assert distinct_genes(both)["in_all"].tolist() == [0.5, 3]
    overlap = tissue_overlap(both).set_index(["explainer", "a", "b"])["overlap"]
    assert overlap["DeepLift", "liver", "lung"] == (0.25 + 0) / 2
    assert overlap["Saliency", "liver", "lung"] == 1


def test_overlap_between_tissues(lists) -> None:
    table = tissue_overlap(lists)
    assert table.columns.tolist()[3:] == ["a", "b", "overlap"]
    assert table["overlap"].tolist() == [0.25, 0.25, 0.25, 1, 0.75, 0.75]
    pairs = table[["a", "b"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["liver", "lung"], ["liver", "ovary"], ["lung", "ovary"]]


def test_tau_of_top_genes(lists, expression) -> None:
    index = tau(expression)
    table = tau_of_top_genes(lists, index)
    assert len(table) == 24
    assert table["combination"].iloc[0] == "mlp:DeepLift:aggregated"
    assert table["tau"].tolist() == index[lists["gene"]].tolist()
    with pytest.raises(BadInputError, match="top gene 'G9' has no tau"):
        tau_of_top_genes(lists, index.drop("G9"))


@pytest.mark.parametrize("scope", ["all", "shown"])
def test_profiles_are_z_scores(lists, expression, scope: str) -> None:
    expression.loc["G5"] = 3.0
    table = expression_profiles(lists, expression, scope=scope)
    assert table.columns.tolist() == ["group", "combination", "gene", "listed_in", "tissue", "z"]
    assert table["group"].unique().tolist() == ["II", "III"]
    own = table[table["group"] == "II"]
    order = own.drop_duplicates("gene")
    assert order["gene"].tolist() == [f"G{i}" for i in range(10)]
    assert order["listed_in"].tolist() == ["liver"] * 4 + ["lung"] * 3 + ["ovary"] * 3
    wide = own.pivot(index="gene", columns="tissue", values="z")
    shown = ["liver", "lung", "ovary"]
    logs = np.log2(expression + 1)
    base = logs if scope == "all" else logs[shown]
    expected = logs[shown].sub(base.mean(axis=1), axis=0).div(base.std(axis=1, ddof=0), axis=0)
    expected.loc["G5"] = 0.0
    np.testing.assert_allclose(wide[shown], expected.loc[wide.index], atol=1e-12)


def test_tissues_can_be_chosen(lists, expression) -> None:
    table = expression_profiles(lists, expression, tissues=["lung", "liver"])
    assert table["tissue"].unique().tolist() == ["lung", "liver"]
    genes = table[table["group"] == "II"].drop_duplicates("gene")["gene"].tolist()
    assert genes == ["G4", "G5", "G6", "G0", "G1", "G2", "G3"]


def test_bad_input(lists, expression) -> None:
    with pytest.raises(UnknownNameError, match="scope of z-scores"):
        expression_profiles(lists, expression, scope="none")
    with pytest.raises(UnknownNameError, match="tissue with expression 'ovary'"):
        expression_profiles(lists, expression.drop(columns="ovary"))
    with pytest.raises(BadInputError, match="top gene 'G9' has no expression"):
        expression_profiles(lists, expression.drop(index="G9"))
    with pytest.raises(BadInputError, match="no top genes of cnn DeepLift: nothing to show"):
        expression_profiles(lists, expression, combinations={"I": REPRESENTATIVES["I"]})


def test_representatives_are_the_papers_where_they_are_members() -> None:
    members = pd.DataFrame(
        [
            ("I", "cnn:Saliency:single"),
            ("I", "cnn:Saliency:aggregated"),
            ("II", "mlp:InputXGradient:aggregated"),
            ("II", REPRESENTATIVES["II"]),
        ],
        columns=["group", "combination"],
    )
    assert representatives(members) == {"I": "cnn:Saliency:aggregated", "II": REPRESENTATIVES["II"]}
