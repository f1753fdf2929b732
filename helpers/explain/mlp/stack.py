"""Scores of perceptrons with several hidden layers: all that depends on genes is one product.

With dropout masks and a reference given, everything behind the first linear layer is a function
of its few outputs ``z = W₁x + b``. What comes back to z from above, g, is one number for each unit,
and the scores of an estimate are, up to a factor per gene, ``W₁ᵀ g``, whatever the depth. From the
last layer to the first, g follows from the rules at ReLUs (`gates`) that hold for one hidden layer.

The exception is the integral of IntegratedGradients. A single ReLU is crossed once on the way from
reference to sample, so that its mean slope is DeepLIFT's; of two in a row, the second may be
crossed several times, and the mean of a product is not the product of means. But between
crossings nothing bends: the network is piecewise linear along the path, and the integral is a sum
over its pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.explain.mlp.accumulation import HELD, Made, combine_estimates
from helpers.explain.mlp.gates import Gate, gradient
from helpers.explain.mlp.hidden import draw_kept
from helpers.explain.mlp.threads import workers
from helpers.explain.request import EstimatePool
from helpers.models import ReluStack

Masks = Sequence["Tensor | None"]
"""For each hidden layer: estimates × samples × units, or None if no unit is dropped."""


@dataclass(frozen=True)
class StackLayers:
    """The weights of a stack.

    Attributes
    ----------
    weights, biases
        Of each linear layer, units × units of the layer below (of the first one, genes).
    dropout
        Probability with which a unit is dropped, for each hidden layer.
    """

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    dropout: tuple[float, ...]

    @classmethod
    def of(cls, model: nn.Module) -> StackLayers:
        """Read the weights of a `ReluStack`."""
        assert isinstance(model, ReluStack)
        linear = [layer for layer in model.linear if isinstance(layer, nn.Linear)]
        dropout = [layer.p for layer in model.dropout if isinstance(layer, nn.Dropout)]
        return cls(
            tuple(layer.weight.detach() for layer in linear),
            tuple(layer.bias.detach() for layer in linear),
            tuple(dropout),
        )

    def first(self, x: Tensor) -> Tensor:
        """Map genes to the inputs of the first ReLUs."""
        return x @ self.weights[0].T + self.biases[0]

    def inputs(self, z: Tensor, masks: Masks) -> list[Tensor]:
        """Map the inputs of the first ReLUs to those of the ReLUs of every layer."""
        found = [z]
        for weight, bias, mask in zip(
            self.weights[1:-1], self.biases[1:-1], masks[:-1], strict=True
        ):
            passed = found[-1].relu()
            found.append((passed if mask is None else passed * mask) @ weight.T + bias)
        return found

    def back(
        self,
        gate: Gate,
        inputs: Sequence[Tensor],
        starts: Sequence[Tensor | None],
        signal: Tensor,
        masks: Masks,
    ) -> Tensor:
        """Take a signal at the outputs of the last hidden layer back to z, rule by rule."""
        for depth in reversed(range(len(self.dropout))):
            mask = masks[depth]
            signal = signal if mask is None else signal * mask
            signal = gate(inputs[depth], starts[depth], signal)
            if depth:
                signal = signal @ self.weights[depth]
        return signal


def explain_stack(pool: EstimatePool) -> npt.NDArray[np.floating]:
    """Make and combine the estimates of a pool by a `ReluStack`: sets × rows × genes.

    An estimate has one mask for each hidden layer, which sample and reference share. In mode
    ``"eval"`` scores are Captum's, up to rounding; those of IntegratedGradients are what Captum's
    tend to with more and more steps.

    Parameters
    ----------
    pool
        What is to be explained, without noise.
    """
    members, references = pool.in_one_replicate()
    place, layers = device_of(pool.model), StackLayers.of(pool.model)
    rule, (sets, estimates) = pool.explainer.need_mlp(), members.shape
    dropping = pool.settings.mode == "dropout"
    bits = np.random.PCG64(np.random.SeedSequence(pool.seed))
    others = None if references is None else references.to(place)
    result = np.empty((sets, *pool.x.shape), dtype=pool.x.numpy().dtype)
    threads = torch.get_num_threads() if place.type == "cpu" else 1
    widest = max(len(bias) for bias in layers.biases)
    with workers(threads) as run:
        starts = None if others is None else layers.first(others)
        for some in torch.arange(len(pool.x)).split(max(1, HELD // (estimates * widest))):
            x = pool.x[some].to(place)
            masks = [
                _drawn(bits, p, (estimates, len(some), len(bias)), x) if dropping and p else None
                for p, bias in zip(layers.dropout, layers.biases[:-1], strict=True)
            ]
            signal = layers.weights[-1][pool.target[some].to(place)]
            ends = layers.first(x)
            if rule.path:
                assert starts is not None
                g = _mean_gradients(layers, starts, ends, signal, masks)
            else:
                began: Sequence[Tensor | None] = [None] * len(masks)
                if starts is not None:
                    began = layers.inputs(starts[:, None], masks)
                g = layers.back(rule.gate, layers.inputs(ends[None], masks), began, signal, masks)
            made = Made(
                first=layers.weights[0],
                g=g.expand(estimates, *g.shape[-2:]).contiguous(),
                x=x,
                references=others,
                noise=None,
                absolute=rule.absolute,
                times_input=rule.times_input,
            )
            scores = x.new_empty(sets, *x.shape)
            combine_estimates(made, members.to(place), pool.settings.combine, scores, run)
            result[:, some.numpy()] = scores.cpu().numpy()
    return result


def _drawn(
    bits: np.random.BitGenerator, probability: float, shape: tuple[int, ...], like: Tensor
) -> Tensor:
    if probability == 1:
        return like.new_zeros(shape)
    kept = torch.from_numpy(draw_kept(bits, probability, shape))
    return kept.to(like.device).to(like.dtype).mul_(1 / (1 - probability))


def _mean_gradients(
    layers: StackLayers, starts: Tensor, ends: Tensor, signal: Tensor, masks: Masks
) -> Tensor:
    """Integrate every path: estimates (1 if all are alike) × samples × units."""
    alike = len(starts) == 1 and all(mask is None for mask in masks)
    estimates = 1 if alike else max(len(starts), *(len(m) for m in masks if m is not None), 1)
    upper = replace(
        layers,
        weights=(layers.weights[0], *(weight.double() for weight in layers.weights[1:])),
        biases=tuple(bias.double() for bias in layers.biases),
    )
    found = ends.new_empty(estimates, *ends.shape)
    for estimate in range(estimates):
        start = starts[estimate % len(starts)].double()
        for sample in range(len(ends)):
            own = [None if mask is None else mask[estimate, sample].double() for mask in masks]
            found[estimate, sample] = mean_gradient(
                upper, start, ends[sample].double(), signal[sample].double(), own
            )
    return found


def mean_gradient(
    layers: StackLayers, start: Tensor, end: Tensor, signal: Tensor, masks: Masks
) -> Tensor:
    """Compute the mean gradient on the straight way between two inputs of the first ReLUs.

    Layer by layer the places are found where a ReLU of it bends. Layers below are straight between
    these, so that a unit's input is too, and has one zero at most.

    Parameters
    ----------
    layers
        The stack in double precision, but for its first weights, which play no part.
    start, end
        Units of the first hidden layer.
    signal
        Weights of the class, one for each unit of the last hidden layer.
    masks
        Of each hidden layer, its units; None: all are kept.

    Returns
    -------
    torch.Tensor
        One number for each unit of the first hidden layer.
    """
    times = end.new_tensor([0.0, 1.0])
    for depth in range(len(masks)):
        inputs = layers.inputs(torch.lerp(start, end, times[:, None]), masks)[depth]
        low, high = inputs[:-1], inputs[1:]
        piece, unit = torch.nonzero(low * high < 0, as_tuple=True)
        share = low[piece, unit] / (low[piece, unit] - high[piece, unit])
        bends = times[piece] + (times[piece + 1] - times[piece]) * share
        times = torch.cat([times, bends]).unique()
    middle, length = (times[1:] + times[:-1]) / 2, times.diff()
    inputs_there = layers.inputs(torch.lerp(start, end, middle[:, None]), masks)
    none: list[Tensor | None] = [None] * len(masks)
    return length @ layers.back(gradient, inputs_there, none, signal, masks)
