"""What the landing page says follows from ledgers."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers.claims.ledger import claims
from helpers.claims.rulebook import RULES
from helpers.figures.verdicts import findings as figures
from helpers.prose.verdicts import findings
from helpers.prose.verdicts.findings import (
    CONCLUSIONS,
    FAILS,
    HARDLY,
    HOLDS,
    IN_PART,
    UNKNOWN,
    WEIGHTY,
)
from tests.support.said import said

R, P, N, X = "reproduced", "partly", "not_reproduced", "not_testable"


def _ledger(**verdicts: str) -> pd.DataFrame:
    rows = [
        {
            "id": name,
            "protocol": protocol,
            "verdict": verdicts.get(name, R if protocol == "released" else P),
            "observed": 0.25,
            "statistic": RULES[name].statistic,
            "expected": RULES[name].expected,
        }
        for protocol in ("text", "released")
        for name in claims()
    ]
    return pd.DataFrame(rows)


BUNDLES = pd.DataFrame(
    [
        {"bundle": "real-quick", "dataset": "real", "simulated": 0, "profile": "quick", "seeds": 5,
         "models": 20, "cnn_models": 0, "revision": "0123456789", "date": "2026-01-02",
         "outdated": 0},
    ]
)  # fmt: skip


def _over(**verdicts: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"bundle": "real-quick", "protocol": "text", "id": name,
             "verdict": verdicts.get(name, R), "share": 0.6, "fragile": int(name == "B2"),
             "seeds": 5, "lowest": 0.1, "median": 0.2, "highest": 0.3}
            for name in claims()
        ]
    )  # fmt: skip


NONE = (BUNDLES.iloc[:0], _over().iloc[:0])


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([R, R], HOLDS),
        ([R, R, X], HOLDS),
        ([R, N], IN_PART),
        ([P, P, N], IN_PART),
        ([P, N, N], HARDLY),
        ([N, N, X], FAILS),
        ([X, X], UNKNOWN),
    ],
)
def test_how_far_statements_hold_together(verdicts: list[str], expected: str) -> None:
    found = dict(zip("abc", verdicts, strict=False))
    assert findings.held(found, tuple("abc"))["how"] == expected


def test_every_conclusion_rests_on_statements_of_the_ledger() -> None:
    for each in CONCLUSIONS:
        assert set(each.ids) <= set(claims())
        assert each.key in claims()
    assert set(WEIGHTY) <= set(claims())
    assert len(set(WEIGHTY)) == len(WEIGHTY)


def test_conclusions_are_told_for_this_run_other_protocols_and_real_samples() -> None:
    ledger = _ledger(B1=N, B2=N, B3=N, B7=N)
    facts = findings.conclusions(ledger, BUNDLES, _over(K1=N, K2=N, K4=N, K5=N))
    by_name = {row["name"]: row for row in facts["conclusions"]}
    assert by_name["unstable"]["here"]["how"] == FAILS
    assert by_name["cancer"]["here"]["how"] == IN_PART
    assert by_name["cancer"]["bundles"] == [
        {"dataset": "real", "real": True, "seeds": 5, "how": FAILS, "reproduced": 0, "partly": 0,
         "tested": 4}
    ]  # fmt: skip
    text = said("16_summary", "conclusions", facts)
    assert "A single explanation does not repeat itself: this does not hold" in text
    assert "On real samples of real (5 seeds) it does not hold" in text
    assert text.count("Where it is shown") == len(CONCLUSIONS)


def test_contradictions_are_the_weightiest_that_no_seed_turns() -> None:
    first, second = WEIGHTY[:2]
    ledger = _ledger(**{first: N, second: N, "B2": N})
    facts = findings.contradictions(ledger, BUNDLES, _over(**{first: N}))
    rows = facts["contradictions"]
    assert [row["id"] for row in rows] == [first, second]
    assert (rows[0]["same"], rows[0]["other"]) == (["real"], [])
    assert (rows[1]["same"], rows[1]["other"]) == ([], ["real"])
    text = said("16_summary", "contradictions", facts)
    assert f"({first})" in text
    none = findings.contradictions(_ledger(), *NONE)
    assert "No statement" in said("16_summary", "contradictions", none)


def test_what_is_fragile_is_no_contradiction() -> None:
    over = _over().assign(fragile=1)
    facts = findings.contradictions(_ledger(**{WEIGHTY[0]: N}), BUNDLES, over)
    assert facts == {"contradictions": [], "tested": True}


def test_published_runs_are_named_with_what_is_fragile() -> None:
    text = said("15_claims", "published", findings.published(BUNDLES, _over()))
    assert "top genes differ (B2)" in text
    assert "real samples, profile quick, 5 seeds" in text
    assert "2026-01-02" in text
    assert "rules that have changed" not in text
    one = findings.published(BUNDLES.assign(seeds=1), _over())
    assert "One seed cannot tell" in said("15_claims", "published", one)
    old = findings.published(BUNDLES.assign(outdated=1), _over())
    assert "rules that have changed" in said("15_claims", "published", old)
    assert "No results" in said("15_claims", "published", findings.published(*NONE))


def test_the_table_over_seeds_has_every_statement() -> None:
    table = findings.by_seed(BUNDLES, _over(T1=X)).set_index("id")
    assert list(table.index) == list(claims())
    column = "real (real, 5 seeds)"
    assert table.loc["B2", column] == "reproduced, 3 of 5: 0.20 (0.10 to 0.30)"
    assert table.loc["T1", column].startswith("not testable, 3 of 5")
    assert table.loc["B2", "fragile"] == "real"
    assert table.loc["B3", "fragile"] == ""
    assert list(findings.by_seed(*NONE)) == ["id", "statement", "fragile"]


STAGED = pd.DataFrame(
    [("mlp", "top100", stage, name, value)
     for stage, value in (("not optimised", 0.1), ("optimised", 0.4), ("aggregated", 0.8))
     for name in ("Saliency", "DeepLift")],
    columns=["architecture", "metric", "stage", "explainer", "value"],
)  # fmt: skip
SPECIFIC = pd.DataFrame(
    [("mlp", name, True, "enhanced", 60, 100) for name in ("Saliency", "DeepLift")],
    columns=["architecture", "explainer", "aggregated", "set", "hits", "size"],
)
COMPARED = pd.DataFrame(
    [("single", "mlp", "Saliency", 0.5), ("together", "mlp", "Saliency", 0.6),
     ("baseline", "none", "WelchT", 0.7)],
    columns=["kind", "architecture", "explainer", "auprc"],
)  # fmt: skip


def test_the_picture_and_what_it_says() -> None:
    after = SPECIFIC.assign(hits=[5, 58])
    picture = findings.story(STAGED, {"before": SPECIFIC, "after": after}, COMPARED, "enhanced")
    told = findings.told(picture, COMPARED)
    assert (told["before"], told["after"]) == (0.1, 0.8)
    assert told["most"] == ["Saliency", "DeepLift"]
    assert (told["right_before"], told["right_after"], told["t_test"]) == (0.5, 0.6, 0.7)
    text = said("16_summary", "story", told)
    assert "from 0.10 to 0.80" in text
    assert "a t-test has 0.70" in text
    figure = figures.story(picture, told["t_test"])
    assert [len(axis.get_yticks()) for axis in figure.axes] == [2, 2, 1]
    plt.close(figure)


def test_a_run_with_nothing_to_sum_up_says_so() -> None:
    picture = findings.story(
        STAGED.iloc[:0], {"before": SPECIFIC.iloc[:0]}, COMPARED.iloc[:0], "enhanced"
    )
    told = findings.told(picture, COMPARED.iloc[:0])
    assert told["before"] is None
    assert not said("16_summary", "story", told).strip()
    plt.close(figures.story(picture, told["t_test"]))
