"""The ledger of a run as the book and the command line show it, and what is missing from it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.claims.judging import NOT_RUN
from helpers.claims.ledger import (
    beside_headline,
    claims,
    disagreements,
    headline,
    not_run,
    protocols_of,
)
from helpers.claims.rulebook import RULES
from helpers.errors import HelpersError
from helpers.prose.learning import cautions
from helpers.prose.verdicts.claims import control
from helpers.protocols import TITLES as PROTOCOL_TITLES
from helpers.publish.chapters import Chapter, find_chapters
from helpers.publish.display import VERDICT_NAMES, found_text, nothing_text
from helpers.publish.places import find_place
from helpers.publish.sentences import sentences
from helpers.study import Study
from helpers.study.verdicts.one_judge import judge_all
from helpers.training.learnt import LEARNT
from helpers.workspace.store import project_root


class LedgerError(HelpersError):
    """A ledger that has gaps, or does not follow from its tables."""

    exit_code = 1


def current_ledger(study: Study) -> pd.DataFrame:
    """Return the ledger of a study; statements without fresh tables are not run.

    Nothing is made: tables that are missing or stale stay so.
    """
    if _fresh_of(study)("tables/claims"):
        return pd.DataFrame(study.get("tables/claims"))
    return judged_anew(study)


def judged_anew(study: Study) -> pd.DataFrame:
    """Judge every statement, under every protocol, from those tables of a study that are fresh."""
    return judge_all(study, available=_fresh_of(study))


def check_against_tables(study: Study, ledger: pd.DataFrame) -> None:
    """Refuse a ledger with a verdict that does not follow from the tables of its run.

    Raises
    ------
    LedgerError
        If there is one.
    """
    wrong = disagreements(ledger, judged_anew(study))
    if wrong:
        raise LedgerError("Verdicts that do not follow from their tables: " + "; ".join(wrong))


def cautions_of(study: Study) -> list[str]:
    """Say what a reader has to know first of a study: networks that did not learn, lists cut.

    A line for each.
    Nothing is made: where it is not known whether networks learnt, nothing is said of it.
    """
    fresh = _fresh_of(study)
    if not fresh("data/expression"):
        return []
    known = study.get(f"tables/{LEARNT}") if fresh(f"tables/{LEARNT}") else None
    genes = study.get("data/expression").n_vars
    text = sentences("16_summary").text("cautions", cautions(known, study.settings.top, genes))
    return [f"{line.strip()}\n" for line in text.split("\n\n") if line.strip()]


def control_outcome(study: Study) -> str:
    """Say which statements networks that know nothing meet in a study; nothing is made."""
    if not _fresh_of(study)("tables/control"):
        return (
            "Networks that know nothing were not judged: the table control is missing or stale. "
            "Chapter 22_know_nothing makes it."
        )
    return sentences("15_claims").text("control", control(study.get("tables/control")))


def unanswered(study: Study, chapters: Sequence[Chapter]) -> list[str]:
    """Return the statements that a book of these chapters would be silent on.

    Those are the ones without a verdict, those whose tables are missing or stale, and those whose
    chapter is not among `chapters` (the chapters with a fresh page).
    """
    fresh = {chapter.name for chapter in chapters}
    gaps = set(not_run(current_ledger(study)))
    gaps |= {name for name, rule in RULES.items() if rule.produced_by.split("#")[0] not in fresh}
    return [name for name in claims() if name in gaps]


def refuse_gaps(study: Study, chapters: Sequence[Chapter]) -> None:
    """Refuse to make a whole book of these chapters if it is silent on a statement.

    Raises
    ------
    LedgerError
        If a statement has no verdict, naming it.
    """
    gaps = unanswered(study, chapters)
    if gaps:
        raise LedgerError(
            f"The book would be silent on {len(gaps)} statements, whose tables or pages are "
            f"missing or stale: {', '.join(gaps)}. Run again, without --only."
        )


def _fresh_of(study: Study) -> Callable[[str], bool]:
    """Return what tells whether an artefact and all before it are fresh; each is looked at once."""

    @functools.cache
    def alone(step: str) -> bool:
        return all(state == "fresh" for state in study.states(step).values())

    return lambda name: all(alone(step) for step in study.upstream(name))


def run_title(row: Mapping[str, object], simulated: bool = False) -> str:
    """Return the title of another run, or of this one if it has no folder."""
    what = f"{row['dataset']}, {row['profile']}" + (" (simulated)" if simulated else "")
    if "folder" not in row:
        return f"This run: {what}"
    return f"Another run: {what} [{row['folder']}, revision {str(row['revision'])[:8]}]"


def verdict_grid(
    ledger: pd.DataFrame, others: pd.DataFrame, runs: pd.DataFrame, *, simulated: bool
) -> pd.DataFrame:
    """Put the verdicts of this run and of others together.

    Parameters
    ----------
    ledger
        This run's.
    others, runs
        The tables ``other_claims`` and ``other_runs``.
    simulated
        Whether this run's samples are simulated.

    Returns
    -------
    DataFrame
        ``run`` (a title), ``protocol``, ``id``, ``verdict``, ``observed``, ``ci_low``,
        ``ci_high``, ``n``, ``unit``.
    """
    columns = ["run", "protocol", "id", "verdict", "observed", "ci_low", "ci_high", "n", "unit"]
    own = run_title({str(k): v for k, v in ledger.iloc[0].items()}, simulated)
    parts = [ledger.assign(run=own)[columns]]
    titles = {
        row["folder"]: run_title({str(k): v for k, v in row.items()})
        for row in runs.to_dict("records")
    }
    if len(others):
        parts.append(others.assign(run=others["folder"].map(titles))[columns])
    return pd.concat(parts, ignore_index=True)


def ledger_rows(
    ledger: pd.DataFrame, others: pd.DataFrame, root: Path | None = None
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return the ledger as readers search it, and where its cells lead.

    Parameters
    ----------
    ledger, others
        This run's ledger, and the table ``other_claims``.
    root
        Folder of the project; None: the one that the working directory is in.

    Returns
    -------
    DataFrame, dict
        A row for each statement and run, with the headline's verdict and beside it those under the
        other protocols; for each column with links one address a row. Rows of other runs lead
        nowhere: the pages show this run.
    """
    chapters = {chapter.name: chapter for chapter in find_chapters(root or project_root())}
    rows, boxes, figures = [], [], []
    for part, own in by_run(ledger, others):
        beside = beside_headline(part)
        for row in headline(part).to_dict("records"):
            place = find_place(str(row["produced_by"]), chapters)
            claim = claims()[str(row["id"])]
            where = "this run" if own else str(row["folder"])
            rows.append(
                {
                    "id": claim.id,
                    "statement": claim.statement,
                    "verdict": VERDICT_NAMES[str(row["verdict"])],
                    "found": found_text({str(k): v for k, v in row.items()}, short=True),
                    "met by networks that know nothing": nothing_text(
                        {str(k): v for k, v in row.items()}
                    ),
                    **_elsewhere(part, beside.get(claim.id, {})),
                    "shown in": f"{place.chapter[:2]}, {place.anchor.replace('_', ' ')}",
                    "figure": claim.figure,
                    "measured": row["statistic"],
                    "asked for": row["expected"],
                    "data set": f"{row['dataset']}, {row['profile']} ({where})",
                }
            )
            boxes.append(f"{place.chapter}.html#claim-{claim.id}" if own else "")
            figures.append(place.link if own else "")
    return pd.DataFrame(rows), {"id": boxes, "shown in": figures}


