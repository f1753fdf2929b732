"""What the page on changed rules says."""

from __future__ import annotations

import pandas as pd
from said import said, table_rows

from helpers.claims.changes import changed_rules, changed_statements, changes
from helpers.claims.ledger import claims, named
from helpers.prose.verdicts import changes as prose

CHAPTER = "17_changed_rules"
BEFORE = pd.DataFrame({"id": list(claims()), "verdict": "not_reproduced", "observed": 0.1234})
LEDGER = BEFORE.assign(
    verdict=["partly" if name == "E7" else "not_reproduced" for name in BEFORE["id"]],
    dataset="reference",
    profile="quick",
)


def test_it_is_said_how_many_rules_were_changed_and_that_results_were_known() -> None:
    text = said(CHAPTER, "changes", prose.overview())
    assert f"The rules of {len(changed_statements())} of the 68 statements" in text
    assert f"There are {len(changes())} changes" in text
    assert "Every one of them was made when results were known." in text


def test_verdicts_that_moved_are_told() -> None:
    text = said(CHAPTER, "moved", prose.moved(LEDGER, BEFORE))
    assert "(reference, profile quick), 1 of 68 verdicts of revision" in text
    assert table_rows(text)[1:] == [["not reproduced", "partly reproduced", *named(["E7"])]]
    assert "Not all of that need be due to the rules" in text
    same = said(CHAPTER, "moved", prose.moved(LEDGER.assign(verdict="not_reproduced"), BEFORE))
    assert "all verdicts are those of" in same
    alone = said(CHAPTER, "moved", prose.moved(LEDGER, BEFORE.iloc[:0]))
    assert "no verdicts from before the last round were kept" in alone


def test_the_table_is_written_for_readers() -> None:
    table = changed_rules(LEDGER, BEFORE)
    shown = prose.shown(table)
    last = shown["made"] == "after a second review of results"
    row = shown[(shown["statement"] == "E7") & last].iloc[-1]
    assert (row["verdict before"], row["verdict after"]) == (
        "not reproduced, 0.123", "partly reproduced, 0.123"
    )  # fmt: skip
    first = shown[shown["made"] == "after a control on shuffled labels"]
    assert set(first["verdict before"]) == {"–"}


def test_beside_the_permutation_test_stands_what_the_rule_alone_gives() -> None:
    plain = pd.DataFrame({"id": ["E7"], "verdict": ["reproduced"], "observed": [0.4]})
    shown = prose.shown(changed_rules(LEDGER, BEFORE, plain))
    test = shown["made"] == "after statements were found to hold for networks that know nothing"
    rows = shown[test].set_index("statement")["verdict before"]
    assert len(rows) == 26
    assert rows["E7"] == "reproduced, 0.4"
    assert rows["E8"] == "–"
