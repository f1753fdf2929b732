"""How estimates are made and combined: the choices that do not depend on model and samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.errors import BadInputError, one_of
from helpers.explain.network.modes import MODES

COMBINATIONS = ("signed_mean", "absolute_median")
DEEPLIFTSHAP = ("mean_over_references", "one_reference")
GRADCAMPP_TARGETS = ("own", "predicted")
INTEGRATION_RULES = ("exact", "steps")
SPEEDS = ("captum", "exact")


@dataclass(frozen=True)
class ExplanationSettings:
    """How estimates are made and combined.

    Attributes
    ----------
    combine
        ``"signed_mean"``: mean of the estimates (paper); ``"absolute_median"``: median of
        their absolute values (released scripts).
    mode
        See `explanation_mode`. In mode ``"training"`` all samples are one batch, and what a
        sample's scores are depends on the others.
    integration_steps
        Steps of IntegratedGradients.
    integration_rule
        Of IntegratedGradients in the exact engine of MLPs, see `explain_exact`; all others take
        steps.
    deepliftshap
        ``"mean_over_references"``: DeepLIFT averaged over the references (paper);
        ``"one_reference"``: all estimates use the first reference of their explanation (released
        scripts, which copy one reference over the batch). Ignored by other explainers.
    shap_copies
        Whether DeepLiftShap, in mode ``"training"``, has the mean of as many dropout masks as the
        batch has samples, see `explain_batch`.
    gradcampp_target
        ``"own"``: GuidedGradCam++ explains the class it is told (paper); ``"predicted"``: it
        explains the class that the network predicts in evaluation mode (released scripts).
        Ignored by other explainers.
    layer
        Name of the layer whose feature maps GuidedGradCam and GuidedGradCam++ look at; None:
        the last convolution. Ignored by other explainers.
    noise_sd
        SmoothGrad (Smilkov et al. 2017): standard deviation of the normal noise that is added
        to the sample, anew for every estimate; one number, or one for each gene.
    batch_rows
        Rows that go through the network at once, which bounds the memory whatever the
        number of estimates; None: 256, or fewer where the network's layers are large. With
        random masks scores depend on it as they do on the seed. Ignored by the exact engines,
        and in mode ``"training"``, where all samples go through the network at once; but
        IntegratedGradients then takes as many of its steps at once as this many rows allow.
    engine
        ``"captum"``; or ``"exact"``: the same quantities, faster, with other masks drawn from the
        same seed, by the first of `helpers.explain.engine_table.ENGINES` that can. What none of
        these can is left to Captum.
    """

    combine: str = "signed_mean"
    mode: str = "dropout"
    integration_steps: int = 50
    integration_rule: str = "exact"
    deepliftshap: str = "mean_over_references"
    shap_copies: bool = False
    gradcampp_target: str = "own"
    layer: str | None = None
    noise_sd: float | npt.NDArray[np.floating] = 0.0
    batch_rows: int | None = None
    engine: str = "captum"

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> ExplanationSettings:
        """Take some settings by name, and the defaults of the others.

        Raises
        ------
        UnknownNameError
            If there is no such setting, or no such choice.
        BadInputError
            If the noise is negative or not finite.
        """
        names = [field.name for field in fields(cls)]
        for name in chosen:
            one_of("setting of an explanation", name, names)
        return cls(**chosen)

    def __post_init__(self) -> None:
        one_of("explanation mode", self.mode, MODES)
        one_of("combination of estimates", self.combine, COMBINATIONS)
        one_of("rule of integration", self.integration_rule, INTEGRATION_RULES)
        one_of("DeepLiftShap choice", self.deepliftshap, DEEPLIFTSHAP)
        one_of("GuidedGradCam++ target", self.gradcampp_target, GRADCAMPP_TARGETS)
        one_of("engine", self.engine, SPEEDS)
        noise = np.asarray(self.noise_sd)
        wrong = ~((noise >= 0) & (noise < np.inf))
        if wrong.any():
            raise BadInputError(
                f"Parameter 'noise_sd' must be finite and ≥ 0, but it is {noise[wrong].flat[0]}."
            )

    @property
    def training(self) -> bool:
        """Whether BatchNorm follows the batch."""
        return self.mode == "training"

    @property
    def noisy(self) -> bool:
        """Whether every estimate has samples of its own."""
        return bool(np.any(np.asarray(self.noise_sd) > 0))

    def check_genes(self, genes: int) -> None:
        """Raise `BadInputError` if noise of each gene is not for so many genes."""
        shape = np.shape(self.noise_sd)
        if shape not in {(), (genes,)}:
            raise BadInputError(
                f"Parameter 'noise_sd' must be one number, or one for each of the {genes} genes, "
                f"but it has shape {shape}."
            )

    @property
    def counts(self) -> dict[str, int]:
        """Numbers that must be at least one, by name."""
        found = {"integration_steps": self.integration_steps}
        return found if self.batch_rows is None else {**found, "batch_rows": self.batch_rows}
