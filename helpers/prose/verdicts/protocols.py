"""Facts on what the protocols agree and differ in."""

from __future__ import annotations

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_TESTABLE, PARTLY, REPRODUCED, VERDICTS
from helpers.claims.ledger import headline, protocols_of
from helpers.config import Settings
from helpers.prose.writing.templates import Facts
from helpers.protocols import DECISIONS, TITLES, overridden

WORDS = {
    REPRODUCED: "reproduced",
    PARTLY: "partly reproduced",
    NOT_REPRODUCED: "not reproduced",
    NOT_TESTABLE: "not testable",
}
"""Verdicts as they stand in sentences and at the head of columns."""


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


def differences(ledger: pd.DataFrame) -> Facts:
    """Return which verdicts are others under the protocols beside the headline.

    Parameters
    ----------
    ledger
        The table ``claims``.

    Returns
    -------
    dict
        ``first``, the headline's protocol for readers; for each of ``others`` its ``title``, how
        many statements ``both`` can test, how many ``differ``, and the ids for which its verdict is
        ``better`` and ``worse``.
    """
    first, *others = protocols_of(ledger)
    own = headline(ledger).set_index("id")["verdict"]
    found = []
    for protocol in others:
        part = ledger[ledger["protocol"] == protocol].set_index("id")["verdict"]
        both = [n for n in own.index if NOT_TESTABLE not in (own[n], part.get(n, NOT_TESTABLE))]
        changed = _differing(own, part)
        better = [n for n in changed if _rank(part[n]) > _rank(own[n])]
        found.append(
            {
                "title": TITLES[protocol],
                "both": len(both),
                "differ": len(changed),
                "better": better,
                "worse": [n for n in changed if n not in better],
            }
        )
    return {"first": TITLES[first], "others": found}


def _differing(own: pd.Series, other: pd.Series) -> list[str]:
    return [
        str(name)
        for name in own.index
        if NOT_TESTABLE not in (own[name], other.get(name, NOT_TESTABLE))
        and own[name] != other[name]
    ]


def _rank(verdict: str) -> int:
    return {REPRODUCED: 2, PARTLY: 1}.get(verdict, 0)


def what_this_run_changed(chosen: Settings) -> Facts:
    """Return which choices of a run are not those of its protocol.

    Parameters
    ----------
    chosen
        Settings of the run.

    Returns
    -------
    dict
        ``departs``: for each such choice its ``title`` and the ``setting`` with its value.
    """
    titles = {decision.setting: decision.title for decision in DECISIONS}
    return {
        "departs": [
            {"title": titles[name].lower(), "setting": f"{name}={value}"}
            for name, value in overridden(chosen).items()
        ]
    }
