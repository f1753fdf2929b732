"""Integrating gradients along the path from a reference, for CNNs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from helpers.explain.cnn.gradients import BackwardRule, gradients_of, maps_of
from helpers.explain.cnn.rules import CnnRule, OneSample
from helpers.explain.cnn.weighted import mixtures, runs

_GRADIENT = BackwardRule(linear=True)


@dataclass(frozen=True)
class PathRule(CnnRule):
    """The mean gradient along the path, times the difference from the reference."""

    def masks_each(self, steps: int) -> int:
        """Return one for each step."""
        return steps

    def parts(self, one: OneSample) -> Iterator[tuple[Tensor, Tensor]]:
        """Integrate gradients from each reference: a forward pass of all steps for each."""
        assert one.sets.references is not None
        model, x, target = one.model, one.x, one.target
        nodes, step_weights = np.polynomial.legendre.leggauss(one.steps)
        # Captum rounds both to single precision, whatever the network's type.
        places = torch.tensor((1 + nodes) / 2, dtype=torch.float32).to(x)[:, None]
        lengths = torch.tensor(step_weights / 2, dtype=torch.float32).to(x)[:, None]
        for some in runs(one.sets.references):
            reference = one.sets.references[some.start].to(x)
            mixed = mixtures(one.sets.weights[:, some])
            totals = x.new_zeros((len(mixed.shares), x.shape[1]))
            for part in torch.arange(one.steps).split(one.rows):
                of = maps_of(model, reference + places[part] * (x - reference), guided=False)
                own = one.masks[some][:, None, part]
                gradients = gradients_of(model, _GRADIENT, of, target.expand(len(part)), own)[:, 0]
                for total, share in zip(totals, mixed.shares.to(x), strict=True):
                    mean = torch.tensordot(share, gradients, dims=1)
                    total += of.backward(lengths[part] * mean).sum(dim=0)
            yield mixed.weights, totals * (x - reference)
