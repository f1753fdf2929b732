"""Sentences about the ledger: how many statements hold, where, and beside other runs."""

from __future__ import annotations

import pandas as pd

from helpers.claims.control import failures
from helpers.claims.judging import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    SIMILAR,
)
from helpers.prose.writing.markdown import as_written
from helpers.prose.writing.wording import counted, listed, percent

WORDS = {
    REPRODUCED: "reproduced",
    PARTLY: "partly reproduced",
    NOT_REPRODUCED: "not reproduced",
    NOT_TESTABLE: "not testable",
}


def overview(counts: pd.DataFrame) -> str:
    """Say how many statements have which verdict.

    Parameters
    ----------
    counts
        What `helpers.claims.ledger.counted` gave for one ledger.
    """
    by_verdict = counts.groupby("verdict")["statements"].sum()
    total = int(by_verdict.sum())
    testable = total - int(by_verdict[NOT_TESTABLE])
    parts = [f"{by_verdict[name]} are {WORDS[name]}" for name in WORDS if name != NOT_TESTABLE]
    first = (
        f"Of the paper's {counted(total, 'statement')}, {testable} can be tested in this run: "
        f"{listed(parts)}."
    )
    return f"{first} {_extremes(counts)}".strip()


def _extremes(counts: pd.DataFrame) -> str:
    """Name the sections in which most and least of what can be tested is reproduced."""
    tested = counts[counts["verdict"] != NOT_TESTABLE]
    total = tested.groupby("section", sort=False)["statements"].sum()
    held = tested[tested["verdict"] == REPRODUCED].set_index("section")["statements"]
    share = (held / total).dropna()
    if len(share) < 2 or share.max() == share.min():
        return ""
    best, worst = (listed(share.index[share == x].tolist()) for x in (share.max(), share.min()))
    return (
        f"The largest part is reproduced in {best} ({percent(share.max(), 0)} of what can be "
        f"tested), the smallest in {worst} ({percent(share.min(), 0)})."
    )


def other_runs(runs: pd.DataFrame) -> str:
    """Say what the other runs are that are set beside this one, and which are left out.

    Parameters
    ----------
    runs
        The table ``other_runs``.
    """
    if runs.empty:
        return (
            "No other run is set beside this one: there is no other finished workspace of the same "
            "profile, and none was named with `--set compare_workspaces=FOLDER`."
        )
    sentences = []
    for row in runs.fillna({"left_out": ""}).to_dict("records"):
        what = (
            f"{_folder(row['folder'])} (data set {as_written(row['dataset'])}, profile "
            f"{row['profile']}"
        )
        made = f"made at revision {str(row['revision'])[:10]}, {row['models']} MLPs)"
        sentences.append(
            f"Left out: {what}, {made}, because {row['left_out']}."
            if row["left_out"]
            else f"Another run: {what}, {made}. Its data files are not looked at here."
        )
    return " ".join(sentences)


def _folder(name: object) -> str:
    return f"<code>{as_written(name)}</code>"


def agreement(ledger: pd.DataFrame, others: pd.DataFrame) -> str:
    """Say on how many statements this run and each other one have the same verdict."""
    own = ledger.set_index("id")["verdict"]
    sentences = []
    for folder, part in others.groupby("folder", sort=False):
        theirs = part.set_index("id")["verdict"].reindex(own.index)
        both = (own != NOT_TESTABLE) & theirs.notna() & (theirs != NOT_TESTABLE)
        same = int((own[both] == theirs[both]).sum())
        opposite = [
            str(name)
            for name in own.index[both]
            if {own[name], theirs[name]} == {REPRODUCED, NOT_REPRODUCED}
        ]
        sentences.append(
            f"This run and {_folder(folder)} can both test {int(both.sum())} statements and agree "
            f"on {same}"
            + (f"; opposite are the verdicts on {listed(opposite)}." if opposite else ".")
        )
    return " ".join(sentences)


def control(table: pd.DataFrame) -> str:
    """Say whether the control held: no statement of it may be reproduced on shuffled labels.

    Parameters
    ----------
    table
        The table ``control``; of those with shuffled labels ``level`` counts.
    """
    own = table[(table["labels"] == "shuffled") & (table["verdict"] != NOT_TESTABLE)]
    # All five are shares or differences of shares, so none is above 1.
    full = own.loc[own["level"] > 1 - SIMILAR, "claim"].tolist()
    able = own.loc[~own["claim"].isin(full), "claim"].tolist()
    met = failures(table)
    if own.empty:
        return "The control could not be judged: no statement of it can be tested in this run."
    texts = []
    if met:
        verb, their = ("is", "its verdict") if len(met) == 1 else ("are", "their verdicts")
        texts.append(
            f"The control failed: {listed(met)} {verb} reproduced by networks that learnt "
            f"shuffled labels, so that {their} in the ledger cannot be put down to what networks "
            "have learnt."
        )
    elif able:
        texts.append(
            f"The control held: none of {listed(able)} is reproduced by networks that learnt "
            "another shuffle of the labels than the one that sets the level to exceed."
        )
    if full:
        verb, their = (
            ("is", "its level leaves") if len(full) == 1 else ("are", "their levels leave")
        )
        texts.append(
            f"{listed(full)} {verb} at most partly reproduced in this run, whatever networks have "
            f"learnt: {their} no room above, so that the control says nothing here."
        )
    return " ".join(texts)


def fewer_networks(level: int, ledger: int) -> str:
    """Say that the control's level comes from fewer networks than the lists it is compared with.

    Parameters
    ----------
    level, ledger
        MLPs of each shuffle, and MLPs behind the ledger's lists.
    """
    if level >= ledger:
        return ""
    return (
        f"The level, and what the control judges, come from lists of {counted(level, 'MLP')} each, "
        f"the ledger's own lists from {ledger}. How far as many networks would move the level was "
        "not tried."
    )


def little_agreement(compared: pd.DataFrame) -> str:
    """Say where different networks agree so little that a ranking there says little.

    Parameters
    ----------
    compared
        The table ``references_compared``.

    Returns
    -------
    str
        An entry of a list; empty where networks agree more.
    """
    rows = compared[compared["metric"] == "spearman"]
    sentences = []
    for architecture, part in rows.groupby("architecture", sort=False):
        best = part.groupby(["explainer", "reference"])["value"].median().max()
        if best <= SIMILAR:
            name = str(architecture).upper()
            sentences.append(
                f"scores of different {name}s correlate by {best:.2f} at best (median of the best "
                "explainer with its best kind of reference)"
            )
    if not sentences:
        return ""
    return (
        "- **Where nothing agrees, nothing can be ranked.** In this run "
        f"{listed(sentences)}. That is close to zero, so that which kind of reference leads there, "
        "and after how many estimates, says little."
    )


def untestable(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the statements that this run cannot test, with their reasons."""
    rows = ledger[ledger["verdict"] == NOT_TESTABLE]
    return rows[["id", "statistic", "reason"]].reset_index(drop=True)
