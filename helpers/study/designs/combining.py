"""What steps that combine many estimates share: pools of them, and the engine that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.explain.explanation import explain_sets
from helpers.models.files import TrainedModel
from helpers.study.designs.explaining import EXPLANATION_SETTINGS, Scores
from helpers.study.designs.samples import Samples, targets
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed


@dataclass(frozen=True)
class SetsOfEstimates:
    """Estimates of one explainer, and the sets of them that are combined.

    Attributes
    ----------
    explainer
        A key of `helpers.explain.EXPLAINERS`.
    members
        Sets × estimates: true where an estimate is a member of a set.
    references
        Estimates × genes, for explainers that need them.
    noise_sd
        Standard deviation of SmoothGrad's noise; 0: none.
    """

    explainer: str
    members: npt.NDArray[np.bool_]
    references: Scores | None
    noise_sd: float = 0.0


def engine_settings(architecture: str) -> tuple[str, ...]:
    """Return the settings that combining many estimates depends on."""
    if architecture == "cnn":
        own = ("gradcampp_target", "cam_layer", "cnn_repeated_steps")
        return (*EXPLANATION_SETTINGS, "engine", *own)
    return (*EXPLANATION_SETTINGS, "engine", "integration_steps")


def own_references(references: Scores | None, n: int, seed: Sequence[int]) -> Scores | None:
    """Draw one model's references, n × genes, without repetition; a single one is repeated.

    Models that shared their references would agree because of that, so each has a seed of its
    own.
    """
    if references is None:
        return None
    if len(references) == 1:
        return np.repeat(references, n, axis=0)
    return references[np.random.default_rng(seed).choice(len(references), n, replace=False)]


def combined_sets(
    model: TrainedModel, number: int, samples: Samples, pool: SetsOfEstimates, settings: Any
) -> Scores:
    """Combine sets of estimates of some samples by one model: sets × samples × genes.

    By the first of `helpers.explain.engines.ENGINES` that can, where the settings allow it.

    Parameters
    ----------
    model, number
        The model and its number, on which the draws of masks and noise depend.
    samples
        Samples of one tissue.
    pool
        What is estimated and combined.
    settings
        The settings that `engine_settings` names.
    """
    own: dict[str, Any]
    if model.architecture == "cnn":
        own = {
            "layer": settings.cam_layer or None,
            "gradcampp_target": settings.gradcampp_target,
            "integration_steps": settings.cnn_repeated_steps,
        }
    else:
        own = {"integration_steps": settings.integration_steps}
    return explain_sets(
        model.model,
        samples.x,
        targets(model, samples),
        explainer=pool.explainer,
        members=pool.members,
        references=pool.references,
        seed=derived_seed(settings.seed, EXPLANATION_STREAM, number, *samples.tissue.encode()),
        noise_sd=pool.noise_sd,
        combine=settings.combine,
        mode=settings.mode,
        deepliftshap=settings.deepliftshap,
        integration_rule="steps",
        engine=settings.engine,
        **own,
    ).astype(np.float32, copy=False)
