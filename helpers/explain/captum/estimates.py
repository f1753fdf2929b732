"""Single estimates of an explainer, made in batches that bound the memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.explain.entry import Explainer, Options


@dataclass(frozen=True)
class CaptumEstimates:
    """All that is the same for every estimate of an explainer.

    Attributes
    ----------
    model, explainer, options
        What explains, and how.
    estimates
        Estimates of each sample.
    training
        Whether BatchNorm follows the batch. Then all samples are one batch, whatever memory that
        takes: another batch would be another question.
    batch_rows
        Rows that go through the network at once, otherwise.
    rows
        The samples whose scores are wanted.
    noise_sd
        Standard deviation of the noise that is added to the sample in every estimate, of all genes
        or of each; None: no noise is added.
    """

    model: nn.Module
    explainer: Explainer
    estimates: int
    training: bool
    batch_rows: int
    options: Options
    rows: Tensor
    noise_sd: Tensor | None = None

    @property
    def chunk(self) -> int:
        """Estimates that go through the network at once."""
        per_estimate = self.explainer.rows_per_estimate(self.options.integration_steps)
        return max(1, self.batch_rows // per_estimate)

    def of_rows(self, some: Tensor) -> CaptumEstimates:
        """Return the same for some of the wanted samples."""
        return replace(self, rows=self.rows[some])


def estimates_of(
    call: CaptumEstimates, x: Tensor, target: Tensor, pool: Tensor | None
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield numbers of estimates, places of samples among the wanted ones, and scores.

    Chunk by chunk; places go from 0 to the number of wanted samples.
    """
    device = device_of(call.model)
    for estimate, place, row in _chunks(len(x), call):
        references = None if pool is None else pool[estimate[:1] if call.training else estimate]
        inputs = x[row]
        if call.noise_sd is not None:
            # Drawn before it is moved, so that it is the same on every device.
            inputs = inputs + call.noise_sd * torch.randn_like(inputs)
        inputs = inputs.to(device).requires_grad_()
        if references is not None:
            references = references.to(device).expand_as(inputs)
        scores = call.explainer.captum(
            call.model, inputs, target[row].to(device), references, call.options
        )
        yield estimate, place, (scores[call.rows.to(device)] if call.training else scores).cpu()


def _chunks(samples: int, call: CaptumEstimates) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield numbers of estimates, places of wanted samples, and samples that pass."""
    wanted = torch.arange(len(call.rows))
    if call.training:
        for estimate in range(call.estimates):
            yield torch.full_like(wanted, estimate), wanted, torch.arange(samples)
        return
    for flat in parts(len(wanted) * call.estimates, call.chunk):
        place = flat % len(wanted)
        yield flat // len(wanted), place, call.rows[place]


def parts(count: int, size: int) -> tuple[Tensor, ...]:
    """Split ``range(count)`` into parts of `size` at most and, to avoid a part of one, even."""
    return torch.arange(count).tensor_split(math.ceil(count / size))


def rows_of_path(steps: int, samples: int, rows: int) -> int | None:
    """Choose how many rows of IntegratedGradients make a batch in mode ``"training"``.

    All steps of all samples; where memory does not allow it, as many steps as fit, and one at
    least. `rows`: rows that fit. None: all.
    """
    return None if steps * samples <= rows else max(1, rows // samples) * samples
