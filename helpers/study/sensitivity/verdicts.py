"""Steps: statements judged again under every option, by the ledger's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.annotations import gene_set_files
from helpers.claims.control import CONTROL
from helpers.claims.inputs import as_rules_read
from helpers.claims.judging import NOT_TESTABLE, Verdict
from helpers.claims.learnt import is_on_explanations, unlearnt
from helpers.claims.rulebook import RULES, judged
from helpers.stability.curves import sample_medians
from helpers.study.designs.choices import (
    CAM_SMOOTHING,
    CHOICE_SETTINGS,
    CHOICES,
    DEFAULT,
    GRADCAMPP,
    SMOOTHGRAD,
    Choice,
    member_of,
)
from helpers.study.sensitivity.facts import FACTS, Facts, cnn_modes, completed, options_of
from helpers.study.sensitivity.lists import AGREEMENT, LISTS
from helpers.study.sensitivity.noise import CAM, CAM_EXPLAINER, SMOOTH
from helpers.study.sensitivity.smoothing import PLAIN, SMOOTHED_CAMS
from helpers.training.learnt import LEARNT
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

VERDICT_COLUMNS = ["choice", "option", "is_default", "claim", "verdict", "observed", "ci_low",
                   "ci_high", "default_verdict", "holds", "reason"]  # fmt: skip

ON_SINGLE, ON_LISTS = ("B3", "B7"), ("C4", "E4", "E10", "G2", "K1")
ON_CNN = ("B1", "B2", "B4")
"""Statements that are judged again under the options: on MLPs, and on CNNs."""


def make_verdicts(context: Context) -> pd.DataFrame:
    """Judge statements again under every option, by the ledger's own rules."""
    agreement, lists = dict(context.each(AGREEMENT)), dict(context.each(LISTS))
    facts = Facts(context, context.settings.gene_set_libraries)
    rows: list[dict[str, Any]] = []
    known: dict[str, dict[str, Verdict]] = {}
    for choice in CHOICES.values():
        for option, name, is_default in options_of(context, choice):
            if name not in known:
                known[name] = _judged(context, completed(lists, name), facts)
                if name == DEFAULT or "zero" in member_of(name).single:
                    known[name] |= _judged_single(completed(agreement, name))
            found = {claim: known[name][claim] for claim in concerned(choice)}
            if choice.trains:
                accuracy = context["tables/sensitivity_accuracy"].query("member == @name")
                found["T3"] = judged(RULES["T3"], {"accuracy": accuracy}, context.dataset.name)
            rows += _verdict_rows(choice.name, option.name, is_default, found)
    of_cnns: list[dict[str, Any]] = []
    for option, table in cnn_modes(context).items():
        found = {claim: RULES[claim].judge({"unoptimised": table}) for claim in ON_CNN}
        is_default = option == CHOICES["mode"].default(context.settings)
        of_cnns += _verdict_rows("mode", option.name, is_default, found)
    of_cnns += _target_verdicts(context)
    not_learnt = unlearnt(context[f"tables/{LEARNT}"])
    return with_default(
        pd.DataFrame(
            _of_learnt(rows, "mlp", not_learnt)
            + _of_learnt(of_cnns, "cnn", not_learnt)
            + _of_learnt(_noise_verdicts(context), "mlp", not_learnt)
            + _of_learnt(_smoothing_verdicts(context), "cnn", not_learnt)
        )
    )


