"""Rules that were changed after results had been seen: one table of them, for every page."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources

import pandas as pd
import yaml

from helpers.claims.ledger import claims
from helpers.errors import BadInputError, one_of

ALL = "all"
"""In place of statements where a change is to every rule."""

PERMUTATION = "permutation test"
"""The round in which a permutation test was added to rules."""

ROUNDS = {
    "control": "after a control on shuffled labels",
    "first review": "after a first review of results",
    "second review": "after a second review of results",
    PERMUTATION: "after statements were found to hold for networks that know nothing",
    "few genes": "after a run on data of 500 genes",
    "over seeds": "after five runs that differ in their seed only",
}
"""What changes came from, in their order."""

BEFORE_REVISION = "ade8e24"
"""Revision of the code whose verdicts are those before the last review."""

LAST_ROUND = "second review"

_FIELDS = ("statements", "round", "before", "after", "why")
_STORED = "verdicts_before.csv"

CHANGE_COLUMNS = ["id", "round", "before", "after", "why", "verdict_before", "observed_before",
                  "verdict_after", "observed_after"]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A change of a rule, made knowing what it had given.

    Attributes
    ----------
    statements
        Ids of the ledger, or `ALL`.
    round
        A key of `ROUNDS`.
    before, after
        The rule in words.
    why
        The reason.
    """

    statements: tuple[str, ...]
    round: str
    before: str
    after: str
    why: str


@functools.cache
def changes() -> tuple[Change, ...]:
    """Return all changes, in the order in which they were made.

    Raises
    ------
    BadInputError
        If an entry lacks a field or has one too many.
    UnknownNameError
        If a statement or a round is not known.
    """
    text = (resources.files(__package__) / "changes.yaml").read_text(encoding="utf-8")
    return parse_changes(text, "helpers/claims/changes.yaml")


def parse_changes(text: str, source: str) -> tuple[Change, ...]:
    """Read changes from YAML.

    Parameters
    ----------
    text
        A list of mappings with the fields of `Change`.
    source
        What the text is called in an error.

    Raises
    ------
    BadInputError, UnknownNameError
        As `changes`.
    """
    found = []
    for number, row in enumerate(yaml.safe_load(text), start=1):
        empty = [name for name in _FIELDS if not row.get(name)]
        wrong = sorted({*empty, *(set(row) - set(_FIELDS))})
        if wrong:
            raise BadInputError(
                f"{source}, entry {number}: {', '.join(wrong)} is missing, empty or unknown; an "
                f"entry has {', '.join(_FIELDS)}."
            )
        for name in row["statements"]:
            if name != ALL:
                one_of(f"statement ({source}, entry {number})", str(name), claims())
        one_of(f"round ({source}, entry {number})", row["round"], ROUNDS)
        words = {name: " ".join(str(row[name]).split()) for name in ("before", "after", "why")}
        found.append(Change(tuple(row["statements"]), row["round"], **words))
    return tuple(found)


def changed_statements() -> list[str]:
    """Name the statements whose own rule was changed, in the paper's order."""
    own = {name for change in changes() for name in change.statements}
    return [name for name in claims() if name in own]


def verdicts_before(dataset: str, profile: str) -> pd.DataFrame:
    """Return the verdicts of revision `BEFORE_REVISION` on a data set.

    Parameters
    ----------
    dataset, profile
        Of the run.

    Returns
    -------
    DataFrame
        ``id``, ``verdict``, ``observed``; empty for runs that were not kept.
    """
    with (resources.files(__package__) / "data" / _STORED).open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    own = (table["dataset"] == dataset) & (table["profile"] == profile)
    return table.loc[own, ["id", "verdict", "observed"]].reset_index(drop=True)


_NONE = pd.DataFrame(columns=["verdict", "observed"])


def changed_rules(
    ledger: pd.DataFrame, before: pd.DataFrame, plain: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Put rules before and after beside verdicts before and after.

    Parameters
    ----------
    ledger
        This run's.
    before
        What `verdicts_before` gave for its data set and profile.
    plain
        ``id``, ``verdict``, ``observed`` by the rules without a permutation test, in this run.

    Returns
    -------
    DataFrame
        `CHANGE_COLUMNS`, a row for each change of a rule of a statement, in the paper's order.
        Verdicts before stand beside changes of the last review, from the run that was kept, and
        beside the permutation test, from this run; elsewhere they are missing.
    """
    after = ledger.set_index("id")
    known = {LAST_ROUND: before.set_index("id")}
    if plain is not None:
        known[PERMUTATION] = plain.set_index("id")
    rows = []
    for name in claims():
        for change in changes():
            if name not in change.statements:
                continue
            earlier = known.get(change.round, _NONE)
            there = name in earlier.index
            row = {
                "id": name, "round": change.round, "before": change.before,
                "after": change.after, "why": change.why,
                "verdict_before": earlier.loc[name, "verdict"] if there else None,
                "observed_before": earlier.loc[name, "observed"] if there else float("nan"),
                "verdict_after": after.loc[name, "verdict"],
                "observed_after": after.loc[name, "observed"],
            }  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows, columns=CHANGE_COLUMNS)


def changed_verdicts(ledger: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Cross the verdicts of a run with those that the rules before the last round gave.

    Parameters
    ----------
    ledger, before
        As `changed_rules` takes them.

    Returns
    -------
    DataFrame
        ``id``, ``verdict_before``, ``verdict_after`` of the statements whose verdict changed.
    """
    both = before.merge(ledger[["id", "verdict"]], on="id", suffixes=("_before", "_after"))
    moved = both[both["verdict_before"] != both["verdict_after"]]
    return moved[["id", "verdict_before", "verdict_after"]].reset_index(drop=True)
