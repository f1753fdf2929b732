"""GuidedGradCam++: guided backpropagation times a map of positive gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from helpers.explain.cams import grad_cam_plus_plus, guided
from helpers.explain.cnn.gradients import BackwardRule, Maps
from helpers.explain.entry import Explainer, Line, Options


def guided_grad_cam_plus_plus(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Weight guided backpropagation by Grad-CAM++'s map (Chattopadhyay et al. 2018)."""
    return guided(grad_cam_plus_plus, model, x, target, options.layer)


def weights(gradient: Tensor, of: Maps) -> Tensor:
    """Σ α · relu(gradient) (see `cams.grad_cam_plus_plus`), given that where it is not 0."""
    rest = 2 + of.convolved.sum(dim=(2, 3)) * gradient
    alpha = torch.where(rest == 0, 0, 1 / rest)
    return alpha * gradient.relu() * (of.maps > 0).sum(dim=(2, 3))


EXPLAINER = Explainer(
    name="GuidedGradCam++",
    citation="chattopadhyay2018",
    architectures=frozenset({"cnn"}),
    needs_reference=False,
    signed=True,
    captum=guided_grad_cam_plus_plus,
    cnn=BackwardRule(guided=True, weigh=weights),
    needs_layer=True,
    chooses_class=True,
    line=Line("#cc78bc", "P", "-."),
    place=8,
)
