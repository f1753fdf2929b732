"""How each statement is judged: a statistic, a rule fixed beforehand, and why it is fair.

The rules come from the paper's wording and are the same for every data set.
"""

from __future__ import annotations

from dataclasses import replace

from helpers.claims.aggregation_rules import AGGREGATION_RULES
from helpers.claims.baseline_rules import BASELINE_RULES
from helpers.claims.cancer_rules import CANCER_RULES
from helpers.claims.consistency_rules import CONSISTENCY_RULES
from helpers.claims.control import CONTROLLED, beyond_control
from helpers.claims.expression_rules import EXPRESSION_RULES
from helpers.claims.function_rules import FUNCTION_RULES
from helpers.claims.judging import NOT_TESTABLE, Rule, Tables, Verdict
from helpers.claims.optimisation_rules import OPTIMISATION_RULES
from helpers.claims.regulator_rules import REGULATOR_RULES
from helpers.claims.specificity_rules import SPECIFICITY_RULES
from helpers.claims.training_rules import TRAINING_RULES

PLAIN_RULES: dict[str, Rule] = {
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

RULES: dict[str, Rule] = PLAIN_RULES | {
    claim: beyond_control(claim, PLAIN_RULES[claim]) for claim in CONTROLLED
}
"""The same, with a control for statements that a network without biology must not meet."""


def judged(rule: Rule, tables: Tables, dataset: str) -> Verdict:
    """Judge a statement by its rule; where the data were made to fit, say so instead."""
    verdict = rule.judge({name: tables[name] for name in rule.tables})
    if dataset in rule.circular_on:
        reason = f"{rule.circular_on[dataset]} {verdict.reason}"
        return replace(verdict, verdict=NOT_TESTABLE, reason=reason)
    return verdict
