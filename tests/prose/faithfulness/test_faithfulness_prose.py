"""What chapters 20 and 21 say, on tables that tell one thing or the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from said import said, table_rows

from helpers.prose.faithfulness import recommendation, removal, sources, ways

NARROW = "\u202f"
"""The blank before a percent sign."""


def faithful(block: str, facts: dict[str, Any]) -> str:
    return said("20_are_they_faithful", block, facts).replace(NARROW, " ")


def use(block: str, facts: dict[str, Any]) -> str:
    return said("21_what_should_i_use", block, facts).replace(NARROW, " ")


def areas(over: dict[str, float], t_test: float = 0.1) -> pd.DataFrame:
    rows = [
        ("mlp", name, by, change, "lung", f"s{s}", value + 0.05 * (by == "signed") + s / 1000,
         value, value - 0.05 + s / 1000)
        for name, value in over.items()
        for by in ("absolute", "signed")
        for change in ("deletion", "insertion")
        for s in range(4)
    ]  # fmt: skip
    rows += [("mlp", "t_test", "absolute", "deletion", "lung", "s0", t_test, t_test, np.nan)]
    return pd.DataFrame(rows, columns=[
        "architecture", "explainer", "by", "change", "tissue", "sample", "area", "over_random",
        "over_matched",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"Saliency": 0.3, "DeepLift": 0.2}, "the first genes of every explainer matter more"),
        ({"Saliency": 0.3, "DeepLift": 0.05}, "of 1 explainer it is sure"),
        ({"Saliency": 0.02, "DeepLift": 0.01}, "Of no explainer is it sure"),
    ],
)
def test_the_finding_follows_what_is_above_genes_of_like_expression(
    values: dict[str, float], words: str
) -> None:
    table = areas(values)
    facts = removal.finding(table, "absolute")
    assert words in faithful("answer", facts)
    text = faithful("finding", facts)
    assert ("of DeepLift that is not sure" in text) == (words == "of 1 explainer it is sure")
    assert "those of Saliency move the output most: the area under both curves is " in text
    assert "A t-test of the class, which knows nothing of the network, has 0.10" in text


def test_where_nothing_is_known_the_page_says_so() -> None:
    table = areas({"Saliency": 0.3}).iloc[:0]
    assert "cannot say whether" in faithful("finding", removal.finding(table, "absolute"))
    assert not faithful("orders", removal.orders(table)).strip()
    empty = pd.DataFrame(columns=["architecture", "model", "explainer", "tissue", "sample",
                                  "unexplained", "sensitivity"])  # fmt: skip
    assert "No network was tried" in faithful("metrics", removal.metrics(empty))


def test_signed_scores_are_said_to_be_better_where_they_are() -> None:
    text = faithful("orders", removal.orders(areas({"DeepLift": 0.2, "Saliency": 0.1})))
    assert "Ranked by signed scores, explanations are more faithful (mean gain +0.05)" in text
    assert "DeepLift has 0.20 by size and 0.25 by signed scores" in text
    # Saliency has no signs.
    assert "Saliency" not in text


def retrained(lost: float, whole: float = 0.95) -> pd.DataFrame:
    rows = [
        (ranking, genes, 0, 2 * genes, 10, tissue, 15, whole - loss, whole - loss)
        for ranking, loss in (("DeepLift", lost), ("t_test", 0.2), ("matched", 0.0),
                              ("random", 0.0))
        for genes in (10, 100)
        for tissue in ("lung", "liver")
    ]  # fmt: skip
    rows += [("nothing", 0, 0, 0, 10, tissue, 15, whole, whole) for tissue in ("lung", "liver")]
    return pd.DataFrame(rows, columns=["ranking", "genes", "repeat", "removed", "classes", "tissue",
                                       "samples", "recall", "probability"])  # fmt: skip


def test_networks_trained_anew_miss_what_they_lost() -> None:
    text = faithful("retrained", removal.retrained(retrained(0.3)))
    assert "Networks trained anew miss the first 100 genes of DeepLift." in text
    assert "0.75 without 200 of the t-test" in text
    assert "30 test samples of 2 tissues" in text
    text = faithful("retrained", removal.retrained(retrained(0.0)))
    assert "what these genes say, others say too" in text
    text = faithful("retrained", removal.retrained(retrained(0.0, whole=0.2)))
    assert "They have not learnt the 10 classes" in text


def test_metrics_name_the_best_and_the_worst() -> None:
    table = pd.DataFrame({
        "architecture": "mlp", "model": 0, "explainer": ["Saliency", "DeepLift"], "tissue": "lung",
        "sample": "s", "unexplained": [0.4, 0.01], "sensitivity": [0.01, 0.2],
    })  # fmt: skip
    text = faithful("metrics", removal.metrics(table))
    assert "Scores of DeepLift foretell best" in text
    assert "scores of Saliency change by 0.01 of their size at most, those of DeepLift" in text


def of_ways(logits: float) -> dict[str, Any]:
    rows = [
        (way, explainer, half, "lung", value, 0.5, 0.0, value)
        for way, value in (("single", 0.3), ("explanations", 0.5), ("logits", logits),
                           ("distilled", 0.2))
        for explainer in ("Saliency", "DeepLift")
        for half in (0, 1)
    ]  # fmt: skip
    columns = ["way", "explainer", "half", "tissue", "auprc", "recall", "decoys", "area"]
    averaged = pd.DataFrame(rows, columns=columns)
    agreement = averaged[["way", "explainer", "tissue"]].assign(overlap=averaged["auprc"])
    identity = pd.DataFrame({"explainer": ["Saliency", "DeepLift"], "half": 0,
                             "difference": [0.2, 1e-7]})  # fmt: skip
    students = pd.DataFrame({"half": [0, 1], "networks": 5, "samples": 40,
                             "same_class": [0.9, 0.8], "correlation": 0.9})  # fmt: skip
    return ways.averaged(ways.by_way(averaged, agreement), identity, students)


def test_averages_of_networks_and_of_explanations_are_compared() -> None:
    text = faithful("averaged", of_ways(0.5))
    assert "It makes little difference whether logits or explanations are averaged" in text
    assert "names 85 % of 40 test samples as its teachers do" in text
    text = faithful("averaged", of_ways(0.6))
    assert "makes them more alike and more right" in text
    assert "overlap of halves +0.10" in text
    text = faithful("identity", of_ways(0.5))
    assert "For DeepLift the two are the same" in text
    assert "Saliency (difference 0.20)" in text


def test_sources_are_told_largest_first() -> None:
    rows = [("mlp", "DeepLift", False, t, s, c, max(c, 0)) for t in ("lung", "liver")
            for s, c in (("model", 0.7), ("mask", 0.3), ("sample", -0.01))]  # fmt: skip
    table = pd.DataFrame(rows, columns=["architecture", "explainer", "smoothgrad", "tissue",
                                        "source", "component", "share"])  # fmt: skip
    text = use("sources", sources.sources(table))
    assert "What differs most is the model for DeepLift" in text
    assert table_rows(text)[1:] == [["DeepLift", "model 70 %, dropout mask 30 % and sample 0 %"]]
    assert "2 of 6 components were estimated below zero" in text
    assert "No networks were compared" in use("sources", sources.sources(table, "cnn"))


NEEDED = {
    "architecture": "mlp", "between": 0.7, "within": 0.3, "models_that_halve": 3, "estimates": 40,
    "fitted": 0.8, "largest": 10, "misfit": 0.01,
}  # fmt: skip


def test_networks_needed_are_measured_extrapolated_or_unknown() -> None:
    table = pd.DataFrame([
        NEEDED | {"explainer": "DeepLift", "estimates_that_halve": float("inf"), "models": 41,
                  "how": "extrapolated", "reached": 0.8},
        NEEDED | {"explainer": "Saliency", "estimates_that_halve": 12.0, "models": 8,
                  "how": "measured", "reached": 0.92},
        NEEDED | {"explainer": "InputXGradient", "estimates_that_halve": 12.0,
                  "models": float("nan"), "how": "unknown", "reached": 0.1},
    ])  # fmt: skip
    text = use("needed", sources.needed(table))
    assert text.startswith(
        "To reach an overlap of 0.9 it takes from 8 networks (Saliency) to 41 (DeepLift)."
    )
    lift, saliency, unknown = table_rows(text)[1:]
    assert lift[:4] == ["DeepLift", "41", "40 references", "extrapolated: 10 networks reach 0.80"]
    assert lift[4].startswith("no number of references (70")
    assert saliency[:4] == ["Saliency", "8", "40 repeats", "measured"]
    assert saliency[4].startswith("12 repeats")
    assert unknown[1] == "–"
    assert unknown[3] == "not known: 10 networks reach 0.10, too little to extrapolate from"


def recommended(chosen: bool = True, t_test: float = 0.9) -> pd.DataFrame:
    row = {"architecture": "mlp", "foretold": 0.9, "sensitivity": 0.1, "estimates": 40,
           "enough": 9, "models": 41, "models_enough": 43, "how": "extrapolated"}  # fmt: skip
    return pd.DataFrame([
        row | {"explainer": "DeepLift", "reproduces": 0.8, "right": 0.7, "faithful": 0.3,
               "passes": 80, "good": 2, "chosen": chosen},
        row | {"explainer": "GuidedBackprop", "reproduces": 0.7, "right": 0.85, "faithful": 0.2,
               "passes": 40, "good": 1, "chosen": False},
        {"architecture": "none", "explainer": "WelchT", "right": t_test, "faithful": 0.1,
         "passes": 0, "good": 0, "chosen": False, "how": "unknown"},
    ])  # fmt: skip


def test_the_choice_says_where_others_are_better() -> None:
    facts = recommendation.recommendation(recommended()) | {"unlearnt": []}
    assert "On data like these, with these networks, use DeepLift" in use("answer", facts)
    text = use("finding", facts)
    assert "as good as the best on 2 of 3 questions" in text
    assert "GuidedBackprop is better with 0.85" in text
    assert "A t-test is still more right (average precision 0.90)" in text
    text = use("finding", recommendation.recommendation(recommended(t_test=0.5)) | {"unlearnt": []})
    assert "still more right" not in text


def test_without_a_choice_the_page_says_why() -> None:
    facts = recommendation.recommendation(recommended(chosen=False))
    assert "fewer than two" in use("finding", facts | {"unlearnt": []})
    assert "have not learnt" in use("finding", facts | {"unlearnt": ["MLPs"]})
    assert "no choice" in use("settings", recommendation.next_settings(
        recommended(chosen=False), pd.DataFrame(), {"rows": []}))  # fmt: skip


def test_settings_are_those_of_the_choice() -> None:
    conditions = pd.DataFrame({
        "architecture": "mlp", "explainer": "DeepLift", "mode": ["dropout", "eval"], "n": 10,
        "optimisation": "references", "auprc": [0.7, 0.8],
    })  # fmt: skip
    orders = {"rows": [{"name": "DeepLift", "absolute": 0.2, "signed": 0.3}]}
    facts = recommendation.next_settings(recommended(), conditions, orders)
    text = use("settings", facts)
    for line in ("models=43", "references=9", "mode=eval", "rank_by=signed"):
        assert f"--set {line}" in text
    assert "more right than with dropout on (0.80 against 0.70)" in text
    facts = recommendation.next_settings(
        recommended(), conditions.assign(auprc=0.7), {"rows": [orders["rows"][0] | {"signed": 0.2}]}
    )
    assert [row["name"] for row in facts["settings"]] == ["models", "references"]
