"""The ledger: every checkable statement of the paper, and its verdict in this run."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers.claims.constant_lists import without_constant_lists
from helpers.claims.control import CONTROL, ONLY_CNNS, control_row, known_nothing
from helpers.claims.inputs import read_columns
from helpers.claims.judging import NOT_RUN, NOT_TESTABLE, VERDICTS, Rule, Verdict, of_mlps
from helpers.claims.rulebook import BIOLOGICAL, RULES, all_rules, check_rules, judged
from helpers.errors import BadInputError, one_of
from helpers.protocols import NAMES, TEXT

COLUMNS = (
    "id",
    "figure",
    "statistic",
    "observed",
    "ci_low",
    "ci_high",
    "expected",
    "verdict",
    "reason",
    "produced_by",
    "dataset",
    "profile",
    "protocol",
    "n",
    "unit",
    "p_value",
    "met_by_nothing",
    "known_nothing",
)
"""A row for each statement and protocol. ``n`` and ``unit``: number of units that the interval
resamples, and what they are. The last three, of statements that are judged on networks that know
nothing too: permutation p-value, share of the shuffles of labels that meet the statement, and in
words which such networks meet it."""

SAME = 1e-6
"""Two computations of a value are the same within this."""

CHAPTERS = {
    "T": "Data and accuracy",
    "B": "Reproducibility without optimisation",
    "O": "Optimisation",
    "C": "Consistency and groups",
    "E": "Expression of top genes",
    "G": "Function of top genes",
    "K": "Cancer",
}
"""Sections of the paper by the first letter of their statements' ids."""


@dataclass(frozen=True)
class Claim:
    """A checkable statement of the paper (Zhao, Shao & Asmann 2022), in our words.

    Attributes
    ----------
    id, figure
        Its key, and where the paper shows it.
    short
        A few words that stand for it wherever its key is named.
    statement, expected
        What the paper says, and what a re-run has to show.
    """

    id: str
    figure: str
    short: str
    statement: str
    expected: str


@functools.cache
def claims() -> dict[str, Claim]:
    """Return all statements by id, in the paper's order.

    Raises
    ------
    BadInputError
        If an entry of the ledger, or a rule, is not as it should be.
    """
    path = resources.files(__package__) / "ledger.yaml"
    found = parse_claims(path.read_text(encoding="utf-8"), "helpers/claims/ledger.yaml")
    check_rules(all_rules(), found)
    return found


def named(ids: Iterable[str]) -> list[str]:
    """Return statements by their few words, such as ``three groups (C6)``."""
    return [f"{claims()[name].short} ({name})" for name in ids]


def parse_claims(text: str, source: str | Path) -> dict[str, Claim]:
    """Read statements from YAML.

    Parameters
    ----------
    text
        A list of mappings with the fields of `Claim`.
    source
        What the text is called in an error.

    Raises
    ------
    BadInputError
        If an entry lacks a field or has one too many, or an id occurs twice.
    """
    names = {field.name for field in fields(Claim)}
    found: dict[str, Claim] = {}
    for number, row in enumerate(yaml.safe_load(text), start=1):
        entry = {str(key): str(value).strip() for key, value in row.items()}
        wrong = names ^ set(entry) or {name for name, value in entry.items() if not value}
        if wrong:
            raise BadInputError(
                f"{source}, entry {number} ({entry.get('id', 'without id')}): "
                f"{', '.join(sorted(wrong))} is missing, empty or unknown; an entry has "
                f"{', '.join(sorted(names))}."
            )
        if entry["id"] in found:
            raise BadInputError(f"{source} has {entry['id']} twice: delete one of the two.")
        found[entry["id"]] = Claim(**entry)
    return found


