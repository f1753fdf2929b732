"""Trained models on disk: safetensors, with all that is not a weight as JSON in the header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import nn

from helpers.errors import BadInputError, MissingInputError
from helpers.models.registry import ARCHITECTURES

# One entry only: safetensors writes several in random order, and equal models would
# then make different files.
HEADER = "trained_model"

# What reading a header that is not ours, or weights that do not fit it, can raise.
_MISFITS = (KeyError, TypeError, ValueError, AttributeError, RuntimeError, BadInputError)


@dataclass(frozen=True)
class TrainedModel:
    """A trained network and how it came to be.

    Attributes
    ----------
    architecture
        A key of `ARCHITECTURES`.
    model
        The network of the best epoch, in evaluation mode, on the device on which it computes.
    genes
        HGNC symbols of the inputs, in order.
    classes
        Tissues of the outputs, in order.
    hyperparameters
        What the training was told, such as ``learning_rate`` and ``weight_decay``.
    seed
        Seed of initial weights, batches and dropout.
    history
        One record for each epoch, as `helpers.training.train` gives it.
    best_epoch
        Epoch, counted from 1, whose weights these are.
    index
        Number of the model in its ensemble.
    options
        What ``build`` of the architecture was told beyond genes and classes, but for the order
        of genes, which is among the weights: a CNN's ``channels`` and ``side``, say.
    """

    architecture: str
    model: nn.Module
    genes: tuple[str, ...]
    classes: tuple[str, ...]
    hyperparameters: Mapping[str, Any]
    seed: int
    history: tuple[Mapping[str, float], ...] = field(repr=False)
    best_epoch: int
    index: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


def save_model(path: str | Path, trained: TrainedModel) -> None:
    """Write a trained model to exactly `path`; equal models give equal bytes.

    Parameters
    ----------
    path
        The file to write. Making the write atomic is left to the caller.
    trained
        The model.


    Examples
    --------
    >>> import helpers as hx, pathlib, tempfile
    >>> from helpers.models import MLP, TrainedModel
    >>> trained = TrainedModel(
    ...     architecture="mlp", model=MLP(2, 2), genes=("ALB", "MYH6"), classes=("liver", "heart"),
    ...     hyperparameters={}, seed=0, history=(), best_epoch=1, options={"hidden": 128},
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.safetensors")
    ...     hx.save_model(path, trained)
    ...     path.stat().st_size > 0
    True
    """
    header = {
        "architecture": trained.architecture,
        "options": dict(trained.options),
        "classes": list(trained.classes),
        "hyperparameters": dict(trained.hyperparameters),
        "seed": trained.seed,
        "index": trained.index,
        "best_epoch": trained.best_epoch,
        "history": [dict(record) for record in trained.history],
        "genes": list(trained.genes),
    }
    weights = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in trained.model.state_dict().items()
    }
    safetensors.torch.save_file(weights, path, metadata={HEADER: json.dumps(header)})


def load_model(path: str | Path, device: torch.device | str = "cpu") -> TrainedModel:
    """Read a model that `save_model` wrote; the random state of torch is not touched.

    Parameters
    ----------
    path
        The file.
    device
        Where the network is to be, and will compute.

    Returns
    -------
    TrainedModel
        The network in evaluation mode, with names of its genes and classes.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If the file is truncated, foreign, or its parts do not fit together.


    Examples
    --------
    >>> import helpers as hx, pathlib, tempfile
    >>> from helpers.models import MLP, TrainedModel
    >>> trained = TrainedModel(
    ...     architecture="mlp", model=MLP(2, 2), genes=("ALB", "MYH6"), classes=("liver", "heart"),
    ...     hyperparameters={}, seed=0, history=(), best_epoch=1, options={"hidden": 128},
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.safetensors")
    ...     hx.save_model(path, trained)
    ...     hx.load_model(path).classes
    ('liver', 'heart')
    """
    if not Path(path).is_file():
        raise MissingInputError(f"There is no trained model at {path}: train it first.")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[HEADER])
            # A clone is no longer tied to the file, which may be replaced while in use.
            weights = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        trained = _restore(header, weights)
    except (safetensors.SafetensorError, *_MISFITS) as error:
        raise BadInputError(
            f"{path} is not a trained model of this package, or is damaged "
            f"({_first_line(error)}): delete it and train again."
        ) from None
    trained.model.to(device)
    return trained


def _restore(header: dict[str, Any], weights: dict[str, torch.Tensor]) -> TrainedModel:
    """Put a header and the weights together."""
    genes, classes = tuple(header["genes"]), tuple(header["classes"])
    # JSON has no tuples; files from before there were options have none.
    options = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in header.get("options", {}).items()
    }
    # On the meta device nothing is initialised, so no random number is drawn.
    with torch.device("meta"):
        model = ARCHITECTURES[header["architecture"]].build(len(genes), len(classes), **options)
    model.load_state_dict(weights, assign=True)
    return TrainedModel(
        architecture=header["architecture"],
        model=model.eval(),
        genes=genes,
        classes=classes,
        hyperparameters=header["hyperparameters"],
        seed=header["seed"],
        history=tuple(header["history"]),
        best_epoch=header["best_epoch"],
        index=header["index"],
        options=options,
    )


def _first_line(error: Exception) -> str:
    """Return the beginning of an error's message, or its kind where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".:") if lines else type(error).__name__
