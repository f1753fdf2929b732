"""Steps: top genes by networks with true and with shuffled labels."""

from __future__ import annotations

import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.stability.combinations import split_name
from helpers.stability.groups import PAPER_GROUPS
from helpers.study.choice_models import FAMILY, NUMBERS, SHUFFLED, numbers
from helpers.study.choice_scores import listed
from helpers.study.estimating import engine_settings
from helpers.study.explaining import explained_samples
from helpers.study.formats import TABLE
from helpers.study.step import Context, Step

LISTS = "control/lists"

LABELS = {"true": FAMILY.step, "shuffled": SHUFFLED}
"""Labels that networks learnt → the step that trains them. Both are explained alike."""

EXPLAINERS = tuple(split_name(name)[1] for name in PAPER_GROUPS["II"])
"""Members of group II, of which these statements speak."""


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


STEPS = (
    Step(
        name=LISTS,
        path="choices/control-{member}.csv",
        form=TABLE,
        make=make_lists,
        title="Explaining networks with shuffled labels",
        inputs=(
            "data/expression",
            "tables/split",
            "tables/explained",
            "tables/cancer_explained",
            *LABELS.values(),
        ),
        settings=(*engine_settings("mlp"), *NUMBERS, "choice_estimates", "reference_pool", "top"),
        members=list_members,
        parallel=True,
    ),
)
