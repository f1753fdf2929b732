from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.claims import ledger
from helpers.claims import rulebook as rules
from helpers.claims.inputs import TABLE_COLUMNS, read_columns
from helpers.claims.judging import NOT_RUN, VERDICTS, Rule, Verdict
from helpers.claims.ledger import (
    CHAPTERS,
    COLUMNS,
    check_ledger,
    claims,
    counted,
    disagreements,
    evaluate,
    not_run,
    parse_claims,
)
from helpers.claims.rulebook import RULES, all_rules, check_rules
from helpers.errors import BadInputError, HelpersError, UnknownNameError

SEVEN = [0.96, 0.97, 0.975, 0.98, 0.982, 0.985, 0.99]
ENTRY = (
    "- {id: T1, figure: 1A, short: a few words, statement: Something holds, expected: a number}\n"
)


def accuracies(values: list[float], architecture: str = "mlp") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "architecture": architecture,
            "model": range(len(values)),
            "gene_order": "none",
            "split": "test",
            "accuracy": values,
        }
    )


def judged(ids: list[str], tables: dict[str, pd.DataFrame], dataset: str = "rnaseqdb"):
    return evaluate(ids, tables, dataset=dataset, profile="smoke")


def test_the_ledger_holds_68_statements_in_seven_sections() -> None:
    assert len(claims()) == len(RULES) == 68
    assert {name[0] for name in claims()} == set(CHAPTERS)
    assert all(claim.statement and claim.expected for claim in claims().values())


def test_every_statement_of_the_paper_is_in_the_ledger(shared_data: Path) -> None:
    paper = yaml.safe_load((shared_data.parent / "paper" / "claims.yaml").read_text())
    expected = {row["id"]: str(row["figure"]) for rows in paper.values() for row in rows}
    assert {claim.id: claim.figure for claim in claims().values()} == expected
    assert len(expected) == 68


def test_every_statement_has_one_whole_rule() -> None:
    check_rules(all_rules(), claims())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rules: rules[:-1], "No rule in helpers/claims judges K9"),
        (lambda rules: [*rules, rules[0]], "T1 has two rules"),
        (lambda rules: [*rules, ("Z9", rules[0][1])], "no claim 'Z9'"),
        (lambda rules: [("T1", replace(rules[0][1], fair="")), *rules[1:]], "T1 has no fair"),
        (lambda rules: [("T1", replace(rules[0][1], tables=())), *rules[1:]], "T1 has no tables"),
        (
            lambda rules: [("T1", replace(rules[0][1], tables=("clases",))), *rules[1:]],
            "no table .read by T1. 'clases': did you mean 'classes'",
        ),
        (
            lambda rules: [("T1", replace(rules[0][1], produced_by="some page")), *rules[1:]],
            "write the notebook, #",
        ),
    ],
)
def test_a_table_of_rules_with_a_fault_is_refused(
    change: Callable[[list[tuple[str, Rule]]], list[tuple[str, Rule]]], message: str
) -> None:
    with pytest.raises(HelpersError, match=message):
        check_rules(change(all_rules()), claims())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY + ENTRY, "ledger.yaml has T1 twice"),
        (ENTRY.replace("figure: 1A, ", ""), r"entry 1 \(T1\): figure is missing"),
        (ENTRY.replace("}", ", colour: red}"), "colour is missing, empty or unknown"),
        (ENTRY.replace("a number", "''"), "expected is missing, empty"),
    ],
)
def test_a_fault_in_the_file_of_statements_is_named(text: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        parse_claims(text, "ledger.yaml")


def test_statements_without_their_tables_are_said_to_be_not_run() -> None:
    found = judged(["O1", "T3"], {"accuracy": accuracies([0.97, 0.98])})
    assert found.columns.tolist() == list(COLUMNS)
    assert found["verdict"].tolist() == [NOT_RUN, "reproduced"]
    assert "curves" in found.loc[0, "reason"]
    assert "O1" in not_run(found)
    assert len(not_run(found)) == 67


def test_an_unknown_statement_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'Z9'"):
        judged(["Z9"], {})


@pytest.mark.parametrize("column", TABLE_COLUMNS["accuracy"])
def test_a_missing_column_is_named_with_the_statements_that_need_it(column: str) -> None:
    table = accuracies([0.97, 0.98]).drop(columns=column)
    with pytest.raises(BadInputError, match=rf"'accuracy' has no column '{column}'.*T3, T5"):
        judged(["T3", "T5"], {"accuracy": table})


def test_rules_see_only_the_columns_that_are_declared() -> None:
    table = accuracies([0.97]).assign(colour="red")
    assert read_columns("accuracy", table, ["T3"]).columns.tolist() == [*TABLE_COLUMNS["accuracy"]]


def test_a_rule_with_an_undeclared_column_or_an_unknown_verdict_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = {"accuracy": accuracies([0.97])}
    for judge, message in (
        (lambda tables: Verdict(str(tables["accuracy"]["colour"])), "rule of T3.*'colour'"),
        (lambda tables: Verdict("splendid", 1.0), "no verdict 'splendid'"),
    ):
        monkeypatch.setitem(rules.RULES, "T3", replace(RULES["T3"], judge=judge))
        with pytest.raises(HelpersError, match=message):
            judged(["T3"], tables)


def test_a_remark_on_the_run_stands_behind_the_reason() -> None:
    tables = {"accuracy": accuracies([0.97, 0.98, 0.99])}
    found = evaluate(
        ["T1", "T3"], tables, dataset="own", profile="smoke",
        remarks={"T1": "Not run.", "T3": "Small models."},
    ).set_index("id")["reason"]  # fmt: skip
    assert found["T3"].endswith("a median of 3 models has no 95 % interval. Small models.")
    assert "Not run." not in found["T1"]


def test_what_a_run_cannot_test_is_not_testable_whatever_its_tables_say() -> None:
    tables = {"accuracy": accuracies([0.97, 0.98, 0.99])}
    found = evaluate(
        ["T2", "T3"], tables, dataset="own", profile="smoke",
        remarks={"T3": "Small models."}, beyond={"T2": "None.", "T3": "Too small."},
    ).set_index("id")  # fmt: skip
    row = found.loc["T3"]
    assert (row["verdict"], row["observed"]) == ("not_testable", 0.98)
    assert row["reason"].startswith("Too small. Median of 3 models")
    assert row["reason"].endswith("Small models.")
    # What is not testable anyway keeps its own reason.
    assert found.loc["T2", "reason"] == "No CNN was trained in this run."


def test_accuracy_that_was_tuned_for_is_no_evidence() -> None:
    tables = {"accuracy": accuracies([0.977, 0.978, 0.979])}
    found = {name: judged(["T3"], tables, name).loc[0] for name in ("reference", "rnaseqdb")}
    assert found["rnaseqdb"]["verdict"] == "reproduced"
    assert (found["rnaseqdb"]["n"], found["rnaseqdb"]["unit"]) == (3, "models")
    assert found["reference"]["verdict"] == "not_testable"
    assert found["reference"]["observed"] == 0.978
    assert "tuned" in found["reference"]["reason"]


@pytest.fixture
def stored() -> pd.DataFrame:
    return judged(["T3", "T5"], {"accuracy": accuracies(SEVEN)})


def test_the_same_tables_give_the_same_ledger(stored: pd.DataFrame) -> None:
    again = judged(["T3", "T5"], {"accuracy": accuracies(SEVEN)})
    pd.testing.assert_frame_equal(stored, again)
    assert disagreements(stored, again) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("verdict", "partly"), ("observed", 0.981), ("ci_low", np.nan), ("n", 4)],
)
def test_a_verdict_that_does_not_follow_from_its_table_is_found(
    stored: pd.DataFrame, column: str, value: object
) -> None:
    changed = stored.astype({"n": float})
    changed.loc[0, column] = value
    found = disagreements(changed, stored)
    assert len(found) == 1
    assert found[0].startswith("T3: stored")
    assert len(disagreements(stored.drop(0), stored)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "T33"}, "did you mean 'T3'"),
        ({"verdict": "reprodced"}, "did you mean 'reproduced'"),
        ({"id": "T5"}, "has T5 twice"),
    ],
)
def test_a_stored_ledger_with_an_unknown_word_is_refused(
    stored: pd.DataFrame, change: dict[str, str], message: str
) -> None:
    check_ledger(stored, "claims.json")
    for column, value in change.items():
        stored.loc[0, column] = value
    with pytest.raises(HelpersError, match=message):
        check_ledger(stored, "claims.json")


