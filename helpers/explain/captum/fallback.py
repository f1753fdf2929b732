"""Combining estimates that Captum makes, which works for every network and explainer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, from_numpy

from helpers.devices import device_of
from helpers.explain.captum.completeness import check_completeness
from helpers.explain.captum.estimates import CaptumEstimates, estimates_of, parts, rows_of_path
from helpers.explain.entry import CaptumCall, Explainer, Options, quiet_captum
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import explanation_mode
from helpers.explain.request import EstimatePool


def explain_by_captum(pool: EstimatePool) -> npt.NDArray[np.floating]:
    """Make the estimates of a pool, and combine them: sets × rows × genes.

    With means, memory depends on the number of sets and not on that of estimates.

    Raises
    ------
    BadInputError
        If the explainer cannot decompose the network, see `check_completeness`.
    """
    check_completeness(pool)
    call = _call(pool)
    chosen = pool.settings
    dropping = explanation_mode(pool.model, chosen.mode, pool.seed)
    with dropping, channels_last(pool.model), quiet_captum():
        if pool.members is not None:
            own = None if pool.references is None else pool.references[0]
            of_sets = _OF_SETS[chosen.combine]
            return of_sets(call, pool.x, pool.target, own, pool.members).numpy()
        result = np.empty(
            (pool.replicates, len(pool.rows), pool.x.shape[1]), dtype=pool.x.numpy().dtype
        )
        for replicate in range(pool.replicates):
            own = None
            if pool.references is not None:
                own = pool.references[replicate % len(pool.references)]
            of_one = _OF_ONE[chosen.combine]
            result[replicate] = of_one(call, pool.x, pool.target, own).numpy()
    return result


def _call(pool: EstimatePool) -> CaptumEstimates:
    chosen, explainer = pool.settings, pool.explainer
    rows_of_steps: int | None = pool.pass_rows
    steps = chosen.integration_steps
    if chosen.training:
        explainer = _in_batches(explainer, chosen.shap_copies)
        rows_of_steps = rows_of_path(steps, len(pool.x), pool.pass_rows)
    return CaptumEstimates(
        model=pool.model,
        explainer=explainer,
        estimates=pool.estimates,
        training=chosen.training,
        batch_rows=pool.pass_rows,
        options=Options(steps, rows_of_steps, pool.layer),
        rows=pool.rows,
        noise_sd=torch.as_tensor(chosen.noise_sd).to(pool.x) if chosen.noisy else None,
    )


def _in_batches(explainer: Explainer, copies: bool) -> Explainer:
    """Return an explainer whose estimates are passes of a whole batch with one reference.

    One that averages over references itself is handed the copies of that reference, if these are
    wanted.
    """
    over = explainer.captum_over_references
    if over is not None and copies:
        explainer = replace(explainer, captum=over)
    return replace(explainer, captum_over_references=None)


def _signed_mean(call: CaptumEstimates, x: Tensor, target: Tensor, pool: Tensor | None) -> Tensor:
    """Average the estimates as they come, so that memory does not grow with their number."""
    over = call.explainer.captum_over_references
    # Captum's DeepLiftShap refuses a single reference, with which it is DeepLift: parts of
    # two at most could leave one over.
    if over is not None and pool is not None and call.estimates > 1 and call.chunk >= 3:
        return _mean_over_references(over, call, x, target, pool)
    total = x.new_zeros(len(call.rows), x.shape[1])
    for _, place, scores in estimates_of(call, x, target, pool):
        total.index_add_(0, place, scores)
    return total / call.estimates


def _absolute_median(
    call: CaptumEstimates, x: Tensor, target: Tensor, pool: Tensor | None
) -> Tensor:
    every = torch.ones(1, call.estimates, dtype=torch.bool)
    return _medians_of_sets(call, x, target, pool, every)[0]


_OF_ONE = {"signed_mean": _signed_mean, "absolute_median": _absolute_median}


def _mean_over_references(
    over: CaptumCall, call: CaptumEstimates, x: Tensor, target: Tensor, pool: Tensor
) -> Tensor:
    """Average over all references with an explainer that takes several of them at once."""
    result, device = torch.empty_like(x), device_of(call.model)
    references = parts(len(pool), call.chunk)
    for row in parts(len(x), max(1, call.chunk // len(references[0]))):
        inputs, classes = x[row].to(device), target[row].to(device)
        total = torch.zeros_like(inputs)
        for part in references:
            some = pool[part].to(device)
            mean = over(call.model, inputs, classes, some, call.options)
            total += mean * len(part)
        result[row] = (total / len(pool)).cpu()
    return result


def _means_of_sets(
    call: CaptumEstimates, x: Tensor, target: Tensor, pool: Tensor | None, members: Tensor
) -> Tensor:
    """Add each estimate to the sets that it is a member of, as the estimates come."""
    weights = members.to(x.dtype) / members.sum(dim=1, keepdim=True)
    total = x.new_zeros((len(members), len(call.rows), x.shape[1]))
    for estimate, place, scores in estimates_of(call, x, target, pool):
        for sample in place.unique().tolist():
            own = place == sample
            total[:, sample] += weights[:, estimate[own]] @ scores[own]
    return total


def _medians_of_sets(
    call: CaptumEstimates, x: Tensor, target: Tensor, pool: Tensor | None, members: Tensor
) -> Tensor:
    """Take medians of absolute values over sets: of as many samples at once as one batch.

    In mode ``"training"`` of all at once, since a batch must not be split.
    """
    result = x.new_empty((len(members), len(call.rows), x.shape[1]))
    size = len(call.rows) if call.training else max(2, call.batch_rows // call.estimates)
    for part in parts(len(call.rows), size):
        stack = x.new_empty((call.estimates, len(part), x.shape[1]))
        for estimate, place, scores in estimates_of(call.of_rows(part), x, target, pool):
            stack[estimate, place] = scores.abs()
        for number, chosen in enumerate(members):
            result[number, part] = from_numpy(np.median(stack[chosen].numpy(), axis=0))
    return result


_OF_SETS = {"signed_mean": _means_of_sets, "absolute_median": _medians_of_sets}
