from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.claims import rules
from helpers.claims.judging import Verdict
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


def test_statements_without_a_rule_are_said_to_be_not_run() -> None:
    found = evaluate(["O1"], {}, dataset="reference", profile="smoke")
    assert found.columns.tolist() == list(COLUMNS)
    assert found.loc[0, "verdict"] == "not_run"


def test_an_unknown_statement_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'Z9'"):
        evaluate(["Z9"], {}, dataset="reference", profile="smoke")


def test_accuracy_that_was_tuned_for_is_no_evidence() -> None:
    table = pd.DataFrame(
        {"architecture": "mlp", "split": "test", "accuracy": [0.977, 0.978, 0.979]}
    )
    tables = {"accuracy": table}
    found = {
        name: evaluate(["T3"], tables, dataset=name, profile="smoke").loc[0]
        for name in ("reference", "rnaseqdb")
    }
    assert found["rnaseqdb"]["verdict"] == "reproduced"
    assert found["reference"]["verdict"] == "not_testable"
    assert found["reference"]["observed"] == 0.978
    assert "tuned" in found["reference"]["reason"]


def test_lists_that_hold_a_good_part_of_all_genes_are_no_evidence() -> None:
    rule = replace(rules.RULES["C2"], tables=(), judge=lambda tables: Verdict("reproduced", 0.7))
    few, many, other = (
        rules.judged(rule, {}, "own.h5ad", name=name, list_share=share)
        for name, share in (("C2", 100 / 150), ("C2", 100 / 19_000), ("B1", 100 / 150))
    )
    assert (few.verdict, few.observed) == ("not_testable", 0.7)
    assert "holds 67% of all measured genes" in few.reason
    assert many.verdict == other.verdict == "reproduced"


def test_statements_on_all_scores_do_not_depend_on_the_length_of_lists() -> None:
    assert {"E1", "E2", "E3"}.isdisjoint(rules.ABOUT_LISTS)
    assert {"C1", "E4", "E13", "G1", "G10", "K1"} <= rules.ABOUT_LISTS
    assert not any(name.startswith(("T", "B", "O")) for name in rules.ABOUT_LISTS)
