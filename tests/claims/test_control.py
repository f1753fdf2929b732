"""Networks that know nothing: a permutation test, which can only lower a verdict, and says why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.claims.control import (
    CONTROL,
    CONTROL_COLUMNS,
    FEWEST_SHUFFLES,
    HIDDEN,
    JUDGED_COLUMNS,
    OUTPUT,
    SHUFFLED,
    SIGNIFICANT,
    TRUE,
    UNTRAINED,
    beyond_control,
    compared_number,
    known_nothing,
    often_met,
    permutation_p,
    summary,
    with_evidence,
    without_evidence,
)
from helpers.claims.defined import NotTestableError, check_defined
from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.judging import LARGER, MET, SMALLER, Compared, Rule, Verdict
from helpers.claims.ledger import claims
from helpers.claims.rulebook import BIOLOGICAL, CONTROLLED, PLAIN_RULES, RULES, check_rules
from helpers.errors import BadInputError, UnknownNameError

NUMBERS = st.floats(-5, 5, allow_nan=False).map(lambda x: round(x, 2))


def rule(verdict: str, observed: float = 0.9, compared: Compared | None = None) -> Rule:
    found = Verdict(verdict, observed, observed - 0.1, observed + 0.1, "Because.")
    return Rule(
        "share", "high", "It says so.", ("go",), "10, table", lambda tables: found,
        networks=("mlp",), compared=compared or Compared(LARGER, "share"),
    )  # fmt: skip


def judged(
    numbers: list[float], met: int = 0, *, true: float = 0.9, random: str = "not_reproduced"
) -> pd.DataFrame:
    """Make verdicts on G2: true labels, so many shuffles, and networks with random weights."""
    rows = [("G2", TRUE, 0, "reproduced", true, true, "")]
    for i, number in enumerate(numbers):
        rows.append(("G2", SHUFFLED, i, "reproduced" if i < met else "partly", number, number, ""))
    rows += [("G2", kind, 0, random, 0.1, 0.1, "") for kind in (OUTPUT, HIDDEN, UNTRAINED)]
    return pd.DataFrame(rows, columns=JUDGED_COLUMNS)


def control(numbers: list[float], met: int = 0, **more: object) -> dict[str, pd.DataFrame]:
    return {CONTROL: summary(judged(numbers, met, **more), {"G2": LARGER}, 5)}


@given(number=NUMBERS, shuffled=st.lists(NUMBERS, min_size=1, max_size=25))
def test_p_is_that_of_the_rank_among_all_orders(number: float, shuffled: list[float]) -> None:
    """An oracle: SciPy counts how many of all orders, the true one included, are as large."""
    for supports, sign in ((LARGER, 1), (SMALLER, -1)):
        extreme, p = permutation_p(number, np.array(shuffled), supports)
        every = sign * np.array([number, *shuffled])
        share = stats.percentileofscore(-every, -every[0], kind="weak") / 100
        assert p == pytest.approx(share)
        assert extreme == round(share * len(every)) - 1
    # Turned round, both directions change places.
    assert permutation_p(-number, -np.array(shuffled), SMALLER) == permutation_p(
        number, np.array(shuffled), LARGER
    )


def test_p_is_uniform_where_there_is_nothing_to_be_found() -> None:
    """True labels that are one more shuffle reach 0.05 in one of twenty cases, not more often."""
    rng = np.random.default_rng(0)
    found = [permutation_p(row[0], row[1:], LARGER)[1] for row in rng.normal(size=(4000, 20))]
    assert np.mean(np.array(found) <= SIGNIFICANT) == pytest.approx(0.05, abs=0.012)


def test_what_is_undefined_does_not_speak_for_a_statement() -> None:
    numbers = np.array([0.2, np.nan, 0.95])
    assert permutation_p(0.9, numbers, LARGER) == (1, 0.5)
    extreme, p = permutation_p(float("nan"), numbers, LARGER)
    assert extreme == 0
    assert np.isnan(p)
    assert np.isnan(permutation_p(0.9, numbers[:0], LARGER)[1])
    with pytest.raises(UnknownNameError, match="sideways"):
        permutation_p(0.9, numbers, "sideways")


@pytest.mark.parametrize(
    ("verdict", "numbers", "expected"),
    [
        ("reproduced", [0.2] * 19, "reproduced"),
        ("reproduced", [0.2] * 19 + [0.95], "partly"),
        ("reproduced", [0.2] * 37 + [0.95], "partly"),
        ("reproduced", [0.2] * 38 + [0.95], "reproduced"),
        ("reproduced", [0.2] * 18, "not_testable"),
        ("reproduced", [], "not_testable"),
        ("partly", [0.95] * 19, "partly"),
        ("partly", [0.2] * 3, "partly"),
        ("not_reproduced", [0.2] * 19, "not_reproduced"),
        ("not_testable", [0.2] * 19, "not_testable"),
    ],
)
def test_reproduced_needs_a_small_p(verdict: str, numbers: list[float], expected: str) -> None:
    found = beyond_control("G2", rule(verdict)).judge(control(numbers))
    assert found.verdict == expected
    assert found.observed == 0.9
    if verdict == "not_testable":
        assert found.reason == "Because."
        return
    assert found.reason.startswith("Because. Met by networks that know nothing: 0 of ")
    assert ("no p-value can be" in found.reason) == (len(numbers) < FEWEST_SHUFFLES)
    assert ("So it is no evidence." in found.reason) == (expected == "partly" != verdict)


def test_an_undefined_number_and_a_missing_row_are_not_testable() -> None:
    undefined = beyond_control("G2", rule("reproduced")).judge(
        control([0.2] * 20, true=float("nan"))
    )
    assert undefined.verdict == "not_testable"
    assert "undefined on true labels" in undefined.reason
    missing = beyond_control("G3", rule("reproduced")).judge(control([0.2] * 20))
    assert missing.verdict == "not_testable"
    assert "were not judged by G3" in missing.reason


def test_a_statement_without_a_number_is_compared_by_who_meets_it() -> None:
    table = summary(judged([float("nan")] * 20, 3, true=float("nan")), {"G2": MET}, 5)
    row = table.iloc[0]
    assert row["p"] == pytest.approx(4 / 21)
    assert (row["met"], row["as_extreme"], row["undefined"]) == (3, 3, 0)
    found = beyond_control("G2", rule("reproduced")).judge({CONTROL: table})
    assert found.verdict == "partly"
    assert "by how many shuffles meet it" in found.reason


def test_who_meets_a_statement_is_said_and_never_hidden() -> None:
    table = control([0.95] * 17 + [0.1] * 3, 17, random="reproduced")[CONTROL]
    row = table.iloc[0].to_dict()
    assert known_nothing(row) == "17 of 20 shuffles; untrained: yes; randomised: yes"
    assert without_evidence(table) == often_met(table) == ["G2"]
    assert with_evidence(table) == []
    # Even where the number itself is extreme, that shuffles meet the rule stays to be seen.
    loose = control([0.8] * 20, 12)[CONTROL]
    assert with_evidence(loose) == often_met(loose) == ["G2"]
    assert known_nothing(loose.iloc[0].to_dict()).startswith("12 of 20 shuffles")
    partly = {**row, OUTPUT: "partly", HIDDEN: "not_reproduced", UNTRAINED: "not_testable"}
    assert known_nothing(partly).endswith("untrained: undefined; randomised: partly")


def test_the_number_compared_is_the_observed_one_or_its_own() -> None:
    assert compared_number(rule("partly", 0.4), {}) == 0.4
    own = rule("partly", 0.4, Compared(SMALLER, "other", lambda tables: 0.7))
    assert compared_number(own, {}) == 0.7
    assert np.isnan(compared_number(rule("partly", 0.4, Compared(MET, "none")), {}))

    def undefined(tables: object) -> float:
        raise NotTestableError("There is none.")

    assert np.isnan(compared_number(rule("partly", 0.4, Compared(LARGER, "x", undefined)), {}))


def test_all_statements_on_the_biology_of_mlps_and_no_other_have_it() -> None:
    assert {name for name, found in RULES.items() if CONTROL in found.tables} == set(CONTROLLED)
    expected = {
        name for name in claims() if name[0] in BIOLOGICAL and "mlp" in PLAIN_RULES[name].networks
    }
    assert set(CONTROLLED) == expected
    assert len(CONTROLLED) == 26
    for name in CONTROLLED:
        assert RULES[name].expected.startswith(PLAIN_RULES[name].expected)
        assert "shuffled" in RULES[name].expected
        compared = PLAIN_RULES[name].compared
        assert compared is not None
        assert compared.supports in (LARGER, SMALLER, MET)
        assert 5 < len(compared.what) <= 45  # a figure has no more room


def test_a_rule_on_biology_without_a_comparison_is_refused() -> None:
    rules = [
        (name, replace(found, compared=None) if name == "G3" else found)
        for name, found in PLAIN_RULES.items()
    ]
    with pytest.raises(BadInputError, match="rule of G3 does not say what is compared"):
        check_rules(rules, list(PLAIN_RULES))


def test_the_table_has_the_columns_that_rules_read_and_may_be_undefined() -> None:
    assert tuple(CONTROL_COLUMNS) == TABLE_COLUMNS[CONTROL]
    check_defined(control([float("nan")] * 3, true=float("nan")))
