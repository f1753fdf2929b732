"""Steps: a control: everything as ever, but on networks that learnt shuffled labels.

The level that the rules ask to exceed is measured on one shuffle, and another one is judged. So the
control can fail: where its networks exceed the level of the others by more than the rules ask for,
it is reproduced.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from helpers.annotations import gene_set_files
from helpers.biology.cancer import segregation
from helpers.biology.over_representation import over_representation
from helpers.claims.control import CONTROLLED, LEVELS, compared
from helpers.claims.inputs import as_rules_read
from helpers.claims.rulebook import PLAIN_RULES, RULES
from helpers.study.sensitivity.facts import FACTS, Facts
from helpers.study.sensitivity.shuffled_lists import EXPLAINERS, LABELS, LEVEL_LISTS, LISTS
from helpers.study.sensitivity.training import NUMBERS, level_numbers
from helpers.study.top_genes.expression_status import tissue_means
from helpers.study.top_genes.specificity import DEFINITIONS, sets_of
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

CONTROL_COLUMNS = ["labels", "claim", "verdict", "plain_verdict", "observed", "ci_low", "ci_high",
                   "level", "reason"]  # fmt: skip


def _tables(
    context: Context, parts: Iterable[pd.DataFrame], facts: Facts
) -> dict[str, pd.DataFrame]:
    """Make the tables that the rules read, from the lists of each explainer."""
    cancers = set(context["tables/cancer_explained"]["tissue"])
    lists = pd.concat(parts, ignore_index=True)
    together = lists[lists["aggregated"]].drop(columns="model")
    tables = facts.tables_of(lists[~lists["tissue"].isin(cancers)])
    tables |= {"segregation": segregation(together, facts.different)}
    return as_rules_read(tables)


def make_levels(context: Context) -> pd.DataFrame:
    """Measure what the statements come to on one shuffle, without any control.

    ``models`` is the number of networks that explanations are averaged over.
    """
    facts = Facts(context, context.settings.gene_set_libraries)
    tables = _tables(context, (table for _, table in context.each(LEVEL_LISTS)), facts)
    observed = [compared(PLAIN_RULES[claim], tables) for claim in CONTROLLED]
    models = len(level_numbers(context.settings))
    return pd.DataFrame({"claim": CONTROLLED, "observed": observed, "models": models})


def make_control(context: Context) -> pd.DataFrame:
    """Judge the statements on true labels and on another shuffle, by the ledger's own rules.

    ``plain_verdict`` is that of the rule without its comparison with the ``level``.
    """
    facts = Facts(context, context.settings.gene_set_libraries)
    levels = context[f"tables/{LEVELS}"]
    known = levels.set_index("claim")["observed"]
    rows: list[dict[str, Any]] = []
    for labels in LABELS:
        lists = [context.member(LISTS, f"{labels}-{name}") for name in EXPLAINERS]
        tables = _tables(context, lists, facts) | {LEVELS: levels}
        for claim in CONTROLLED:
            verdict = RULES[claim].judge(tables)
            plain = PLAIN_RULES[claim].judge(tables)
            rows.append(
                {"labels": labels, "claim": claim, "verdict": verdict.verdict,
                 "plain_verdict": plain.verdict, "observed": verdict.observed,
                 "ci_low": verdict.ci_low, "ci_high": verdict.ci_high, "level": known[claim],
                 "reason": verdict.reason}
            )  # fmt: skip
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


DEFINITION_COLUMNS = ["labels", "set", "tissue", "set_size", "explainer", "share"]
LEVEL_LABELS = "level"
"""How labels of the shuffle of the level are called in the table ``specific_control``."""


def make_specific_control(context: Context) -> pd.DataFrame:
    """Count tissue-specific genes by every definition, with true and with shuffled labels.

    A definition by which networks do better that learnt shuffled labels does not measure what
    networks learn (statements E10 and E11).
    """
    sets = context["tables/specific_sets"]
    cancers = set(context["tables/cancer_explained"]["tissue"])
    groups = {
        labels: [context.member(LISTS, f"{labels}-{name}") for name in EXPLAINERS]
        for labels in LABELS
    }
    groups[LEVEL_LABELS] = [table for _, table in context.each(LEVEL_LISTS)]
    parts = []
    for labels, tables in groups.items():
        lists = pd.concat(tables, ignore_index=True)
        lists = lists[lists["aggregated"] & ~lists["tissue"].isin(cancers)]
        counts = over_representation(
            lists,
            sets_of(sets, DEFINITIONS),
            tissue_means(context),
            keys=["explainer", "tissue"],
            matching=None,
        )
        parts.append(counts.assign(labels=labels, share=counts["hits"] / counts["size"]))
    return pd.concat(parts, ignore_index=True)[DEFINITION_COLUMNS]


STEPS = (
    table_step(
        LEVELS,
        make_levels,
        "Measuring the level of the control",
        inputs=(*FACTS, "tables/cancer_explained", LEVEL_LISTS),
        settings=("top", *NUMBERS),
        named_files={"gene_set_libraries": gene_set_files},
    ),
    table_step(
        "control",
        make_control,
        "Judging claims on shuffled labels",
        inputs=(*FACTS, "tables/cancer_explained", LISTS, f"tables/{LEVELS}"),
        settings=("top",),
        named_files={"gene_set_libraries": gene_set_files},
    ),
    table_step(
        "specific_control",
        make_specific_control,
        "Counting tissue-specific genes on shuffled labels",
        inputs=("data/tissues", "tables/specific_sets", "tables/cancer_explained", LISTS,
                LEVEL_LISTS),
    ),
)  # fmt: skip
