"""Sentences about rules that were changed after results had been seen."""

from __future__ import annotations

import pandas as pd

from helpers.claims.changes import ALL, BEFORE_REVISION, ROUNDS, changed_statements, changes
from helpers.claims.ledger import claims
from helpers.prose.claims import WORDS
from helpers.prose.wording import counted, listed


def overview() -> str:
    """Say how many rules were changed, in how many rounds, and that results were known."""
    own = changed_statements()
    every = sum(ALL in change.statements for change in changes())
    rounds = dict.fromkeys(change.round for change in changes())
    parts = [
        f"{sum(change.round == name for change in changes())} {ROUNDS[name]}" for name in rounds
    ]
    return (
        f"The rules of {len(own)} of the {len(claims())} statements were changed after they had "
        f"first been fixed, and {counted(every, 'change')} concern all of them. There are "
        f"{counted(len(changes()), 'change')}: {listed(parts)}. **Every one of them was made when "
        "results were known.** None was made for one data set, and all hold for every run."
    )


def moved(table: pd.DataFrame, before: pd.DataFrame, run: str) -> str:
    """Say which verdicts of a run are other ones than before the last round.

    Parameters
    ----------
    table
        What `helpers.claims.changes.changed_verdicts` gave.
    before
        What `helpers.claims.changes.verdicts_before` gave.
    run
        What the run is called, such as ``"reference, quick"``.
    """
    if before.empty:
        return (
            f"Of a run like this one ({run}) no verdicts from before the last round were kept, so "
            "the table shows those of this run alone."
        )
    if table.empty:
        return f"In this run ({run}) all verdicts are those of revision {BEFORE_REVISION}."
    pairs: dict[tuple[str, str], list[str]] = {}
    for row in table.to_dict("records"):
        pairs.setdefault((row["verdict_before"], row["verdict_after"]), []).append(row["id"])
    parts = [
        f"from {WORDS[old]} to {WORDS[new]} ({', '.join(ids)})" for (old, new), ids in pairs.items()
    ]
    return (
        f"In this run ({run}) {len(table)} of {len(before)} verdicts are other ones than those of "
        f"revision {BEFORE_REVISION}: {'; '.join(parts)}. Not all of that need be due to the "
        "rules, for what is computed may have changed as well since that revision."
    )


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Write the table of changes for readers.

    Parameters
    ----------
    table
        What `helpers.claims.changes.changed_rules` gave.

    Returns
    -------
    DataFrame
        ``statement``, ``made``, ``rule before``, ``rule after``, ``why``, ``verdict before``,
        ``verdict after``.
    """
    verdicts = {
        when: [
            "–" if not isinstance(verdict, str) else _verdict(verdict, number)
            for verdict, number in zip(
                table[f"verdict_{when}"], table[f"observed_{when}"], strict=True
            )
        ]
        for when in ("before", "after")
    }
    return pd.DataFrame(
        {
            "statement": table["id"],
            "made": table["round"].map(ROUNDS),
            "rule before": table["before"],
            "rule after": table["after"],
            "why": table["why"],
            "verdict before": verdicts["before"],
            "verdict after": verdicts["after"],
        }
    )


def _verdict(verdict: str, number: float) -> str:
    return WORDS[verdict] + ("" if number != number else f", {number:.3g}")
