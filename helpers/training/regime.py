"""How a network is trained, whatever network it is."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.training.hyperparameters import Hyperparameters
from helpers.training.learning_rates import PLATEAU
from helpers.training.precision import PLAIN


@dataclass(frozen=True)
class Regime:
    """The way of training; the defaults are the paper's (section "Model training").

    Attributes
    ----------
    hyperparameters
        Learning rate (the initial one of a plateau, the peak of a cycle) and L2.
    max_epochs
        Epochs at most; of a cycle, exactly.
    batch_size
        Samples in a batch, at least 2; a single sample left over joins the batch before.
    schedule
        "plateau", the paper's, or "one_cycle" for short runs: see
        `helpers.training.learning_rates`.
    reduce_after, reduce_factor
        Plateau: after so many epochs in a row without improvement, and after each further so
        many, the learning rate is multiplied by the factor.
    stop_after
        Plateau: epochs in a row without improvement that end the training.
    noise
        Share of each batch that `helpers.training.add_noise` changes.
    minimum_steps
        Steps of the optimiser before which training must not end: see
        `helpers.training.enough_steps`, which is where `train_member` and `train_fold` change what
        is too short. `train` itself does as it is told.
    precision
        A key of `helpers.training.precision.PRECISIONS`.
    """

    hyperparameters: Hyperparameters
    max_epochs: int
    batch_size: int
    schedule: str = PLATEAU
    reduce_after: int = 5
    reduce_factor: float = 0.25
    stop_after: int = 15
    noise: float = 0.0
    minimum_steps: int = 0
    precision: str = PLAIN
