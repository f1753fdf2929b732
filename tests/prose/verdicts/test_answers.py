"""What chapters open and end with follows from ledgers and tables."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import claims
from helpers.claims.rulebook import RULES
from helpers.prose.verdicts import answers, changes, findings
from helpers.publish.sentences import sentences
from helpers.workspace.store import project_root
from tests.support.said import said

R, P, N, X = VERDICTS

ON_STATEMENTS = {
    "04_references": "O",
    "08_expression_status": "E",
    "10_gene_ontology": "G",
    "11_transcription_factors": "G",
    "12_cancer": "K",
}
"""Chapters whose opening rests on statements alone, and the letter of these."""


def ledger(**verdicts: str) -> pd.DataFrame:
    """A ledger in which every statement has the number 0.25, and a verdict of its own."""
    every = dict(zip(claims(), np.resize(list(VERDICTS), len(claims())), strict=True)) | verdicts
    rows = [
        {"id": name, "verdict": verdict, "observed": 0.25, "n": 4, "unit": "tissues",
         "statistic": RULES[name].statistic, "expected": RULES[name].expected, "protocol": "text"}
        for name, verdict in every.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_what_cannot_be_tested_has_no_number() -> None:
    found = answers.stated(ledger(B1=R, B2=X, B3=N))
    assert found["of"]["B1"]["observed"] == 0.25
    assert found["of"]["B2"]["observed"] is None
    assert not found["of"]["B2"]["told"]
    assert found["statements"] == len(claims())
    counts = [len(found[key]) for key in ("reproduced", "partly", "not_reproduced", "untold")]
    assert sum(counts) == len(claims())
    assert found["tested"] == len(claims()) - counts[-1]
    assert claims()["B3"].short in found["not_reproduced"]


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize(("chapter", "letter"), ON_STATEMENTS.items())
def test_an_opening_is_one_sentence_whatever_the_verdict(
    chapter: str, letter: str, verdict: str
) -> None:
    names = [name for name in claims() if name.startswith(letter)]
    facts = answers.stated(ledger(**dict.fromkeys(names, verdict)))
    text = sentences(chapter, project_root()).answer(said=facts).data
    words = {R: "the best", P: "as good as any", N: "not the best"}
    if verdict == X:
        assert "this run cannot tell" in text
    elif chapter == "04_references":
        assert words[verdict] in text
    else:
        assert {R: "**reproduced**", P: "partly reproduced", N: "not reproduced"}[verdict] in text


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("chapter", [*ON_STATEMENTS, "03_smoothgrad_and_repeats"])
def test_three_things_are_taken_home_whatever_the_verdict(chapter: str, verdict: str) -> None:
    facts = answers.stated(ledger(**dict.fromkeys(claims(), verdict)))
    noise = answers.noise_alone(OPTIMUM)
    repeats = answers.averaged_over(EFFECTS, "repeats")
    more: dict[str, Any] = {"noise": noise, "repeats": repeats, "pairs": 2, "apart": 1}
    text = sentences(chapter, project_root()).takeaways(said=facts, **more).data
    words = {R: "68 hold (", P: "68 hold in part (", N: "68 do not hold (", X: "none of its 68"}
    assert words[verdict] in text
    alone = answers.stated(ledger(T1=verdict).query("id == 'T1'"))
    spread = {"simulated": True, "highest": 0.7, "peak_tissue": "liver", "said": alone}
    text = sentences("00_data", project_root()).takeaways(spread).data
    assert ("its one statement in this chapter cannot be tested" in text) == (verdict == X)


UNOPTIMISED = pd.DataFrame(
    [("mlp", name, design, metric, value)
     for name, levels in {"Saliency": (0.5, 0.1), "DeepLift": (0.7, 0.3), "X": (0.9, 0.2)}.items()
     for design, value in zip(("intra_model", "inter_model"), levels, strict=True)
     for metric in ("top100", "spearman")],
    columns=["architecture", "explainer", "design", "metric", "value"],
)  # fmt: skip


def test_asked_twice_one_network_and_two() -> None:
    found = answers.asked_twice(UNOPTIMISED)
    assert (found["within"], found["between"]) == (0.7, 0.2)
    assert found["best"] == {"name": "DeepLift", "level": 0.3}
    assert found["worst"] == {"name": "Saliency", "level": 0.1}
    found["said"] = answers.stated(ledger())
    text = said("02_baseline_reproducibility", "answer", found)
    assert "No, one explanation is not enough" in text
    nothing = answers.asked_twice(UNOPTIMISED.iloc[:0]) | {"said": found["said"]}
    assert "cannot tell" in said("02_baseline_reproducibility", "answer", nothing)


EFFECTS = pd.DataFrame(
    [("repeats", "spearman", 0.3, "raises"), ("repeats", "spearman", -0.1, "lowers"),
     ("repeats", "spearman", 0.2, "raises"), ("smoothgrad", "spearman", 0.9, "raises"),
     ("repeats", "top100", 0.9, "raises")],
    columns=["optimisation", "metric", "change", "direction"],
)  # fmt: skip


def test_what_averaging_estimates_does() -> None:
    assert answers.averaged_over(EFFECTS, "repeats") == {
        "conditions": 3, "raised": 2, "lowered": 1, "unclear": 0, "change": 0.2
    }  # fmt: skip
    assert answers.averaged_over(EFFECTS, "references")["change"] is None


OPTIMUM = pd.DataFrame(
    [("mlp", 0.2), ("mlp", 0.0), ("mlp", 0.005), ("cnn", -0.1), ("cnn", 0.3)],
    columns=["architecture", "smoothgrad_gain"],
)


@pytest.mark.parametrize(
    ("gains", "verdict", "words"),
    [
        ([0.2, 0.3, -0.2], "helps", "SmoothGrad helps here"),
        ([-0.2, -0.3, 0.2], "harms", "SmoothGrad does harm here"),
        ([0.2, 0.0, 0.0], "some", "SmoothGrad helps some explainers only"),
        ([0.0, 0.009, -0.2], "nothing", "SmoothGrad does not help"),
        ([], "nothing", "this run cannot tell"),
    ],
)
def test_whether_smoothgrad_helps(gains: list[float], verdict: str, words: str) -> None:
    table = pd.DataFrame({"architecture": "mlp", "smoothgrad_gain": gains})
    found = answers.noise_alone(table)
    assert found["verdict"] == verdict
    assert found["better"] + found["as_well"] == len(gains)
    facts = {"noise": found, "said": answers.stated(ledger())}
    assert words in said("03_smoothgrad_and_repeats", "answer", facts)


DISJOINT = pd.DataFrame(
    [("mlp", name, n, "top100", value)
     for name, levels in {"a": (0.1, 0.8), "b": (0.3, 0.6)}.items()
     for n, value in zip((1, 10), levels, strict=True)],
    columns=["architecture", "explainer", "n", "metric", "value"],
)  # fmt: skip


def test_what_averaging_networks_buys() -> None:
    found = answers.apart(DISJOINT)
    assert found == {"name": "mlp", "n": 10, "averages": True, "one": 0.2, "many": 0.7}
    none = answers.apart(DISJOINT, "cnn")
    facts = {"of_networks": [found, none], "said": answers.stated(ledger())}
    text = said("05_aggregation", "answer", facts)
    assert "from 20\u202f% to 70\u202f% with 10 MLPs" in text
    assert "CNN" not in text
    assert "cannot tell" in said("05_aggregation", "answer", facts | {"of_networks": [none]})


ROWS = [{"name": "A", "models": 12}, {"name": "B", "models": None}, {"name": "C", "models": 3}]


def test_how_many_networks_it_takes() -> None:
    found = answers.most_needed({"aim": 0.9, "rows": ROWS})
    assert (found["fewest"]["name"], found["most"]["name"], found["unknown"]) == ("C", "A", 1)
    assert answers.most_needed({"aim": 0.9, "rows": ROWS[1:2]})["fewest"] is None


def asked(table: pd.DataFrame, **more: Any) -> str:
    """What the first page answers to the ten questions, by a ledger."""
    no_runs = pd.DataFrame(columns=["bundle", "dataset", "simulated", "seeds"])
    over = pd.DataFrame(columns=["bundle", "protocol", "id", "verdict", "fragile"])
    facts = {
        **findings.conclusions(table, no_runs, over),
        **findings.contradictions(table, no_runs, over),
        "bundles": [],
        "title": "some samples",
        "simulated": True,
        "said": answers.stated(table),
        "identities": {"many": {"share": 0.002}},
        "averaging": answers.apart(DISJOINT),
        "most": answers.most_needed({"aim": 0.9, "rows": ROWS}),
        "noise": answers.noise_alone(OPTIMUM),
        "choices": {"differ": 3, "verdicts": 40},
        "others": [],
        "changed": changes.overview(),
    }
    return said("16_summary", "questions", facts | more)


def test_all_ten_questions_are_answered_with_a_link() -> None:
    lines = asked(ledger()).strip().split("\n")
    assert len(lines) == 10
    assert all(re.search(r"\?.*<a href=", line) for line in lines)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_answers_agree_with_the_ledger(verdict: str) -> None:
    table = ledger(**dict.fromkeys(claims(), verdict))
    text = asked(table)
    how = {R: "holds", P: "holds in part", N: "does not hold", X: "cannot be tested"}[verdict]
    assert text.count(f"it {how}") == len(findings.CONCLUSIONS)
    groups = {R: "Yes", P: "In part", N: "Not as the paper has them", X: "This run cannot tell"}
    assert f"Are the three groups real? {groups[verdict]}" in text
    first = findings.WEIGHTY[0]
    assert (claims()[first].short.lower() in text.lower()) == (verdict == N)
    words = {R: "reproduced", P: "partly reproduced", N: "not reproduced"}
    if verdict == X:
        assert "0.25" not in text
        assert "What they say about cancer it cannot tell" in text
    else:
        assert text.count(f"({words[verdict]})") + text.count(f"; {words[verdict]})") == 3
    tally = findings.tally(findings.conclusions(table, *EMPTY))
    assert sum(tally.values()) == 2 * len(findings.CONCLUSIONS)


EMPTY = (
    pd.DataFrame(columns=["bundle", "dataset", "simulated", "seeds"]),
    pd.DataFrame(columns=["bundle", "protocol", "id", "verdict", "fragile"]),
)
