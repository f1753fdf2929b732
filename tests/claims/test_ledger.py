from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.claims import rules
from helpers.claims.ledger import COLUMNS, claims, evaluate
from helpers.errors import UnknownNameError


def test_every_statement_of_the_paper_is_in_the_ledger(shared_data: Path) -> None:
    paper = yaml.safe_load((shared_data.parent / "paper" / "claims.yaml").read_text())
    expected = {row["id"]: str(row["figure"]) for rows in paper.values() for row in rows}
    assert {claim.id: claim.figure for claim in claims().values()} == expected
    assert len(expected) == 68


def test_every_rule_belongs_to_a_statement_and_says_why_it_is_fair() -> None:
    assert set(rules.RULES) <= set(claims())
    assert all(rule.fair and rule.statistic and rule.tables for rule in rules.RULES.values())


def accuracy(*values: float) -> dict[str, pd.DataFrame]:
    table = pd.DataFrame({"architecture": "mlp", "split": "test", "accuracy": values})
    return {"accuracy": table}


@pytest.mark.parametrize(
    ("median", "verdict"),
    [(0.978, "reproduced"), (0.990, "reproduced"), (0.96, "partly"), (0.9, "not_reproduced")],
)
def test_accuracy_is_judged_by_its_distance_from_the_paper(median: float, verdict: str) -> None:
    found = rules.RULES["T3"].judge(accuracy(median - 0.001, median, median + 0.001))
    assert (found.verdict, found.observed) == (verdict, median)
    assert found.ci_low <= median <= found.ci_high


@pytest.mark.parametrize(
    ("values", "verdict"),
    [((0.97, 0.97, 0.97), "reproduced"), ((0.94, 0.97, 0.99), "partly"),
     ((0.80, 0.97, 0.99), "not_reproduced")],
)  # fmt: skip
def test_models_are_comparable_if_they_differ_by_less_than_their_error(
    values: tuple[float, ...], verdict: str
) -> None:
    found = rules.RULES["T5"].judge(accuracy(*values))
    assert found.verdict == verdict
    assert found.observed == pytest.approx(np.std(values, ddof=1) / (1 - np.median(values)))


def reproducibility(intra: float, inter: float, others: float | None = None) -> pd.DataFrame:
    """Six explainers, four samples; the first two explainers have the value `others`."""
    rows = []
    for number, explainer in enumerate("ABCDEF"):
        for design, level in (("intra_model", intra), ("inter_model", inter)):
            value = others if others is not None and number < 2 else level
            rows += [
                ("mlp", explainer, "none", design, "zero", f"s{sample}", metric, value)
                for sample in range(4)
                for metric in ("spearman", "top100")
            ]
    columns = [
        "architecture",
        "explainer",
        "optimisation",
        "design",
        "reference",
        "sample",
        "metric",
        "value",
    ]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("intra", "others", "verdict"),
    [(0.3, 0.9, "reproduced"), (0.7, 0.2, "not_reproduced"), (0.49, None, "reproduced"),
     (0.5, None, "not_reproduced")],
)  # fmt: skip
def test_low_means_low_for_most_explainers(
    intra: float, others: float | None, verdict: str
) -> None:
    table = reproducibility(intra, 0.2, others)
    assert rules.RULES["B3"].judge({"reproducibility": table}).verdict == verdict


def test_low_in_one_metric_only_is_partly() -> None:
    table = reproducibility(0.3, 0.3)
    table.loc[table["metric"] == "spearman", "value"] = 0.8
    assert rules.RULES["B3"].judge({"reproducibility": table}).verdict == "partly"


@pytest.mark.parametrize(
    ("intra", "inter", "verdict"),
    [(0.3, 0.25, "reproduced"), (0.9, 0.85, "partly"), (0.4, 0.1, "partly"),
     (0.9, 0.3, "not_reproduced")],
)  # fmt: skip
def test_similar_and_low_are_two_conditions(intra: float, inter: float, verdict: str) -> None:
    found = rules.RULES["B7"].judge({"reproducibility": reproducibility(intra, inter)})
    assert found.verdict == verdict
    assert found.observed == pytest.approx(intra - inter)


def test_counts_are_testable_on_the_papers_data_only() -> None:
    ours = pd.DataFrame({"class": ["a", "b"], "samples": [3, 4]})
    assert rules.RULES["T1"].judge({"classes": ours}).verdict == "not_testable"
    paper = pd.DataFrame({"class": range(82), "samples": [27_417 - 81, *[1] * 81]})
    assert rules.RULES["T1"].judge({"classes": paper}).verdict == "reproduced"


def test_the_bootstrap_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(0).normal(5, 2, size=400)
    low, high = rules.bootstrap_interval(values, lambda v: float(np.mean(v)))
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.03)
    assert high == pytest.approx(values.mean() + half, abs=0.03)


def test_statements_without_a_rule_are_said_to_be_not_run() -> None:
    found = evaluate(["O1"], {}, dataset="reference", profile="smoke")
    assert found.columns.tolist() == list(COLUMNS)
    assert found.loc[0, "verdict"] == "not_run"


def test_an_unknown_statement_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'Z9'"):
        evaluate(["Z9"], {}, dataset="reference", profile="smoke")


def test_accuracy_that_was_tuned_for_is_no_evidence() -> None:
    tables = accuracy(0.977, 0.978, 0.979)
    found = {
        name: evaluate(["T3"], tables, dataset=name, profile="smoke").loc[0]
        for name in ("reference", "rnaseqdb")
    }
    assert found["rnaseqdb"]["verdict"] == "reproduced"
    assert found["reference"]["verdict"] == "not_testable"
    assert found["reference"]["observed"] == 0.978
    assert "tuned" in found["reference"]["reason"]
