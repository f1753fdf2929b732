"""DeepLiftShap: DeepLift, averaged over references."""

from __future__ import annotations

from captum import attr
from torch import Tensor, nn

from helpers.explain.cnn.lifting import LiftRule
from helpers.explain.entry import Explainer, Line, Options, scores_of_captum
from helpers.explain.explainers.deep_lift import deep_lift
from helpers.explain.mlp.gates import GateRule, rescale


def deep_lift_shap(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Average DeepLIFT over references (Lundberg & Lee 2017).

    Captum expands to every pair of row and reference, and refuses a single reference.
    """
    return scores_of_captum(attr.DeepLiftShap(model).attribute(x, references, target=target))


EXPLAINER = Explainer(
    name="DeepLiftShap",
    citation="lundberg2017",
    architectures=frozenset({"mlp", "cnn"}),
    needs_reference=True,
    signed=True,
    times_input=True,
    completes=True,
    captum=deep_lift,
    captum_over_references=deep_lift_shap,
    mlp=GateRule(rescale, times_input=True),
    cnn=LiftRule(),
    rows=2,
    line=Line("#d4bf00", "h", ":", 2.0),
    place=6,
)
