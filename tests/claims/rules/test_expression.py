"""Rules on expression, tissue-specific and housekeeping genes: each verdict can come out."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from helpers.claims.judging import Verdict
from helpers.claims.rulebook import PLAIN_RULES as RULES
from helpers.explain import EXPLAINERS
from helpers.stability import combination_name, paper_group

TISSUES = ("liver", "lung", "ovary")
COMBINATIONS = [
    (architecture, explainer, aggregated)
    for architecture in ("cnn", "mlp")
    for explainer, entry in EXPLAINERS.items()
    if architecture in entry.architectures
    for aggregated in (False, True)
]
Level = Callable[[str, str, bool, str], float]
"""From paper's group, explainer, aggregated and architecture to a value."""


def rows(column: str, level: Level, tissues: tuple[str, ...] = TISSUES) -> pd.DataFrame:
    found = [
        (*key, tissue, level(paper_group(combination_name(*key)), key[1], key[2], key[0]))
        for key in COMBINATIONS
        for tissue in tissues
    ]
    return pd.DataFrame(
        found, columns=["architecture", "explainer", "aggregated", "tissue", column]
    )


def hits(level: Level, tissues: tuple[str, ...] = TISSUES, **named: object) -> pd.DataFrame:
    """Shares of lists of 100 genes; chance is one gene."""
    table = rows("hits", lambda *key: 100 * level(*key), tissues)
    return table.assign(size=100, expected=1.0, set_size=300, **named)


def judge(name: str, **tables: pd.DataFrame) -> Verdict:
    found = RULES[name].judge(tables)
    assert found.reason
    if found.verdict != "not_testable" and name != "E8":
        assert found.ci_low - 1e-9 <= found.observed <= found.ci_high + 1e-9
        assert "resamples" in found.reason
    return found


@pytest.mark.parametrize(
    ("others", "exception", "verdict"),
    [(0.1, 0.6, "reproduced"), (0.1, 0.1, "partly"), (0.5, 0.1, "not_reproduced")],
)
def test_weak_correlations(others: float, exception: float, verdict: str) -> None:
    table = rows("spearman", lambda g, e, *_: exception if e == "InputXGradient" else -others)
    found = judge("E1", expression=table)
    assert found.verdict == verdict
    assert found.observed == pytest.approx(others)


@pytest.mark.parametrize(
    ("strong", "verdict"), [(4, "reproduced"), (2, "partly"), (1, "not_reproduced")]
)
def test_strong_correlations(strong: int, verdict: str) -> None:
    names = ("DeepLift", "DeepLiftShap", "InputXGradient", "IntegratedGradients")[:strong]
    table = rows("spearman", lambda g, e, *_: 0.7 if e in names else -0.7)
    assert judge("E2", expression=table).verdict == verdict


def test_a_negative_correlation() -> None:
    table = rows("spearman", lambda *_: -0.2)
    assert judge("E3", expression=table).verdict == "reproduced"
    some = table.assign(spearman=table["spearman"].where(table["tissue"] != "lung", 0.1))
    assert judge("E3", expression=some).verdict == "partly"
    assert judge("E3", expression=table.assign(spearman=0.1)).verdict == "not_reproduced"


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.45, "reproduced"), (0.32, "partly"), (0.9, "not_reproduced"), (0.1, "not_reproduced")],
)
def test_half_of_group_two_is_highly_expressed_in_liver(share: float, verdict: str) -> None:
    found = judge("E4", expression=hits(lambda *_: share))
    assert found.verdict == verdict
    assert found.observed == pytest.approx(share)


@pytest.mark.parametrize("name", ["E4", "E5"])
def test_without_liver_nothing_can_be_said_of_it(name: str) -> None:
    found = judge(name, expression=hits(lambda *_: 0.5, ("lung", "TCGA_liver")))
    assert found.verdict == "not_testable"
    assert found.reason == "Liver is not among the tissues that were explained."
    assert judge(name, expression=hits(lambda *_: 0.5, ("GTEx_Liver",))).verdict != "not_testable"


@pytest.mark.parametrize("claim", ["E5", "E11"])
@pytest.mark.parametrize(
    ("in_one", "in_three", "verdict"),
    [(0.05, 0.05, "reproduced"), (0.05, 0.3, "partly"), (0.3, 0.05, "not_reproduced")],
)
def test_few_of_groups_one_and_three(
    claim: str, in_one: float, in_three: float, verdict: str
) -> None:
    level: Level = lambda g, *_: {"I": in_one, "III": in_three}.get(g, 0.5)  # noqa: E731
    if claim == "E5":
        found = judge(claim, expression=hits(level))
    else:
        both = [hits(level, set=name) for name in ("tissue_enhanced", "tissue_specific")]
        found = judge(claim, specificity=pd.concat(both))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("without", "aggregated", "verdict"),
    [
        (0.3, 0.02, "reproduced"),
        (0.3, 0.2, "partly"),
        (0.3, 0.4, "not_reproduced"),
        (0.02, 0.01, "not_reproduced"),
    ],
)
def test_what_aggregation_removes_must_have_been_there(
    without: float, aggregated: float, verdict: str
) -> None:
    table = hits(lambda g, e, a, _: aggregated if a else without)
    assert judge("E6", expression=table).verdict == verdict


