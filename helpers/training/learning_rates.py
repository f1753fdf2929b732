"""How the learning rate changes while a network trains, and when training ends."""

from __future__ import annotations

from typing import Protocol

import torch

from helpers.errors import one_of

PLATEAU, ONE_CYCLE = "plateau", "one_cycle"
SCHEDULES = (PLATEAU, ONE_CYCLE)


class Schedule(Protocol):
    """Sets the learning rate of an optimiser."""

    def after_batch(self) -> None:
        """Take note that a batch was trained on."""

    def after_epoch(self, *, improved: bool) -> bool:
        """Take note of an epoch; return whether to go on."""


class Plateau:
    """Multiplies the rate when the validation loss stops falling (paper, "Model training").

    Parameters
    ----------
    optimiser
        Its rate is the initial one.
    reduce_after, factor
        After so many epochs in a row without improvement, and after each further so many,
        the rate is multiplied by the factor.
    stop_after
        Epochs in a row without improvement that end the training.
    """

    def __init__(
        self, optimiser: torch.optim.Optimizer, reduce_after: int, factor: float, stop_after: int
    ) -> None:
        self.optimiser, self.factor = optimiser, factor
        self.reduce_after, self.stop_after = reduce_after, stop_after
        self.flat = 0

    def after_batch(self) -> None:
        """Do nothing: the rate is the same for all batches of an epoch."""

    def after_epoch(self, *, improved: bool) -> bool:
        """Shrink the rate if that is due; return whether to go on."""
        self.flat = 0 if improved else self.flat + 1
        if self.flat and self.flat % self.reduce_after == 0:
            self.optimiser.param_groups[0]["lr"] *= self.factor
        return self.flat < self.stop_after


class OneCycle:
    """Lets the rate rise to a peak and fall to almost nothing, within a fixed number of batches.

    For short runs: a tenth of the epochs that a plateau needs (Smith and Topin,
    arXiv:1708.07120). The rate rises from 1/25 of the peak over the first 30 % of the batches
    and falls to 1/250,000 of it, both as half a cosine, while Adam's β₁ goes from 0.95 to
    0.85 and back (the defaults of PyTorch).

    Parameters
    ----------
    optimiser
        Its rate is the peak.
    batches
        Batches of the whole training. It does not end before.
    """

    def __init__(self, optimiser: torch.optim.Optimizer, batches: int) -> None:
        peak = optimiser.param_groups[0]["lr"]
        self.cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak, total_steps=batches)
        self.left = batches - 1

    def after_batch(self) -> None:
        """Set the rate of the next batch, if there is one."""
        if self.left:
            self.cycle.step()
            self.left -= 1

    def after_epoch(self, *, improved: bool) -> bool:
        """Go on: the last epochs, where the rate is low, are the best ones."""
        return True


def make_schedule(
    name: str,
    optimiser: torch.optim.Optimizer,
    *,
    batches: int,
    reduce_after: int,
    reduce_factor: float,
    stop_after: int,
) -> Schedule:
    """Make a schedule by name; `batches` is for "one_cycle", all else for "plateau".

    Raises
    ------
    UnknownNameError
        If there is no such schedule.
    """
    if one_of("schedule", name, SCHEDULES) == ONE_CYCLE:
        return OneCycle(optimiser, batches)
    return Plateau(optimiser, reduce_after, reduce_factor, stop_after)
