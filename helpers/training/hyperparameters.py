"""The hyperparameters in which the models of an ensemble differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.training.seeds import HYPERPARAMETERS


@dataclass(frozen=True)
class Hyperparameters:
    """What Adam is told.

    Attributes
    ----------
    learning_rate
        Initial learning rate.
    weight_decay
        Factor of the L2 penalty.
    """

    learning_rate: float
    weight_decay: float


def draw_hyperparameters(
    index: int, seed: int, learning_rate: float, weight_decay: float, spread: float
) -> Hyperparameters:
    """Draw the hyperparameters of one model of an ensemble.

    The paper's 60 models differ "slightly" in hyperparameters (paper, "Model
    training") without saying how; here each value v is drawn log-uniformly between
    v (1 - spread) and v / (1 - spread). The draw depends on `index` and `seed` only, so an
    ensemble can grow without changing the models it has.

    Parameters
    ----------
    index
        Number of the model, from 0.
    seed
        Seed of the run.
    learning_rate, weight_decay
        Centres of the draws; 0 stays 0.
    spread
        Width of the draws, at least 0 and below 1; 0 gives the centres.
    """
    generator = np.random.default_rng([seed, index, HYPERPARAMETERS])
    rate, decay = (1.0 - spread) ** generator.uniform(-1.0, 1.0, size=2)
    return Hyperparameters(float(learning_rate * rate), float(weight_decay * decay))
