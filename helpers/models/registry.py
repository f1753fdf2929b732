"""The architectures by name: a new one is one entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from helpers.models.cnn import CNN
from helpers.models.mlp import MLP


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    Attributes
    ----------
    name
        Its name in tables and on the command line.
    title
        Its name in figures.
    build
        ``build(genes, classes, **options)`` makes an untrained network that maps
        samples × genes to logits. Everything it needs to predict must be in its ``state_dict``,
        but for the options that decide its shape: those must be such as JSON can hold.
    grid
        Whether it reads genes from a grid: ``build`` then has an option ``order`` too, which
        the ``state_dict`` holds.
    """

    name: str
    title: str
    build: Callable[..., nn.Module]
    grid: bool = False


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        Architecture("mlp", "MLP", MLP),
        Architecture("cnn", "CNN", CNN, grid=True),
    )
}
