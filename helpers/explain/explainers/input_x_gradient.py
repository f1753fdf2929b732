"""InputXGradient: the gradient times the expression of each gene."""

from __future__ import annotations

from captum import attr
from torch import Tensor, nn

from helpers.explain.cnn.gradients import BackwardRule
from helpers.explain.entry import Explainer, Line, Options, scores_of_captum
from helpers.explain.mlp.gates import GateRule, gradient


def input_x_gradient(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Multiply gradient and input (Shrikumar et al. 2016)."""
    return scores_of_captum(attr.InputXGradient(model).attribute(x, target=target))


EXPLAINER = Explainer(
    name="InputXGradient",
    citation="shrikumar2016",
    architectures=frozenset({"mlp", "cnn"}),
    needs_reference=False,
    signed=True,
    times_input=True,
    captum=input_x_gradient,
    mlp=GateRule(gradient, times_input=True),
    cnn=BackwardRule(linear=True, times_input=True),
    line=Line("#029e73", "^"),
    place=2,
)
