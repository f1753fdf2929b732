"""The members of an ensemble, and how accurate they are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from helpers.errors import BadInputError, one_of
from helpers.models.files import TrainedModel
from helpers.models.grid import named_order
from helpers.models.registry import ARCHITECTURES
from helpers.training.enough_steps import drawn_in_an_epoch, with_enough_steps
from helpers.training.hyperparameters import draw_hyperparameters
from helpers.training.loop import Record, probabilities, train
from helpers.training.precision import PLAIN, choose_precision
from helpers.training.regime import Regime
from helpers.training.seeds import derived_seed
from helpers.training.splitting import SPLITS

ACCURACY_COLUMNS = ["architecture", "model", "seed", "gene_order", "split", "accuracy",
                    "balanced_accuracy"]  # fmt: skip


def train_member(
    adata: anndata.AnnData,
    split: pd.Series,
    index: int,
    *,
    architecture: str = "mlp",
    options: Mapping[str, Any] | None = None,
    gene_order: str = "given",
    regime: Regime,
    hyperparameter_spread: float,
    seed: int,
    device: torch.device | str = "cpu",
    on_epoch: Callable[[Record], None] | None = None,
) -> TrainedModel:
    """Train model number `index` of an ensemble (paper, "Model training").

    Its seed and hyperparameters depend on `seed` and `index` only, not on how many models
    there are or in which order they are trained.

    Parameters
    ----------
    adata
        ``X``: samples × genes, log2(TPM + 1), float32; ``obs["tissue"]``: the class.
    split
        What `helpers.training.split` gave for ``adata.obs``. Test samples are not used.
    index
        Number of the model, from 0.
    architecture
        A key of `helpers.models.ARCHITECTURES`.
    options
        What its ``build`` is told beyond genes and classes, as JSON can hold it: a CNN's
        ``channels``, ``side`` and ``dropout``.
    gene_order
        How genes fill the grid of a CNN, by a name of `helpers.models.named_order`:
        models with one name have one order. "genomic" needs ``chromosome`` and ``position``
        in ``adata.var``.
    regime
        The way of training. Learning rate and L2 are drawn around its own; for its precision see
        `helpers.training.precision.choose_precision`, for batches and epochs where samples are few
        `helpers.training.enough_steps`. What was drawn and chosen is among the hyperparameters of
        the model.
    hyperparameter_spread
        Width of these draws: see `draw_hyperparameters`.
    seed
        Seed of the run.
    device, on_epoch
        See `train`.

    Raises
    ------
    UnknownNameError
        If there is no such architecture, option, gene order, schedule or precision.
    BadInputError
        If the architecture cannot have that gene order or grid, or training diverges.
    """
    centre = regime.hyperparameters
    drawn = draw_hyperparameters(
        index, seed, centre.learning_rate, centre.weight_decay, hyperparameter_spread
    )
    return fit(
        adata,
        split,
        architecture=architecture,
        options=options,
        gene_order=gene_order,
        regime=replace(regime, hyperparameters=drawn),
        seed=derived_seed(seed, index),
        index=index,
        device=device,
        on_epoch=on_epoch,
    )


def fit(
    adata: anndata.AnnData,
    split: pd.Series,
    *,
    architecture: str,
    options: Mapping[str, Any] | None,
    gene_order: str,
    regime: Regime,
    seed: int,
    index: int,
    device: torch.device | str,
    on_epoch: Callable[[Record], None] | None,
) -> TrainedModel:
    """Train one model in exactly this way; parameters as in `train_member`."""
    chosen = _options(architecture, options)
    layout = _layout(architecture, gene_order, adata)
    classes, labels = encoded(adata.obs)
    sides = aligned(split, adata)
    training, validation = (np.flatnonzero(sides == side) for side in ("train", "validation"))
    regime = with_enough_steps(regime, drawn_in_an_epoch(labels[training]))
    way = choose_precision(regime.precision, architecture)
    model, history = train(
        adata.X[training],
        labels[training],
        adata.X[validation],
        labels[validation],
        build=partial(
            ARCHITECTURES[architecture].build, adata.n_vars, len(classes), **chosen, **layout
        ),
        regime=replace(regime, precision=way),
        seed=seed,
        device=device,
        on_epoch=on_epoch,
    )
    return TrainedModel(
        architecture=architecture,
        model=model,
        genes=tuple(adata.var_names),
        classes=classes,
        hyperparameters={
            **described(replace(regime, precision=way)),
            **({"gene_order": gene_order} if layout else {}),
        },
        seed=seed,
        history=tuple(history),
        best_epoch=int(min(history, key=lambda record: record["validation_loss"])["epoch"]),
        index=index,
        options=chosen,
    )


def described(regime: Regime) -> dict[str, Any]:
    """Return what a training was told, as a trained model keeps it."""
    return {
        "learning_rate": regime.hyperparameters.learning_rate,
        "weight_decay": regime.hyperparameters.weight_decay,
        "batch_size": regime.batch_size,
        "max_epochs": regime.max_epochs,
        "schedule": regime.schedule,
        "reduce_after": regime.reduce_after,
        "stop_after": regime.stop_after,
        "minimum_steps": regime.minimum_steps,
        "training_noise": regime.noise,
        "precision": regime.precision,
    }


def _options(architecture: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the options as they will be read from a file: with tuples for lists."""
    build = ARCHITECTURES[one_of("architecture", architecture, ARCHITECTURES)].build
    # The first two parameters are genes and classes; the order of genes has its own.
    known = [name for name in list(inspect.signature(build).parameters)[2:] if name != "order"]
    return {
        one_of(f"{architecture} option", name, known): tuple(value)
        if isinstance(value, list)
        else value
        for name, value in (options or {}).items()
    }


