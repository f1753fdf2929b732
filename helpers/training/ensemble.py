"""The members of an ensemble, and how accurate they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import anndata
import numpy as np
import pandas as pd
import torch

from helpers.errors import BadInputError, one_of
from helpers.models.files import TrainedModel
from helpers.models.registry import ARCHITECTURES
from helpers.training.hyperparameters import Hyperparameters, derived_seed, draw_hyperparameters
from helpers.training.loop import Record, probabilities, train
from helpers.training.splitting import SPLITS

ACCURACY_COLUMNS = ["architecture", "model", "seed", "gene_order", "split", "accuracy"]


def train_member(
    adata: anndata.AnnData,
    split: pd.Series,
    index: int,
    *,
    architecture: str = "mlp",
    seed: int,
    learning_rate: float,
    weight_decay: float,
    hyperparameter_spread: float,
    max_epochs: int,
    batch_size: int,
    reduce_after: int = 5,
    stop_after: int = 15,
    training_noise: float = 0.0,
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
    seed
        Seed of the run.
    learning_rate, weight_decay, hyperparameter_spread
        See `draw_hyperparameters`.
    max_epochs, batch_size, reduce_after, stop_after, training_noise, device, on_epoch
        See `train`.
    """
    drawn = draw_hyperparameters(index, seed, learning_rate, weight_decay, hyperparameter_spread)
    return fit(
        adata,
        split,
        architecture=architecture,
        hyperparameters=drawn,
        seed=derived_seed(seed, index),
        index=index,
        max_epochs=max_epochs,
        batch_size=batch_size,
        reduce_after=reduce_after,
        stop_after=stop_after,
        training_noise=training_noise,
        device=device,
        on_epoch=on_epoch,
    )


def fit(
    adata: anndata.AnnData,
    split: pd.Series,
    *,
    architecture: str,
    hyperparameters: Hyperparameters,
    seed: int,
    index: int,
    max_epochs: int,
    batch_size: int,
    reduce_after: int,
    stop_after: int,
    training_noise: float,
    device: torch.device | str,
    on_epoch: Callable[[Record], None] | None,
) -> TrainedModel:
    """Train one model with given hyperparameters; parameters as in `train_member`."""
    one_of("architecture", architecture, ARCHITECTURES)
    classes, labels = encoded(adata.obs)
    sides = aligned(split, adata)
    training, validation = (np.flatnonzero(sides == side) for side in ("train", "validation"))
    model, history = train(
        adata.X[training],
        labels[training],
        adata.X[validation],
        labels[validation],
        build=partial(ARCHITECTURES[architecture].build, adata.n_vars, len(classes)),
        hyperparameters=hyperparameters,
        max_epochs=max_epochs,
        batch_size=batch_size,
        reduce_after=reduce_after,
        stop_after=stop_after,
        noise=training_noise,
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
            "learning_rate": hyperparameters.learning_rate,
            "weight_decay": hyperparameters.weight_decay,
            "batch_size": batch_size,
            "max_epochs": max_epochs,
            "reduce_after": reduce_after,
            "stop_after": stop_after,
            "training_noise": training_noise,
        },
        seed=seed,
        history=tuple(history),
        best_epoch=int(min(history, key=lambda record: record["validation_loss"])["epoch"]),
        index=index,
    )


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
        accuracy (share of the samples); a row per model and side.

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
        predicted = np.asarray(trained.classes)[probabilities(trained.model, adata.X).argmax(1)]
        right = predicted == truth
        rows += [
            (
                trained.architecture,
                trained.index,
                trained.seed,
                str(trained.hyperparameters.get("gene_order", "none")),
                side,
                float(right[sides == side].mean()),
            )
            for side in SPLITS
        ]
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


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
