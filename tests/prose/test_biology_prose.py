"""Sentences on consistency, expression and specificity hold the numbers of their tables."""

from __future__ import annotations

import itertools
from types import ModuleType

import pandas as pd
import pytest
from said import said, table_rows

from helpers.biology import REPRESENTATIVES
from helpers.prose import consistency, expression_status, specificity
from helpers.prose.writing.wording import combination_phrase

CHAPTERS = {
    consistency: "07_consistency_and_groups",
    expression_status: "08_expression_status",
    specificity: "09_tissue_specific_and_housekeeping",
}


def sentence(room: ModuleType, block: str, *given: object, **more: object) -> str:
    """Return what a chapter says on what a function of the room found."""
    return said(CHAPTERS[room], block, getattr(room, block)(*given), **more)


PERCENT = "\u202f%"


def test_relations() -> None:
    overlaps = {
        "cnn_single": 0.02, "cnn_same_model": 0.12, "cnn_aggregated": 0.4,
        "mlp_single": 0.5, "mlp_same_model": 0.55, "mlp_aggregated": 0.6,
        "cnn_aggregated_mlp": 0.013, "mlp_same_explainer": 0.9,
    }  # fmt: skip
    table = pd.DataFrame(
        [
            (name, tissue, overlap + shift)
            for name, overlap in overlaps.items()
            for tissue, shift in (("liver", 0.01), ("lung", -0.01))
        ],
        columns=["relation", "tissue", "overlap"],
    )
    text = sentence(consistency, "relations", table, 0.0053)
    assert f"On CNNs two explainers share 12{PERCENT} of their top genes within one model" in text
    assert f"(2{PERCENT} over all pairs of models)" in text
    assert f"and 60{PERCENT} with aggregation" in text
    assert f"One explainer has 90{PERCENT} of its top genes in common" in text
    assert f"Aggregated CNNs share 1.3{PERCENT} of their top genes with MLPs, aggregated or" in text
    assert text.endswith(f"All are means of 2 tissues; chance is 0.5{PERCENT}.")
    mlp = sentence(consistency, "relations", table[table["relation"].str.startswith("mlp")], 0.0053)
    assert "CNN" not in mlp


GROUPS = pd.DataFrame(
    {
        "combination": ["mlp:DeepLift:aggregated", "mlp:InputXGradient:aggregated",
                        "mlp:Saliency:aggregated", "mlp:GuidedBackprop:aggregated",
                        "mlp:IntegratedGradients:aggregated", "cnn:Saliency:single"],
        "cluster": [1, 1, 2, 2, 2, 3],
        "paper_group": ["II", "II", "III", "III", "II", ""],
    }
)  # fmt: skip


def test_groups_name_who_moved() -> None:
    choice = pd.DataFrame(
        {"clusters": [2, 3], "silhouette": [0.1, 0.44], "adjusted_rand": [0.0, 0.17],
         "chosen": [False, True]}
    )  # fmt: skip
    text = sentence(consistency, "groups", GROUPS, choice)
    assert "The 6 combinations fall into 3 clusters (mean silhouette 0.44), 1 of them" in text
    assert "groups is 0.17" in text
    assert text.endswith(
        "lies: IntegratedGradients on aggregated MLPs (in cluster 2, that of group III)."
    )
    assert (
        "Of the combinations, cluster 1 holds 2 of the 5 with MLPs; cluster 2 holds 3 of the 5 "
        "with MLPs; by itself is Saliency on single CNNs."
    ) in text
    # All members are on MLPs, so the architecture tells nothing.
    assert "MLP and nothing else reaches 0.00, so the clusters tell more" in text
    equal = sentence(consistency, "groups", GROUPS, choice.assign(adjusted_rand=0.0))
    assert "so the clusters tell no more" in equal
    same = sentence(consistency, "groups", GROUPS.drop(index=4), choice)
    assert same.endswith("Each group lies within one cluster, apart from the other groups.")
    none = sentence(consistency, "groups", GROUPS, choice.assign(adjusted_rand=float("nan")))
    assert "at least two of the paper's groups" in none


