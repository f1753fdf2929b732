"""The comparison with shuffled labels: it can only lower a verdict, and says why."""

from __future__ import annotations

import pandas as pd
import pytest
from said import said

from helpers.claims.control import CONTROLLED, LEVELS, beyond_control, failures
from helpers.claims.judging import Rule, Verdict
from helpers.claims.rulebook import PLAIN_RULES, RULES
from helpers.prose.verdicts import claims as prose


def rule(verdict: str, observed: float) -> Rule:
    found = Verdict(verdict, observed, observed - 0.1, observed + 0.1, "Because.")
    return Rule("share", "high", "It says so.", ("go",), "10, table", lambda tables: found)


def levels(observed: float) -> dict[str, pd.DataFrame]:
    return {LEVELS: pd.DataFrame({"claim": ["G2"], "observed": [observed], "models": [5]})}


@pytest.mark.parametrize(
    ("verdict", "control", "expected"),
    [
        ("reproduced", 0.2, "reproduced"),
        ("reproduced", 0.85, "partly"),
        ("reproduced", 0.95, "partly"),
        ("reproduced", float("nan"), "not_testable"),
        ("partly", 0.95, "partly"),
        ("not_reproduced", 0.0, "not_reproduced"),
        ("not_testable", 0.0, "not_testable"),
    ],
)
def test_reproduced_needs_more_than_the_control(
    verdict: str, control: float, expected: str
) -> None:
    found = beyond_control("G2", rule(verdict, 0.9)).judge(levels(control))
    assert found.verdict == expected
    if control != control:
        assert found.reason == "What networks that learnt shuffled labels come to is undefined."
        return
    assert found.observed == 0.9
    known = verdict != "not_testable"
    said = f"shuffled labels: {control:.3f} (mean explanations over 5 of them)."
    assert (said in found.reason) == known
    assert ("That is as much." in found.reason) == (verdict != expected)


@pytest.mark.parametrize(("judged", "fails"), [(0.6, False), (0.69, False), (0.75, True)])
def test_the_control_fails_where_another_shuffle_exceeds_the_level(
    judged: float, fails: bool
) -> None:
    """The level is 0.6, from one shuffle; what is judged comes from another."""
    found = beyond_control("G2", rule("reproduced", judged)).judge(levels(0.6))
    control = pd.DataFrame(
        {
            "labels": ["true", "shuffled"],
            "claim": "G2",
            "verdict": ["reproduced", found.verdict],
            "level": 0.6,
        }
    )
    assert failures(control) == (["G2"] if fails else [])
    assert prose.control(control)["met"] == (["G2"] if fails else [])
    text = said("15_claims", "control", prose.control(control))
    assert ("The control failed: G2" in text) == fails
    assert ("The control held" in text) != fails


def test_all_five_statements_and_no_other_have_it() -> None:
    assert {name for name, found in RULES.items() if LEVELS in found.tables} == set(CONTROLLED)
    for name in CONTROLLED:
        assert RULES[name].expected.startswith(PLAIN_RULES[name].expected)
        assert "shuffled" in RULES[name].expected
