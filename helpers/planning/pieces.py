"""Kinds of work, of which one piece is measured, and how many pieces a step is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.datasets.size import DataSize


@dataclass(frozen=True)
class Unit:
    """A kind of work, of which one piece is measured.

    Attributes
    ----------
    kind
        ``"train"``: one sample trained on once; ``"predict"``: one sample; ``"estimate"``: one
        estimate of one sample by Captum; ``"shared"``: all passes of one sample where estimates
        share what they can, `estimates` passes back through the network;
        ``"pool"``: all estimates of one sample by one model in the exact engine; ``"curve"``:
        one n of a curve for one sample; ``"aggregated"``, ``"disjoint"``, ``"halves"`` and
        ``"replicates"``: all comparisons for one sample.
    architecture, explainer
        Of what; the explainer where it matters.
    estimates, sets
        Of a pool, and how many means are taken of it.
    steps
        Of IntegratedGradients; 0 for other explainers.
    reference, noisy
        Whether a pool needs references, and whether noise is added.
    apart
        Whether each estimate of a shared pass has a reference, or a noisy sample, of its own.
    batch
        Samples in a batch that is trained on; 0: as the settings say.
    """

    kind: str
    architecture: str
    explainer: str = ""
    estimates: int = 1
    sets: int = 1
    steps: int = 0
    reference: bool = False
    noisy: bool = False
    apart: bool = False
    batch: int = 0


@dataclass(frozen=True)
class Load:
    """So many pieces of a unit; `networks` that they train and `estimates` that they make."""

    unit: Unit
    pieces: float
    networks: int = 0
    estimates: int = 0


@dataclass(frozen=True)
class Run:
    """What the work depends on."""

    settings: Settings
    dataset: Dataset
    size: DataSize

    @property
    def tissues(self) -> int:
        """Count the normal tissues that are explained."""
        named = self.settings.tissues
        return len(named or self.dataset.explained_tissues[: self.settings.own_tissues])

    def samples(self, architecture: str, *, curves: bool = False) -> int:
        """Count the samples of all tissues that models of an architecture explain."""
        chosen = self.settings
        each = chosen.explained_samples
        if architecture == "cnn":
            each = min(each, chosen.cnn_curve_samples if curves else chosen.cnn_explained_samples)
        elif curves:
            each = min(each, chosen.curve_samples)
        return self.tissues * each


Loads = Callable[[Run, str], list[Load]]
"""Run and member → the work of making it."""
