"""Facts about rules that were changed after results had been seen."""

from __future__ import annotations

import pandas as pd

from helpers.claims.changes import (
    ALL,
    BEFORE_REVISION,
    ROUNDS,
    changed_statements,
    changed_verdicts,
    changes,
)
from helpers.claims.ledger import claims
from helpers.prose.verdicts.protocols import WORDS
from helpers.prose.writing.templates import Facts


def overview() -> Facts:
    """Return how many rules were changed, and in how many rounds.

    Returns
    -------
    dict
        ``changed``: statements with a changed rule of their own, of ``statements``; ``every``:
        changes of all rules; ``changes`` in all, by ``rounds`` (``when``, ``changes``).
    """
    rounds = dict.fromkeys(change.round for change in changes())
    return {
        "changed": len(changed_statements()),
        "statements": len(claims()),
        "every": sum(ALL in change.statements for change in changes()),
        "changes": len(changes()),
        "rounds": [
            {
                "when": ROUNDS[name],
                "changes": sum(change.round == name for change in changes()),
            }
            for name in rounds
        ],
    }


def moved(ledger: pd.DataFrame, before: pd.DataFrame) -> Facts:
    """Return which verdicts of a run are other ones than before the last round.

    Parameters
    ----------
    ledger
        This run's, of one protocol.
    before
        What `helpers.claims.changes.verdicts_before` gave for it.

    Returns
    -------
    dict
        ``dataset``, ``profile``; ``before``: how many verdicts were kept; ``revision``: of which;
        ``pairs``: for each two verdicts that differ ``old``, ``new`` and the ``ids``.
    """
    pairs: dict[tuple[str, str], list[str]] = {}
    for row in changed_verdicts(ledger, before).to_dict("records"):
        pairs.setdefault((row["verdict_before"], row["verdict_after"]), []).append(row["id"])
    return {
        "dataset": str(ledger["dataset"].iloc[0]),
        "profile": str(ledger["profile"].iloc[0]),
        "before": len(before),
        "revision": BEFORE_REVISION,
        "pairs": [{"old": old, "new": new, "ids": ids} for (old, new), ids in pairs.items()],
    }


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
            _verdict(verdict, number)
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


def _verdict(verdict: object, number: float) -> str:
    if not isinstance(verdict, str):
        return "–"
    return WORDS[verdict] + ("" if number != number else f", {number:.3g}")