def _layout(architecture: str, gene_order: str, adata: anndata.AnnData) -> dict[str, np.ndarray]:
    """Return the order of genes as ``build`` wants it: nothing without a grid."""
    if ARCHITECTURES[architecture].grid:
        return {"order": named_order(gene_order, list(adata.var_names), adata.var)}
    if gene_order != "given":
        raise BadInputError(
            f"Architecture {architecture!r} does not depend on the order of genes: leave out the "
            f"gene order {gene_order!r}, or choose 'cnn'."
        )
    return {}


def encoded(obs: pd.DataFrame) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the classes in alphabetical order, and the class number of each sample."""
    classes, labels = np.unique(obs["tissue"].to_numpy(dtype=str), return_inverse=True)
    return tuple(str(name) for name in classes), labels.astype(np.int64)


def aligned(assignment: pd.Series, adata: anndata.AnnData) -> np.ndarray:
    """Return a split or folds in the order of the samples, all of which it must have."""
    absent = adata.obs_names.difference(assignment.index)
    if len(absent):
        raise BadInputError(
            f"The split does not have sample {absent[0]!r} ({len(absent)} of {adata.n_obs} samples "
            "are missing): split the samples of this data set again."
        )
    values: np.ndarray = assignment.loc[adata.obs_names].to_numpy()
    return values


def accuracy_table(
    models: Iterable[TrainedModel], adata: anndata.AnnData, split: pd.Series
) -> pd.DataFrame:
    """Measure every model on each side of the split.

    Parameters
    ----------
    models
        The trained models.
    adata
        The samples, with the genes of the models in the same order.
    split
        Side of each sample.

    Returns
    -------
    pandas.DataFrame
        architecture, model, seed, gene_order ("none" where it makes no difference), split,
        accuracy (share of the samples), balanced_accuracy (mean of these shares over classes); a
        row per model and side.

    Raises
    ------
    BadInputError
        If a model was trained on other genes, or the split lacks a sample.
    """
    sides = aligned(split, adata)
    truth = adata.obs["tissue"].to_numpy(dtype=str)
    rows = []
    for trained in models:
        require_genes(trained, adata)
        predicted = np.asarray(trained.classes)[predict(trained, adata.X).argmax(axis=1)]
        right = predicted == truth
        rows += [
            (
                trained.architecture,
                trained.index,
                trained.seed,
                str(trained.hyperparameters.get("gene_order", "none")),
                side,
                float(right[sides == side].mean()),
                mean_recall(truth[sides == side], right[sides == side]),
            )
            for side in SPLITS
        ]
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def mean_recall(truth: npt.NDArray[np.str_], right: npt.NDArray[np.bool_]) -> float:
    """Return the mean over classes of the share of samples that are named correctly.

    Parameters
    ----------
    truth
        Class of each sample.
    right
        Whether it was named correctly.
    """
    return float(pd.Series(right).groupby(truth).mean().mean())


def predict(trained: TrainedModel, x: np.ndarray) -> np.ndarray:
    """Predict class probabilities, samples × classes, in the layout that was fast in training."""
    layout = str(trained.hyperparameters.get("precision", PLAIN))
    return probabilities(trained.model, x, precision=layout)


def require_genes(trained: TrainedModel, adata: anndata.AnnData) -> None:
    """Raise `BadInputError` unless the model was trained on the genes of `adata`."""
    genes = tuple(adata.var_names)
    if trained.genes == genes:
        return
    if len(trained.genes) != len(genes):
        difference = f"on {len(trained.genes)} genes and the data has {len(genes)}"
    else:
        at = next(
            i for i, pair in enumerate(zip(trained.genes, genes, strict=True)) if len(set(pair)) > 1
        )
        difference = (
            f"with gene {trained.genes[at]!r} where the data has {genes[at]!r} (gene {at + 1})"
        )
    raise BadInputError(
        f"{trained.architecture} model {trained.index} was trained {difference}: "
        "use the data it was trained on, or train again."
    )
