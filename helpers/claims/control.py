"""Statements on what top genes are must hold for networks that learnt, and not for others.

The first version of these rules was met, in part, by networks that had learnt shuffled labels: in
the data set ``reference`` G2 came out as reproduced for them. A score that multiplies by the
expression of a gene, or by its difference from a reference, names genes of the tissue whatever the
network has learnt. So a condition was added to all five rules alike, whichever of them had failed.

The level to exceed is measured on one shuffle of the labels. Whether the rules do their work is
judged on another: measured on the same networks, no value could ever exceed its own level, and the
control would pass whatever the rules are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.judging import NOT_TESTABLE, PARTLY, REPRODUCED, SIMILAR, Rule, Tables, Verdict

CONTROLLED = ("E4", "E10", "G2", "K1", "K4")
"""Statements that a network without biology must not meet."""

LEVELS = "control_levels"
"""Table with what each comes to on the shuffle of the level: ``claim``, ``observed``, and
``models``, how many networks explanations are averaged over."""


def beyond_control(claim: str, rule: Rule) -> Rule:
    """Add to a rule that what is observed must be more than on shuffled labels.

    Parameters
    ----------
    claim
        One of `CONTROLLED`; the larger the number that is compared, the more it holds.
    rule
        Its rule. Where it would say reproduced and that number is not more than `SIMILAR` above the
        control's, the new rule says partly; where the control has none, not testable.
    """
    return replace(
        rule,
        expected=f"{rule.expected}; to be reproduced, more than {SIMILAR} above networks that "
        "learnt shuffled labels",
        fair=f"{rule.fair} What networks without biology show as well, networks have not learnt.",
        tables=(*rule.tables, LEVELS),
        judge=_judge(claim, rule),
    )


def failures(control: pd.DataFrame) -> list[str]:
    """Return the statements that come out as reproduced on shuffled labels: none should.

    Parameters
    ----------
    control
        ``labels`` (``"shuffled"`` are those of another shuffle than the level's), ``claim``,
        ``verdict``.
    """
    met = (control["labels"] == "shuffled") & (control["verdict"] == REPRODUCED)
    return control.loc[met, "claim"].tolist()


def _judge(claim: str, rule: Rule) -> Callable[[Tables], Verdict]:
    @functools.wraps(rule.judge)
    def judge(tables: Tables) -> Verdict:
        found = rule.judge(tables)
        if found.verdict == NOT_TESTABLE:
            return found
        rows = tables[LEVELS].set_index("claim")
        level = defined(
            float(rows["observed"].get(claim, float("nan"))),
            "what networks that learnt shuffled labels come to",
        )
        own = compared(rule, tables)
        number = "" if own == found.observed else f" The number compared is {own:.3f}."
        reason = (
            f"{found.reason}{number} Networks that learnt shuffled labels: {level:.3f} (mean "
            f"explanations over {rows['models'].get(claim)} of them)."
        )
        if found.verdict == REPRODUCED and own - level <= SIMILAR:
            return replace(found, verdict=PARTLY, reason=f"{reason} That is as much.")
        return replace(found, reason=reason)

    return judge


def compared(rule: Rule, tables: Tables) -> float:
    """Return the number of a statement that is compared with shuffled labels; NaN if undefined.

    Parameters
    ----------
    rule
        The rule of one of `CONTROLLED`, without its comparison.
    tables
        What it reads.
    """
    if rule.compared is None:
        return rule.judge(tables).observed
    try:
        return rule.compared(tables)
    except NotTestableError:
        return float("nan")