def evaluate(
    ids: list[str],
    tables: Mapping[str, pd.DataFrame],
    *,
    dataset: str,
    profile: str,
    protocol: str = TEXT,
    list_share: float = 0.0,
    remarks: Mapping[str, str] | None = None,
    untestable: Mapping[str, str] | None = None,
    beyond: Mapping[str, str] | None = None,
    mlps_alone: Mapping[str, str] | None = None,
    also_needed: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Judge statements by their rules.

    Parameters
    ----------
    ids
        Statements to judge.
    tables
        The tables that the rules read, by name (such as ``"accuracy"``); a statement whose
        tables are not all there is not judged.
    dataset, profile, protocol
        What the tables were computed on.
    list_share
        Share of the measured genes that a list of top genes holds.
    remarks
        By statement, what a reader of its verdict has to know of this run: a sentence, put
        behind the reason.
    untestable
        By statement, why the run says nothing of it: it is not judged where its tables are there.
    beyond
        By statement, why this run cannot test it, whatever its tables say: it is judged, and the
        sentence is put before the reason.
    mlps_alone
        By statement, why it is judged without the rows on CNNs: a sentence, put behind the reason.
    also_needed
        By statement, a table without which it is not judged, though its rule does not read it.

    Returns
    -------
    DataFrame
        One row a statement, columns as `COLUMNS`.

    Raises
    ------
    UnknownNameError
        If an id is not in the ledger, or a rule gives an unknown verdict.
    BadInputError
        If a table lacks a column.
    """
    rules = {name: RULES[one_of("claim", name, claims())] for name in ids}
    tables = without_constant_lists(tables)
    read = {
        name: read_columns(name, table, [id_ for id_, rule in rules.items() if name in rule.tables])
        for name, table in tables.items()
        if any(name in rule.tables for rule in rules.values())
    }
    rows = []
    for name, rule in rules.items():
        if untestable and name in untestable and set(rule.tables) <= set(tables):
            verdict = Verdict(NOT_TESTABLE, reason=untestable[name])
            rows.append(_row(name, rule, verdict, dataset, profile, protocol, tables))
            continue
        needed = (also_needed or {}).get(name)
        own = of_mlps(read) if name in (mlps_alone or {}) else read
        if needed is not None and needed not in tables:
            verdict = Verdict(NOT_RUN, reason=f"Missing or stale: {needed}.")
        else:
            verdict = _verdict(name, rule, own, dataset, list_share)
        if verdict.verdict != NOT_RUN:
            said = [(more or {}).get(name, "") for more in (remarks, mlps_alone)]
            remark = " ".join(filter(None, said))
            verdict = _in_this_run(verdict, remark, (beyond or {}).get(name))
        rows.append(_row(name, rule, verdict, dataset, profile, protocol, tables))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _verdict(
    name: str, rule: Rule, tables: Mapping[str, pd.DataFrame], dataset: str, list_share: float
) -> Verdict:
    missing = [table for table in rule.tables if table not in tables]
    if missing:
        return Verdict(NOT_RUN, reason=f"Missing or stale: {', '.join(missing)}.")
    try:
        verdict = judged(rule, tables, dataset, name=name, list_share=list_share)
    except KeyError as error:
        raise BadInputError(
            f"The rule of {name} asks the tables {', '.join(rule.tables)} for {error}, which they "
            "do not have: if it is a column, add it to helpers/claims/inputs.py."
        ) from error
    one_of("verdict", verdict.verdict, VERDICTS)
    return verdict


def _in_this_run(verdict: Verdict, remark: str | None, beyond: str | None) -> Verdict:
    """Say what a reader has to know of this run; what it cannot test is not testable."""
    if remark:
        verdict = replace(verdict, reason=f"{verdict.reason} {remark}")
    if beyond and verdict.verdict != NOT_TESTABLE:
        verdict = replace(verdict, verdict=NOT_TESTABLE, reason=f"{beyond} {verdict.reason}")
    return verdict


def _row(
    name: str,
    rule: Rule,
    verdict: Verdict,
    dataset: str,
    profile: str,
    protocol: str,
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, Any]:
    return {
        "id": name,
        "figure": claims()[name].figure,
        "statistic": rule.statistic,
        "observed": verdict.observed,
        "ci_low": verdict.ci_low,
        "ci_high": verdict.ci_high,
        "expected": rule.expected,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "produced_by": rule.produced_by,
        "dataset": dataset,
        "profile": profile,
        "protocol": protocol,
        "n": verdict.n,
        "unit": verdict.unit,
        **_of_control(name, rule, tables),
    }


def _of_control(name: str, rule: Rule, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what networks that know nothing come to on a statement."""
    row = control_row(tables.get(CONTROL), name)
    if row is not None:
        share = row["met"] / row["shuffles"] if row["shuffles"] else float("nan")
        return {"p_value": row["p"], "met_by_nothing": share, "known_nothing": known_nothing(row)}
    without = name[0] in BIOLOGICAL and rule.compared is None
    nothing = {"p_value": float("nan"), "met_by_nothing": float("nan")}
    return nothing | {"known_nothing": ONLY_CNNS if without else ""}


def protocols_of(ledger: pd.DataFrame) -> list[str]:
    """Name the protocols of a ledger, the headline first."""
    return list(dict.fromkeys(ledger["protocol"]))


def headline(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the headline's protocol, one a statement; of several runs those of each.

    Ledgers of several runs lie below each other and have a column ``folder``.
    """
    if ledger.empty:
        return ledger
    runs = [part for _, part in ledger.groupby("folder", sort=False)] if "folder" in ledger else []
    own = [part[part["protocol"] == protocols_of(part)[0]] for part in runs or [ledger]]
    return pd.concat(own, ignore_index=True)


def beside_headline(ledger: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the rows of the other protocols: by statement and protocol, in their order."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    first = protocols_of(ledger)[0]
    for row in ledger[ledger["protocol"] != first].to_dict("records"):
        own = {str(key): value for key, value in row.items()}
        found.setdefault(own["id"], {})[own["protocol"]] = own
    return found


def not_run(ledger: pd.DataFrame) -> list[str]:
    """Return the statements of the paper that a ledger has no verdict on, under any protocol."""
    known = ledger["verdict"] != NOT_RUN
    gaps = {
        name
        for protocol in protocols_of(ledger)
        for name in set(claims()) - set(ledger.loc[known & (ledger["protocol"] == protocol), "id"])
    }
    return [name for name in claims() if name in gaps]


def check_ledger(ledger: pd.DataFrame, source: str | Path) -> pd.DataFrame:
    """Refuse a stored ledger that holds an unknown id, verdict or column, or lacks one.

    Parameters
    ----------
    ledger
        A ledger as it was read from a file.
    source
        What that file is called in an error.

    Raises
    ------
    UnknownNameError, BadInputError
        If so.
    """
    for column in ledger.columns:
        one_of(f"column of a ledger ({source})", str(column), COLUMNS)
    missing = [column for column in COLUMNS if column not in ledger.columns]
    if missing:
        raise BadInputError(f"{source} has no column {', '.join(missing)}: make it again.")
    for name in ledger["id"]:
        one_of(f"statement ({source})", str(name), claims())
    for verdict in ledger["verdict"]:
        one_of(f"verdict ({source})", str(verdict), (*VERDICTS, NOT_RUN))
    for protocol in ledger["protocol"]:
        one_of(f"protocol ({source})", str(protocol), NAMES)
    twice = ledger.loc[ledger.duplicated(["id", "protocol"]), "id"].tolist()
    if twice:
        raise BadInputError(f"{source} has {', '.join(twice)} twice: make it again.")
    return ledger


def disagreements(stored: pd.DataFrame, again: pd.DataFrame) -> list[str]:
    """Name the statements whose stored verdict does not follow from the tables.

    Verdict, numbers, and what is said of them must be the same, under every protocol.

    Parameters
    ----------
    stored
        A ledger.
    again
        The same, computed anew from the tables.

    Returns
    -------
    list of str
        A phrase for each, such as ``"B3: stored reproduced 0.2, its tables give partly 0.4"``.
    """
    old, new = (
        {(row["id"], row["protocol"]): row for row in table.to_dict("records")}
        for table in (stored, again)
    )
    first = protocols_of(stored)[0] if len(stored) else ""
    found = []
    for name, protocol in dict.fromkeys([*old, *new]):
        title = name if protocol == first else f"{name} ({protocol})"
        a, b = old.get((name, protocol)), new.get((name, protocol))
        if a is None or b is None:
            found.append(f"{title}: only in {'the ledger' if b is None else 'the tables'}")
            continue
        numbers = ("observed", "ci_low", "ci_high", "n")
        if a["verdict"] != b["verdict"] or not all(_same(a[c], b[c]) for c in numbers):
            found.append(
                f"{title}: stored {a['verdict']} {a['observed']:.6g}, its tables give "
                f"{b['verdict']} {b['observed']:.6g}"
            )
        elif a["reason"] != b["reason"]:
            found.append(f"{title}: the reason is {a['reason']!r}, its tables give {b['reason']!r}")
    return found


def _same(a: float, b: float) -> bool:
    return bool((a != a and b != b) or abs(a - b) <= SAME * max(1.0, abs(a)))


def counted(ledgers: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Count the verdicts of ledgers by protocol and section of the paper.

    Returns
    -------
    DataFrame
        ``dataset``, ``profile``, ``protocol``, ``section``, ``verdict``, ``statements``; every
        verdict has a row in every section.
    """
    rows = []
    for ledger in ledgers:
        dataset, profile = ledger[["dataset", "profile"]].iloc[0]
        for protocol in protocols_of(ledger):
            own = ledger[ledger["protocol"] == protocol]
            sections = own["id"].str[0].map(CHAPTERS)
            counts = pd.crosstab(sections, own["verdict"]).reindex(
                index=list(CHAPTERS.values()), columns=list(VERDICTS), fill_value=0
            )
            rows += [
                (dataset, profile, protocol, section, verdict, int(counts.loc[section, verdict]))
                for section in counts.index
                for verdict in counts.columns
            ]
    columns = ["dataset", "profile", "protocol", "section", "verdict", "statements"]
    return pd.DataFrame(rows, columns=columns)
