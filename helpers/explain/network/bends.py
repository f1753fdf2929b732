"""Where a network is not a straight line between two inputs: its layers, and what is no layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

PAIR = 2
"""Rows of a batch of two inputs."""

CLOSE = 1e-4
"""A step is straight if the output at the mean of two inputs is the mean of outputs within this."""

FLAT = frozenset({"ceil", "detach", "floor", "heaviside", "round", "sgn", "sign", "trunc"})
"""Functions whose gradient is nothing, though they depend on what they are given."""


@dataclass(frozen=True)
class Bend:
    """A step of a network that is not straight.

    Attributes
    ----------
    layer
        Name of the layer; of a function that is called between layers, of the module whose
        ``forward`` calls it (empty: the network itself).
    kind
        Type of the layer, or name of the function.
    is_function
        Whether it is a function.
    times
        How often the layer is used in one pass.
    """

    layer: str
    kind: str
    is_function: bool
    times: int = 1

    def __str__(self) -> str:
        if self.is_function:
            place = f"layer {self.layer!r}" if self.layer else "the network"
            return f"the function {self.kind!r} that the forward of {place} calls"
        use = f", which is used {self.times} times in one pass" if self.times > 1 else ""
        return f"layer {self.layer!r} ({self.kind}){use}"


def bends(model: nn.Module, pair: Tensor) -> list[Bend]:
    """Find the steps of a network that are not straight between two inputs.

    Parameters
    ----------
    model
        A network in the mode in which it is explained.
    pair
        2 × genes.

    Returns
    -------
    list of Bend
        In the order in which they come; a layer once, however often it is used.
    """
    watch = _Watch()
    handles = []
    for name, module in model.named_modules():
        leaf = not any(module.children())
        handles.append(module.register_forward_pre_hook(partial(watch.enter, name, leaf)))
        handles.append(module.register_forward_hook(partial(watch.leave, name, leaf)))
    try:
        with torch.no_grad(), watch:
            model(pair)
    finally:
        for handle in handles:
            handle.remove()
    return watch.found()


class _Watch(TorchFunctionMode):
    """Sees every layer and every function between layers, and tries whether it is straight."""

    def __init__(self) -> None:
        super().__init__()
        self._within: list[tuple[str, bool]] = []
        self._uses: Counter[str] = Counter()
        self._bends: dict[tuple[str, str], Bend] = {}
        self._halves: list[Any] = []

    def found(self) -> list[Bend]:
        """Return what was not straight, with how often it was used."""
        return [
            bend if bend.is_function else Bend(bend.layer, bend.kind, False, self._uses[bend.layer])
            for bend in self._bends.values()
        ]

    def enter(self, name: str, leaf: bool, module: nn.Module, inputs: Any) -> None:
        """Note that a module begins, and what it is given, which it may change."""
        self._within.append((name, leaf))
        if leaf:
            self._uses[name] += 1
            self._halves.append(_halfway(inputs))

    def leave(self, name: str, leaf: bool, module: nn.Module, inputs: Any, output: Any) -> None:
        """Try a layer at the mean of its inputs."""
        if leaf and _bent(module.forward, self._halves.pop(), {}, output):
            self._bends.setdefault((name, ""), Bend(name, type(module).__name__, False))
        self._within.pop()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Try a function at the mean of its inputs, unless a layer calls it."""
        named = kwargs or {}
        if not self._within or self._within[-1][1]:
            return func(*args, **named)
        half, half_named = _halfway(args), dict(zip(named, _halfway(named.values()), strict=True))
        output = func(*args, **named)
        kind = getattr(func, "__name__", str(func))
        if kind in FLAT or _bent(func, half, half_named, output):
            layer = self._within[-1][0]
            self._bends.setdefault((layer, kind), Bend(layer, kind, True))
        return output


def _halfway(values: Iterable[Any]) -> tuple[Any, ...]:
    """Put the mean of both rows in the place of tensors that have two."""
    return tuple(
        value.mean(dim=0, keepdim=True)
        if isinstance(value, Tensor) and value.is_floating_point() and _is_pair(value)
        else value
        for value in values
    )


def _is_pair(value: Any) -> bool:
    return isinstance(value, Tensor) and value.ndim > 0 and len(value) == PAIR


def _bent(
    call: Callable[..., Any], half: tuple[Any, ...], named: dict[str, Any], output: Any
) -> bool:
    """Tell whether the output at the mean of two inputs is not the mean of both outputs."""
    if not _is_pair(output) or not output.is_floating_point():
        return False
    if not any(isinstance(value, Tensor) for value in (*half, *named.values())):
        return False
    try:
        found = call(*half, **named)
    except (RuntimeError, TypeError, ValueError, IndexError):
        return False  # it wants a batch of this very size
    wanted = output.mean(dim=0, keepdim=True)
    if not isinstance(found, Tensor) or found.shape != wanted.shape:
        return False
    size = output.abs().max().item()
    return bool((found - wanted).abs().max().item() > CLOSE * max(size, 1e-12))
