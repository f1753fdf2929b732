"""Sentences on what the protocols agree and differ in."""

from __future__ import annotations

import pandas as pd

from helpers.claims.judging import NOT_TESTABLE, PARTLY, REPRODUCED, VERDICTS
from helpers.claims.ledger import beside_headline, headline, protocols_of
from helpers.config import Settings
from helpers.prose.claims import WORDS
from helpers.prose.writing.wording import counted, listed
from helpers.protocols import DECISIONS, TITLES, overridden


def counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts under each protocol.

    Parameters
    ----------
    ledger
        The table ``claims``.

    Returns
    -------
    pandas.DataFrame
        ``protocol`` (its name for readers), a column for each verdict, and ``differ``: statements
        that both protocols can test and whose verdict is not the headline's.
    """
    own = headline(ledger).set_index("id")["verdict"]
    rows = []
    for protocol in protocols_of(ledger):
        part = ledger[ledger["protocol"] == protocol].set_index("id")["verdict"]
        found = part.value_counts()
        row: dict[str, str | int] = {"protocol": TITLES[protocol]}
        row |= {WORDS[name]: int(found.get(name, 0)) for name in VERDICTS}
        rows.append(row | {"differ": len(_differing(own, part))})
    return pd.DataFrame(rows)


def differences(ledger: pd.DataFrame) -> str:
    """Say which verdicts are others under the protocols beside the headline.

    Parameters
    ----------
    ledger
        The table ``claims``.
    """
    first, *others = protocols_of(ledger)
    if not others:
        return f"Statements were judged under one protocol alone, {TITLES[first]}."
    own = headline(ledger).set_index("id")["verdict"]
    sentences = [f"The headline's verdicts are those by {TITLES[first]}."]
    for protocol in others:
        part = ledger[ledger["protocol"] == protocol].set_index("id")["verdict"]
        both = [n for n in own.index if NOT_TESTABLE not in (own[n], part.get(n, NOT_TESTABLE))]
        changed = _differing(own, part)
        better = [n for n in changed if _rank(part[n]) > _rank(own[n])]
        worse = [n for n in changed if n not in better]
        parts = [
            f"{text} for {listed(names)}"
            for text, names in (("it is better", better), ("it is worse", worse))
            if names
        ]
        sentences.append(
            f"By {TITLES[protocol]}, of the {counted(len(both), 'statement')} that both can test "
            f"the verdict is another for {len(changed)}"
            + (f": {'; '.join(parts)}." if parts else ".")
        )
    return " ".join(sentences)


def _differing(own: pd.Series, other: pd.Series) -> list[str]:
    return [
        str(name)
        for name in own.index
        if NOT_TESTABLE not in (own[name], other.get(name, NOT_TESTABLE))
        and own[name] != other[name]
    ]


def _rank(verdict: str) -> int:
    return {REPRODUCED: 2, PARTLY: 1}.get(verdict, 0)


def elsewhere(ledger: pd.DataFrame, name: str) -> str:
    """Say what the verdict on a statement is under the other protocols."""
    rows = beside_headline(ledger).get(name, {})
    return listed(
        [f"{WORDS.get(row['verdict'], row['verdict'])} by {TITLES[protocol]}"
         for protocol, row in rows.items()]
    )  # fmt: skip


def what_this_run_changed(chosen: Settings) -> str:
    """Say which choices of a run are not those of its protocol; empty if none.

    Parameters
    ----------
    chosen
        Settings of the run.
    """
    found = overridden(chosen)
    if not found:
        return ""
    titles = {decision.setting: decision.title for decision in DECISIONS}
    named = [f"{titles[name].lower()} (`{name}={value}`)" for name, value in found.items()]
    return (
        f"This run departs from its protocol in {counted(len(found), 'choice')}: {listed(named)}."
    )