def test_groups_stand_out() -> None:
    names = [f"cnn:{name}:aggregated" for name in ("DeepLift", "DeepLiftShap", "InputXGradient")]
    names += [f"mlp:{name}:aggregated" for name in ("DeepLift", "DeepLiftShap", "InputXGradient")]
    rows = [
        (a, b, "liver", 0.1 if a[:3] != b[:3] else 1.0 if "DeepLiftShap" in b else 0.7)
        for a, b in itertools.combinations(names, 2)
        if (a, b) != (names[1], names[2])
    ]
    table = pd.DataFrame(rows, columns=["a", "b", "tissue", "overlap"])
    text = sentence(consistency, "stand_out", table)
    assert f"group I 85{PERCENT} with each other and 10{PERCENT} with the rest" in text
    assert f"DeepLift and DeepLiftShap, share 100{PERCENT}" in text
    assert f"Counted once, its members share 70{PERCENT} with each other" in text
    mlp = table[table["a"].str.startswith("mlp")]
    assert "group I," not in sentence(consistency, "stand_out", mlp)


def test_shared_genes() -> None:
    rows = [
        ("mlp", explainer, times, value)
        for explainer, values in (("A", [0.3, 0.5, None]), ("B", [0.4, 0.2, 1.0]))
        for times, value in enumerate(values, 1)
    ]
    table = pd.DataFrame(rows, columns=["architecture", "explainer", "shared_by", "overlap"])
    text = sentence(consistency, "shared", table)
    assert text.startswith(f"MLP: 35{PERCENT} of the top genes of a single replicate")
    assert f"and 35{PERCENT} of those that two or more" in text
    assert "(more for 1 of 2 explainers)" in text


def combinations(**columns: list) -> pd.DataFrame:
    """Saliency and DeepLift of MLPs, without and with aggregation."""
    return pd.DataFrame(
        {"architecture": "mlp", "explainer": ["Saliency", "Saliency", "DeepLift", "DeepLift"],
         "aggregated": [False, True, False, True], "tissue": "liver"} | columns
    )  # fmt: skip


def test_correlations_are_those_of_the_groups() -> None:
    text = sentence(
        expression_status, "correlations", combinations(spearman=[0.9, -0.001, 0.9, -0.42])
    )
    assert "group II correlate with mean expression by -0.42 (DeepLift)," in text
    assert "group III correlate with mean expression by 0.00 (Saliency)." in text
    assert "0.90" not in text
    none = combinations(spearman=[0.0] * 4).assign(aggregated=False)
    assert sentence(expression_status, "correlations", none).startswith("None of the groups")


def test_top_expressed() -> None:
    table = combinations(hits=[10, 5, 40, 45], size=100, expected=0.53)
    text = sentence(expression_status, "top_expressed", table, "liver")
    assert (
        f"In liver, of the top genes of group II 45{PERCENT} and group III 5{PERCENT} are among "
        f"the 100 highest expressed, by chance 0.5{PERCENT} of any list."
    ) in text
    assert f"MLPs moves the mean over explainers from 25.0{PERCENT} to 25.0{PERCENT}." in text


def test_tissues_and_tau() -> None:
    distinct = combinations(tissues=4, listed=400, distinct=[300, 120, 390, 380])
    overlap = combinations(overlap=[0.1, 0.9, 0.02, 0.01])
    text = sentence(expression_status, "tissues", distinct, overlap, REPRESENTATIVES)
    assert text.startswith(f"Two tissues share 1{PERCENT} of the top genes of group II")
    assert ["II", "DeepLift on aggregated MLPs", "380", "400 (4 tissues)"] in table_rows(text)
    assert all(row[0] != "I" for row in table_rows(text))
    taus = pd.DataFrame({"combination": ["mlp:DeepLift:aggregated"] * 3, "tau": [0.7, 0.8, 0.95]})
    text = sentence(expression_status, "tau", taus, pd.Series([0.2, 0.4]), REPRESENTATIVES)
    assert "0.80 for group II (DeepLift on aggregated MLPs); that of all genes is 0.30" in text


