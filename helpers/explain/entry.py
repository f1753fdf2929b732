"""What an explainer is: the one entry that holds its rules, its metadata and its docstring."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from helpers.errors import BadInputError
from helpers.explain.cnn.rules import CnnRule
from helpers.explain.mlp.gates import GateRule

CaptumCall = Callable[[nn.Module, Tensor, Tensor, "Tensor | None", "Options"], Tensor]
"""``call(model, x, target, references, options)``: one estimate per row.

`x` and `references` are rows × genes, `target` a class index per row; so are the scores
rows × genes.
"""


@dataclass(frozen=True)
class Options:
    """What single explainers need of Captum.

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
class Line:
    """How an explainer is drawn.

    Attributes
    ----------
    colour, marker, style
        As Matplotlib takes them.
    width
        In points. Explainers that may coincide have different ones, to be seen on top of each
        other.
    """

    colour: str = "#5b6770"
    marker: str = "d"
    style: str = "-"
    width: float = 1.6


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """A method that gives each input gene a score for one output class.

    Attributes
    ----------
    name
        Its name in tables and on the command line.
    label
        Its name for readers; empty: `name`.
    citation
        Key in the book's bibliography.
    architectures
        Keys of `helpers.models.ARCHITECTURES` that it can explain.
    needs_reference
        Whether a sample is compared with a reference sample.
    signed
        Whether scores can be negative by the method's definition.
    times_input
        Whether scores are multiplied by the sample, or by its difference from the reference.
    captum
        Its rule for engine ``"captum"``, the fallback of all others: see `CaptumCall`.
    captum_over_references
        For explainers that average over references themselves: like `captum`, but every row of
        `x` is compared with all rows of `references`, and the mean is returned.
    mlp
        Its rule for the engines of MLPs; None: MLPs are left to Captum.
    cnn
        Its rule for the engine of CNNs; None: CNNs are left to Captum.
    rows
        Rows that go through the network for one estimate; of one step, where it takes steps.
    takes_steps
        Whether it takes `Options.integration_steps`.
    needs_layer
        Whether it looks at the feature maps of a layer.
    chooses_class
        Whether the released scripts explain the predicted class with it, not the sample's own.
    completes
        Whether its scores add up to the difference of outputs for sample and reference; where
        Captum explains, it is tried whether they do.
    line
        How it is drawn.
    place
        Place in tables and legends, smallest first; of equal ones, by name.
    source
        Where its entry stands; filled in by the registry.
    """

    name: str
    citation: str
    architectures: frozenset[str]
    needs_reference: bool
    signed: bool
    captum: CaptumCall
    captum_over_references: CaptumCall | None = None
    mlp: GateRule | None = None
    cnn: CnnRule | None = None
    times_input: bool = False
    rows: int = 1
    takes_steps: bool = False
    needs_layer: bool = False
    chooses_class: bool = False
    completes: bool = False
    label: str = ""
    line: Line = field(default_factory=Line)
    place: int = 100
    source: str = ""

    @property
    def title(self) -> str:
        """Its name for readers."""
        return self.label or self.name

    def rows_per_estimate(self, steps: int) -> int:
        """Return the rows that go through the network for one estimate of so many steps."""
        return self.rows * (steps if self.takes_steps else 1)

    def need_mlp(self) -> GateRule:
        """Return its rule for engines of MLPs; raise `BadInputError` if it has none."""
        if self.mlp is None:
            raise BadInputError(_without(self, "mlp"))
        return self.mlp

    def need_cnn(self) -> CnnRule:
        """Return its rule for the engine of CNNs; raise `BadInputError` if it has none."""
        if self.cnn is None:
            raise BadInputError(_without(self, "cnn"))
        return self.cnn


def _without(entry: Explainer, engine: str) -> str:
    where = f" ({entry.source})" if entry.source else ""
    return (
        f"The entry of {entry.name}{where} has no rule for engine {engine!r}: give it one in its "
        f"field {engine!r}, or choose engine 'captum'."
    )


def scores_of_captum(scores: Any) -> Tensor:
    """Return what Captum gives for one input as the tensor that it is."""
    tensor: Tensor = scores.detach()
    return tensor


@contextmanager
def quiet_captum() -> Iterator[None]:
    """Silence Captum's two announcements that it sets hooks, and no other warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks and attributes")
        warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")
        yield
