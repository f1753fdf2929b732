"""What is computed: the same networks, samples, references and dropout masks for every method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from helpers.models import MLP

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sizes:
    """How large the work is.

    Attributes
    ----------
    genes, hidden, classes
        Of the networks; by default those of the paper.
    models, samples
        Networks, and samples that each of them explains.
    estimates
        Estimates of each sample by each network, whose mean is wanted.
    steps
        Points on the path of IntegratedGradients, for those who go along it.
    """

    genes: int = 19_000
    hidden: int = 128
    classes: int = 82
    models: int = 2
    samples: int = 5
    estimates: int = 20
    steps: int = 50


@dataclass(frozen=True)
class Task:
    """A mean over estimates.

    Attributes
    ----------
    explainer
        A key of `helpers.explain.EXPLAINERS`.
    masked
        Whether each estimate has a dropout mask of its own; else dropout is off.
    says
        What is averaged, for readers.
    """

    explainer: str
    masked: bool
    says: str


TASKS: Mapping[str, Task] = {
    task.explainer: task
    for task in (
        Task("Saliency", True, "dropout masks"),
        Task("DeepLift", True, "pairs of a reference and a dropout mask"),
        Task("IntegratedGradients", True, "pairs of a reference and a dropout mask"),
        Task("DeepLiftShap", False, "references, dropout off"),
    )
}
"""Explainer → what is asked of it."""


class GivenMask(nn.Module):
    """Dropout whose masks are known: a row for each row that comes in, over and over.

    Captum puts steps of a path, and references, below the rows that it is given.
    """

    mask: torch.Tensor

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.register_buffer("mask", torch.ones(1, hidden))

    def forward(self, units: torch.Tensor) -> torch.Tensor:
        """Multiply units, rows × hidden, by their masks."""
        return units * self.mask.repeat(len(units) // len(self.mask), 1)


@dataclass(frozen=True)
class Work:
    """All that a method is given.

    Attributes
    ----------
    models
        Networks in evaluation mode, whose dropout is a `GivenMask`; the exact engine gets `plain`,
        which have the same weights.
    plain
        The same with dropout as it is in the paper.
    x, target
        Samples × genes, and a class for each.
    references
        Estimates × genes.
    masks
        Models × estimates × hidden: 0, or 1 / (1 − p).
    steps
        As in `Sizes`.
    """

    models: list[MLP]
    plain: list[MLP]
    x: Array
    target: npt.NDArray[np.int64]
    references: Array
    masks: Array
    steps: int

    def cut(self) -> Work:
        """Return as little work as there can be, to warm up with."""
        return Work(
            self.models[:1], self.plain[:1], self.x[:1], self.target[:1], self.references[:2],
            self.masks[:1, :2], 2,
        )  # fmt: skip


def make_work(sizes: Sizes, seed: int = 0) -> Work:
    """Draw genes of different levels, samples around them, references and untrained networks.

    How long an explanation takes does not depend on whether a network has learnt.
    """
    rng = np.random.default_rng(seed)
    mean, sd = rng.gamma(1.5, 2.0, sizes.genes), rng.uniform(0.3, 1.5, sizes.genes)
    x = np.abs(mean + sd * rng.normal(size=(sizes.samples, sizes.genes)))
    pool = np.abs(mean + sd * rng.uniform(-1, 1, size=(sizes.estimates, sizes.genes)))
    models, plain = [], []
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        rows = torch.from_numpy(np.concatenate([x, pool]).astype(np.float32))
        for _ in range(sizes.models):
            model = MLP(sizes.genes, sizes.classes, hidden=sizes.hidden)
            # Statistics that are typical of these samples, so that units are on in some.
            hidden = model.hidden(rows)
            model.norm.running_mean.copy_(hidden.mean(0))  # type: ignore[union-attr]
            model.norm.running_var.copy_(hidden.var(0))  # type: ignore[union-attr]
            given = MLP(sizes.genes, sizes.classes, hidden=sizes.hidden)
            given.load_state_dict(model.state_dict())
            given.dropout = GivenMask(sizes.hidden)  # type: ignore[assignment]
            plain.append(model.eval().requires_grad_(False))
            models.append(given.eval().requires_grad_(False))
    keep = 1 - plain[0].dropout.p
    shape = (sizes.models, sizes.estimates, sizes.hidden)
    return Work(
        models=models,
        plain=plain,
        x=x.astype(np.float32),
        target=rng.integers(0, sizes.classes, sizes.samples),
        references=pool.astype(np.float32),
        masks=(rng.random(shape) < keep).astype(np.float32) / np.float32(keep),
        steps=sizes.steps,
    )
