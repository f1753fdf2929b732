"""Scores that claim to add up to what they explain must do so.

DeepLift, DeepLiftShap and IntegratedGradients divide the difference between the outputs for a
sample and for a reference among the genes. On a network that they cannot decompose their scores
come out all the same, and add up to something else. So it is tried, once a call and on a few
samples, before anything is explained.
"""

from __future__ import annotations

import torch
from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.errors import BadInputError
from helpers.explain.entry import Options, quiet_captum
from helpers.explain.network.bends import FLAT, Bend, bends
from helpers.explain.network.modes import explanation_mode
from helpers.explain.request import EstimatePool

TOLERANCE = 1e-3
"""Gap that rounding may leave: part of the difference and of all scores' sizes together."""

STEPS_TOLERANCE = 5.0
"""The same for a path of steps, times their number: an integral of n points is that inexact. So it
is a tenth with 50 steps, and with five or fewer nothing can be told."""

ROWS = 2
"""Samples that are tried; of a network of our table, whose engines are tested, one."""


def check_completeness(pool: EstimatePool) -> None:
    """Refuse to explain a network by an explainer whose scores do not add up.

    Dropout is off, so that there is one output to add up to.

    Parameters
    ----------
    pool
        What is to be explained.

    Raises
    ------
    BadInputError
        If the scores of a sample do not add up to the difference of outputs; the message names the
        layer that is the reason.
    """
    explainer = pool.explainer
    if not explainer.completes or pool.references is None:
        return
    if explainer.takes_steps and pool.question.architecture:
        return  # gradients of our networks are those of their outputs, however few steps there are
    place = device_of(pool.model)
    rows = slice(0, 1 if pool.question.architecture else ROWS)
    x, target = pool.x[rows].to(place), pool.target[rows].to(place)
    reference = pool.references[0, :1].to(place).expand_as(x)
    options = Options(pool.settings.integration_steps, pool.pass_rows, pool.layer)
    with explanation_mode(pool.model, "eval", 0), quiet_captum():
        pair = torch.cat([x[:1], reference[:1]])
        try:
            inputs = x.clone().requires_grad_()
            scores = explainer.captum(pool.model, inputs, target, reference, options)
        except (AssertionError, RuntimeError, AttributeError) as error:
            reason = _reason(pool.model, pair, explainer.takes_steps)
            if reason is None:
                raise
            first = str(error).splitlines()[0].rstrip(".")
            raise BadInputError(
                f"{explainer.name} cannot decompose this network ({first}). The reason is "
                f"{reason}. {_mend(explainer.takes_steps)}"
            ) from None
        with torch.no_grad():
            change = (pool.model(x) - pool.model(reference)).gather(1, target[:, None])[:, 0]
        wrong = first_gap(scores, change, pool.settings.integration_steps * explainer.takes_steps)
        if wrong is None:
            return
        reason = _reason(pool.model, pair, explainer.takes_steps)
    raise BadInputError(
        f"{explainer.name} cannot decompose this network: its scores for sample {wrong} add up to "
        f"{scores[wrong].sum().item():.4g}, but the output differs from that of the reference by "
        f"{change[wrong].item():.4g}. The reason is "
        f"{reason or 'a step that could not be found'}. {_mend(explainer.takes_steps)}"
    )


def first_gap(scores: Tensor, change: Tensor, steps: int) -> int | None:
    """Return the number of the first sample whose scores do not add up; None if all do."""
    sizes = scores.abs().sum(dim=1)
    share = TOLERANCE + (STEPS_TOLERANCE / steps if steps else 0.0)
    allowed = share * (change.abs() + sizes)
    wrong = torch.nonzero(~((scores.sum(dim=1) - change).abs() <= allowed))
    return int(wrong[0]) if len(wrong) else None


def _reason(model: nn.Module, pair: Tensor, path: bool) -> Bend | str | None:
    """Find the step that an explainer has no rule for, the first of several."""
    found = bends(model, pair)
    if path:
        flat = [bend for bend in found if bend.is_function and bend.kind in FLAT]
        return (
            flat[0]
            if flat
            else "a step whose gradient is not that of its output, or too few steps of the path"
        )
    ruled = {kind.__name__ for kind in SUPPORTED_NON_LINEAR}
    wrong = [bend for bend in found if bend.is_function or bend.kind not in ruled or bend.times > 1]
    return wrong[0] if wrong else None


def _mend(path: bool) -> str:
    """Say what can be done."""
    if path:
        return "Raise integration_steps, or choose Saliency or GuidedBackprop."
    ruled = ", ".join(sorted(kind.__name__ for kind in SUPPORTED_NON_LINEAR))
    return (
        f"Write every step that is not linear as a layer of its own, of a kind that has a rule "
        f"({ruled}), or choose IntegratedGradients, Saliency or GuidedBackprop."
    )
