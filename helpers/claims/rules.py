"""How each statement is judged: a statistic, a rule fixed beforehand, and why it is fair.

The rules come from the paper's wording and are the same for every data set.
"""

from __future__ import annotations

from dataclasses import replace

from helpers.claims.aggregation_rules import AGGREGATION_RULES
from helpers.claims.baseline_rules import BASELINE_RULES
from helpers.claims.cancer_rules import CANCER_RULES
from helpers.claims.consistency_rules import CONSISTENCY_RULES
from helpers.claims.expression_rules import EXPRESSION_RULES
from helpers.claims.function_rules import FUNCTION_RULES
from helpers.claims.judging import NOT_TESTABLE, Rule, Tables, Verdict
from helpers.claims.optimisation_rules import OPTIMISATION_RULES
from helpers.claims.regulator_rules import REGULATOR_RULES
from helpers.claims.specificity_rules import SPECIFICITY_RULES
from helpers.claims.training_rules import TRAINING_RULES

RULES: dict[str, Rule] = {
    **TRAINING_RULES,
    **BASELINE_RULES,
    **OPTIMISATION_RULES,
    **AGGREGATION_RULES,
    **CONSISTENCY_RULES,
    **EXPRESSION_RULES,
    **SPECIFICITY_RULES,
    **FUNCTION_RULES,
    **REGULATOR_RULES,
    **CANCER_RULES,
}
"""The rules by statement: a new one is one entry in the table of its chapter."""

ABOUT_LISTS = frozenset(
    {
        *CONSISTENCY_RULES,
        *EXPRESSION_RULES,
        *SPECIFICITY_RULES,
        *FUNCTION_RULES,
        *REGULATOR_RULES,
        *CANCER_RULES,
    }
) - {"E1", "E2", "E3"}
"""Statements about which genes are in lists of top genes; three are about all scores."""

CROWDED = 0.1
"""A list that holds more than this share of all measured genes says little: it overlaps with any
other list, and holds of any set, as large a share by chance."""


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
    verdict = rule.judge({table: tables[table] for table in rule.tables})
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
