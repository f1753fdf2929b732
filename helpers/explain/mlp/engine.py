"""Scores of MLPs without automatic differentiation: all models, repeats and references at once.

One hidden layer of ReLUs makes every score a product of the first layer's weights with a few
numbers per hidden unit. `hidden` computes these, `model` sums them over estimates, and `genes`
takes them to the genes, with compiled sums (`sums`) where it computes on a processor. Models, or
genes, are shared out among threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.errors import BadInputError, one_of
from helpers.explain.checks import checked_inputs
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.mlp.hidden import HiddenLayer, Masks
from helpers.explain.mlp.model import MlpEstimates, explain_model
from helpers.explain.mlp.threads import in_turn, workers
from helpers.explain.network.tracing import Trace
from helpers.explain.settings import ExplanationSettings

PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


def explain_exact(
    models: Sequence[nn.Module],
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    references: npt.ArrayLike | None = None,
    replicates: int = 1,
    repeats: int = 1,
    seed: int | Sequence[int],
    masks: npt.ArrayLike | None = None,
    noise: npt.ArrayLike | None = None,
    precision: str = "float32",
    threads: int | None = None,
    **settings: Any,
) -> npt.NDArray[np.floating]:
    """Compute what `explain` computes, for MLPs, in closed form.

    For the same masks, references and noise the scores are Captum's, up to rounding; masks
    are drawn from generators of their own, so the same seed gives other masks than `explain`.
    Memory depends neither on the number of replicates' estimates nor on that of models, but
    for the result.

    Parameters
    ----------
    models
        MLPs for the same genes and classes, all on one device, where scores are computed.
        Nothing in them is changed or run in training mode.
    x, target, explainer, references, replicates, repeats
        See `explain`.
    seed
        Same seed, same arguments, same bytes.
    masks
        In place of drawn ones: factors of the hidden units (0 or 1/(1 − p)) that broadcast to
        models × replicates × estimates × samples × hidden, for rule ``"steps"`` to
        models × replicates × estimates × steps × samples × hidden.
    noise
        In place of drawn noise: what is added to the samples, broadcast to
        models × replicates × estimates × samples × genes.
    precision
        Type to compute with and to return: ``"float32"`` or ``"float64"``.
    threads
        Models, or for fewer models genes, that are worked on at once; None: as many as PyTorch
        uses. The result does not depend on it. On a GPU always one.
    **settings
        Fields of `ExplanationSettings`: ``combine``, ``mode`` (but ``"training"``, see
        `explain_batch`), ``noise_sd``, ``integration_steps`` and ``integration_rule``, of
        IntegratedGradients. ``"exact"``: the integral in closed form, one mask for all of a
        path, so that each estimate is DeepLIFT's (with one hidden layer of ReLUs the mean
        gradient of a unit along the path is its rescale multiplier). ``"steps"``: Captum's
        Gauss–Legendre rule with a mask for each step; for many steps this tends to
        ``"exact"`` with the mean of all masks, that is in mode ``"eval"``. With noise, what
        multiplies by the input takes the noisy input. Others are ignored.

    Returns
    -------
    numpy.ndarray
        Models × replicates × samples × genes.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, setting, choice of a setting or precision.
    BadInputError
        As `explain`, and if a network is no MLP, the mode is ``"training"``, masks or noise have
        another shape, or a mask is negative. Nothing has been computed then.
    """
    how = How(explainer, ExplanationSettings.of(settings), seed, precision, threads)
    count = (replicates, repeats)
    return explain_estimates(models, x, target, how, count, references, masks, noise)


@dataclass(frozen=True)
class How:
    """How estimates are made; see `explain_exact`."""

    explainer: str
    settings: ExplanationSettings
    seed: int | Sequence[int]
    precision: str
    threads: int | None


def explain_estimates(
    models: Sequence[nn.Module],
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    how: How,
    count: tuple[int, int],
    references: npt.ArrayLike | None,
    masks: npt.ArrayLike | None,
    noise: npt.ArrayLike | None,
    weights: npt.NDArray[np.floating] | None = None,
) -> npt.NDArray[np.floating]:
    """Check everything, make the estimates, and add them up as replicates or sets.

    `count`: replicates, and estimates of each by explainers that need no reference. `weights`
    makes sets of one replicate's estimates, 1 or models × sets × estimates.
    """
    one_of("explainer", how.explainer, EXPLAINERS)
    dtype = PRECISIONS[one_of("precision", how.precision, PRECISIONS)]
    device = device_of(models[0]) if models else torch.device("cpu")
    threads = torch.get_num_threads() if how.threads is None else how.threads
    counts = {"replicates": count[0], "repeats": count[1], "threads": threads}
    chosen = how.settings
    layers = _layers(models, dtype, chosen.mode)
    explainer = EXPLAINERS[how.explainer]
    known = (
        Trace(len(layers[0].second), {}, 1)
        if np.shape(x)[-1:] == (layers[0].first.shape[1],)
        else None
    )
    chosen.check_genes(layers[0].first.shape[1])
    checked_inputs(models[0], explainer, x, target, references, None, counts | chosen.counts, known)
    rule = explainer.need_mlp()
    pools = np.asarray(references) if explainer.needs_reference else None
    if pools is not None and pools.ndim == 2:
        pools = pools[None]
    samples = torch.as_tensor(np.array(x)).to(dtype).to(device)
    by_steps = rule.path and chosen.integration_rule == "steps"
    steps = (chosen.integration_steps,) if by_steps else ()
    replicates, estimates = count[0], count[1] if pools is None else pools.shape[1]
    rows = (len(models), *((replicates,) if weights is None else ()), estimates)
    mask_shape = (*rows, *steps, len(samples), len(layers[0].scale))
    given_masks = given_array(masks, "masks", mask_shape)
    given_noise = given_array(noise, "noise", (*rows, *samples.shape))
    if weights is not None:
        # The pool is that of a single replicate.
        given_masks = None if given_masks is None else given_masks[:, None]
        given_noise = None if given_noise is None else given_noise[:, None]
    task = MlpEstimates(
        rule=rule,
        steps=steps[0] if steps else None,
        x=samples,
        target=torch.as_tensor(
            np.broadcast_to(np.asarray(target), len(samples)).astype(np.int64)
        ).to(device),
        pools=pools,
        replicates=replicates,
        estimates=estimates,
        combine=chosen.combine,
        weights=None if weights is None else torch.as_tensor(weights).to(dtype).to(device),
        noise=given_noise,
        noise_sd=torch.as_tensor(chosen.noise_sd) if chosen.noisy else None,
        seed=how.seed,
    )
    result = np.empty((len(models), task.sets, *samples.shape), dtype=how.precision)

    def explain(number: int) -> None:
        bits, generator = task.generators(number)
        given = None if given_masks is None else given_masks[number]
        drawn = layers[number].dropout if chosen.mode == "dropout" else 0.0
        filled = torch.from_numpy(result[number])
        scores = filled if device.type == "cpu" else torch.empty_like(filled, device=device)
        own = Masks(given, drawn, bits)
        explain_model(task, number, layers[number], own, generator, scores, over_genes)
        if scores is not filled:
            filled.copy_(scores)

    # A GPU is shared by all that it computes at once: threads would only wait for it.
    threads = threads if device.type == "cpu" else 1
    with workers(threads) as run:
        # Few models are explained in turn, and the threads share the genes of each.
        over_models, over_genes = (run, in_turn) if len(models) >= threads else (in_turn, run)
        over_models(explain, range(len(models)))
    return result


def _layers(models: Sequence[nn.Module], dtype: torch.dtype, mode: str) -> list[HiddenLayer]:
    """Read the weights of all models, which must fit together."""
    if mode == "training":
        raise BadInputError(
            "This engine cannot explain in mode 'training', in which BatchNorm depends on the "
            "batch: use explain_batch, or mode 'dropout' or 'eval'."
        )
    layers = [HiddenLayer.of(model, dtype) for model in models]
    check_alike([(layer.first, layer.second) for layer in layers])
    return layers


def check_alike(weights: Sequence[tuple[Tensor, Tensor]]) -> None:
    """Raise `BadInputError` unless there are models, with W₁ and W₂ of the same shapes in all."""
    if not weights:
        raise BadInputError("There is no model to explain: give one at least in 'models'.")
    shapes = [(tuple(first.shape), tuple(second.shape)) for first, second in weights]
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise BadInputError(
                f"Model {number} (counted from 0) has weights of shapes {shape}, but model 0 "
                f"{shapes[0]}: explain only models of the same genes, hidden units and classes "
                "together."
            )


def given_array(
    values: npt.ArrayLike | None, name: str, shape: tuple[int, ...]
) -> npt.NDArray[np.generic] | None:
    """Broadcast masks or noise that were given; raise `BadInputError` if they are no such thing."""
    if values is None:
        return None
    array = np.asarray(values)
    try:
        wide = np.broadcast_to(array, shape)
    except ValueError:
        raise BadInputError(
            f"Parameter {name!r} must have, or broadcast to, shape {shape}, but it has shape "
            f"{array.shape}."
        ) from None
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise BadInputError(f"Parameter {name!r} must hold finite numbers only.")
    if name == "masks" and (array < 0).any():
        raise BadInputError("Parameter 'masks' must hold factors of units, none negative.")
    return wide
