"""Saliency: how steeply the output rises or falls with each gene."""

from __future__ import annotations

from captum import attr
from torch import Tensor, nn

from helpers.explain.cnn.gradients import BackwardRule
from helpers.explain.entry import Explainer, Line, Options, scores_of_captum
from helpers.explain.mlp.gates import GateRule, gradient


def saliency(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Take |∂f/∂x|: Simonyan et al. define saliency as the absolute gradient, as Captum does."""
    return scores_of_captum(attr.Saliency(model).attribute(x, target=target, abs=True))


EXPLAINER = Explainer(
    name="Saliency",
    citation="simonyan2013",
    architectures=frozenset({"mlp", "cnn"}),
    needs_reference=False,
    signed=False,
    captum=saliency,
    mlp=GateRule(gradient, absolute=True),
    cnn=BackwardRule(absolute=True),
    line=Line("#222222", "o"),
    place=1,
)
