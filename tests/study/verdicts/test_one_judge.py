"""The one judge: every place that shows a verdict shows the same, with its reason and remarks."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.claims.judging import NOT_RUN, NOT_TESTABLE
from helpers.claims.ledger import claims, disagreements, headline, protocols_of
from helpers.claims.networks import ABOUT_CNN_TRAINING, ABOUT_CNNS
from helpers.claims.rulebook import CONTROLLED, RULES
from helpers.config import Settings, settings, under
from helpers.protocols import NAMES, RELEASED, STRICT, TEXT, TITLES
from helpers.publish import verdicts
from helpers.publish.display import VERDICT_NAMES, show_claims
from helpers.study import Study
from helpers.study.verdicts.one_judge import (
    HEADLINE_CONTROL,
    judge,
    judge_all,
    judged_from,
    protocols_in_order,
    remarks,
    untestable,
)

EMPTY = ("unit", "known_nothing")
"""Columns of text that may be empty."""


def source(chosen: Settings, borrows: bool = False) -> Any:
    return SimpleNamespace(
        settings=chosen, borrows=lambda name: borrows, dataset=SimpleNamespace(cannot_show={})
    )


@pytest.fixture(scope="module")
def ledger(tiny_study: Study) -> pd.DataFrame:
    return pd.DataFrame(tiny_study.get("tables/claims"))


def boxes(study: Study) -> dict[str, str]:
    """Return the text of every statement's box."""
    markup = show_claims(study, *claims()).markup
    found = re.split(r'id="claim-(\w+)"', markup)[1:]
    return {name: html.unescape(text) for name, text in zip(found[::2], found[1::2], strict=True)}


def test_the_ledger_has_a_row_for_each_statement_and_protocol(ledger: pd.DataFrame) -> None:
    assert protocols_of(ledger) == list(NAMES)
    assert not ledger.duplicated(["id", "protocol"]).any()
    assert len(ledger) == 68 * 3
    assert headline(ledger)["id"].tolist() == list(claims())
    assert set(headline(ledger)["protocol"]) == {TEXT}


def test_step_and_command_line_and_a_judge_who_looks_again_say_the_same(
    tiny_study: Study, ledger: pd.DataFrame
) -> None:
    again = judge_all(tiny_study)
    columns = ["id", "protocol", "verdict", "reason", "expected", "statistic"]
    pd.testing.assert_frame_equal(ledger[columns], again[columns])
    assert disagreements(ledger, again) == []
    assert disagreements(ledger, verdicts.judged_anew(tiny_study)) == []
    pd.testing.assert_frame_equal(verdicts.current_ledger(tiny_study), ledger)


@pytest.mark.parametrize("name", [*ABOUT_CNN_TRAINING, "B1", "O14", "K1"])
def test_a_box_shows_the_verdicts_and_reasons_of_the_ledger(
    tiny_study: Study, ledger: pd.DataFrame, name: str
) -> None:
    box = boxes(tiny_study)[name]
    for row in ledger[ledger["id"] == name].to_dict("records"):
        assert str(row["reason"]) in box
        assert VERDICT_NAMES[row["verdict"]] in box
    places = [box.index(f"By {TITLES[protocol]}") for protocol in (RELEASED, STRICT)]
    assert box.index("Found") < places[0] < places[1]
    if name in ABOUT_CNN_TRAINING:
        assert "CNNs of this run are shrunken" in box.split("By ")[0]


def test_a_reason_that_does_not_follow_from_the_tables_is_found(ledger: pd.DataFrame) -> None:
    changed = ledger.copy()
    changed.loc[changed.index[-1], "reason"] = "Because."
    last = changed["id"].iloc[-1]
    (found,) = disagreements(changed, ledger)
    assert found.startswith(f"{last} (strict): the reason is 'Because.'")


def test_one_statement_is_judged_alone_as_with_all_others(
    tiny_study: Study, ledger: pd.DataFrame
) -> None:
    for protocol in NAMES:
        found = judge(tiny_study.under(protocol), ["B3", "T5"])
        own = ledger[(ledger["protocol"] == protocol) & ledger["id"].isin(["B3", "T5"])]
        own = own.set_index("id").loc[["B3", "T5"]].reset_index()
        # As empty fields read back.
        texts = {name: found[name].where(found[name] != "", np.nan) for name in EMPTY}
        found = found.assign(**texts)[own.columns]
        pd.testing.assert_frame_equal(found, own, check_dtype=False)


