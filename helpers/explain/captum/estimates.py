"""Single estimates of an explainer, made in batches that bound the memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.explain.explainers import Explainer, Options


@dataclass(frozen=True)
class Task:
    """All that is the same for every estimate of an explainer.

    Attributes
    ----------
    model, explainer, options
        What explains, and how.
    estimates
        Estimates of each sample.
    training
        Whether BatchNorm follows the batch.
    batch_rows
        Rows that go through the network at once.
    noise_sd
        Standard deviation of the noise that is added to the sample in every estimate.
    """

    model: nn.Module
    explainer: Explainer
    estimates: int
    training: bool
    batch_rows: int
    options: Options
    noise_sd: float = 0.0

    @property
    def chunk(self) -> int:
        """Estimates that go through the network at once."""
        per_estimate = self.explainer.rows_per_estimate(self.options.integration_steps)
        return max(1, self.batch_rows // per_estimate)


def estimates_of(
    task: Task, x: Tensor, target: Tensor, pool: Tensor | None
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield indices of estimates, indices of samples, and their scores, chunk by chunk."""
    device = device_of(task.model)
    for estimate, row in _chunks(len(x), task):
        references = None if pool is None else pool[estimate].to(device)
        inputs = x[row]
        if task.noise_sd > 0:
            # Drawn before it is moved, so that it is the same on every device.
            inputs = inputs + task.noise_sd * torch.randn_like(inputs)
        inputs = inputs.to(device).requires_grad_()
        scores = task.explainer.attribute(
            task.model, inputs, target[row].to(device), references, task.options
        )
        yield estimate, row, scores.cpu()


def _chunks(samples: int, task: Task) -> Iterator[tuple[Tensor, Tensor]]:
    if task.training:
        # Rows of a batch influence each other through BatchNorm: a batch holds each sample
        # once at most.
        for estimate in range(task.estimates):
            for row in parts(samples, task.chunk):
                yield torch.full_like(row, estimate), row
    else:
        for flat in parts(samples * task.estimates, task.chunk):
            yield flat // samples, flat % samples


def parts(count: int, size: int) -> tuple[Tensor, ...]:
    """Split ``range(count)`` into parts of `size` at most and, to avoid a part of one, even."""
    return torch.arange(count).tensor_split(math.ceil(count / size))


def training_steps(steps: int, rows: int) -> int | None:
    """Choose how many steps of IntegratedGradients make a batch in mode ``"training"``.

    BatchNorm should see all steps of a sample in one batch. Where memory does not allow it,
    a batch has as many as fit, and none has only one.
    """
    if steps <= rows:
        return None
    rows = max(2, rows)
    while steps % rows == 1:
        rows += 1
    return rows
