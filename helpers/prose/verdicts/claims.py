"""Facts about the ledger: how many statements hold, where, and beside other runs."""

from __future__ import annotations

import pandas as pd

from helpers.claims.control import (
    FEWEST_SHUFFLES,
    often_met,
    with_evidence,
    without_evidence,
)
from helpers.claims.judging import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    SIMILAR,
)
from helpers.prose.writing.templates import Facts

TESTED = (REPRODUCED, PARTLY, NOT_REPRODUCED)
"""Verdicts on what can be tested."""


def overview(counts: pd.DataFrame) -> Facts:
    """Return how many statements have which verdict.

    Parameters
    ----------
    counts
        What `helpers.claims.ledger.counted` gave for one ledger.

    Returns
    -------
    dict
        ``statements`` in all, ``testable``; ``verdicts`` on these (``verdict``, ``statements``);
        the sections in which the largest (``best``) and the smallest (``worst``) part of what can
        be tested is reproduced (``sections``, ``share``), None where all are alike.
    """
    by_verdict = counts.groupby("verdict")["statements"].sum()
    total = int(by_verdict.sum())
    best, worst = _extremes(counts)
    return {
        "statements": total,
        "testable": total - int(by_verdict[NOT_TESTABLE]),
        "verdicts": [{"verdict": name, "statements": int(by_verdict[name])} for name in TESTED],
        "best": best,
        "worst": worst,
    }


def _extremes(counts: pd.DataFrame) -> tuple[Facts | None, Facts | None]:
    """Return the sections in which most and least of what can be tested is reproduced."""
    tested = counts[counts["verdict"] != NOT_TESTABLE]
    total = tested.groupby("section", sort=False)["statements"].sum()
    held = tested[tested["verdict"] == REPRODUCED].set_index("section")["statements"]
    share = (held / total).dropna()
    if len(share) < 2 or share.max() == share.min():
        return None, None
    best, worst = (
        {"sections": share.index[share == x].tolist(), "share": float(x)}
        for x in (share.max(), share.min())
    )
    return best, worst


def other_runs(runs: pd.DataFrame) -> Facts:
    """Return what the other runs are that are set beside this one, and which are left out.

    Parameters
    ----------
    runs
        The table ``other_runs``.

    Returns
    -------
    dict
        ``runs``: ``folder``, ``dataset``, ``profile``, ``revision``, ``models``, and why it is
        ``left_out`` (None if it is not).
    """
    if runs.empty:
        return {"runs": []}
    rows = runs.astype({"left_out": object}).where(runs.notna(), None)
    columns = ["folder", "dataset", "profile", "left_out"]
    return {
        "runs": [
            {name: row[name] for name in columns}
            | {"revision": str(row["revision"])[:10], "models": int(row["models"])}
            for row in rows.to_dict("records")
        ]
    }


def agreement(ledger: pd.DataFrame, others: pd.DataFrame) -> Facts:
    """Return on how many statements this run and each other one have the same verdict.

    Returns
    -------
    dict
        ``compared``: for each other run its ``folder``, how many statements both can ``test``, on
        how many they have the ``same`` verdict, and on which the ``opposite``.
    """
    own = ledger.set_index("id")["verdict"]
    compared = []
    for folder, part in others.groupby("folder", sort=False):
        theirs = part.set_index("id")["verdict"].reindex(own.index)
        both = (own != NOT_TESTABLE) & theirs.notna() & (theirs != NOT_TESTABLE)
        compared.append(
            {
                "folder": str(folder),
                "test": int(both.sum()),
                "same": int((own[both] == theirs[both]).sum()),
                "opposite": [
                    str(name)
                    for name in own.index[both]
                    if {own[name], theirs[name]} == {REPRODUCED, NOT_REPRODUCED}
                ],
            }
        )
    return {"compared": compared}


def control(table: pd.DataFrame) -> Facts:
    """Return which statements carry evidence: those that shuffled labels do not meet as well.

    Parameters
    ----------
    table
        The table ``control``.

    Returns
    -------
    dict
        ``judged``, how many statements; ``shuffles`` and ``models`` of each; ``needed``, how many
        shuffles a p-value needs, and whether there are ``enough``; statements ``with_evidence`` and
        ``without``; those that at least half of the shuffles meet (``often``); those whose number
        is undefined (``unknown``).
    """
    shuffles = int(table["shuffles"].max()) if len(table) else 0
    return {
        "judged": len(table),
        "shuffles": shuffles,
        "models": int(table["models"].max()) if len(table) else 0,
        "needed": FEWEST_SHUFFLES,
        "enough": shuffles >= FEWEST_SHUFFLES,
        "with_evidence": with_evidence(table),
        "without": without_evidence(table),
        "often": often_met(table),
        "unknown": [str(name) for name in table.loc[table["p"].isna(), "claim"]],
    }


def little_agreement(compared: pd.DataFrame) -> Facts:
    """Return where different networks agree so little that a ranking there says little.

    Parameters
    ----------
    compared
        The table ``references_compared``.

    Returns
    -------
    dict
        ``architectures`` of which it is so: ``name``, and the ``best`` median of an explainer with
        a kind of reference.
    """
    rows = compared[compared["metric"] == "spearman"]
    levels = rows.groupby(["architecture", "explainer", "reference"], sort=False)["value"].median()
    best = levels.groupby("architecture", sort=False).max()
    return {
        "architectures": [
            {"name": str(name), "best": float(value)}
            for name, value in best.items()
            if value <= SIMILAR
        ]
    }


def untestable(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the statements that this run cannot test, with their reasons."""
    rows = ledger[ledger["verdict"] == NOT_TESTABLE]
    return rows[["id", "statistic", "reason"]].reset_index(drop=True)
