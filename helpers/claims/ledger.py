"""The ledger: every checkable statement of the paper, and its verdict in this run."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import pandas as pd
import yaml

from helpers.claims.judging import Verdict
from helpers.claims.rules import RULES, judged
from helpers.errors import one_of

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
)

NOT_RUN = "not_run"
"""In place of a verdict where no chapter computes the statement yet."""


@dataclass(frozen=True)
class Claim:
    """A checkable statement of the paper (Zhao, Shao & Asmann 2022), in our words."""

    id: str
    figure: str
    statement: str
    expected: str


@functools.cache
def claims() -> dict[str, Claim]:
    """Return all statements by id, in the paper's order."""
    text = (resources.files(__package__) / "ledger.yaml").read_text(encoding="utf-8")
    rows = (Claim(**{k: str(v) for k, v in row.items()}) for row in yaml.safe_load(text))
    return {claim.id: claim for claim in rows}


def evaluate(
    ids: list[str],
    tables: Mapping[str, pd.DataFrame],
    *,
    dataset: str,
    profile: str,
    list_share: float = 0.0,
) -> pd.DataFrame:
    """Judge statements by their rules.

    Parameters
    ----------
    ids
        Statements to judge.
    tables
        The tables that the rules read, by name (such as ``"accuracy"``); a statement whose
        tables are not all there is not judged.
    dataset, profile
        What the tables were computed on.
    list_share
        Share of the measured genes that a list of top genes holds.

    Returns
    -------
    DataFrame
        One row a statement, columns as `COLUMNS`.

    Raises
    ------
    UnknownNameError
        If an id is not in the ledger.
    """
    rows = []
    for name in ids:
        claim = claims()[one_of("claim", name, claims())]
        rule = RULES.get(name)
        if rule is None or not set(rule.tables) <= set(tables):
            verdict = Verdict(NOT_RUN, reason="No chapter of this book computes it yet.")
            statistic, source = claim.statement, ""
        else:
            verdict = judged(rule, tables, dataset, name=name, list_share=list_share)
            statistic, source = rule.statistic, rule.produced_by
        rows.append(
            {
                "id": claim.id,
                "figure": claim.figure,
                "statistic": statistic,
                "observed": verdict.observed,
                "ci_low": verdict.ci_low,
                "ci_high": verdict.ci_high,
                "expected": rule.expected if rule else claim.expected,
                "verdict": verdict.verdict,
                "reason": verdict.reason,
                "produced_by": source,
                "dataset": dataset,
                "profile": profile,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
