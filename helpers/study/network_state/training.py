"""Steps: MLPs whose hidden layer does not look at the batch, trained like the run's own."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.models.files import TrainedModel
from helpers.models.mlp import NORMS
from helpers.study.designs.families import FAMILIES
from helpers.study.formats import MODEL
from helpers.training.ensemble import accuracy_table, train_member
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

FAMILY = FAMILIES["mlp"]

TRAINED = "models/norms"
OTHER_NORMS = tuple(norm for norm in NORMS if norm != "batch")


def numbers(settings: Any) -> list[str]:
    """Name the models of each norm: the first numbers of the run."""
    return [f"{index:03d}" for index in range(min(settings.norm_models, settings.models))]


def _members(settings: Settings, dataset: Dataset) -> list[str]:
    return [f"{norm}-{number}" for norm in OTHER_NORMS for number in numbers(settings)]


def make_model(context: Context, member: str) -> TrainedModel:
    """Train one MLP with another norm, in all else like the run's model of the same number."""
    norm, number = member.split("-")
    chosen = context.settings
    told = FAMILY.arguments(chosen, int(number))
    return train_member(
        context["data/expression"],
        context["tables/split"].set_index("sample")["split"],
        int(number),
        hyperparameter_spread=chosen.hyperparameter_spread,
        device=device(),
        **{**told, "options": {**told["options"], "norm": norm}},
    )


def models_of(context: Context, norm: str) -> list[tuple[str, TrainedModel]]:
    """Return number and model of the MLPs with one norm; with BatchNorm, the run's own."""
    if norm == "batch":
        return [(each, context.member(FAMILY.step, each)) for each in numbers(context.settings)]
    return [(each, context.member(TRAINED, f"{norm}-{each}")) for each in numbers(context.settings)]


def make_accuracy(context: Context) -> pd.DataFrame:
    """Measure how well the MLPs of each norm classify."""
    adata = context["data/expression"]
    split = context["tables/split"].set_index("sample")["split"]
    tables = [
        accuracy_table((model for _, model in models_of(context, norm)), adata, split).assign(
            norm=norm
        )
        for norm in NORMS
    ]
    return pd.concat(tables, ignore_index=True)


STEPS = (
    Step(
        name=TRAINED,
        path="models/norms-{member}.safetensors",
        form=MODEL,
        make=make_model,
        title="Training MLPs with other norms",
        inputs=("data/expression", "tables/split"),
        settings=(*FAMILY.settings, "hyperparameter_spread"),
        members=_members,
        parallel=True,
    ),
    table_step(
        "norm_accuracy",
        make_accuracy,
        "Measuring MLPs with other norms",
        inputs=("data/expression", "tables/split", FAMILY.step, TRAINED),
        settings=("norm_models", "models"),
    ),
)
