"""GuidedGradCam: guided backpropagation times a class activation map."""

from __future__ import annotations

from torch import Tensor, nn

from helpers.explain.cams import grad_cam, guided
from helpers.explain.cnn.gradients import BackwardRule, Maps
from helpers.explain.entry import Explainer, Line, Options


def guided_grad_cam(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Weight guided backpropagation by Grad-CAM's map (Selvaraju et al. 2017)."""
    return guided(grad_cam, model, x, target, options.layer)


def weights(gradient: Tensor, of: Maps) -> Tensor:
    """Mean gradient of each map (see `cams.grad_cam`), given that where there is one."""
    places = (of.maps > 0).sum(dim=(2, 3)) / of.convolved[0, 0].numel()
    return gradient * places


EXPLAINER = Explainer(
    name="GuidedGradCam",
    citation="selvaraju2017",
    architectures=frozenset({"cnn"}),
    needs_reference=False,
    signed=True,
    captum=guided_grad_cam,
    cnn=BackwardRule(guided=True, weigh=weights),
    needs_layer=True,
    line=Line("#56b4e9", "X", "-."),
    place=7,
)
