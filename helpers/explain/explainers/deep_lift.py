"""DeepLift: how much of the difference from a reference each gene accounts for."""

from __future__ import annotations

from captum import attr
from torch import Tensor, nn

from helpers.explain.cnn.lifting import LiftRule
from helpers.explain.entry import Explainer, Line, Options, scores_of_captum
from helpers.explain.mlp.gates import GateRule, rescale


def deep_lift(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Apply DeepLIFT's rescale rule (Shrikumar et al. 2017), each row against its reference.

    Sample and reference are rows of one batch, so in mode ``"dropout"`` each has a mask of its
    own, as in the released scripts.
    """
    return scores_of_captum(attr.DeepLift(model).attribute(x, references, target=target))


EXPLAINER = Explainer(
    name="DeepLift",
    citation="shrikumar2017",
    architectures=frozenset({"mlp", "cnn"}),
    needs_reference=True,
    signed=True,
    times_input=True,
    completes=True,
    captum=deep_lift,
    mlp=GateRule(rescale, times_input=True),
    cnn=LiftRule(),
    rows=2,
    line=Line("#d55e00", "v", "--", 1.8),
    place=5,
)
