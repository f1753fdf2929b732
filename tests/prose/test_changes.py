"""What the page on changed rules says."""

from __future__ import annotations

import pandas as pd

from helpers.claims.changes import changed_rules, changed_statements, changed_verdicts, changes
from helpers.claims.ledger import claims
from helpers.prose import changes as prose

BEFORE = pd.DataFrame({"id": list(claims()), "verdict": "not_reproduced", "observed": 0.1234})
LEDGER = BEFORE.assign(verdict=["partly" if n == "E7" else "not_reproduced" for n in BEFORE["id"]])


def test_it_is_said_how_many_rules_were_changed_and_that_results_were_known() -> None:
    text = prose.overview()
    assert f"The rules of {len(changed_statements())} of the 68 statements" in text
    assert f"There are {len(changes())} changes" in text
    assert "**Every one of them was made when results were known.**" in text


def test_verdicts_that_moved_are_told() -> None:
    moved = changed_verdicts(LEDGER, BEFORE)
    text = prose.moved(moved, BEFORE, "reference, quick")
    assert "(reference, quick) 1 of 68 verdicts are other ones than those of revision" in text
    assert "from not reproduced to partly reproduced (E7)" in text
    assert "Not all of that need be due to the rules" in text
    assert "all verdicts are those of" in prose.moved(moved.iloc[:0], BEFORE, "x")
    assert "no verdicts from before the last round were kept" in prose.moved(
        moved, BEFORE.iloc[:0], "own.h5ad, smoke"
    )


def test_the_table_is_written_for_readers() -> None:
    table = changed_rules(LEDGER, BEFORE)
    shown = prose.shown(table)
    row = shown[(shown["statement"] == "E7")].iloc[0]
    assert (row["verdict before"], row["verdict after"]) == (
        "not reproduced, 0.123", "partly reproduced, 0.123"
    )  # fmt: skip
    first = shown[shown["made"] == "after a control on shuffled labels"]
    assert set(first["verdict before"]) == {"–"}
