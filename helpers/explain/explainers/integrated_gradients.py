"""IntegratedGradients: the mean gradient on the way from a reference, times the difference."""

from __future__ import annotations

from captum import attr
from torch import Tensor, nn

from helpers.explain.cnn.path import PathRule
from helpers.explain.entry import Explainer, Line, Options, scores_of_captum
from helpers.explain.mlp.gates import GateRule, rescale


def integrated_gradients(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Integrate the gradient from reference to sample (Sundararajan et al. 2017).

    Gauss–Legendre quadrature, Captum's default. Each step is a row of its own and so has its
    own dropout mask.
    """
    return scores_of_captum(
        attr.IntegratedGradients(model).attribute(
            x,
            references,
            target=target,
            n_steps=options.integration_steps,
            internal_batch_size=options.internal_rows,
        )
    )


EXPLAINER = Explainer(
    name="IntegratedGradients",
    citation="sundararajan2017",
    architectures=frozenset({"mlp", "cnn"}),
    needs_reference=True,
    signed=True,
    times_input=True,
    completes=True,
    captum=integrated_gradients,
    mlp=GateRule(rescale, times_input=True, path=True),
    cnn=PathRule(),
    takes_steps=True,
    line=Line("#0173b2", "D", width=3.2),
    place=4,
)
