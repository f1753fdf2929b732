"""The state of a network while it is explained, and its state afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

import torch
from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from helpers.devices import device_of, whole_float32
from helpers.errors import BadInputError, one_of
from helpers.explain.network.dropout import drop_alike

Mode = Literal["dropout", "training", "eval"]
MODES: tuple[str, ...] = get_args(Mode)


@contextmanager
def explanation_mode(model: nn.Module, mode: str, seed: int) -> Iterator[nn.Module]:
    """Put a network into the state in which it is explained; put everything back afterwards.

    Parameters
    ----------
    model
        Any network. Its parameters take no gradients inside.
    mode
        ``"dropout"``: dropout is on and all else as in prediction, so BatchNorm uses its
        running statistics (paper, "Model explanation"). ``"training"``: the whole network is in
        training mode, so BatchNorm uses the statistics of the batch and updates its running
        ones (the paper's released scripts, where explaining changed the network for good).
        ``"eval"``: as in prediction.
    seed
        Seed of the dropout masks, which are the same whatever device the network is on.
        PyTorch's global generator is as before afterwards.

    Yields
    ------
    torch.nn.Module
        `model` itself.

    Raises
    ------
    UnknownNameError
        If there is no such mode.
    BadInputError
        If BatchNorm, in mode ``"training"``, gets a batch of one row.

    Notes
    -----
    Restored, also after an exception: training flags, buffers, ``requires_grad``, ``grad``,
    attributes that were set on modules meanwhile, and the state of the random generators.
    """
    one_of("explanation mode", mode, MODES)
    place = device_of(model)
    with torch.random.fork_rng(devices=[]), whole_float32(place), _restored(model):
        torch.default_generator.manual_seed(seed)
        model.requires_grad_(False)
        if place.type != "cpu":
            drop_alike(model)
        for module in model.modules():
            module.training = mode == "training" or (
                mode == "dropout" and isinstance(module, _DropoutNd)
            )
        try:
            yield model
        except ValueError as error:
            if mode == "training" and "more than 1 value per channel" in str(error):
                raise BadInputError(
                    "Mode 'training' cannot explain a batch of one row, because BatchNorm takes "
                    "its statistics from the batch: explain two or more samples at once, or use "
                    "mode 'dropout' or 'eval'."
                ) from None
            raise


@contextmanager
def _restored(model: nn.Module) -> Iterator[None]:
    flags = [(module, module.training, set(vars(module))) for module in model.modules()]
    parameters = [(p, p.requires_grad, p.grad) for p in model.parameters()]
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    try:
        yield
    finally:
        for module, training, attributes in flags:
            module.training = training
            # Captum's DeepLift leaves activations on the modules when it is interrupted.
            for name in set(vars(module)) - attributes:
                delattr(module, name)
        for parameter, requires_grad, grad in parameters:
            parameter.requires_grad_(requires_grad)
            parameter.grad = grad
        with torch.no_grad():
            for buffer, saved in buffers:
                buffer.copy_(saved)
