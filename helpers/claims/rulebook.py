"""How each statement is judged: a statistic, a rule, and why it is fair.

The rules come from the paper's wording and are the same for every data set. Which of them were
changed after results had been seen, `helpers/claims/changes.yaml` lists.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from helpers.claims.control import beyond_control
from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.judging import NOT_TESTABLE, Rule, Tables, Verdict, of_mlps
from helpers.claims.rules.aggregation import AGGREGATION_RULES
from helpers.claims.rules.cancer import CANCER_RULES
from helpers.claims.rules.consistency import CONSISTENCY_RULES
from helpers.claims.rules.expression import EXPRESSION_RULES
from helpers.claims.rules.function import FUNCTION_RULES
from helpers.claims.rules.optimisation import OPTIMISATION_RULES
from helpers.claims.rules.references import REFERENCE_RULES
from helpers.claims.rules.regulators import REGULATOR_RULES
from helpers.claims.rules.reproducibility import REPRODUCIBILITY_RULES
from helpers.claims.rules.shared_cancer import SHARED_CANCER_RULES
from helpers.claims.rules.specificity import SPECIFICITY_RULES
from helpers.claims.rules.training import TRAINING_RULES
from helpers.errors import BadInputError, one_of

_BY_CHAPTER = (
    TRAINING_RULES,
    REPRODUCIBILITY_RULES,
    OPTIMISATION_RULES,
    REFERENCE_RULES,
    AGGREGATION_RULES,
    CONSISTENCY_RULES,
    EXPRESSION_RULES,
    SPECIFICITY_RULES,
    FUNCTION_RULES,
    REGULATOR_RULES,
    CANCER_RULES,
    SHARED_CANCER_RULES,
)


def check_rules(rules: Iterable[tuple[str, Rule]], statements: Collection[str]) -> None:
    """Refuse a table of rules that does not hold one whole rule for each statement.

    Parameters
    ----------
    rules
        Pairs of statement and rule.
    statements
        All statements of the ledger.

    Raises
    ------
    UnknownNameError
        If a rule is for an unknown statement, or reads an unknown table.
    BadInputError
        If a statement has no rule or two, or a rule has an empty part.
    """
    seen: set[str] = set()
    for name, rule in rules:
        one_of("claim", name, statements)
        if name in seen:
            raise BadInputError(f"{name} has two rules in helpers/claims: delete one of them.")
        seen.add(name)
        for part in ("statistic", "expected", "fair", "tables", "produced_by"):
            if not getattr(rule, part):
                raise BadInputError(f"The rule of {name} has no {part}: write it.")
        for table in rule.tables:
            one_of(f"table (read by {name})", table, TABLE_COLUMNS)
        if _needs_control(name, rule) and rule.compared is None:
            raise BadInputError(
                f"The rule of {name} does not say what is compared with networks that know "
                "nothing: give it a Compared."
            )
        if not re.fullmatch(r"\d\d_\w+#[\w-]+", rule.produced_by):
            raise BadInputError(
                f"The rule of {name} is produced by {rule.produced_by!r}: write the notebook, # "
                "and the name of the figure or table, as in 01_training#accuracy."
            )
    missing = [name for name in statements if name not in seen]
    if missing:
        raise BadInputError(f"No rule in helpers/claims judges {', '.join(missing)}: write one.")


def _needs_control(name: str, rule: Rule) -> bool:
    """Tell whether a statement is about what is in lists of MLPs."""
    return name[0] in BIOLOGICAL and "mlp" in rule.networks


BIOLOGICAL = ("E", "G", "K")
"""Sections whose statements are about the biology of top genes."""

PLAIN_RULES: dict[str, Rule] = {name: rule for rules in _BY_CHAPTER for name, rule in rules.items()}
"""The rules by statement: a new one is one entry in the table of its chapter."""

CONTROLLED = tuple(name for name, rule in PLAIN_RULES.items() if rule.compared is not None)
"""Statements that are judged on networks that know nothing, too: all on what is in lists of MLPs,
on their expression, function and change in cancer."""

RULES: dict[str, Rule] = PLAIN_RULES | {
    claim: beyond_control(claim, PLAIN_RULES[claim]) for claim in CONTROLLED
}
"""The rules, with a control for these statements."""

ABOUT_LISTS = frozenset(
    {
        *CONSISTENCY_RULES,
        *EXPRESSION_RULES,
        *SPECIFICITY_RULES,
        *FUNCTION_RULES,
        *REGULATOR_RULES,
        *CANCER_RULES,
        *SHARED_CANCER_RULES,
    }
) - {"E1", "E2", "E3"}
"""Statements about which genes are in lists of top genes; three are about all scores."""

CROWDED = 0.1
"""A list that holds more than this share of all measured genes says little: it overlaps with any
other list, and holds of any set, as large a share by chance."""


def tables_of(ids: Iterable[str]) -> list[str]:
    """Name the tables that statements are judged from.

    Parameters
    ----------
    ids
        Statements. Those on lists of top genes need ``expression`` besides what their rules read:
        it tells which lists are of scores that are all equal.
    """
    chosen = list(ids)
    names = {table for name in chosen for table in RULES[name].tables}
    return sorted(names | ({"expression"} if ABOUT_LISTS.intersection(chosen) else set()))


def all_rules() -> list[tuple[str, Rule]]:
    """Return every entry of every table of rules, so that two of one name are seen."""
    return [(name, rule) for rules in _BY_CHAPTER for name, rule in rules.items()]


def judged(
    rule: Rule, tables: Tables, dataset: str, *, name: str = "", list_share: float = 0.0
) -> Verdict:
    """Judge a statement by its rule; where the data cannot speak to it, say so instead.

    Parameters
    ----------
    rule, tables
        The rule and what it reads.
    dataset
        Name of the data set: it may have been made to fit.
    name
        The statement's id.
    list_share
        Share of the measured genes that a list of top genes holds.
    """
    read = {table: tables[table] for table in rule.tables}
    # What is undefined of CNNs is none of a statement's business that rests on MLPs.
    verdict = rule.judge(of_mlps(read) if rule.networks == ("mlp",) else read)
    if name in ABOUT_LISTS and list_share > CROWDED and verdict.verdict != NOT_TESTABLE:
        reason = (
            f"A list of top genes holds {list_share:.0%} of all measured genes, and as much of any "
            "other list or set by chance: measure more genes, or lower the setting top. "
            f"{verdict.reason}"
        )
        return replace(verdict, verdict=NOT_TESTABLE, reason=reason)
    if dataset in rule.circular_on:
        reason = f"{rule.circular_on[dataset]} {verdict.reason}"
        return replace(verdict, verdict=NOT_TESTABLE, reason=reason)
    return verdict
