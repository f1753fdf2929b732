"""The explainers by name, each a few lines around Captum: a new one is one entry."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from captum import attr as captum
from torch import Tensor, nn

from helpers.explain.cams import ClassActivationMap, grad_cam, grad_cam_plus_plus, guided

Attribute = Callable[[nn.Module, Tensor, Tensor, Tensor | None, "Options"], Tensor]


@dataclass(frozen=True)
class Options:
    """What single explainers need.

    Attributes
    ----------
    integration_steps
        Points on the path from reference to sample (IntegratedGradients).
    internal_rows
        Rows that IntegratedGradients sends through the network at once; None: all.
    layer
        Name of the layer whose feature maps the Grad-CAM methods look at.
    """

    integration_steps: int = 50
    internal_rows: int | None = None
    layer: str = ""


@dataclass(frozen=True)
class Explainer:
    """A method that gives each input gene a score for one output class.

    Attributes
    ----------
    name
        Its name in tables, figures and on the command line.
    needs_reference
        Whether a sample is compared with a reference sample.
    signed
        Whether scores can be negative by the method's definition.
    architectures
        Keys of `helpers.models.ARCHITECTURES` that it can explain.
    attribute
        ``attribute(model, x, target, references, options)``: one estimate per row. `x` and
        `references` are rows × genes, `target` a class index per row; so are the scores
        rows × genes.
    rows_per_estimate
        Rows that go through the network for one estimate, given the integration steps.
    citation
        Key in the book's bibliography.
    attribute_over_references
        For explainers that average over references themselves: like `attribute`, but every
        row of `x` is compared with all rows of `references`, and the mean is returned.
    needs_layer
        Whether it looks at the feature maps of a layer.
    chooses_class
        Whether the released scripts explain the predicted class with it, not the sample's own.
    """

    name: str
    needs_reference: bool
    signed: bool
    architectures: frozenset[str]
    attribute: Attribute
    rows_per_estimate: Callable[[int], int]
    citation: str
    attribute_over_references: Attribute | None = None
    needs_layer: bool = False
    chooses_class: bool = False


def _saliency(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Take |∂f/∂x|: Simonyan et al. define saliency as the absolute gradient, as Captum does."""
    return _tensor(captum.Saliency(model).attribute(x, target=target, abs=True))


def _input_x_gradient(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Multiply gradient and input (Shrikumar et al. 2016)."""
    return _tensor(captum.InputXGradient(model).attribute(x, target=target))


def _guided_backprop(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Take the gradient in which every ReLU passes on positive gradients only (Springenberg)."""
    return _tensor(captum.GuidedBackprop(model).attribute(x, target=target))


def _integrated_gradients(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Integrate the gradient from reference to sample (Sundararajan et al. 2017).

    Gauss–Legendre quadrature, Captum's default. Each step is a row of its own and so has its
    own dropout mask.
    """
    return _tensor(
        captum.IntegratedGradients(model).attribute(
            x,
            references,
            target=target,
            n_steps=options.integration_steps,
            internal_batch_size=options.internal_rows,
        )
    )


def _deep_lift(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Apply DeepLIFT's rescale rule (Shrikumar et al. 2017), each row against its reference.

    Sample and reference are rows of one batch, so in mode ``"dropout"`` each has a mask of its
    own, as in the released scripts.
    """
    return _tensor(captum.DeepLift(model).attribute(x, references, target=target))


def _deep_lift_shap(
    model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
) -> Tensor:
    """Average DeepLIFT over references (Lundberg & Lee 2017).

    Captum expands to every pair of row and reference, and refuses a single reference.
    """
    return _tensor(captum.DeepLiftShap(model).attribute(x, references, target=target))


def _guided_cam(cam: ClassActivationMap) -> Attribute:
    """Make an explainer from a kind of class activation map."""

    def attribute(
        model: nn.Module, x: Tensor, target: Tensor, references: Tensor | None, options: Options
    ) -> Tensor:
        return guided(cam, model, x, target, options.layer)

    return attribute


def _tensor(scores: Any) -> Tensor:
    tensor: Tensor = scores.detach()
    return tensor


def _one_row(steps: int) -> int:
    return 1


def _two_rows(steps: int) -> int:
    return 2


def _row_per_step(steps: int) -> int:
    return steps


_ALL = frozenset({"mlp", "cnn"})
_CNN = frozenset({"cnn"})

EXPLAINERS: dict[str, Explainer] = {
    explainer.name: explainer
    for explainer in (
        Explainer("Saliency", False, False, _ALL, _saliency, _one_row, "simonyan2013"),
        Explainer(
            "InputXGradient", False, True, _ALL, _input_x_gradient, _one_row, "shrikumar2016"
        ),
        Explainer(
            "GuidedBackprop", False, True, _ALL, _guided_backprop, _one_row, "springenberg2014"
        ),
        Explainer(
            "IntegratedGradients",
            True,
            True,
            _ALL,
            _integrated_gradients,
            _row_per_step,
            "sundararajan2017",
        ),
        Explainer("DeepLift", True, True, _ALL, _deep_lift, _two_rows, "shrikumar2017"),
        Explainer(
            "DeepLiftShap",
            True,
            True,
            _ALL,
            _deep_lift,
            _two_rows,
            "lundberg2017",
            attribute_over_references=_deep_lift_shap,
        ),
        Explainer(
            "GuidedGradCam",
            False,
            True,
            _CNN,
            _guided_cam(grad_cam),
            _one_row,
            "selvaraju2017",
            needs_layer=True,
        ),
        Explainer(
            "GuidedGradCam++",
            False,
            True,
            _CNN,
            _guided_cam(grad_cam_plus_plus),
            _one_row,
            "chattopadhyay2018",
            needs_layer=True,
            chooses_class=True,
        ),
    )
}


@contextmanager
def quiet_captum() -> Iterator[None]:
    """Silence Captum's two announcements that it sets hooks, and no other warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks and attributes")
        warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")
        yield


NO_REFERENCE = "none"


def explainers(architecture: str) -> list[str]:
    """Name the explainers of an architecture."""
    return [name for name, entry in EXPLAINERS.items() if architecture in entry.architectures]


def conditions(architecture: str, kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every explainer of an architecture with every one of `kinds` that it can use."""
    for name in explainers(architecture):
        usable = kinds if EXPLAINERS[name].needs_reference else (NO_REFERENCE,)
        yield from ((name, kind) for kind in usable)
