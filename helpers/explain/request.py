"""A pool of estimates: all that an engine is told, found good."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from helpers.explain.entry import Explainer
from helpers.explain.settings import ExplanationSettings
from helpers.models import ARCHITECTURES, CNN, MLP, ReluStack

STACK = "relu_stack"
"""What a `ReluStack` is called, which is no architecture of the study."""


@dataclass(frozen=True)
class Question:
    """What an engine is asked whether it can do; it does not depend on weights or samples.

    Attributes
    ----------
    architecture
        A key of `helpers.models.ARCHITECTURES`, or `STACK`; empty for any other network.
    explainer
        The entry of the explainer.
    settings
        How estimates are made and combined.
    sets
        Whether sets of one pool are wanted, which may overlap, and not replicates.
    """

    architecture: str
    explainer: Explainer
    settings: ExplanationSettings
    sets: bool


@dataclass(frozen=True)
class EstimatePool:
    """Estimates of some samples by one model, and what is combined of them.

    Attributes
    ----------
    model
        The network.
    x, target
        Samples × genes and the class of each, on the CPU; in mode ``"training"`` the whole batch.
    rows
        The samples whose scores are wanted; all of them, but for mode ``"training"``.
    references
        1 or replicates × estimates × genes; None for an explainer that needs none.
    replicates, estimates
        Number of replicates, and of estimates of each.
    members
        Sets × estimates of a single replicate, true for a member. None: each replicate is a set.
    layer
        Name of the layer to look at; empty for an explainer that needs none.
    pass_rows
        Rows that can go through the network at once; in mode ``"training"``, rows of a path of
        IntegratedGradients.
    seed
        Of masks and noise.
    question
        Explainer, settings and architecture.
    """

    model: nn.Module
    x: Tensor
    target: Tensor
    rows: Tensor
    references: Tensor | None
    replicates: int
    estimates: int
    members: Tensor | None
    layer: str
    pass_rows: int
    seed: int
    question: Question

    @property
    def explainer(self) -> Explainer:
        """The entry of the explainer."""
        return self.question.explainer

    @property
    def settings(self) -> ExplanationSettings:
        """How estimates are made and combined."""
        return self.question.settings

    @property
    def precision(self) -> str:
        """Type of the model's numbers."""
        return str(self.x.dtype).removeprefix("torch.")

    def in_one_replicate(self) -> tuple[Tensor, Tensor | None]:
        """Return the same pool with all estimates in one replicate: members, and references.

        Members are sets × estimates; references estimates (or 1) × genes, or None.
        """
        members = self.members
        if members is None:
            numbers = torch.arange(self.replicates).repeat_interleave(self.estimates)
            members = torch.arange(self.replicates)[:, None] == numbers
        references = self.references
        if references is not None:
            alone = len(references) == 1 and references.shape[1] == 1
            wide = references if alone else references.expand(self.replicates, -1, -1)
            references = wide.reshape(-1, references.shape[2])
        return members, references


def architecture_of(model: nn.Module) -> str:
    """Return the key of a network's architecture, or `STACK`; empty for any other network.

    A network of ours whose normalisation was exchanged is another one.
    """
    if type(model) is ReluStack:
        return STACK
    for architecture in ARCHITECTURES.values():
        if isinstance(architecture.build, type) and type(model) is architecture.build:
            changed = isinstance(model, MLP | CNN) and not isinstance(model.norm, nn.BatchNorm1d)
            return "" if changed else architecture.name
    return ""
