"""Steps: the trained models."""

from __future__ import annotations

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.models.files import TrainedModel
from helpers.study.formats import MODEL
from helpers.study.step import Context, Step
from helpers.training.devices import device
from helpers.training.ensemble import train_member

TRAINING_SETTINGS = (
    "learning_rate_mlp",
    "weight_decay",
    "max_epochs",
    "batch_size",
    "reduce_after",
    "stop_after",
    "training_noise",
    "seed",
)


def model_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the models of the ensemble by number."""
    return [f"{index:03d}" for index in range(settings.models)]


def make_mlp(context: Context, member: str) -> TrainedModel:
    """Train one MLP."""
    chosen = context.settings
    return train_member(
        context["data/expression"],
        context["tables/split"].set_index("sample")["split"],
        int(member),
        architecture="mlp",
        seed=chosen.seed,
        learning_rate=chosen.learning_rate_mlp,
        weight_decay=chosen.weight_decay,
        hyperparameter_spread=chosen.hyperparameter_spread,
        max_epochs=chosen.max_epochs,
        batch_size=chosen.batch_size,
        reduce_after=chosen.reduce_after,
        stop_after=chosen.stop_after,
        training_noise=chosen.training_noise,
        # Fixed, since a choice by measurement could differ from run to run.
        precision="float32",
        device=device(),
    )


STEPS = (
    Step(
        name="models/mlp",
        path="models/mlp-{member}.safetensors",
        form=MODEL,
        make=make_mlp,
        title="Training MLPs",
        inputs=("data/expression", "tables/split"),
        settings=(*TRAINING_SETTINGS, "hyperparameter_spread"),
        members=model_names,
    ),
)
