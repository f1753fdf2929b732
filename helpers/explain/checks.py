"""What an explanation is given must fit together, or nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.errors import BadInputError
from helpers.explain.entry import Explainer
from helpers.explain.network.tracing import Trace, feature_layer, trace
from helpers.models.registry import ARCHITECTURES


@dataclass(frozen=True)
class Checked:
    """The arguments of `explain`, found good. On the CPU, floats in the model's type.

    Attributes
    ----------
    samples
        Samples × genes.
    target
        Class index of each sample.
    pools
        1 or replicates × references × genes, or None for an explainer that needs none.
    layer
        Name of the layer to look at; empty for an explainer that needs none.
    rows
        Rows that can go through the network at once.
    batch_rows
        The same where BatchNorm follows them.
    """

    samples: Tensor
    target: Tensor
    pools: Tensor | None
    layer: str
    rows: int
    batch_rows: int


def checked_inputs(
    model: nn.Module,
    explainer: Explainer,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    references: npt.ArrayLike | None,
    layer: str | None,
    counts: Mapping[str, int],
    known: Trace | None = None,
) -> Checked:
    """Check and convert the arguments of `explain`.

    `known`: what the model does with a sample of these genes; None: a sample is sent through it.

    Raises
    ------
    BadInputError
        With one sentence on the first argument that does not fit.
    UnknownNameError
        If there is no such layer.
    """
    for name, count in counts.items():
        if count < 1:
            raise BadInputError(f"Parameter {name!r} must be at least 1, but it is {count}.")
    _check_architecture(model, explainer)
    samples = _matrix(x, "x", model)
    traced = _traced(model, samples) if known is None else known
    targets = _targets(target, len(samples), traced.classes)
    pools = None
    if explainer.needs_reference:
        if references is None:
            raise BadInputError(
                f"{explainer.name} compares each sample with reference samples, but none are "
                "given: make some with make_references and give them as 'references'."
            )
        pools = _pools(references, samples.shape[1], counts["replicates"], model)
    chosen = feature_layer(model, traced, layer) if explainer.needs_layer else ""
    rows, batch_rows = (
        counts.get("batch_rows", fitting) for fitting in (traced.rows, traced.batch_rows)
    )
    return Checked(samples, targets, pools, chosen, rows, batch_rows)


def checked_members(members: npt.ArrayLike) -> Tensor:
    """Check which estimates each set is made of: sets × estimates, true for a member.

    Raises
    ------
    BadInputError
        If it is no such matrix, or a set has no member.
    """
    array = np.asarray(members)
    if array.ndim != 2 or not array.size or array.dtype != bool:
        raise BadInputError(
            "Parameter 'members' must be a non-empty matrix of true and false, sets × estimates, "
            f"but it has shape {array.shape} and type {array.dtype}."
        )
    empty = np.flatnonzero(~array.any(axis=1))
    if empty.size:
        raise BadInputError(f"Set {empty[0]} (counted from 0) has no estimate: give it one.")
    return torch.as_tensor(array)


def checked_rows(rows: npt.ArrayLike | None, samples: int) -> Tensor:
    """Check which samples of a batch are to be explained, and return their numbers.

    Raises
    ------
    BadInputError
        If one is no number of a sample, or none is given.
    """
    if rows is None:
        return torch.arange(samples)
    array = np.asarray(rows)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise BadInputError(
            "Parameter 'rows' must be a list of numbers of samples, but it has shape "
            f"{array.shape} and type {array.dtype}."
        )
    wrong = array[(array < 0) | (array >= samples)]
    if wrong.size:
        raise BadInputError(
            f"Parameter 'rows' asks for sample {wrong[0]}, but the samples are numbered 0 to "
            f"{samples - 1}."
        )
    return torch.as_tensor(array.astype(np.int64))


def check_batch(samples: int) -> None:
    """Raise `BadInputError` if mode ``"training"`` gets a batch of one sample."""
    if samples < 2:
        raise BadInputError(
            "Mode 'training' cannot explain a batch of one sample, because BatchNorm takes its "
            "statistics from the batch: give two samples or more, or use mode 'dropout' or 'eval'."
        )


def _check_architecture(model: nn.Module, explainer: Explainer) -> None:
    # Networks that are not in our table are tried as they are.
    for architecture in ARCHITECTURES.values():
        known = isinstance(architecture.build, type) and isinstance(model, architecture.build)
        if known and architecture.name not in explainer.architectures:
            raise BadInputError(
                f"{explainer.name} cannot explain a network of architecture "
                f"{architecture.name!r}, only of {', '.join(sorted(explainer.architectures))}."
            )


def _matrix(values: npt.ArrayLike, name: str, model: nn.Module) -> Tensor:
    array = np.asarray(values)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "fiub":
        raise BadInputError(
            f"Parameter {name!r} must be a non-empty matrix of numbers, samples × genes, but it "
            f"has shape {array.shape} and type {array.dtype}."
        )
    _check_finite(array, name)
    return _tensor(array, model)


def _check_finite(array: npt.NDArray[np.generic], name: str) -> None:
    wrong = ~np.isfinite(array)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = f"sample {place[-2]}, gene {place[-1]} (both counted from 0)"
        raise BadInputError(
            f"Parameter {name!r} holds {array[place]} at {where}: every value must be a finite "
            "number."
        )


def _traced(model: nn.Module, samples: Tensor) -> Trace:
    """Send a sample through a model, which also shows whether it takes this many genes."""
    try:
        return trace(model, samples[:1])
    except (RuntimeError, BadInputError) as error:
        first = str(error).splitlines()[0].rstrip(".")
        raise BadInputError(
            f"The model cannot read samples of {samples.shape[1]} genes ({first}): give it the "
            "genes it was trained on."
        ) from None


def _targets(target: npt.ArrayLike, samples: int, classes: int) -> Tensor:
    array = np.asarray(target)
    if array.dtype.kind not in "iu" or array.shape not in {(), (samples,)}:
        raise BadInputError(
            f"Parameter 'target' must be one class index for each of the {samples} samples, but "
            f"it has shape {array.shape} and type {array.dtype}."
        )
    array = np.broadcast_to(array, (samples,))
    wrong = np.flatnonzero((array < 0) | (array >= classes))
    if wrong.size:
        raise BadInputError(
            f"The target of sample {wrong[0]} is class {array[wrong[0]]}, but the model's "
            f"classes are 0 to {classes - 1}."
        )
    return torch.as_tensor(array.astype(np.int64))


def _pools(references: npt.ArrayLike, genes: int, replicates: int, model: nn.Module) -> Tensor:
    array = np.asarray(references)
    if array.ndim == 2:
        array = array[None]
    fits = array.ndim == 3 and array.shape[1] > 0 and array.shape[2] == genes
    if not fits or (array.shape[0] not in {1, replicates}):
        raise BadInputError(
            f"Parameter 'references' must be references × {genes} genes or {replicates} replicates "
            f"× references × {genes} genes, but it has shape {np.shape(references)}."
        )
    if array.dtype.kind not in "fiub":
        raise BadInputError(f"Parameter 'references' must hold numbers, not {array.dtype}.")
    _check_finite(array, "references")
    return _tensor(array, model)


def _tensor(array: npt.NDArray[np.generic], model: nn.Module) -> Tensor:
    # PyTorch warns of arrays that it may not write to, such as views of a file.
    usable = np.require(array, requirements=["C", "W"])
    dtype = next((p.dtype for p in model.parameters()), torch.float32)
    return torch.as_tensor(usable).to(dtype)
