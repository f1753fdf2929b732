"""The table of changed rules: whole, and the only source of what pages say of changes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.claims.changes import (
    ALL,
    BEFORE_REVISION,
    LAST_ROUND,
    ROUNDS,
    changed_rules,
    changed_statements,
    changed_verdicts,
    changes,
    parse_changes,
    verdicts_before,
)
from helpers.claims.judging import NOT_RUN, VERDICTS
from helpers.claims.ledger import claims
from helpers.errors import BadInputError, HelpersError, UnknownNameError

ENTRY = "- {statements: [T1], round: control, before: a rule, after: another, why: a reason}\n"


def ledger(verdict: str = "partly", observed: float = 0.5) -> pd.DataFrame:
    return pd.DataFrame({"id": list(claims()), "verdict": verdict, "observed": observed})


def test_every_change_has_a_rule_before_and_after_and_a_reason() -> None:
    for change in changes():
        assert change.round in ROUNDS
        assert change.before != change.after
        assert change.statements
        assert all(len(text) > 5 for text in (change.before, change.after, change.why))
    assert any(ALL in change.statements for change in changes())
    # Of one round a statement has each change once.
    pairs = [(c.round, c.after, name) for c in changes() for name in c.statements]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.replace("T1", "Z9"), "no statement .*'Z9'"),
        (ENTRY.replace("control", "later"), "no round .*'later'"),
        (ENTRY.replace(", why: a reason", ""), "entry 1: why is missing, empty or unknown"),
        (ENTRY.replace("}", ", when: today}"), "entry 1: when is missing, empty or unknown"),
        (ENTRY.replace("[T1]", "[]"), "entry 1: statements is missing"),
    ],
)
def test_a_fault_in_the_table_is_named(text: str, message: str) -> None:
    with pytest.raises(HelpersError, match=message):
        parse_changes(text, "changes.yaml")
    assert isinstance(parse_changes(ENTRY, "changes.yaml")[0].statements, tuple)
    with pytest.raises((BadInputError, UnknownNameError)):
        parse_changes(text, "changes.yaml")


def test_the_verdicts_before_are_whole_ledgers() -> None:
    before = verdicts_before("reference", "quick")
    assert before["id"].tolist() == list(claims())
    assert set(before["verdict"]) <= set(VERDICTS) - {NOT_RUN}
    assert before["verdict"].value_counts()["not_reproduced"] == 29
    assert verdicts_before("own.h5ad", "quick").empty
    assert verdicts_before("reference", "paper").empty


def test_rules_stand_beside_the_verdicts_that_they_gave() -> None:
    before = verdicts_before("reference", "quick")
    table = changed_rules(ledger(), before)
    assert set(table["id"]) == set(changed_statements())
    last = table["round"] == LAST_ROUND
    known = before.set_index("id")["verdict"]
    assert (table.loc[last, "verdict_before"] == table.loc[last, "id"].map(known)).all()
    assert table.loc[~last, "verdict_before"].isna().all()
    assert (table["verdict_after"] == "partly").all()
    none = changed_rules(ledger(), before.iloc[:0])
    assert none["verdict_before"].isna().all()
    assert np.isnan(none["observed_before"]).all()
    assert len(none) == len(table)


def test_verdicts_that_moved_are_found_and_no_others() -> None:
    before = verdicts_before("reference", "quick")
    assert changed_verdicts(before, before).empty
    after = before.assign(verdict=before["verdict"].mask(before["id"] == "E7", "reproduced"))
    assert changed_verdicts(after, before).to_numpy().tolist() == [
        ["E7", "not_reproduced", "reproduced"]
    ]


PAGES = [*Path("book").glob("*.md"), *Path("notebooks").glob("*.ipynb"), Path("README.md")]
_ALONE = re.compile(r"(fixed|written|stated|set) beforehand|only then looked at the values", re.I)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_no_page_says_that_rules_were_fixed_beforehand(path: Path) -> None:
    """What was changed is told on one page, and the others point to it."""
    text = path.read_text(encoding="utf-8")
    assert not _ALONE.search(text)
    assert not re.search(r"[Mm]ost rules were", text)


@pytest.mark.parametrize(
    "name",
    [
        "intro.md",
        "how_to_read.md",
        "methods_verdicts.md",
        "glossary.md",
        "../notebooks/15_claims.ipynb",
    ],
)
def test_pages_on_verdicts_point_to_the_page_of_changed_rules(name: str) -> None:
    assert "Rules that were changed" in (Path("book") / name).read_text(encoding="utf-8")


def test_the_revision_of_the_verdicts_before_is_that_of_the_readme() -> None:
    text = Path("helpers/claims/data/README.md").read_text(encoding="utf-8")
    assert BEFORE_REVISION in text