def test_what_may_not_be_read_is_not_run(tiny_study: Study) -> None:
    asked: list[str] = []

    def available(name: str) -> bool:
        asked.append(name)
        return name == "released:tables/accuracy"

    found = judge_all(tiny_study, ["T3"], available).set_index("protocol")["verdict"]
    assert found[[TEXT, STRICT]].tolist() == [NOT_RUN, NOT_RUN]
    assert found[RELEASED] != NOT_RUN
    assert asked == ["tables/accuracy", "released:tables/accuracy", "strict:tables/accuracy"]


def test_the_headline_comes_first_whatever_it_is(tiny_study: Study) -> None:
    chosen = settings("smoke", protocol="strict", protocols="text,strict")
    study = SimpleNamespace(settings=chosen, protocol=chosen.protocol)
    assert protocols_in_order(study) == ["strict", "text"]  # type: ignore[arg-type]
    assert protocols_in_order(tiny_study) == list(NAMES)


def test_every_verdict_that_rests_on_shrunken_cnns_is_remarked_on() -> None:
    assert remarks(source(settings("paper"))) == {}
    found = remarks(source(settings("quick")))
    assert set(found) == {name for name, rule in RULES.items() if "cnn" in rule.networks}
    assert "feature maps 4/16/32 instead of 64/128/256 and at most 6 epochs" in found["T5"]
    shorter = remarks(source(settings("paper", cnn_max_epochs=7)))["B1"]
    assert shorter == "The CNNs of this run are shrunken: at most 7 epochs."


def test_the_tables_behind_a_verdict_tell_what_lists_are_worth() -> None:
    """Which lists are of constant scores, and how accurate the CNNs are."""
    assert judged_from(["T3", "nothing"]) == ["accuracy"]
    assert {"expression", "specificity"} <= set(judged_from(["E10"]))
    assert "accuracy" not in judged_from(["E10"])
    assert {"accuracy", "expression", "go"} <= set(judged_from(["G1"]))


def test_borrowed_cnns_are_not_judged_for_their_training() -> None:
    chosen = under(settings("quick"), RELEASED)
    found = untestable(source(chosen, borrows=True))
    assert set(found) == set(ABOUT_CNN_TRAINING)
    assert "cnns_beside" in found["T2"]
    assert untestable(source(chosen)) == {}
    said = remarks(source(chosen, borrows=True))
    assert "trained under the headline's protocol" in said["B1"]
    assert "batches of at most 5 samples" in said["B1"]
    assert "batches" not in remarks(source(under(settings("quick"), STRICT), True))["B1"]


def test_without_cnns_statements_on_them_are_not_testable() -> None:
    found = untestable(source(settings("quick", cnn_models=0)))
    assert set(found) == set(ABOUT_CNNS)
    assert set(found.values()) == {"This run has no CNNs (cnn_models=0)."}
    only_text = settings("quick", cnn_protocols="text")
    assert untestable(source(only_text)) == {}
    assert "cnn_protocols" in untestable(source(under(only_text, RELEASED)))["B1"]


def test_statements_on_cnns_are_those_whose_words_speak_of_them() -> None:
    named = {name for name, claim in claims().items() if "CNN" in claim.statement}
    # Group I is of CNNs; O1, O4 and O14 have a half about MLPs, O9 and T4 name none.
    assert named - ABOUT_CNNS == {"O1", "O4"}
    assert set(ABOUT_CNNS) <= set(RULES)


def test_without_cnns_no_statement_on_mlps_is_lost(
    tiny_data: Path, tmp_path: Path, tiny_study: Study
) -> None:
    """Every statement that is not said to be about CNNs can be judged without any."""
    tables = {
        table: tiny_study.get(f"tables/{table}") for rule in RULES.values() for table in rule.tables
    }
    without = {
        name: table[table["architecture"] != "cnn"] if "architecture" in table else table
        for name, table in tables.items()
    }
    for name in set(claims()) - ABOUT_CNNS:
        rule = RULES[name]
        before = rule.judge({table: tables[table] for table in rule.tables})
        after = rule.judge({table: without[table] for table in rule.tables})
        assert (before.verdict == NOT_TESTABLE) == (after.verdict == NOT_TESTABLE), name


def test_a_control_that_is_the_headlines_is_said_of_what_it_judges_and_no_more() -> None:
    found = remarks(source(settings("quick"), borrows=True))
    assert {name for name, text in found.items() if HEADLINE_CONTROL in text} == set(CONTROLLED)
    own = remarks(source(settings("quick")))
    assert not any(HEADLINE_CONTROL in text for text in own.values())