def test_a_stored_ledger_with_other_columns_is_refused(stored: pd.DataFrame) -> None:
    with pytest.raises(UnknownNameError, match="'colour'"):
        check_ledger(stored.assign(colour="red"), "claims.json")
    with pytest.raises(BadInputError, match=r"claims.json has no column n, unit"):
        check_ledger(stored.drop(columns=["n", "unit"]), "claims.json")


def test_protocols_stand_beside_each_other_and_one_is_the_headline(stored: pd.DataFrame) -> None:
    both = pd.concat([stored, stored.assign(protocol="released", verdict="partly")])
    assert ledger.protocols_of(both) == ["text", "released"]
    pd.testing.assert_frame_equal(ledger.headline(both), stored)
    beside = ledger.beside_headline(both)
    assert {name: list(rows) for name, rows in beside.items()} == {
        "T3": ["released"], "T5": ["released"],
    }  # fmt: skip
    assert beside["T5"]["released"]["verdict"] == "partly"
    counts = counted([both])
    assert counts.groupby("protocol")["statements"].sum().to_dict() == {"text": 2, "released": 2}
    check_ledger(both, "claims.json")
    with pytest.raises(UnknownNameError, match="did you mean 'released'"):
        check_ledger(both.assign(protocol="relased"), "claims.json")
    gap = pd.concat([stored, stored.iloc[:1].assign(protocol="released")])
    assert "T5" in not_run(gap)
    assert "T3" not in not_run(gap)


def test_what_cannot_be_tested_is_not_judged() -> None:
    tables = {"accuracy": accuracies([0.97, 0.98, 0.99])}
    found = evaluate(
        ["T2", "T3"], tables, dataset="own", profile="smoke", untestable={"T2": "No CNNs."}
    ).set_index("id")
    assert found.loc["T2", ["verdict", "reason"]].tolist() == ["not_testable", "No CNNs."]
    assert found.loc["T3", "verdict"] == "reproduced"
    nothing = evaluate(["T2"], {}, dataset="own", profile="smoke", untestable={"T2": "No CNNs."})
    assert nothing.loc[0, "verdict"] == NOT_RUN


def test_verdicts_are_counted_by_section(stored: pd.DataFrame) -> None:
    counts = counted([stored])
    assert len(counts) == len(CHAPTERS) * len(VERDICTS)
    assert counts["statements"].sum() == 2
    assert ledger.NOT_RUN not in set(counts["verdict"])


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
