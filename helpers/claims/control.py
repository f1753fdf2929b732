"""Statements on what top genes are must hold for networks that learnt, and not for others.

A score that multiplies by the expression of a gene, or by its difference from a reference, names
genes of the tissue whatever the network has learnt. So each statement on lists of MLPs is judged
on networks that know nothing as well: ensembles that learnt shuffled labels, networks whose weights
were drawn anew from the output down (Adebayo et al. 2018), and networks that were never trained.

Shuffles give a permutation test. As many ensembles as there are shuffles, each as large as the one
that is judged, show what the compared number comes to by chance, and with the true labels it has to
be among the most extreme. A statement that is not is at most partly reproduced, however well its
number fits the paper's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.claims.defined import NotTestableError
from helpers.claims.judging import (
    LARGER,
    MET,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    SMALLER,
    Rule,
    Tables,
    Verdict,
    of_mlps,
)
from helpers.errors import one_of

CONTROL = "control"
"""Table with a row for each statement that is judged on networks that know nothing."""

TRUE, SHUFFLED, OUTPUT, HIDDEN, UNTRAINED = "true", "shuffled", "output", "hidden", "untrained"

KINDS = {
    TRUE: "networks that learnt the true labels",
    SHUFFLED: "networks that learnt shuffled labels",
    OUTPUT: "trained networks with a random output layer",
    HIDDEN: "trained networks with random output and hidden layers",
    UNTRAINED: "networks that were never trained",
}
"""Networks on which statements are judged by the plain rule."""

RANDOMISED = (OUTPUT, HIDDEN)
"""The cascade: layers that are drawn anew, from the output down."""

SIGNIFICANT = 0.05
"""p-value up to which a statement counts as more than networks that know nothing show."""

FEWEST_SHUFFLES = 19
"""Shuffles from which on a p-value can be that small: the true labels are one of the orders."""

JUDGED_COLUMNS = ["claim", "kind", "replicate", "verdict", "observed", "number", "reason"]

CONTROL_COLUMNS = ["claim", "supports", "models", "number", "median", "lowest", "highest",
                   "shuffles", "undefined", "as_extreme", "p", "met", *RANDOMISED,
                   UNTRAINED]  # fmt: skip


def plain_verdict(rule: Rule, tables: Tables) -> Verdict:
    """Judge by a rule without its control.

    Parameters
    ----------
    rule
        A rule of `helpers.claims.rulebook.PLAIN_RULES`.
    tables
        What it reads; tables that only give intervals may be absent.
    """
    read = {name: tables[name] for name in rule.tables if name in tables}
    return rule.judge(of_mlps(read) if rule.networks == ("mlp",) else read)


def compared_number(rule: Rule, tables: Tables, verdict: Verdict | None = None) -> float:
    """Return the number of a statement that is compared with networks that know nothing.

    Parameters
    ----------
    rule
        Its rule, without the control.
    tables
        What it reads.
    verdict
        What `plain_verdict` gave of them, if that is known.

    Returns
    -------
    float
        NaN if it is undefined, or the statement has no such number.
    """
    compared = rule.compared
    if compared is None or compared.supports == MET:
        return float("nan")
    try:
        if compared.number is None:
            return (verdict or plain_verdict(rule, tables)).observed
        return compared.number(tables)
    except NotTestableError:
        return float("nan")


def permutation_p(
    number: float, shuffled: npt.NDArray[np.floating], supports: str
) -> tuple[int, float]:
    """Return how many shuffles are as extreme as the true labels, and the p-value.

    The true labels are one of the orders that chance may give, so p is (1 + those as extreme) over
    (1 + shuffles) and never 0 (Phipson & Smyth 2010). Where the number is undefined, as without
    any enriched term, a shuffle does not speak for the statement.

    Parameters
    ----------
    number
        On true labels.
    shuffled
        On each shuffle.
    supports
        `LARGER` or `SMALLER`: which numbers speak for the statement.

    Returns
    -------
    int, float
        p is NaN if there are no shuffles or `number` is undefined.
    """
    one_of("direction", supports, (LARGER, SMALLER))
    if not len(shuffled) or not np.isfinite(number):
        return 0, float("nan")
    sign = 1.0 if supports == LARGER else -1.0
    # Equal but for rounding is as extreme.
    near = 1e-9 * max(1.0, abs(number))
    extreme = int(np.sum(sign * shuffled >= sign * number - near))
    return extreme, (1 + extreme) / (1 + len(shuffled))


def summary(judged: pd.DataFrame, supports: Mapping[str, str], models: int) -> pd.DataFrame:
    """Summarise what statements come to on networks that know nothing.

    Parameters
    ----------
    judged
        `JUDGED_COLUMNS`: each statement on each network, by its plain rule.
    supports
        Of each statement, which numbers speak for it.
    models
        MLPs of each ensemble.

    Returns
    -------
    DataFrame
        `CONTROL_COLUMNS`, a row a statement: ``number`` on true labels; ``median``, ``lowest`` and
        ``highest`` on shuffles; on how many it is ``undefined``, on how many ``as_extreme``; the
        permutation ``p``; how many shuffles are ``met`` by the plain rule; verdicts of the others.
        Of a statement that is compared by its verdict, the numbers are shares of shuffles met.
    """
    rows = []
    for claim, direction in supports.items():
        own = judged[judged["claim"] == claim]
        if own.empty:
            continue
        shuffled = own[own["kind"] == SHUFFLED]
        numbers = shuffled["number"].to_numpy(dtype=float)
        number = float(own.loc[own["kind"] == TRUE, "number"].iloc[0])
        met = int((shuffled["verdict"] == REPRODUCED).sum())
        if direction == MET:
            extreme, p = met, (1 + met) / (1 + len(shuffled)) if len(shuffled) else float("nan")
            known = numbers[:0]
        else:
            extreme, p = permutation_p(number, numbers, direction)
            known = numbers[np.isfinite(numbers)]
        of_others = {
            kind: str(own.loc[own["kind"] == kind, "verdict"].iloc[0])
            for kind in (*RANDOMISED, UNTRAINED)
        }
        middle = [float("nan")] * 3
        if len(known):
            middle = [float(np.median(known)), float(known.min()), float(known.max())]
        undefined = 0 if direction == MET else len(numbers) - len(known)
        rows.append(
            [claim, direction, models, number, *middle, len(shuffled), undefined, extreme, p, met,
             *(of_others[kind] for kind in (*RANDOMISED, UNTRAINED))]
        )  # fmt: skip
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


def known_nothing(row: Mapping[str, Any]) -> str:
    """Say which networks that know nothing meet a statement: ``17 of 20 shuffles; untrained: no``.

    Parameters
    ----------
    row
        A row of the table `CONTROL`.
    """
    cascade = [str(row[kind]) for kind in RANDOMISED]
    randomised = next((v for v in (REPRODUCED, PARTLY) if v in cascade), cascade[-1])
    return (
        f"{int(row['met'])} of {int(row['shuffles'])} shuffles; untrained: "
        f"{_ANSWERS[str(row[UNTRAINED])]}; randomised: {_ANSWERS[randomised]}"
    )


_ANSWERS = {
    REPRODUCED: "yes",
    PARTLY: "partly",
    NOT_REPRODUCED: "no",
    NOT_TESTABLE: "undefined",
}

ONLY_CNNS = "no control: CNNs were not trained on shuffled labels"
"""In place of that where a statement rests on CNNs alone."""


def control_row(table: pd.DataFrame | None, claim: str) -> dict[str, Any] | None:
    """Return what the control has on a statement, None if it has nothing.

    Parameters
    ----------
    table
        The table `CONTROL`; None if it is not there.
    claim
        The statement.
    """
    if table is None:
        return None
    rows = table[table["claim"] == claim].to_dict("records")
    return {str(key): value for key, value in rows[0].items()} if rows else None


def beyond_control(claim: str, rule: Rule) -> Rule:
    """Add to a rule that networks that know nothing must not show as much.

    Parameters
    ----------
    claim
        A statement whose rule says what is compared.
    rule
        Its rule. Where it would say reproduced, the new one says partly if the permutation test
        does not tell true labels from shuffled ones, and not testable if it cannot: the number is
        undefined, or there are fewer than `FEWEST_SHUFFLES` shuffles.
    """
    return replace(
        rule,
        expected=f"{rule.expected}; to be reproduced, p ≤ {SIGNIFICANT} against networks that "
        "learnt shuffled labels",
        fair=f"{rule.fair} What networks without biology show as well, networks have not learnt.",
        tables=(*rule.tables, CONTROL),
        judge=_judge(claim, rule),
    )


def _judge(claim: str, rule: Rule) -> Callable[[Tables], Verdict]:
    @functools.wraps(rule.judge)
    def judge(tables: Tables) -> Verdict:
        found = rule.judge(tables)
        if found.verdict == NOT_TESTABLE:
            return found
        row = control_row(tables[CONTROL], claim)
        if row is None:
            raise NotTestableError(f"Networks that know nothing were not judged by {claim}.")
        reason = f"{found.reason} {said(row)}"
        if found.verdict != REPRODUCED:
            return replace(found, reason=reason)
        if row["shuffles"] < FEWEST_SHUFFLES or not np.isfinite(row["p"]):
            return replace(found, verdict=NOT_TESTABLE, reason=reason)
        if row["p"] > SIGNIFICANT:
            return replace(found, verdict=PARTLY, reason=f"{reason} So it is no evidence.")
        return replace(found, reason=reason)

    return judge


def said(row: Mapping[str, Any]) -> str:
    """Say how a statement does on networks that know nothing: sentences for a verdict's reason.

    Parameters
    ----------
    row
        A row of the table `CONTROL`.
    """
    met = f"Met by networks that know nothing: {known_nothing(row)}."
    if row["shuffles"] < FEWEST_SHUFFLES:
        return (
            f"{met} With {int(row['shuffles'])} shuffles no p-value can be {SIGNIFICANT} or less: "
            f"at least {FEWEST_SHUFFLES} are needed (setting control_shuffles)."
        )
    if not np.isfinite(row["p"]):
        return f"{met} The number compared is undefined on true labels."
    if row["supports"] == MET:
        return f"{met} Permutation p = {row['p']:.3f}, by how many shuffles meet it."
    shuffles = (
        f"on shuffles median {row['median']:.3f}, {row['lowest']:.3f} to {row['highest']:.3f}"
        if np.isfinite(row["median"])
        else "on all shuffles undefined"
    )
    undefined = (
        f", undefined on {int(row['undefined'])}"
        if row["undefined"] and np.isfinite(row["median"])
        else ""
    )
    return (
        f"{met} Permutation p = {row['p']:.3f} ({row['supports']} numbers speak for it; on true "
        f"labels {row['number']:.3f}, {shuffles}{undefined}; {int(row['models'])} MLPs each)."
    )


def without_evidence(control: pd.DataFrame) -> list[str]:
    """Name the statements that true labels do not meet better than shuffled ones.

    Parameters
    ----------
    control
        The table `CONTROL`.
    """
    return _names(control[control["p"] > SIGNIFICANT])


def with_evidence(control: pd.DataFrame) -> list[str]:
    """Name the statements that true labels meet better than shuffled ones."""
    return _names(control[control["p"] <= SIGNIFICANT])


def often_met(control: pd.DataFrame) -> list[str]:
    """Name the statements whose plain rule at least half of the shuffles meet."""
    return _names(control[(control["shuffles"] > 0) & (2 * control["met"] >= control["shuffles"])])


def _names(rows: pd.DataFrame) -> list[str]:
    names: Iterable[Any] = rows["claim"]
    return [str(name) for name in names]
