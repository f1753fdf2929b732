"""What chapter 19 says, on tables that tell one thing or the other."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from said import said

from helpers.prose import ground_truth as prose

LEARNED = {"learned": True}

GENES = pd.DataFrame(
    {
        "tissue": ["liver"] * 3 + ["lung"] * 3 + ["a twin"],
        "gene": [f"G{i}" for i in range(7)],
        "stratum": ["strong_high", "pair", "decoy"] * 2 + ["product"],
    }
)


def sentence(block: str, facts: dict[str, Any]) -> str:
    return said("19_are_they_right", block, facts)


def curves(right: tuple[float, float], alike: tuple[float, float]) -> pd.DataFrame:
    """Two explainers in two classes, of one and of four networks; right of all eight too."""
    rows = []
    for number, (explainer, tissue) in enumerate(
        [("Saliency", "liver"), ("Saliency", "lung"), ("DeepLift", "liver"), ("DeepLift", "lung")]
    ):
        little = number / 1000
        for measure, (one, four) in (("auprc", right), ("overlap", alike)):
            rows += [
                (explainer, tissue, measure, 1, one),
                (explainer, tissue, measure, 4, four + little),
            ]
        rows.append((explainer, tissue, "auprc", 8, right[1] + 0.1))
    table = pd.DataFrame(rows, columns=["explainer", "tissue", "measure", "n", "value"])
    return table.assign(architecture="mlp")


@pytest.mark.parametrize(
    ("right", "alike", "words"),
    [
        ((0.5, 0.6), (0.3, 0.5), "Averaging makes explanations more right, and more alike:"),
        ((0.5, 0.499), (0.3, 0.5), "more alike, but not more right:"),
        ((0.5, 0.6), (0.3, 0.299), "more right, but no more alike:"),
        ((0.5, 0.4), (0.3, 0.2), "neither more right nor more alike"),
    ],
)
def test_the_finding_follows_the_two_gains(
    right: tuple[float, float], alike: tuple[float, float], words: str
) -> None:
    facts = prose.finding(curves(right, alike))
    assert words in sentence("answer", facts | LEARNED | {"t_test": 0.7})
    text = sentence("finding", facts | LEARNED)
    assert f"All 8 networks together reach {right[1] + 0.1:.2f}." in text
    assert facts["half"] == 4


def test_without_curves_or_learning_nothing_is_found() -> None:
    table = curves((0.5, 0.6), (0.3, 0.5))
    few = table[table["n"] == 1]
    assert "too few networks" in sentence("finding", prose.finding(few) | LEARNED)
    text = sentence("finding", prose.finding(table) | {"learned": False})
    assert "have not learnt" in text
    assert "more right" not in text


def recall(true: float, shuffled: float, twin: float) -> pd.DataFrame:
    rows = [
        ("mlp", labels, 0, tissue, 10, value)
        for labels, whole in (("true", true), ("shuffled", shuffled))
        for tissue, value in (("all", whole), ("liver", whole), ("a twin", twin))
    ]
    columns = ["architecture", "labels", "model", "tissue", "n", "recall"]
    return pd.DataFrame(rows, columns=columns)


def test_what_networks_learnt_is_said() -> None:
    text = sentence("learned", prose.learned(recall(0.9, 0.4, 0.1), GENES))
    assert "90.0\u202f% of test samples rightly" in text
    assert "chance is 50.0\u202f%" in text
    assert "10\u202f% of a twin" in text
    assert "The product they have not learnt" in text
    text = sentence("learned", prose.learned(recall(0.9, 0.4, 0.8), GENES))
    assert "They stand apart all the same" in text
    assert "have not learnt the classes" in sentence(
        "learned", prose.learned(recall(0.3, 0.4, 0.8), GENES)
    )


def compared(saliency: float, t: float) -> pd.DataFrame:
    values = [
        ("together", "mlp", "Saliency", saliency), ("together", "mlp", "DeepLift", 0.2),
        ("shuffled", "mlp", "Saliency", 0.01), ("baseline", "none", "WelchT", t),
        ("baseline", "none", "Oracle", 0.95), ("baseline", "none", "MatchedRandom", 0.004),
        ("baseline", "none", "LogFoldChange", 0.1), ("baseline", "none", "AnovaF", 0.1),
        ("baseline", "none", "LogisticCoefficients", 0.1),
        ("baseline", "none", "LogisticContributions", 0.1),
        ("baseline", "none", "MeanExpression", 0.1),
    ]  # fmt: skip
    rows = [(*row[:3], tissue, row[3]) for row in values for tissue in ("liver", "lung")]
    # A class that only a product tells does not count.
    rows += [(*row[:3], "a twin", 0.0) for row in values]
    return pd.DataFrame(rows, columns=["kind", "architecture", "explainer", "tissue", "auprc"])


@pytest.mark.parametrize(
    ("saliency", "t", "words", "behind"),
    [
        (0.9, 0.7, "find more of the truth than a t-test, by 0.20", "1 of 2"),
        (0.8, 0.81, "a t-test does as well.", "2 of 2"),
        (0.6, 0.8, "a t-test does better, by 0.20", "2 of 2"),
    ],
)
def test_a_t_test_that_does_as_well_is_named(
    saliency: float, t: float, words: str, behind: str
) -> None:
    facts = prose.against_baselines(compared(saliency, t), GENES, 1000)
    text = sentence("baselines", facts | LEARNED)
    assert words in text
    assert f"The best explainer is Saliency: average precision {saliency:.2f}" in text
    assert f"{behind} explainers are behind it" in text
    assert ("t-test (Welch)" in text) == (t >= saliency)
    assert facts["chance"] == 2 / 1000
    unlearnt = sentence("baselines", facts | {"learned": False})
    assert "no match for it" in unlearnt
    assert "does better" not in unlearnt


def test_cnns_are_judged_by_themselves() -> None:
    both = pd.concat(
        [recall(0.9, 0.4, 0.8), recall(0.2, 0.4, 0.1).assign(architecture="cnn")], ignore_index=True
    )
    both = both[(both["labels"] == "true") | (both["architecture"] == "mlp")]
    assert prose.learned(both, GENES)["learned"]
    assert not prose.learned(both, GENES, "cnn")["learned"]
    assert prose.learned(both, GENES, "cnn")["shuffled"] is None
    table = compared(0.6, 0.8)
    single = table[table["architecture"] == "mlp"].assign(architecture="cnn", auprc=0.25)
    facts = prose.cnns(both, GENES, pd.concat([table, single]), 1000)
    text = sentence("cnns", facts)
    assert "they have not learnt the classes" in text
    assert "average precision 0.25 with all CNNs together" in text
    assert "No CNN was trained" in sentence(
        "cnns", prose.cnns(recall(0.9, 0.4, 0.8), GENES, table, 1000)
    )


def found(**shares: tuple[float, float, float]) -> pd.DataFrame:
    """Return stratum → share by explainers, share of bundles, share by the t-test."""
    rows = []
    for stratum, (recall, bundles, t) in shares.items():
        rows += [
            ("together", "mlp", "Saliency", stratum, recall, bundles),
            ("baseline", "none", "WelchT", stratum, t, t),
            ("baseline", "none", "Oracle", stratum, 0.0, 0.0),
        ]
    columns = ["kind", "architecture", "explainer", "stratum", "recall", "bundles_found"]
    return pd.DataFrame(rows, columns=columns)


def test_what_is_missed_is_said_by_kind() -> None:
    table = found(strong_high=(1, 1, 1), weak_low=(0.4, 0.4, 0.5), pair=(0.5, 0.9, 1),
                  product=(0.0, 0.1, 0.0))  # fmt: skip
    text = sentence("strata", prose.strata(table) | LEARNED)
    assert "Hardest to find are genes that are weak, low expression: explainers list 40" in text
    assert "networks use one of two correlated genes and let the other go" in text
    assert "tell a class only together, explainers list 0\u202f%" in text
    fine = found(strong_high=(1, 1, 1), pair=(0.9, 0.9, 1))
    text = sentence("strata", prose.strata(fine) | LEARNED)
    assert "do not let one of two correlated genes go" in text
    assert "only together" not in text
    real = sentence("strata", prose.strata(found(weak_low=(0.4, 0.4, 0.5))) | LEARNED)
    assert "pairs" not in real


def test_decoys_are_counted() -> None:
    text = sentence("decoys", prose.decoys(found(decoy=(0.9, 0.9, 1.0)), 100, GENES))
    assert "Of the 1 decoys of each class, explainers list 90" in text
    assert "Neither more networks nor a better explainer helps" in text
    few = sentence("decoys", prose.decoys(found(decoy=(0.1, 0.1, 1.0)), 100, GENES))
    assert "helps" not in few


def test_modes_and_optimisations_are_compared() -> None:
    rows = [
        ("mlp", "Saliency", mode, optimisation, n, value)
        for mode, base in (("dropout", 0.5), ("eval", 0.6))
        for optimisation, more in (("none", 0.0), ("repeats", 0.1))
        for n, value in ((1, base + more), (8, base + more + 0.2))
    ]
    columns = ["architecture", "explainer", "mode", "optimisation", "n", "auprc"]
    text = sentence("conditions", prose.conditions(pd.DataFrame(rows, columns=columns)))
    assert "0.55 for one network and 0.75 for all in mode `dropout`" in text
    assert "repeats gain +0.100" in text


def test_a_t_test_that_meets_a_statement_is_named() -> None:
    rows = [
        ("specific", "mlp", "Saliency", 0.2), ("specific", "mlp", "DeepLift", 0.5),
        ("specific", "none", "WelchT", 0.4), ("specific", "none", "MatchedRandom", 0.01),
        ("terms", "mlp", "Saliency", 9.0), ("terms", "mlp", "DeepLift", 12.0),
        ("terms", "none", "WelchT", 3.0), ("terms", "none", "MatchedRandom", 0.0),
        # Explainers of a run whose cancers have no list of a baseline say nothing.
        ("different", "mlp", "Saliency", 0.3),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["measure", "architecture", "explainer", "value"])
    text = sentence("beside", prose.beside(table.assign(tissue="liver")))
    assert "A t-test meets the same statements on tissue-specific genes: it is" in text
    assert "It is behind all explainers on enriched terms." in text
    assert "explainers 20\u202f% to 50\u202f%, t-test 40\u202f% (above 1 of 2)" in text
    assert "explainers 9.0 to 12.0, t-test 3.0 (above 0 of 2)" in text
    assert "cancer" not in text
