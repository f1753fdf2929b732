"""Networks that did not learn: statements on their explanations are not testable."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

from helpers.claims.judging import NOT_RUN, NOT_TESTABLE, REPRODUCED
from helpers.claims.learnt import (
    ON_EXPLANATIONS,
    beyond_learning,
    is_on_explanations,
    unlearnt,
    without_cnns,
)
from helpers.claims.ledger import evaluate
from helpers.claims.networks import HALF_ABOUT_CNNS
from helpers.claims.rulebook import RULES
from helpers.training.learnt import LEARNT, LEARNT_COLUMNS
from tests.support.ledger_tables import run_tables

ROWS = {
    "good": (0.97, 0.2, 0.98, 0.3, 0.88, True),
    "chance": (0.22, 0.2, 0.2, 0.3, 0.1, False),
    "linear": (0.60, 0.2, 0.98, 0.3, 0.88, False),
}


def table(**found: str) -> pd.DataFrame:
    rows = [(name, 20, 50, *ROWS[how]) for name, how in found.items()]
    return pd.DataFrame(rows, columns=LEARNT_COLUMNS)


def test_statements_on_accuracy_are_not_concerned() -> None:
    assert {name for name in RULES if not is_on_explanations(name)} == {
        "T1", "T2", "T3", "T4", "T5"
    }  # fmt: skip
    assert all(ON_EXPLANATIONS.values())


def test_networks_that_learnt_test_everything() -> None:
    found = unlearnt(table(mlp="good", cnn="good"))
    assert found == unlearnt(None) == {}
    assert beyond_learning(found) == without_cnns(found) == {}


def test_the_reason_says_what_was_asked_for() -> None:
    found = unlearnt(table(mlp="chance", cnn="linear"))
    assert "median balanced accuracy is 22.0%, below 30.0%, where chance is 20.0%" in found["mlp"]
    assert "60.0%, below 88.0%, where a logistic regression has 98.0%" in found["cnn"]
    both = beyond_learning(found)
    assert set(both) == set(ON_EXPLANATIONS)
    assert both["O17"].count("did not learn") == len(ON_EXPLANATIONS["O17"])


def test_each_architecture_closes_its_own_statements() -> None:
    mlp = set(beyond_learning(unlearnt(table(mlp="chance", cnn="good"))))
    cnn = set(beyond_learning(unlearnt(table(mlp="good", cnn="chance"))))
    assert mlp == {name for name, own in ON_EXPLANATIONS.items() if "mlp" in own}
    assert cnn == {n for n, own in ON_EXPLANATIONS.items() if "cnn" in own} - HALF_ABOUT_CNNS
    assert "B3" in mlp - cnn
    assert "B1" in cnn - mlp
    # What can be judged on MLPs alone is.
    assert set(without_cnns(unlearnt(table(mlp="good", cnn="chance")))) == HALF_ABOUT_CNNS
    assert without_cnns(unlearnt(table(mlp="chance", cnn="chance"))) == {}


TOLD = {"dataset": "rnaseqdb", "profile": "quick"}


@functools.cache
def judged() -> pd.DataFrame:
    """Every statement, judged where nothing is said of what networks learnt."""
    return evaluate(list(RULES), run_tables(), **TOLD).set_index("id")


@pytest.mark.parametrize("broken", ["mlp", "cnn"])
def test_the_verdict_becomes_not_testable_and_keeps_its_number(broken: str) -> None:
    tables, before = run_tables(), judged()
    found = unlearnt(table(**{"mlp": "good", "cnn": "good"} | {broken: "chance"}))
    after = evaluate(
        list(RULES), tables, beyond=beyond_learning(found), mlps_alone=without_cnns(found), **TOLD
    ).set_index("id")
    closed = set(beyond_learning(found))
    assert closed
    assert (after.loc[sorted(closed), "verdict"] == NOT_TESTABLE).all()
    for name in closed & set(before.index[before["verdict"] != NOT_TESTABLE]):
        assert after.loc[name, "reason"].startswith(f"The {broken.upper()}s of this run did not")
        assert after.loc[name, "observed"] == before.loc[name, "observed"]
    open_ = [name for name in RULES if name not in closed | set(without_cnns(found))]
    pd.testing.assert_frame_equal(after.loc[open_], before.loc[open_])
    assert REPRODUCED in set(before["verdict"])


def test_a_statement_on_both_is_judged_on_mlps_where_cnns_learnt_nothing() -> None:
    tables = run_tables()
    found = unlearnt(table(mlp="good", cnn="chance"))
    remark = without_cnns(found)
    own = evaluate(sorted(remark), tables, mlps_alone=remark, **TOLD)
    alone = {
        name: part[part["architecture"] == "mlp"] if "architecture" in part else part
        for name, part in tables.items()
    }
    wanted = evaluate(sorted(remark), alone, **TOLD)
    assert own["verdict"].tolist() == wanted["verdict"].tolist()
    assert own["observed"].tolist() == pytest.approx(wanted["observed"].tolist(), nan_ok=True)
    assert own["reason"].str.contains("On MLPs alone").all()


def test_without_the_table_it_is_not_run() -> None:
    tables = run_tables()
    needed = dict.fromkeys(ON_EXPLANATIONS, LEARNT)
    found = evaluate(["T3", "B3"], tables, also_needed=needed, **TOLD).set_index("id")
    assert found.loc["B3", "verdict"] == NOT_RUN
    assert found.loc["T3", "verdict"] != NOT_RUN
    known = evaluate(["B3"], tables | {LEARNT: table(mlp="good")}, also_needed=needed, **TOLD)
    assert known["verdict"].iloc[0] != NOT_RUN
