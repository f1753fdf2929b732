"""Steps: what the chapter shows: explanations the paper's way, beside baselines."""

from __future__ import annotations

import pandas as pd

from helpers.correctness.comparison import (
    additive,
    by_condition,
    compared,
    curves,
    found_by_stratum,
    under,
)
from helpers.explain.explainers import EXPLAINERS
from helpers.study.ground_truth.conditions import usual
from helpers.study.ground_truth.known_genes import GENES
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

USUAL = [(found.explainer, found.mode, found.optimisation) for found in map(usual, EXPLAINERS)]
"""The paper's way of each explainer: dropout on, many repeats or many references."""


def _of_additive(context: Context, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["tissue"].isin(additive(context[GENES]))]


def make_curves(context: Context) -> pd.DataFrame:
    """Collect how right and how alike means over models are, the paper's way."""
    recovery, agreement = (
        under(_of_additive(context, context[name]), USUAL)
        for name in ("tables/recovery", "tables/planted_agreement")
    )
    return curves(recovery, agreement)


def make_compared(context: Context) -> pd.DataFrame:
    """Set explainers the paper's way beside baselines, in every class."""
    recovery = under(context["tables/recovery"], USUAL)
    return compared(recovery, context["tables/baseline_recovery"])


def make_found(context: Context) -> pd.DataFrame:
    """Average what is found of each stratum over classes."""
    strata = under(context["tables/recovery_by_stratum"], USUAL)
    return found_by_stratum(strata, context["tables/baseline_recovery_by_stratum"])


def make_conditions(context: Context) -> pd.DataFrame:
    """Average over classes and draws under every condition."""
    return by_condition(_of_additive(context, context["tables/recovery"]))


STEPS = (
    table_step(
        "right_or_alike",
        make_curves,
        "Collecting curves of planted genes",
        text=("measure",),
        inputs=("tables/recovery", "tables/planted_agreement", GENES),
    ),
    table_step(
        "right_compared",
        make_compared,
        "Comparing explainers with baselines",
        inputs=("tables/recovery", "tables/baseline_recovery"),
    ),
    table_step(
        "found_by_stratum",
        make_found,
        "Collecting kinds of planted genes",
        text=("stratum",),
        inputs=("tables/recovery_by_stratum", "tables/baseline_recovery_by_stratum"),
    ),
    table_step(
        "right_by_condition",
        make_conditions,
        "Collecting conditions of planted genes",
        inputs=("tables/recovery", GENES),
    ),
)
