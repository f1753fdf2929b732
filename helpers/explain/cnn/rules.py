"""What the engine of CNNs asks of an explainer: how its scores follow from the network's parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.explain.cnn.weighted import WeightedSets
from helpers.models import CNN


@dataclass(frozen=True)
class OneSample:
    """A sample, and the estimates that are made of it.

    Attributes
    ----------
    model
        The network, in evaluation mode.
    x, target
        1 × genes, and its class.
    sets
        The estimates, and the sets of them.
    steps
        Steps of explainers that take steps.
    rows
        Rows that go through the network at once.
    masks
        Factors of the feature maps, estimates × masks × maps.
    noise
        What noise is drawn with.
    """

    model: CNN
    x: Tensor
    target: Tensor
    sets: WeightedSets
    steps: int
    rows: int
    masks: Tensor
    noise: torch.Generator


class CnnRule(ABC):
    """How an explainer's scores are made where estimates share what they have in common.

    Attributes
    ----------
    linear
        Whether estimates with one reference can be combined before they reach the genes.
    noisy
        Whether anything is shared where each estimate has a noisy sample of its own.
    """

    linear: bool = True
    noisy: bool = False

    @abstractmethod
    def masks_each(self, steps: int) -> int:
        """Return how many masks an estimate has."""

    @abstractmethod
    def parts(self, one: OneSample) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield weights (sets × parts) and scores (parts × genes) whose products add up."""

    def noisy_parts(self, one: OneSample) -> Iterator[tuple[Tensor, Tensor]]:
        """Do the same where each estimate has a noisy sample of its own."""
        raise NotImplementedError
