"""A floor on the steps of the optimiser: few samples make few batches, and networks learn little.

Batch size and number of epochs are chosen for many samples. A hundred samples fit into one batch,
so that an epoch is one step and a short training a dozen: too few for a network to learn anything,
and what explains it explains its initial weights.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from helpers.training.learning_rates import PLATEAU
from helpers.training.loop import batch_sizes
from helpers.training.regime import Regime

STEPS_OF_AN_EPOCH = 8
"""Steps that an epoch is divided into where there are too few. So the validation samples, which are
asked after each epoch, still choose among several states of the network."""

SMALLEST_BATCH = 16
"""Batches are not made smaller than this: the statistics of BatchNorm would be noise."""


def drawn_in_an_epoch(labels: npt.NDArray[np.integer]) -> int:
    """Count the samples of an epoch: each class up-sampled to the largest.

    Parameters
    ----------
    labels
        Class of each training sample, from 0.
    """
    counts = np.bincount(labels)
    return int((counts > 0).sum() * counts.max())


def fewest_steps(regime: Regime, drawn: int) -> int:
    """Return the steps of the optimiser before which training cannot end.

    Parameters
    ----------
    regime
        The way of training.
    drawn
        Samples of an epoch.
    """
    patience = regime.stop_after if regime.schedule == PLATEAU else regime.max_epochs
    return min(regime.max_epochs, patience) * len(batch_sizes(drawn, regime.batch_size))


def with_enough_steps(regime: Regime, drawn: int) -> Regime:
    """Change a way of training so that no network ends before its `minimum_steps`.

    Where it does not anyway: batches are made smaller, until an epoch has `STEPS_OF_AN_EPOCH`
    of them or they are down to `SMALLEST_BATCH`; where that is not enough, there are more epochs,
    and the patience of the schedule, which counts epochs, grows likewise.

    Parameters
    ----------
    regime
        The way of training that is asked for.
    drawn
        Samples of an epoch, see `drawn_in_an_epoch`.

    Returns
    -------
    Regime
        The same object where nothing had to be changed.
    """
    if fewest_steps(regime, drawn) >= regime.minimum_steps:
        return regime
    small = max(SMALLEST_BATCH, drawn // STEPS_OF_AN_EPOCH)
    batch = min(regime.batch_size, small)
    epochs = math.ceil(regime.minimum_steps / max(1, len(batch_sizes(drawn, batch))))
    patience = max(regime.stop_after, epochs)
    return replace(
        regime,
        batch_size=batch,
        max_epochs=max(regime.max_epochs, epochs),
        stop_after=patience,
        reduce_after=math.ceil(regime.reduce_after * patience / regime.stop_after),
    )
