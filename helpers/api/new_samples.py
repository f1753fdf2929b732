"""New samples: what an ensemble says they are, and whether it has seen the like."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError
from helpers.models.files import TrainedModel
from helpers.training.loop import probabilities

Matrix = npt.NDArray[np.floating]

FAR = 0.99
"""A sample is far from the training samples if this share of them have a nearer neighbour."""

BLOCK = 256
"""Samples whose distances are computed at once."""


def predict_ensemble(
    models: Iterable[TrainedModel], x: Matrix, genes: Iterable[str], samples: Iterable[str]
) -> pd.DataFrame:
    """Average the class probabilities of several networks.

    Parameters
    ----------
    models
        Networks of the same genes and classes.
    x
        Samples × genes, as those that networks were trained on: log2(TPM + 1).
    genes, samples
        Names along `x`.

    Returns
    -------
    pandas.DataFrame
        Index: sample. ``named``: the class with the largest mean probability; ``probability``: that
        mean; ``spread``: the standard deviation (n − 1) of the models' own probabilities of this
        class, missing for a single model; then the mean probability of every class, by its name.

    Raises
    ------
    BadInputError
        If there is no model, or one was trained on other genes, in another order, or other classes.
    """
    names, classes, found = tuple(genes), None, []
    for model in models:
        if model.genes != names:
            raise BadInputError(
                f"Model {model.index} was trained on {len(model.genes):,} genes, and these are "
                f"other genes ({len(names):,}) or another order: give samples of the same genes."
            )
        if classes is not None and model.classes != classes:
            raise BadInputError(f"Model {model.index} was trained on other classes than the first.")
        classes = model.classes
        found.append(probabilities(model.model, np.asarray(x, dtype=np.float32)))
    if classes is None:
        raise BadInputError("There is no trained network to predict with: train one first.")
    every = np.stack(found).astype(np.float64)
    mean = every.mean(axis=0)
    best = mean.argmax(axis=1)
    rows = np.arange(len(mean))
    spread = every[:, rows, best].std(axis=0, ddof=1) if len(every) > 1 else np.nan
    table = pd.DataFrame(
        {"named": np.array(classes)[best], "probability": mean[rows, best], "spread": spread},
        index=pd.Index(list(samples), name="sample"),
    )
    return table.join(pd.DataFrame(mean, table.index, list(classes)), rsuffix=" (class)")


def distance_to_training(x: Matrix, training: Matrix) -> pd.DataFrame:
    """Measure how far samples are from the nearest training sample.

    The distance of two samples is the root of the mean squared difference over genes: for
    log2(TPM + 1), by how many doublings a gene differs.

    Parameters
    ----------
    x, training
        Samples × genes, in the same unit.

    Returns
    -------
    pandas.DataFrame
        ``distance`` to the nearest training sample, and ``farther_than``: the share of the training
        samples that are nearer to their own nearest neighbour among the others.
    """
    if len(training) < 2:
        raise BadInputError("Distances need two training samples to be compared with.")
    own = np.sort(_nearest(training, training, itself=True))
    found = _nearest(x, training, itself=False)
    share = np.searchsorted(own, found, side="left") / len(own)
    return pd.DataFrame({"distance": found, "farther_than": share})


def _nearest(x: Matrix, training: Matrix, *, itself: bool) -> npt.NDArray[np.float64]:
    """Return the distance of each row of `x` to the nearest of `training`, but for itself."""
    wide = np.asarray(training, dtype=np.float64)
    squares = np.einsum("ij,ij->i", wide, wide)
    parts = []
    for start in range(0, len(x), BLOCK):
        block = np.asarray(x[start : start + BLOCK], dtype=np.float64)
        d = np.einsum("ij,ij->i", block, block)[:, None] + squares - 2 * block @ wide.T
        if itself:
            d[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        parts.append(np.sqrt(np.maximum(d.min(axis=1), 0) / wide.shape[1]))
    return np.concatenate(parts)
