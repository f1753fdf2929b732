"""Which networks the exact engines can explain, told from what a network is made of.

A network is recognised if a sample passes linear layers, ReLUs, BatchNorm1d and dropout one after
the other. With BatchNorm fixed it is then the same function as an `MLP` or a `ReluStack`, with
BatchNorm taken into the weights beside it. Whatever its ``forward`` does besides shows in outputs
that differ: so both are tried on samples, and a network is recognised only if outputs are the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.explain.network.modes import explanation_mode
from helpers.explain.request import architecture_of
from helpers.models import MLP, ReluStack

TRIED = 8
"""Samples on which a network and what it is taken for are compared."""

CLOSE = {torch.float32: 1e-4, torch.float64: 1e-10}
"""How much of the largest output two outputs may differ by, which is what rounding leaves."""

_PASSED_OVER = (nn.Identity, nn.Flatten)


def recognised(model: nn.Module, samples: Tensor, mode: str) -> nn.Module | None:
    """Return what an exact engine explains in the place of a network; None if no engine can.

    Parameters
    ----------
    model
        Any network from samples × genes to logits. Left as it was.
    samples
        Some samples × genes, in the network's type and on its device.
    mode
        See `helpers.explain.explanation_mode`. In mode ``"training"`` BatchNorm is not fixed, so
        that only networks of this package are recognised; in mode ``"dropout"`` dropout must
        stand beside a ReLU.

    Returns
    -------
    torch.nn.Module or None
        `model` itself if it is one of this package, else an `MLP` or a `ReluStack` of the same
        function, in evaluation mode, on the same device.
    """
    if architecture_of(model):
        return model
    if mode == "training":
        return None
    leaves = passed_layers(model, samples[:2])
    probes = _probes(samples)
    wanted = _outputs(model, probes)
    for candidate in _candidates(leaves):
        chain = folded(candidate, dropping=mode == "dropout")
        if chain is None:
            continue
        twin = chain.build(device_of(model), samples.dtype)
        found = _outputs(twin, probes)
        if found.shape == wanted.shape and _same(found, wanted):
            return twin
    return None


def passed_layers(model: nn.Module, sample: Tensor) -> list[nn.Module]:
    """List the layers without layers of their own, in the order in which a sample passes them."""
    passed: list[nn.Module] = []
    with explanation_mode(model, "eval", 0), torch.no_grad(), _seen(model, passed.append):
        model(sample)
    return passed


@contextmanager
def _seen(model: nn.Module, note: Callable[[nn.Module], None]) -> Iterator[None]:
    leaves = [module for module in model.modules() if not any(module.children())]
    handles = [leaf.register_forward_hook(lambda layer, _, __: note(layer)) for leaf in leaves]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _probes(samples: Tensor) -> Tensor:
    """Return samples, what lies between them, no expression, and what no sample is like."""
    some = samples[:TRIED]
    rng = np.random.default_rng(0)
    foreign = torch.from_numpy(rng.normal(size=(2, some.shape[1]))).to(some)
    between = (some + some.roll(1, dims=0)) / 2
    return torch.cat([some, between, torch.zeros_like(some[:1]), foreign])


def _outputs(model: nn.Module, rows: Tensor) -> Tensor:
    with explanation_mode(model, "eval", 0), torch.no_grad():
        found: Tensor = model(rows)
    return found


def _same(found: Tensor, wanted: Tensor) -> bool:
    largest = wanted.abs().max().item()
    gap = (found - wanted).abs().max().item()
    return bool(gap <= CLOSE.get(wanted.dtype, 0.0) * largest)


def _candidates(leaves: Sequence[nn.Module]) -> Iterator[list[nn.Module]]:
    """Yield chains that a network may be: as it is, or with ReLUs that are called as functions."""
    chain = [leaf for leaf in leaves if type(leaf) not in _PASSED_OVER]
    if any(type(leaf) is nn.ReLU for leaf in chain):
        yield chain
        return
    for after in ((nn.Linear, nn.BatchNorm1d), (nn.Linear,)):
        yield _with_relus(chain, after)


def _with_relus(chain: Sequence[nn.Module], after: tuple[type[nn.Module], ...]) -> list[nn.Module]:
    """Put a ReLU behind every linear layer but the last, or behind the BatchNorm that follows."""
    linear = [place for place, layer in enumerate(chain) if type(layer) is nn.Linear]
    found: list[nn.Module] = []
    for place, layer in enumerate(chain):
        found.append(layer)
        rest = chain[place + 1 :]
        hidden = bool(linear) and linear[0] <= place < linear[-1]
        if hidden and type(layer) in after and not (rest and type(rest[0]) in after[1:]):
            found.append(nn.ReLU())
    return found


@dataclass
class Chain:
    """Linear layers with a ReLU between each two, in double precision.

    Attributes
    ----------
    weights, biases
        Of each linear layer, units × units of the layer below.
    dropout
        Probability with which a unit is dropped, for each hidden layer.
    """

    weights: list[Tensor] = field(default_factory=list)
    biases: list[Tensor] = field(default_factory=list)
    dropout: list[float] = field(default_factory=list)

    def build(self, device: torch.device, dtype: torch.dtype) -> nn.Module:
        """Make the network: an `MLP` if there is one hidden layer, for which engines are fastest.

        Its BatchNorm does nothing.
        """
        sizes = [self.weights[0].shape[1], *(len(bias) for bias in self.biases)]
        with torch.device("meta"):
            made: nn.Module
            if len(sizes) == 3:
                made = MLP(sizes[0], sizes[2], hidden=sizes[1], dropout=self.dropout[0])
            else:
                made = ReluStack(sizes, self.dropout)
        made = made.to_empty(device=device).to(dtype).requires_grad_(False).eval()
        linear = [layer for layer in made.modules() if type(layer) is nn.Linear]
        for layer, weight, bias in zip(linear, self.weights, self.biases, strict=True):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        if isinstance(made, MLP):
            made.norm.eps = 0.0
            made.norm.reset_parameters()
        return made


@dataclass
class _Affine:
    """``scale ∘ x + shift``: normalisation that waits for the linear layer behind it."""

    scale: Tensor
    shift: Tensor


def folded(chain: Sequence[nn.Module], *, dropping: bool) -> Chain | None:
    """Take BatchNorm into the weights beside it.

    Parameters
    ----------
    chain
        Layers in the order in which a sample passes them.
    dropping
        Whether dropout is on. Then a mask must act on what a ReLU puts out, as one does that is
        directly before or behind it; several are one.

    Returns
    -------
    Chain or None
        None if the layers are no such chain, or there is no hidden layer.
    """
    made = Chain()
    open_layer = False
    waiting: _Affine | None = None
    kept = 1.0
    for layer in chain:
        if type(layer) is nn.Linear:
            if open_layer:
                return None
            weight, bias = _linear(layer)
            if waiting is not None:
                weight, bias = weight * waiting.scale, bias + weight @ waiting.shift
            made.weights.append(weight)
            made.biases.append(bias)
            open_layer, waiting, kept = True, None, 1.0
        elif type(layer) is nn.BatchNorm1d:
            norm = _norm(layer)
            if norm is None or (open_layer and kept < 1):
                return None
            if open_layer:
                made.weights[-1] = made.weights[-1] * norm.scale[:, None]
                made.biases[-1] = norm.scale * made.biases[-1] + norm.shift
            elif waiting is None:
                waiting = norm
            else:
                shift = norm.scale * waiting.shift + norm.shift
                waiting = _Affine(norm.scale * waiting.scale, shift)
        elif type(layer) is nn.ReLU:
            if not open_layer:
                return None
            made.dropout.append(1 - kept)
            open_layer = False
        elif type(layer) is nn.Dropout:
            if not dropping or layer.p == 0:
                continue
            if open_layer:
                kept *= 1 - layer.p
            elif made.dropout and waiting is None:
                made.dropout[-1] = 1 - (1 - made.dropout[-1]) * (1 - layer.p)
            else:
                return None
        else:
            return None
    whole = open_layer and kept == 1 and len(made.weights) == len(made.dropout) + 1
    return made if whole and made.dropout else None


def _linear(layer: nn.Linear) -> tuple[Tensor, Tensor]:
    weight = layer.weight.detach().double()
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().double()
    return weight, bias


def _norm(layer: nn.BatchNorm1d) -> _Affine | None:
    """Read BatchNorm as an affine map; None if it keeps no statistics."""
    if layer.running_mean is None or layer.running_var is None:
        return None
    mean, variance = layer.running_mean.double(), layer.running_var.double()
    scale = (variance + layer.eps).rsqrt()
    if layer.affine:
        scale = scale * layer.weight.detach().double()
        return _Affine(scale, layer.bias.detach().double() - scale * mean)
    return _Affine(scale, -scale * mean)


def hidden_layers(network: nn.Module) -> int:
    """Count the hidden layers of what `recognised` returned."""
    return sum(1 for _ in itertools.pairwise(m for m in network.modules() if type(m) is nn.Linear))
