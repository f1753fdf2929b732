"""Steps: MLPs that are trained as an option asks; and how labels are shuffled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.errors import BadInputError
from helpers.models.files import TrainedModel
from helpers.study.designs.choices import (
    CHOICE_SETTINGS,
    Member,
    chosen_settings,
    member_of,
    members,
)
from helpers.study.designs.families import FAMILIES
from helpers.study.formats import MODEL
from helpers.training.ensemble import accuracy_table, train_member
from helpers.training.splitting import split
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

FAMILY = FAMILIES["mlp"]

TRAINED = "models/choices"

NUMBERS = ("sensitivity_models", "models")
"""Settings that `numbers` reads."""

TRAINING_SETTINGS = (*FAMILY.settings, "hyperparameter_spread")


def numbers(settings: Any) -> list[str]:
    """Name the models of an option: the first of the run's numbers."""
    return [f"{index:03d}" for index in range(min(settings.sensitivity_models, settings.models))]


def trained_members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the models of every option that needs models of its own."""
    wanted = [name for name in members(settings, dataset) if member_of(name).trains]
    return [f"{name}-{number}" for name in wanted for number in numbers(settings)]


def models_of(context: Context, member: Member) -> Iterator[tuple[str, TrainedModel]]:
    """Yield number and model of those that are explained under an option, one at a time."""
    for number in numbers(context.settings):
        if member.trains:
            yield number, context.member(TRAINED, f"{member.name}-{number}")
        else:
            yield number, context.member(FAMILY.step, number)


def make_donor_split(context: Context) -> pd.DataFrame:
    """Split by donor; where donors overlap too much, by tissue, with the reason."""
    chosen = context.settings
    obs = context["data/expression"].obs
    try:
        sides, reason = split(obs, by="donor", seed=chosen.seed), ""
    except BadInputError as error:
        sides, reason = split(obs, by="tissue", seed=chosen.seed), str(error)
    donors = int(obs["donor"].nunique())
    return pd.DataFrame(
        {"sample": sides.index.to_numpy(dtype=str), "split": sides.to_numpy(), "donors": donors,
         "reason": reason}
    )  # fmt: skip


def sides_of(context: Context, member: Member) -> pd.Series:
    """Return the side of every sample in the training under an option."""
    table = "tables/donor_split" if _by_donor(member) else "tables/split"
    return context[table].set_index("sample")["split"]


def _by_donor(member: Member) -> bool:
    return member.option is not None and member.option.changes.get("split") == "donor"


def make_model(context: Context, member: str) -> TrainedModel:
    """Train one model as an option asks, in all else like the model of the same number."""
    name, number = member.rsplit("-", 1)
    option = member_of(name)
    chosen = chosen_settings(context.settings, option)
    return train_member(
        context["data/expression"],
        sides_of(context, option),
        int(number),
        hyperparameter_spread=chosen.hyperparameter_spread,
        device=device(),
        **FAMILY.arguments(chosen, int(number)),
    )


def shuffled_labels(labels: pd.Series, sides: pd.Series, *, seed: int | list[int]) -> pd.Series:
    """Shuffle the labels of the training and of the validation samples, each among themselves.

    Every class keeps its size on every side, and test samples keep their labels, so that the
    accuracy on them tells whether anything about tissues has been learnt.

    Parameters
    ----------
    labels
        Class of each sample, by its name.
    sides
        Side of each sample.
    seed
        Seed of the shuffle.
    """
    rng = np.random.default_rng(seed)
    values = labels.to_numpy(dtype=str).copy()
    own = sides.loc[labels.index].to_numpy()
    for side in ("train", "validation"):
        places = np.flatnonzero(own == side)
        values[places] = values[rng.permutation(places)]
    return pd.Series(values, index=labels.index, name=labels.name)


def make_accuracy(context: Context) -> pd.DataFrame:
    """Measure the models of the options, and the same number of the run's."""
    adata = context["data/expression"]
    tables = []
    for name in members_of(context):
        member = member_of(name)
        if member.choice is not None and not member.trains:
            continue
        models = (model for _, model in models_of(context, member))
        table = accuracy_table(models, adata, sides_of(context, member))
        tables.append(table.assign(member=name))
    return pd.concat(tables, ignore_index=True)


def members_of(context: Context) -> list[str]:
    """Name the options of a step that declares the settings of all choices."""
    return members(context.settings, context.dataset)


STEPS = (
    table_step(
        "donor_split",
        make_donor_split,
        "Splitting by donor",
        inputs=("data/expression",),
        settings=("seed",),
    ),
    Step(
        name=TRAINED,
        path="models/choices-{member}.safetensors",
        form=MODEL,
        make=make_model,
        title="Training MLPs under other choices",
        inputs=("data/expression", "tables/split", "tables/donor_split"),
        settings=TRAINING_SETTINGS,
        members=trained_members,
        parallel=True,
    ),
    table_step(
        "sensitivity_accuracy",
        make_accuracy,
        "Measuring accuracy under other choices",
        inputs=("data/expression", "tables/split", "tables/donor_split", FAMILY.step, TRAINED),
        settings=(*NUMBERS, *CHOICE_SETTINGS),
    ),
)  # fmt: skip
