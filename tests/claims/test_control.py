"""The comparison with shuffled labels: it can only lower a verdict, and says why."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.claims.control import CONTROLLED, LEVELS, beyond_control
from helpers.claims.judging import Rule, Verdict
from helpers.claims.rules import PLAIN_RULES, RULES


def rule(verdict: str, observed: float) -> Rule:
    found = Verdict(verdict, observed, observed - 0.1, observed + 0.1, "Because.")
    return Rule("share", "high", "It says so.", ("go",), "10, table", lambda tables: found)


def levels(observed: float) -> dict[str, pd.DataFrame]:
    return {LEVELS: pd.DataFrame({"claim": ["G2"], "observed": [observed]})}


@pytest.mark.parametrize(
    ("verdict", "control", "expected"),
    [
        ("reproduced", 0.2, "reproduced"),
        ("reproduced", 0.85, "partly"),
        ("reproduced", 0.95, "partly"),
        ("reproduced", float("nan"), "reproduced"),
        ("partly", 0.95, "partly"),
        ("not_reproduced", 0.0, "not_reproduced"),
        ("not_testable", 0.0, "not_testable"),
    ],
)
def test_reproduced_needs_more_than_the_control(
    verdict: str, control: float, expected: str
) -> None:
    found = beyond_control("G2", rule(verdict, 0.9)).judge(levels(control))
    assert (found.verdict, found.observed) == (expected, 0.9)
    assert ("shuffled labels" in found.reason) == (verdict == "reproduced" and control == control)


def test_the_control_itself_is_never_reproduced() -> None:
    for observed in (0.0, 0.5, 1.0):
        found = beyond_control("G2", rule("reproduced", observed)).judge(levels(observed))
        assert found.verdict == "partly"


def test_all_five_statements_and_no_other_have_it() -> None:
    assert {name for name, found in RULES.items() if LEVELS in found.tables} == set(CONTROLLED)
    for name in CONTROLLED:
        assert RULES[name].expected.startswith(PLAIN_RULES[name].expected)
        assert "shuffled" in RULES[name].expected
