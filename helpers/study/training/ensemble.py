"""Steps: the trained models."""

from __future__ import annotations

from collections.abc import Callable

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.models.files import TrainedModel
from helpers.study.designs.families import FAMILIES, Family
from helpers.study.formats import MODEL
from helpers.training.ensemble import train_member
from helpers.workflow.step import Context, Step


def _maker(family: Family) -> Callable[[Context, str], TrainedModel]:
    def make(context: Context, member: str) -> TrainedModel:
        """Train one model."""
        chosen = context.settings
        return train_member(
            context["data/expression"],
            context["tables/split"].set_index("sample")["split"],
            int(member),
            hyperparameter_spread=chosen.hyperparameter_spread,
            device=device(),
            **family.arguments(chosen, int(member)),
        )

    return make


def _members(family: Family) -> Callable[[Settings, Dataset], list[str]]:
    return lambda settings, dataset: family.members(settings)


STEPS = tuple(
    Step(
        name=family.step,
        path=f"models/{family.name}-{{member}}.safetensors",
        form=MODEL,
        make=_maker(family),
        title=family.title,
        inputs=("data/expression", "tables/split"),
        settings=(*family.settings, "hyperparameter_spread"),
        members=_members(family),
        parallel=True,
        borrowed=family.borrowed,
    )
    for family in FAMILIES.values()
)