def by_run(ledger: pd.DataFrame, others: pd.DataFrame) -> list[tuple[pd.DataFrame, bool]]:
    """Return the ledger of this run and those of the others, and whether it is this one's."""
    apart = [part for _, part in others.groupby("folder", sort=False)] if len(others) else []
    return [(ledger, True), *((part, False) for part in apart)]


def _elsewhere(ledger: pd.DataFrame, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Write the verdicts under the protocols beside the headline, a column each."""
    return {
        PROTOCOL_TITLES[name]: VERDICT_NAMES[str(rows[name]["verdict"])] if name in rows else ""
        for name in protocols_of(ledger)[1:]
    }


def totals(ledger: pd.DataFrame) -> list[str]:
    """Count the verdicts under each protocol, the headline first: a line each."""
    lines = []
    for protocol in protocols_of(ledger):
        counts = ledger.loc[ledger["protocol"] == protocol, "verdict"].value_counts()
        said = ", ".join(
            f"{counts[verdict]} {name}"
            for verdict, name in VERDICT_NAMES.items()
            if verdict in counts
        )
        lines.append(f"{protocol}: {said}")
    return lines


def side_by_side(ledgers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put several ledgers into one table: a row a statement, some columns a ledger.

    Returns
    -------
    DataFrame
        ``id``, ``figure``, ``statement``; for each ledger what was found and the verdict, of the
        headline, and the verdict under each other protocol.
    """
    table = pd.DataFrame(
        [(claim.id, claim.figure, claim.statement) for claim in claims().values()],
        columns=["id", "figure", "statement"],
    )
    for title, ledger in ledgers.items():
        rows = {row["id"]: row for row in headline(ledger).to_dict("records")}
        nothing = dict.fromkeys(("observed", "ci_low", "ci_high"), float("nan"))
        nothing["p_value"] = float("nan")
        missing = {"verdict": NOT_RUN, "statistic": "", "n": 0, "known_nothing": ""} | nothing
        own = [rows.get(name, missing) for name in table["id"]]
        table[f"{title}: found"] = [found_text({str(k): v for k, v in row.items()}) for row in own]
        table[f"{title}: verdict"] = [VERDICT_NAMES[str(row["verdict"])] for row in own]
        table[f"{title}: met by networks that know nothing"] = [
            nothing_text({str(k): v for k, v in row.items()}) for row in own
        ]
        beside = beside_headline(ledger)
        for protocol in protocols_of(ledger)[1:]:
            table[f"{title}, {protocol}"] = [
                VERDICT_NAMES[str(beside.get(name, {}).get(protocol, missing)["verdict"])]
                for name in table["id"]
            ]
    return table
