"""Steps: a control: everything as ever, but on networks that learnt shuffled labels."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.annotations import gene_set_files
from helpers.biology.cancer import segregation
from helpers.claims.rules import RULES
from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.stability.combinations import split_name
from helpers.stability.groups import PAPER_GROUPS
from helpers.study.choice_facts import FACTS, Facts
from helpers.study.choice_models import FAMILY, NUMBERS, SHUFFLED, numbers
from helpers.study.choice_scores import listed
from helpers.study.estimating import engine_settings
from helpers.study.explaining import explained_samples
from helpers.study.formats import TABLE
from helpers.study.step import Context, Step
from helpers.study.tables import table_step

LISTS = "control/lists"

LABELS = {"true": FAMILY.step, "shuffled": SHUFFLED}
"""Labels that networks learnt → the step that trains them. Both are explained alike."""

CLAIMS = ("E4", "E10", "G2", "K1", "K4")
"""Statements that speak of what top genes are, so that no network without biology may fit them."""

EXPLAINERS = tuple(split_name(name)[1] for name in PAPER_GROUPS["II"])
"""Members of group II, of which these statements speak."""

CONTROL_COLUMNS = ["labels", "claim", "verdict", "observed", "ci_low", "ci_high", "reason"]


def list_members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name labels and explainers."""
    return [f"{labels}-{explainer}" for labels in LABELS for explainer in EXPLAINERS]


def make_lists(context: Context, member: str) -> pd.DataFrame:
    """List top genes of normal tissues and of their cancers, by one explainer of group II."""
    which, explainer = member.split("-", 1)
    chosen = context.settings
    adata = context["data/expression"]
    groups = [
        group
        for table in ("tables/explained", "tables/cancer_explained")
        for group in explained_samples(adata, context[table])
    ]
    models = [(name, context.member(LABELS[which], name)) for name in numbers(chosen)]
    return listed(context, chosen, models, groups, explainer)


def make_control(context: Context) -> pd.DataFrame:
    """Judge the statements on both kinds of network, by the ledger's own rules."""
    facts = Facts(context, context.settings.gene_set_libraries)
    cancers = set(context["tables/cancer_explained"]["tissue"])
    rows: list[dict[str, Any]] = []
    for labels in LABELS:
        lists = pd.concat(
            [context.member(LISTS, f"{labels}-{name}") for name in EXPLAINERS], ignore_index=True
        )
        normal = lists[~lists["tissue"].isin(cancers)]
        together = lists[lists["aggregated"]].drop(columns="model")
        tables = facts.tables_of(normal)
        tables["segregation"] = segregation(together, facts.different)
        for claim in CLAIMS:
            verdict = RULES[claim].judge(tables)
            rows.append(
                {"labels": labels, "claim": claim, "verdict": verdict.verdict,
                 "observed": verdict.observed, "ci_low": verdict.ci_low,
                 "ci_high": verdict.ci_high, "reason": verdict.reason}
            )  # fmt: skip
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


STEPS = (
    Step(
        name=LISTS,
        path="choices/control-{member}.csv",
        form=TABLE,
        make=make_lists,
        title="Explaining networks with shuffled labels",
        inputs=("data/expression", "tables/split", "tables/explained", "tables/cancer_explained",
                *LABELS.values()),
        settings=(*engine_settings("mlp"), *NUMBERS, "choice_estimates", "reference_pool", "top"),
        members=list_members,
        parallel=True,
    ),
    table_step(
        "control",
        make_control,
        "Judging claims on shuffled labels",
        inputs=(*FACTS, "tables/cancer_explained", LISTS),
        settings=("top",),
        named_files={"gene_set_libraries": gene_set_files},
    ),
)  # fmt: skip
