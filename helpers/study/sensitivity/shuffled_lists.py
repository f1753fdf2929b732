"""Steps: top genes by networks with true and with shuffled labels.

There are two shuffles. What one of them shows is the level that the ledger's rules ask to exceed;
the other is judged by these rules. Nothing of either enters the other, which the steps' inputs
make sure of.
"""

from __future__ import annotations

import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.stability.combinations import split_name
from helpers.stability.groups import PAPER_GROUPS
from helpers.study.designs.combined_estimates import engine_settings
from helpers.study.designs.samples import explained_samples
from helpers.study.formats import LIST_TABLE
from helpers.study.sensitivity.lists import listed
from helpers.study.sensitivity.training import (
    FAMILY,
    LEVEL,
    NUMBERS,
    SHUFFLED,
    level_numbers,
    numbers,
)
from helpers.study.top_genes.lists import LIST_SETTINGS
from helpers.workflow.step import Context, Step

LISTS, LEVEL_LISTS = "control/lists", "control/level_lists"

LABELS = {"true": FAMILY.step, "shuffled": SHUFFLED}
"""Labels that networks learnt → the step that trains them, of those that are judged."""

EXPLAINERS = tuple(split_name(name)[1] for name in PAPER_GROUPS["II"])
"""Members of group II, of which these statements speak."""


def list_members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name labels and explainers."""
    return [f"{labels}-{explainer}" for labels in LABELS for explainer in EXPLAINERS]


def level_members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name explainers."""
    return list(EXPLAINERS)


def make_lists(context: Context, member: str) -> pd.DataFrame:
    """List top genes of normal tissues and of their cancers, by one explainer of group II."""
    which, explainer = member.split("-", 1)
    return _listed(context, LABELS[which], numbers(context.settings), explainer)


def make_level_lists(context: Context, explainer: str) -> pd.DataFrame:
    """List them by networks of the shuffle that the level comes from."""
    return _listed(context, LEVEL, level_numbers(context.settings), explainer)


def _listed(context: Context, step: str, names: list[str], explainer: str) -> pd.DataFrame:
    chosen = context.settings
    adata = context["data/expression"]
    groups = [
        group
        for table in ("tables/explained", "tables/cancer_explained")
        for group in explained_samples(adata, context[table])
    ]
    models = [(name, context.member(step, name)) for name in names]
    return listed(context, chosen, models, groups, explainer)


_INPUTS = ("data/expression", "tables/split", "tables/explained", "tables/cancer_explained")
_SETTINGS = (*engine_settings("mlp"), *NUMBERS, "sensitivity_estimates", "reference_pool",
             *LIST_SETTINGS)  # fmt: skip

STEPS = (
    Step(
        name=LISTS,
        path="choices/control-{member}.csv",
        form=LIST_TABLE,
        make=make_lists,
        title="Explaining networks with shuffled labels",
        inputs=(*_INPUTS, *LABELS.values()),
        settings=_SETTINGS,
        members=list_members,
        parallel=True,
    ),
    Step(
        name=LEVEL_LISTS,
        path="choices/control_level-{member}.csv",
        form=LIST_TABLE,
        make=make_level_lists,
        title="Explaining networks of another shuffle",
        inputs=(*_INPUTS, LEVEL),
        settings=_SETTINGS,
        members=level_members,
        parallel=True,
    ),
)