def _of_learnt(
    rows: list[dict[str, Any]], architecture: str, not_learnt: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Make "not testable" of verdicts on explanations of networks that did not learn."""
    if architecture not in not_learnt:
        return rows
    why = f"The {architecture.upper()}s of this run did not learn: {not_learnt[architecture]}."
    return [
        row | {"verdict": NOT_TESTABLE, "reason": f"{why} {row['reason']}"}
        if is_on_explanations(row["claim"])
        else row
        for row in rows
    ]


def concerned(choice: Choice) -> tuple[str, ...]:
    """Name the statements on MLPs that a choice can change.

    The others would be the default's verdicts over again: single estimates are judged without a
    reference or with one of zeros, and not every choice changes those.
    """
    return (*ON_LISTS, *(ON_SINGLE if "zero" in choice.single else ()))


def _judged_single(agreement: pd.DataFrame) -> dict[str, Verdict]:
    return {claim: RULES[claim].judge({"unoptimised": agreement}) for claim in ON_SINGLE}


def _judged(context: Context, lists: pd.DataFrame, facts: Facts) -> dict[str, Verdict]:
    tables = facts.tables_of(lists) | {CONTROL: context[f"tables/{CONTROL}"]}
    read = as_rules_read(tables)
    return {claim: RULES[claim].judge(read) for claim in ON_LISTS}


def _target_verdicts(context: Context) -> list[dict[str, Any]]:
    """Judge B4 with each target of GuidedGradCam++, the other explainers as they are."""
    if context[CAM].empty:
        return []
    others = context["tables/unoptimised"]
    others = others[(others["architecture"] == "cnn") & (others["explainer"] != CAM_EXPLAINER)]
    rows: list[dict[str, Any]] = []
    for option in GRADCAMPP.options:
        own = context[CAM].query("option == @option.name")
        found = {"B4": RULES["B4"].judge({"unoptimised": pd.concat([others, own])})}
        is_default = option == GRADCAMPP.default(context.settings)
        rows += _verdict_rows(GRADCAMPP.name, option.name, is_default, found)
    return rows


def _noise_verdicts(context: Context) -> list[dict[str, Any]]:
    """Judge O1 with each kind of noise, on MLPs alone."""
    table = pd.concat([part for _, part in context.each(SMOOTH)], ignore_index=True)
    plain = table[(table["option"] == "none") & (table["n"] == 1)].assign(optimisation="none")
    rows: list[dict[str, Any]] = []
    for option in SMOOTHGRAD.options[:2]:
        curves = sample_medians(pd.concat([plain, table[table["option"] == option.name]]))
        found = {"O1": RULES["O1"].judge({"curves": curves})}
        rows += _verdict_rows(SMOOTHGRAD.name, option.name, option == SMOOTHGRAD.options[0], found)
    return rows


def _smoothing_verdicts(context: Context) -> list[dict[str, Any]]:
    """Judge O1 with each way to smooth the explainers of two factors, the others as they are."""
    table = context[SMOOTHED_CAMS]
    if table.empty:
        return []
    curves = context["tables/curves"]
    own = (curves["architecture"] == "cnn") & curves["explainer"].isin(set(table["explainer"]))
    rows: list[dict[str, Any]] = []
    for option in CAM_SMOOTHING.options:
        kept = table[table["option"].isin([PLAIN, option.name])]
        together = pd.concat([curves[~own], kept], ignore_index=True)
        found = {"O1": RULES["O1"].judge({"curves": together})}
        is_default = option == CAM_SMOOTHING.options[0]
        rows += _verdict_rows(CAM_SMOOTHING.name, option.name, is_default, found)
    return rows


def _verdict_rows(
    choice: str, option: str, is_default: bool, found: dict[str, Verdict]
) -> list[dict[str, Any]]:
    return [
        {"choice": choice, "option": option, "is_default": is_default, "claim": claim,
         "verdict": verdict.verdict, "observed": verdict.observed, "ci_low": verdict.ci_low,
         "ci_high": verdict.ci_high, "reason": verdict.reason}
        for claim, verdict in found.items()
    ]  # fmt: skip


def with_default(table: pd.DataFrame) -> pd.DataFrame:
    """Put beside each verdict that of the choice's default, and whether it is the same."""
    base = table[table["is_default"]].set_index(["choice", "claim"])["verdict"]
    keys = pd.MultiIndex.from_frame(table[["choice", "claim"]])
    default = base.reindex(keys).to_numpy()
    return table.assign(default_verdict=default, holds=table["verdict"] == default)[VERDICT_COLUMNS]


STEPS = (
    table_step(
        "sensitivity_verdicts",
        make_verdicts,
        "Judging claims under other choices",
        inputs=(*FACTS, "tables/sensitivity_accuracy", "tables/modes", "tables/unoptimised",
                f"tables/{CONTROL}", f"tables/{LEARNT}", AGREEMENT, LISTS, SMOOTH, SMOOTHED_CAMS,
                CAM, "tables/curves"),
        settings=("top", "gradcampp_target", *CHOICE_SETTINGS),
        named_files={"gene_set_libraries": gene_set_files},
    ),
)  # fmt: skip
