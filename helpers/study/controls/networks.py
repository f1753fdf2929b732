"""Networks that know nothing: shuffled labels, random weights from the output down, no training."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from helpers.claims.control import HIDDEN, OUTPUT, TRUE, UNTRAINED
from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.models.files import TrainedModel
from helpers.models.mlp import MLP
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.seeds import (
    CONTROL_ENSEMBLE_STREAM,
    CONTROL_SHUFFLE_STREAM,
    CONTROL_WEIGHTS_STREAM,
    derived_seed,
)
from helpers.study.sensitivity.training import shuffled_labels
from helpers.training.many import train_many
from helpers.workflow.step import Context

FAMILY = FAMILIES["mlp"]

OWN = "own"
"""The run's own networks, and what is left of them with random weights."""

SIZE_SETTINGS = ("control_models", "models")
"""Settings that `ensemble_size` reads."""

TRAINING_SETTINGS = (*FAMILY.settings, "hyperparameter_spread", "control_stop_after", "max_epochs")


def ensemble_size(settings: Any) -> int:
    """Return how many MLPs each list of the control is averaged over: as many as the run has."""
    return min(settings.control_models or settings.models, settings.models)


def members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the run's own networks and the shuffles."""
    return [OWN, *(f"shuffle-{number:02d}" for number in range(settings.control_shuffles))]


def number_of(member: str) -> int:
    """Return the number of a shuffle, from 0."""
    return int(member.rsplit("-", 1)[1])


def own_networks(context: Context) -> Iterator[tuple[int, TrainedModel]]:
    """Yield number and network of those of the run that are compared, one at a time."""
    for index in range(ensemble_size(context.settings)):
        yield index, context.member(FAMILY.step, f"{index:03d}")


def shuffle_seed(seed: int, number: int) -> int:
    """Return the seed of all that a shuffle's networks draw: no two start or explain alike."""
    return derived_seed(seed, CONTROL_ENSEMBLE_STREAM, number)


def shuffled_ensemble(context: Context, number: int) -> Iterator[TrainedModel]:
    """Yield the networks of one ensemble, trained on labels shuffled within each side of the split.

    All its networks learn the same shuffle, as those of the run learn the same labels.

    Parameters
    ----------
    context
        Of a step with ``data/expression`` and ``tables/split``, and the settings
        `TRAINING_SETTINGS` and `SIZE_SETTINGS`.
    number
        Of the shuffle, from 0.
    """
    chosen = context.settings
    adata = context["data/expression"].copy()
    sides = context["tables/split"].set_index("sample")["split"]
    adata.obs["tissue"] = shuffled_labels(
        adata.obs["tissue"], sides, seed=[chosen.seed, CONTROL_SHUFFLE_STREAM, number]
    )
    return train_many(
        adata,
        sides,
        range(ensemble_size(chosen)),
        regime=FAMILY.regime(chosen),
        patience=min(1.0, chosen.control_stop_after / chosen.stop_after),
        hyperparameter_spread=chosen.hyperparameter_spread,
        seed=shuffle_seed(chosen.seed, number),
        device=device(),
    )


def without_knowledge(trained: TrainedModel, seed: int) -> dict[str, TrainedModel]:
    """Return a trained MLP, and what is left as layers are drawn anew from the output down.

    Parameters
    ----------
    trained
        The network.
    seed
        Seed of the run; with the network's number it gives the weights that are drawn.

    Returns
    -------
    dict
        ``"true"``, the network itself; ``"output"``, with a random output layer; ``"hidden"``, with
        a random hidden layer and a fresh BatchNorm, too; ``"untrained"``, the weights that its
        training started from.
    """
    place = next(trained.model.parameters()).device
    output = copy.deepcopy(trained.model).cpu()
    assert isinstance(output, MLP)
    with torch.random.fork_rng([]):
        own = derived_seed(seed, CONTROL_WEIGHTS_STREAM, trained.index)
        torch.default_generator.manual_seed(own)
        output.output.reset_parameters()
        hidden = copy.deepcopy(output)
        hidden.hidden.reset_parameters()
        hidden.norm.reset_parameters()
        torch.default_generator.manual_seed(trained.seed)
        start = MLP(len(trained.genes), len(trained.classes), **trained.options).eval()
    found = {OUTPUT: output, HIDDEN: hidden, UNTRAINED: start}
    return {TRUE: trained} | {
        kind: replace(trained, model=network.to(place)) for kind, network in found.items()
    }