def test_genes_are_counted_once_in_their_group() -> None:
    table = pd.DataFrame(
        {"gene": ["a", "a", "b", "c"], "tissue": ["liver", "lung", "liver", "all"],
         "group": ["group_enriched", "group_enriched", "tissue_enriched", "mixed"]}
    )  # fmt: skip
    text = sentence(specificity, "genes", table, 35, fold=5.0, tpm=1.0, most=7)
    assert text.endswith(
        "Of 3 genes in 35 classes: 1 tissue-enriched, 1 group-enriched and 1 mixed."
    )


HITS = combinations(
    hits=[20, 4, 60, 70], size=100, set_size=400, expected=2.0, fold=[10, 2, 30, 35],
    fdr=[0.0, 0.3, 0.0, 0.0], fold_matched=[1, 0.5, 2, 3], fdr_matched=[0.9, 0.01, 0.02, 0.01],
)  # fmt: skip


def test_shares_beside_both_kinds_of_chance() -> None:
    text = sentence(specificity, "shares", HITS, "liver", "tissue-specific genes")
    assert f"(400 genes in all, chance 2.0{PERCENT}): group II 70{PERCENT} and group III 4" in text
    assert "Against all genes, 1 of 2 aggregated lists of the groups hold more" in text
    assert "than chance and 0 fewer" in text
    assert "Against genes of the same expression, 1 of 2" in text
    assert "than chance and 1 fewer" in text
    empty = sentence(specificity, "shares", HITS.assign(set_size=0), "liver", "housekeeping genes")
    assert empty.startswith("No measured gene is among the housekeeping genes")


def test_aggregation() -> None:
    text = sentence(specificity, "aggregation", HITS, "mlp", "tissue-specific genes")
    assert f"is 40.0{PERCENT} without and 37.0{PERCENT} with aggregation" in text
    assert "and 1 tissue)" in text
    assert text.endswith("lower with aggregation for 1 of 2 explainers.")


def test_facts_are_numbers() -> None:
    facts = specificity.shares(HITS, "liver", "tissue-specific genes")
    assert facts["inside"] == 400
    assert facts["chance"] == 0.02
    assert [row["lowest"] for row in facts["groups"]] == [0.7, 0.04]
    assert facts["against"] == [
        {"kind": "all", "lists": 2, "more": 1, "fewer": 0},
        {"kind": "matched", "lists": 2, "more": 1, "fewer": 1},
    ]
    found = expression_status.tau(
        pd.DataFrame({"combination": ["a", "a"], "tau": [0.5, 0.7]}), pd.Series([0.2]), {"I": "a"}
    )
    assert found["groups"] == [{"name": "I", "combination": "a", "median": pytest.approx(0.6)}]


def test_housekeeping_genes_of_both_rules() -> None:
    row = {"measured": 1000, "published": 400, "published_measured": 350, "shared": 30, "fold": 3.1}
    none = {"rule": "paper", "found": 0} | row | {"shared": 0, "fold": float("nan")}
    table = pd.DataFrame([none, {"rule": "eisenberg", "found": 40} | row])
    text = sentence(specificity, "housekeeping", table, 83)
    assert "each of 83 classes" in text
    assert "0 of 1,000 genes are housekeeping genes. No list of top genes can hold any" in text
    assert "(expressed in every class, here a median of at least 1 TPM; no class" in text
    assert "below 1) they are 40. Of those of the other rule 30 (75\u202f%) are among" in text
    assert "3.1 times as many as by chance" in text
    assert "nan" not in text
    alone = sentence(
        specificity, "housekeeping", table.assign(published=0, published_measured=0), 83
    )
    assert alone.endswith("they are 40.")


def test_combinations_in_sentences() -> None:
    assert combination_phrase("cnn:DeepLift:single") == "DeepLift on single CNNs"
