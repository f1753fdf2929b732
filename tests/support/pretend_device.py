"""A device that is none: tensors on it compute on the CPU but mix with no tensor of the CPU.

PyTorch has fake tensors for such tests, but without CUDA their gradients end the process, and
they hold no numbers. These do: what is computed on the pretended device can be compared with what
the CPU computes. To PyTorch they are on a second device "meta", whose gradients work everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from helpers import devices

DEVICE = torch.device("meta", 1)

# As CUDA: one tensor is copied to another, or chosen from by numbers, wherever these are.
_BETWEEN = {"aten::copy_", "aten::_to_copy", "aten::index.Tensor", "aten::index_put_"}
_RANDOM = ("bernoulli", "rand", "normal", "dropout", "uniform", "exponential", "multinomial")


class WrongDeviceError(RuntimeError):
    """What a GPU would refuse, or draw otherwise than the CPU."""


class OnDevice(Tensor):
    """Claims to be on the device, and holds its numbers on the CPU."""

    inner: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor) -> OnDevice:
        made = Tensor._make_wrapper_subclass(
            cls,
            inner.shape,
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=DEVICE,
        )
        made.inner = inner
        return made

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return f"OnDevice({self.inner})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        copied = OnDevice(self.inner.detach().clone()).requires_grad_(self.requires_grad)
        if isinstance(self, torch.nn.Parameter):
            copied._is_param = True
        memo[id(self)] = copied
        return copied

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _compute(func, args, kwargs or {})


class _Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return _compute(func, args, kwargs or {})


def _compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name = func._schema.name
    tensors = [t for t in pytree.tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
    mine = [t for t in tensors if isinstance(t, OnDevice)]
    # Single numbers of the CPU are taken everywhere.
    foreign = [t for t in tensors if not isinstance(t, OnDevice) and t.ndim > 0]
    between = name in _BETWEEN or str(func).removesuffix(".default") in _BETWEEN
    if mine and foreign and not between and "index" not in name:
        raise WrongDeviceError(f"{name} of tensors on the device and on the CPU")
    asked = kwargs.get("device")
    on_device = bool(mine) if asked is None else torch.device(asked) == DEVICE
    if on_device and any(kind in name for kind in _RANDOM):
        raise WrongDeviceError(f"{name} draws random numbers on the device")
    if name == "aten::copy_":
        on_device = isinstance(args[0], OnDevice)
    if on_device and asked is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    bare = [pytree.tree_map_only(OnDevice, lambda t: t.inner, part) for part in (args, kwargs)]
    result = func(*bare[0], **bare[1])
    if not on_device:
        return result
    # What was changed in place is the tensor that it was.
    known = {id(t.inner): t for t in mine}
    return pytree.tree_map_only(
        Tensor, lambda t: known[id(t)] if id(t) in known else OnDevice(t), result
    )


@contextmanager
def pretended_device() -> Iterator[torch.device]:
    """Let tensors be moved to a device that is none."""
    before = torch.__future__.get_overwrite_module_params_on_conversion()
    # What is written into a weight from below would not reach the numbers that it holds.
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    try:
        with _Mode():
            yield DEVICE
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(before)


def choose(monkeypatch: Any, device: torch.device) -> None:
    """Let the package choose a device, wherever it asks."""
    chooser = devices.device
    for name, module in list(sys.modules.items()):
        if name.startswith("helpers.") and getattr(module, "device", None) is chooser:
            monkeypatch.setattr(module, "device", lambda: device)
