"""GuidedBackprop: the gradient, of which every ReLU lets through what is positive."""

from __future__ import annotations

from captum import attr
from torch import Tensor, nn

from helpers.explain.cnn.gradients import BackwardRule
from helpers.explain.entry import Explainer, Line, Options, scores_of_captum
from helpers.explain.mlp.gates import GateRule, guided


def guided_backprop(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Take the gradient in which every ReLU passes on positive gradients only (Springenberg)."""
    return scores_of_captum(attr.GuidedBackprop(model).attribute(x, target=target))


EXPLAINER = Explainer(
    name="GuidedBackprop",
    citation="springenberg2014",
    architectures=frozenset({"mlp", "cnn"}),
    needs_reference=False,
    signed=True,
    captum=guided_backprop,
    mlp=GateRule(guided),
    cnn=BackwardRule(guided=True),
    line=Line("#de8f05", "s"),
    place=3,
)
