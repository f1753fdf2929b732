"""Rules on expression, tissue-specific and housekeeping genes: each verdict can come out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from verdicts import check

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


def left_out(shares: list[float], chosen: str, tissue: str = "liver") -> pd.DataFrame:
    """What lists hold without each of some models."""
    found = [
        (architecture, explainer, model, tissue, chosen, 100 * share, 100)
        for architecture, explainer, aggregated in COMBINATIONS
        if aggregated
        for model, share in enumerate(shares)
    ]
    names = ["architecture", "explainer", "model", "tissue", "set", "hits", "size"]
    return pd.DataFrame(found, columns=names)


@pytest.mark.parametrize(
    ("name", "table", "chosen", "models"),
    [("E4", "expression", "top_expressed", 4), ("E10", "specificity", "enhanced", 4),
     ("E5", "expression", "top_expressed", 8), ("E11", "specificity", "enhanced", 8)],
)  # fmt: skip
def test_the_interval_of_a_list_is_over_models(
    name: str, table: str, chosen: str, models: int
) -> None:
    """E5 and E11 speak of MLPs and of CNNs, whose lists do not depend on each other's models."""
    counts = hits(lambda *_: 0.6) if table == "expression" else specific(0.6)
    each = [0.55, 0.6, 0.62, 0.63]
    found = judge(name, **{table: counts, "left_out": left_out(each, chosen)})
    alone = judge(name, **{table: counts})
    assert (found.verdict, found.observed) == (alone.verdict, alone.observed)
    assert (found.n, found.unit) == (models, "models")
    assert np.isnan(alone.ci_low)
    other = judge(name, **{table: counts, "left_out": left_out(each, chosen, "lung")})
    assert np.isnan(other.ci_low)
    if models == 4:
        error = np.sqrt(3 / 4 * np.sum((np.array(each) - np.mean(each)) ** 2))
        assert found.ci_high == pytest.approx(0.6 + stats.t.ppf(0.975, 3) * error)


def judge(name: str, **tables: pd.DataFrame) -> Verdict:
    return check(RULES[name].judge(tables))


def correlated(level: Level) -> pd.DataFrame:
    """Correlations of absolute scores, and the opposite of signed ones."""
    table = rows("spearman_absolute", level)
    return table.assign(spearman=-table["spearman_absolute"])


@pytest.mark.parametrize(
    ("others", "exception", "verdict"),
    [(0.1, 0.6, "reproduced"), (0.1, 0.1, "partly"), (0.5, 0.1, "not_reproduced")],
)
def test_weak_correlations(others: float, exception: float, verdict: str) -> None:
    found = judge(
        "E1",
        expression=correlated(lambda g, e, *_: exception if e == "InputXGradient" else -others),
    )
    assert found.verdict == verdict
    assert found.observed == pytest.approx(others)
    assert "with signed scores" in found.reason


@pytest.mark.parametrize(
    ("strong", "verdict"), [(4, "reproduced"), (2, "partly"), (1, "not_reproduced")]
)
def test_strong_correlations(strong: int, verdict: str) -> None:
    names = ("DeepLift", "DeepLiftShap", "InputXGradient", "IntegratedGradients")[:strong]
    table = correlated(lambda g, e, *_: 0.7 if e in names else -0.7)
    assert judge("E2", expression=table).verdict == verdict


def test_a_negative_correlation() -> None:
    table = correlated(lambda *_: -0.2)
    assert judge("E3", expression=table).verdict == "reproduced"
    own = table["spearman_absolute"]
    some = table.assign(spearman_absolute=own.where(table["tissue"] != "lung", 0.1))
    assert judge("E3", expression=some).verdict == "partly"
    assert judge("E3", expression=table.assign(spearman_absolute=0.1)).verdict == "not_reproduced"


def test_the_size_of_scores_is_judged_and_the_sign_stands_beside_it() -> None:
    table = correlated(lambda *_: -0.2).assign(spearman=0.86)
    found = judge("E3", expression=table)
    assert (found.verdict, found.observed) == ("reproduced", pytest.approx(-0.2))
    assert "with signed scores GuidedBackprop (I) +0.86" in found.reason


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
        found = judge(claim, specificity=hits(level, set="enhanced"))
    assert found.verdict == verdict
    # The number that decides: the largest of the members.
    assert found.observed == pytest.approx(max(in_one, in_three))


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
    values = {"a": two, "b": 0.5}
    lists = rows("rank", lambda *_: 1.0)
    own = [
        "a" if paper_group(combination_name(*key)) == "II" else "b"
        for key in lists[["architecture", "explainer", "aggregated"]].itertuples(index=False)
    ]
    table = pd.DataFrame(
        [(gene, tissue, value) for gene, value in values.items() for tissue in TISSUES],
        columns=["gene", "tissue", "specificity"],
    )
    found = judge("E7", top_lists=lists.assign(gene=own), own_specificity=table)
    assert found.verdict == verdict
    assert found.observed == pytest.approx(two - 0.5)
    # Specific to another tissue does not count.
    elsewhere = table.assign(specificity=table["specificity"].where(table["gene"] == "b", 0.05))
    odd = judge("E7", top_lists=lists.assign(gene=own), own_specificity=elsewhere)
    assert odd.verdict == "not_reproduced"
    missing = judge("E7", top_lists=lists.assign(gene=own), own_specificity=table.iloc[1:])
    assert missing.verdict == "not_testable"


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


def specific(enhanced: float, narrow: float = 0.15, union: float = 0.65) -> pd.DataFrame:
    levels = {"enhanced": enhanced, "tissue_enhanced": narrow, "tissue_specific": union}
    return pd.concat([hits(lambda *_, v=v: v, set=name) for name, v in levels.items()])


@pytest.mark.parametrize(
    ("enhanced", "verdict"),
    [(0.7, "reproduced"), (0.55, "partly"), (0.88, "partly"), (0.95, "not_reproduced"),
     (0.2, "not_reproduced")],
)  # fmt: skip
def test_most_of_group_two_is_specific(enhanced: float, verdict: str) -> None:
    """One definition decides; the others are told, whatever they give."""
    table = specific(enhanced)
    found = judge("E10", specificity=table)
    assert (found.verdict, found.observed) == (verdict, pytest.approx(enhanced))
    assert "of all three groups of TissueEnrich: 65%" in found.reason
    assert "tissue-enhanced and in no other group: 15%" in found.reason
    away = table[table["tissue"] != "liver"]
    assert judge("E10", specificity=away).verdict == "not_testable"


@pytest.mark.parametrize(("with_it", "verdict"), [(0.1, "reproduced"), (0.5, "not_reproduced")])
def test_aggregation_lowers_specific_genes(with_it: float, verdict: str) -> None:
    table = hits(lambda g, e, a, _: with_it if a else 0.3, set="enhanced")
    assert judge("E12", specificity=table).verdict == verdict


def test_aggregation_that_lowers_in_some_tissues_alone() -> None:
    table = hits(lambda g, e, a, _: 0.0 if a else 0.3, set="enhanced")
    other = hits(lambda g, e, a, _: 0.4 if a else 0.3, set="enhanced")
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