@pytest.mark.parametrize(
    ("two", "verdict"), [(0.9, "reproduced"), (0.55, "partly"), (0.3, "not_reproduced")]
)
def test_specific_expression_by_group(two: float, verdict: str) -> None:
    taus = {"a": two, "b": 0.5}
    lists = rows("rank", lambda *_: 1.0)
    own = [
        "a" if paper_group(combination_name(*key)) == "II" else "b"
        for key in lists[["architecture", "explainer", "aggregated"]].itertuples(index=False)
    ]
    tau = pd.DataFrame({"gene": list(taus), "tau": list(taus.values())})
    found = judge("E7", top_lists=lists.assign(gene=own), tau=tau)
    assert found.verdict == verdict
    assert found.observed == pytest.approx(two - 0.5)


@pytest.mark.parametrize(
    ("three", "verdict"), [(150, "reproduced"), (250, "partly"), (300, "not_reproduced")]
)
def test_distinct_genes_by_group(three: float, verdict: str) -> None:
    table = rows("distinct", lambda g, *_: three if g == "III" else 310, ("all",))
    assert judge("E8", distinct_genes=table.assign(tissues=4)).verdict == verdict
    assert judge("E8", distinct_genes=table.assign(tissues=1)).verdict == "not_testable"


@pytest.mark.parametrize(
    ("three", "verdict"), [(0.7, "reproduced"), (0.4, "partly"), (0.1, "not_reproduced")]
)
def test_genes_shared_between_tissues(three: float, verdict: str) -> None:
    pairs = [("liver", "lung"), ("liver", "ovary"), ("lung", "ovary")]
    one = rows("overlap", lambda g, *_: three if g == "III" else 0.1, ("all",))
    table = pd.concat([one.assign(a=a, b=b) for a, b in pairs])
    found = judge("E9", tissue_overlap=table)
    assert found.verdict == verdict
    assert judge("E9", tissue_overlap=table.iloc[:0]).verdict == "not_testable"


@pytest.mark.parametrize(
    ("enhanced", "union", "verdict"),
    [(0.7, 0.9, "reproduced"), (0.2, 0.65, "partly"), (0.55, 0.95, "partly"),
     (0.1, 0.4, "not_reproduced")],
)  # fmt: skip
def test_most_of_group_two_is_specific(enhanced: float, union: float, verdict: str) -> None:
    table = pd.concat(
        [
            hits(lambda *_: enhanced, set="tissue_enhanced"),
            hits(lambda *_: union, set="tissue_specific"),
        ]
    )
    assert judge("E10", specificity=table).verdict == verdict
    away = table[table["tissue"] != "liver"]
    assert judge("E10", specificity=away).verdict == "not_testable"


@pytest.mark.parametrize(("with_it", "verdict"), [(0.1, "reproduced"), (0.5, "not_reproduced")])
def test_aggregation_lowers_specific_genes(with_it: float, verdict: str) -> None:
    table = hits(lambda g, e, a, _: with_it if a else 0.3, set="tissue_specific")
    assert judge("E12", specificity=table).verdict == verdict


def test_aggregation_that_lowers_in_some_tissues_alone() -> None:
    table = hits(lambda g, e, a, _: 0.0 if a else 0.3, set="tissue_specific")
    other = hits(lambda g, e, a, _: 0.4 if a else 0.3, set="tissue_specific")
    mixed = pd.concat([table[table["tissue"] != "lung"], other[other["tissue"] == "lung"]])
    assert judge("E12", specificity=mixed).verdict == "partly"


def housekeeping(level: Level, paper: int = 300, eisenberg: int = 900) -> pd.DataFrame:
    return pd.concat(
        [
            hits(lambda *key: level(*key) if paper else 0.0, set="paper").assign(set_size=paper),
            hits(level, set="eisenberg").assign(set_size=eisenberg),
        ]
    )


@pytest.mark.parametrize(
    ("without", "aggregated", "verdict"),
    [(0.15, 0.05, "reproduced"), (0.15, 0.2, "partly"), (0.4, 0.5, "not_reproduced")],
)
@pytest.mark.parametrize("paper", [0, 300])
def test_some_are_housekeeping_genes(
    without: float, aggregated: float, verdict: str, paper: int
) -> None:
    table = housekeeping(lambda g, e, a, _: aggregated if a else without, paper)
    found = judge("E13", housekeeping=table)
    assert found.verdict == verdict
    rule = "By the paper's rule" if paper else "By Eisenberg and Levanon's, which 900"
    assert found.reason.startswith(rule)


@pytest.mark.parametrize(
    ("others", "exception", "verdict"),
    [(0.0, 0.1, "reproduced"), (0.0, 0.0, "partly"), (0.2, 0.1, "not_reproduced")],
)
def test_no_housekeeping_genes_but_by_one_explainer(
    others: float, exception: float, verdict: str
) -> None:
    table = housekeeping(lambda g, e, *_: exception if e == "InputXGradient" else others)
    assert judge("E14", housekeeping=table).verdict == verdict


@pytest.mark.parametrize("name", ["E13", "E14"])
def test_without_housekeeping_genes_nothing_can_be_said_of_them(name: str) -> None:
    found = judge(name, housekeeping=housekeeping(lambda *_: 0.0, 0, 20))
    assert found.verdict == "not_testable"
