"""Each rule on function gives each verdict on tables that are made to call for it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from verdicts import check

from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.judging import NotTestableError, Verdict
from helpers.claims.ledger import claims
from helpers.claims.rulebook import PLAIN_RULES as RULES
from helpers.claims.rules.function import (
    EVERYWHERE,
    FUNCTION_RULES,
    share_of_unique_terms,
)
from helpers.claims.rules.lists import need_tissue
from helpers.claims.rules.regulators import REGULATOR_RULES
from helpers.stability.groups import PAPER_GROUPS

TISSUES = ("liver", "ovary", "pancreas")
GROUPS = {
    group: [tuple(name.split(":")[:2]) for name in names] for group, names in PAPER_GROUPS.items()
}


def lists(tissues: tuple[str, ...] = TISSUES) -> pd.DataFrame:
    keys = [
        (architecture, explainer, True, tissue, 1, "ALB", 1.0)
        for group in GROUPS.values()
        for architecture, explainer in group
        for tissue in tissues
    ]
    names = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene", "score"]
    return pd.DataFrame(keys, columns=names)


def go(group: str, terms: dict[tuple[str, str], list[str]], fdr: float = 0.01) -> pd.DataFrame:
    """Terms by (explainer or "*", tissue); every list also has one that is not enriched."""
    rows = []
    for architecture, explainer in GROUPS[group]:
        for tissue in TISSUES:
            named = [*terms.get(("*", tissue), []), *terms.get((explainer, tissue), [])]
            for name, value in [*((name, fdr) for name in named), ("nothing", 0.9)]:
                rows.append((architecture, explainer, True, tissue, "MF", name, name, value))
    keys = ["architecture", "explainer", "aggregated", "tissue", "ontology"]
    table = pd.DataFrame(rows, columns=[*keys, "term_id", "term", "fdr"])
    return table.assign(overlap=3, size=9, expected=1.0, fold=3.0, p=0.01, genes="A", reduced=True)


def judge(name: str, **tables: pd.DataFrame) -> Verdict:
    # As in a run, a rule sees the columns that are declared for it and no others.
    seen = {
        key: tables[key].filter(items=TABLE_COLUMNS[key])
        for key in RULES[name].tables
        if key in tables
    }
    found = RULES[name].judge(seen)
    assert "nan" not in found.reason
    return check(found)


def test_all_statements_on_function_have_a_rule() -> None:
    own = FUNCTION_RULES | REGULATOR_RULES
    assert set(own) == {f"G{number}" for number in range(1, 11)}
    assert set(own) <= set(claims()) & set(RULES)
    assert all(rule.fair and rule.statistic and rule.expected for rule in own.values())


@pytest.mark.parametrize(
    ("terms", "verdict"),
    [
        ({}, "reproduced"),
        ({("Saliency", "liver"): ["x"], ("DeepLift", "liver"): ["x"]}, "partly"),
        ({("*", tissue): ["x"] for tissue in TISSUES}, "not_reproduced"),
    ],
)
def test_no_term_of_group_i(terms: dict, verdict: str) -> None:
    assert judge("G1", go=go("I", terms), top_genes=lists()).verdict == verdict


OWN = {("*", tissue): [f"{tissue} a", f"{tissue} b"] for tissue in TISSUES}
NAMED = [f"{name} binding" for name in EVERYWHERE]
SAME = {("*", tissue): ["a", "b"] for tissue in TISSUES}


def with_term(terms: dict, *added: str, where: tuple[str, str]) -> dict:
    return terms | {where: [*terms.get(where, []), *added]}


@pytest.mark.parametrize(
    ("terms", "verdict"),
    [
        (with_term(OWN, "lipoprotein lipase activity", where=("*", "liver")), "reproduced"),
        (OWN, "partly"),
        (with_term(SAME, "lipoprotein binding", where=("*", "liver")), "partly"),
        (SAME, "not_reproduced"),
        ({}, "not_testable"),
    ],
)
def test_terms_of_one_tissue(terms: dict, verdict: str) -> None:
    assert judge("G2", go=go("II", terms), top_genes=lists()).verdict == verdict


@pytest.mark.parametrize(
    ("named", "verdict"),
    [
        ({("*", "pancreas"): ["oligosaccharide binding", "peptidoglycan binding"]}, "reproduced"),
        ({("DeepLift", "pancreas"): ["peptidoglycan binding"]}, "partly"),
        ({("*", "liver"): ["oligosaccharide binding"]}, "not_reproduced"),
    ],
)
def test_terms_of_pancreas(named: dict, verdict: str) -> None:
    assert judge("G3", go=go("II", named), top_genes=lists()).verdict == verdict


@pytest.mark.parametrize(
    ("terms", "verdict"),
    [
        ({(e, t): ["a", e[:5]] if e == "InputXGradient" else ["a", "b"]
          for _, e in GROUPS["II"] for t in TISSUES}, "reproduced"),
        (with_term(SAME, "x", where=("InputXGradient", "liver")), "partly"),
        (SAME, "not_reproduced"),
        ({}, "not_testable"),
    ],
)  # fmt: skip
def test_three_explainers_agree(terms: dict, verdict: str) -> None:
    found = judge("G4", go=go("II", terms), top_genes=lists())
    assert found.verdict == verdict
    assert verdict == "not_testable" or "no evidence about biology" in found.reason


@pytest.mark.parametrize(
    ("terms", "verdict"),
    [
        ({("*", t): NAMED for t in TISSUES}, "reproduced"),
        (SAME, "partly"),
        ({("*", t): [*OWN["*", t], *NAMED[:3]] for t in TISSUES}, "partly"),
        ({("*", t): [*OWN["*", t], *NAMED[:2]] for t in TISSUES}, "not_reproduced"),
        (OWN, "not_reproduced"),
        ({}, "not_testable"),
    ],
)
def test_the_same_terms_everywhere(terms: dict, verdict: str) -> None:
    assert judge("G5", go=go("III", terms), top_genes=lists()).verdict == verdict


def test_statements_on_a_tissue_that_is_not_explained_are_not_testable() -> None:
    other = lists(("lung", "kidney"))
    for name, group in (("G2", "II"), ("G3", "II")):
        found = judge(name, go=go(group, OWN), top_genes=other)
        assert found.verdict == "not_testable"
        assert "this run explains lung, kidney" in found.reason
    found = judge("G5", go=go("III", OWN), top_genes=lists(("liver",)))
    assert found.verdict == "not_testable"


@pytest.mark.parametrize("name", FUNCTION_RULES)
def test_without_a_gene_in_any_set_nothing_can_be_judged(name: str) -> None:
    assert judge(name, go=go("I", {}).iloc[:0], top_genes=lists()).verdict == "not_testable"


def regulators(
    hits: dict[tuple[str, str], int], name: str = "transcription_factors", source: str = "go",
    **more: float,
) -> pd.DataFrame:  # fmt: skip
    """Lists of all groups, GuidedGradCam++ too; by chance 8; hits by (group, tissue or "*").

    A fold above 2 or below 0.5 counts as certain.
    """
    rows = []
    everyone = [*((g, *pair) for g, pairs in GROUPS.items() for pair in pairs),
                ("", "cnn", "GuidedGradCam++")]  # fmt: skip
    for group, architecture, explainer in everyone:
        for tissue in TISSUES:
            found = hits.get(
                (explainer, tissue), hits.get((group, tissue), hits.get((group, "*"), 8))
            )
            fold = found / 8
            p = 0.001 if fold > 2 or fold < 0.5 else 0.6
            rows.append((architecture, explainer, True, tissue, found, fold, p))
    table = pd.DataFrame(
        rows, columns=["architecture", "explainer", "aggregated", "tissue", "hits", "fold", "fdr"]
    )
    low, high = table["fold"] * 0.7, table["fold"] * 1.4
    return table.assign(
        set=name, source=source, size=100, expected=8.0, fold_low=low, fold_high=high,
        p_depleted=table["fdr"].where(table["fold"] < 1, 0.99), p_enriched=table["fdr"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "hits", "verdict"),
    [
        ("G6", {("III", "*"): 20}, "reproduced"),
        ("G6", {("III", "*"): 40}, "partly"),
        ("G6", {("III", "*"): 15}, "partly"),
        ("G6", {("III", "*"): 9}, "not_reproduced"),
        ("G7", {("II", "liver"): 2}, "reproduced"),
        ("G7", {("II", "liver"): 6}, "partly"),
        ("G7", {("II", "liver"): 9}, "not_reproduced"),
        ("G8", {("II", "ovary"): 12}, "reproduced"),
        ("G8", {("II", "ovary"): 18}, "partly"),
        ("G8", {("II", "ovary"): 7}, "not_reproduced"),
        ("G9", {("", "*"): 20}, "reproduced"),
        ("G9", {}, "partly"),
        ("G9", {("I", "liver"): 30, ("", "*"): 20}, "partly"),
        ("G9", {("I", "liver"): 30}, "not_reproduced"),
    ],
)
def test_transcription_factors(name: str, hits: dict, verdict: str) -> None:
    assert judge(name, regulators=regulators(hits)).verdict == verdict


def test_the_number_that_is_judged_is_the_one_that_is_shown() -> None:
    """Three of the four lists alone would be enough, and the mean of all is not."""
    odd = {("II", "ovary"): 9, ("InputXGradient", "ovary"): 6}
    found = judge("G8", regulators=regulators(odd))
    assert (found.verdict, found.observed) == ("partly", pytest.approx((3 * 9 + 6) / 4 / 8))
    assert f"mean {found.observed:.3f}" in found.reason
    assert "above 1 for 3 of 4 explainers" in found.reason
    liver = {("II", "liver"): 2, ("InputXGradient", "liver"): 9}
    found = judge("G7", regulators=regulators(liver))
    assert found.observed == pytest.approx((3 * 2 + 9) / 4 / 8)
    assert "below 1 for 3 of 4 explainers, for 3 of them with p ≤ 0.05" in found.reason


def test_the_interval_of_one_list_is_over_models() -> None:
    rows = [
        ("mlp", explainer, model, "liver", "transcription_factors:go", hits, 100)
        for _, explainer in GROUPS["II"]
        for model, hits in enumerate([2, 4, 5, 3])
    ]
    columns = ["architecture", "explainer", "model", "tissue", "set", "hits", "size"]
    left_out = pd.DataFrame(rows, columns=columns)
    found = judge("G7", regulators=regulators({("II", "liver"): 4}), left_out=left_out)
    # By chance 8 of 100: folds without one model are 2/8, 4/8, 5/8 and 3/8.
    error = math.sqrt(3 / 4 * sum((fold - 3.5 / 8) ** 2 for fold in (2 / 8, 4 / 8, 5 / 8, 3 / 8)))
    assert found.ci_high == pytest.approx(0.5 + stats.t.ppf(0.975, 3) * error)
    assert (found.n, found.unit) == (4, "models")
    alone = judge("G7", regulators=regulators({("II", "liver"): 4}))
    assert (alone.verdict, alone.observed) == (found.verdict, found.observed)
    assert math.isnan(alone.ci_low)


def test_terms_and_explainers_that_depend_on_each_other_are_no_units() -> None:
    found = judge("G2", go=go("II", OWN), top_genes=lists())
    assert (found.n, found.unit) == (3, "tissues")
    assert judge("G1", go=go("I", {}), top_genes=lists()).unit == "tissues"
    for name, kind in (("G6", "transcription_factors"), ("G9", "transcription_factors"),
                       ("G10", "cofactors")):  # fmt: skip
        assert judge(name, regulators=regulators({}, kind)).unit == "tissues"


def test_without_enriched_terms_the_control_counts_none() -> None:
    tables = {"go": go("II", {}), "top_genes": lists()}
    assert share_of_unique_terms(tables) == 0.0
    assert share_of_unique_terms(tables | {"go": go("II", OWN)}) == 1.0


@pytest.mark.parametrize(
    ("hits", "verdict"),
    [
        ({}, "reproduced"),
        ({("III", "liver"): 20, ("III", "*"): 2}, "partly"),
        ({("III", "*"): 12}, "not_reproduced"),
    ],
)
def test_cofactors(hits: dict, verdict: str) -> None:
    assert judge("G10", regulators=regulators(hits, "cofactors")).verdict == verdict


def test_the_papers_source_is_judged_where_it_is_given() -> None:
    both = pd.concat([regulators({}), regulators({("III", "*"): 20}, source="animaltfdb")])
    found = judge("G6", regulators=both)
    assert found.verdict == "reproduced"
    assert "AnimalTFDB" in found.reason


def test_regulators_of_a_tissue_that_is_not_explained() -> None:
    table = regulators({})
    found = judge("G8", regulators=table[table["tissue"] != "ovary"])
    assert found.verdict == "not_testable"
    assert "about ovary" in found.reason


def test_a_tissue_is_found_under_the_papers_code_too() -> None:
    lists = pd.DataFrame({"tissue": ["GTEx_Brain_Cortex", "GTEx_Liver", "TCGA_LIHC"]})
    assert need_tissue(lists, "liver") == "GTEx_Liver"
    assert need_tissue(lists.replace("GTEx_Liver", "liver"), "liver") == "liver"
    with pytest.raises(NotTestableError, match="about ovary, and this run explains GTEx_Brain"):
        need_tissue(lists, "ovary")


@pytest.mark.parametrize("name", ["G6", "G7", "G8", "G9", "G10"])
def test_genes_that_no_list_of_regulators_knows_are_no_evidence(name: str) -> None:
    kind = "cofactors" if name == "G10" else "transcription_factors"
    unknown = regulators({}, kind).assign(hits=0, fold=np.nan, fold_low=np.nan, fold_high=np.nan)
    found = judge(name, regulators=unknown)
    assert found.verdict == "not_testable"
    assert kind.replace("_", " ") in found.reason
