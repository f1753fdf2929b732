"""What the steps that explain samples share: the samples, their targets, the references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.explain.explanation import explain
from helpers.models.files import TrainedModel
from helpers.study.designs.samples import Samples, targets
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed

Scores = npt.NDArray[np.float32]


SCORES_AS = {"signed_mean": "signed", "absolute_median": "absolute"}
"""What correlations are computed on, by how estimates are combined."""

EXPLANATION_SETTINGS = (
    "mode",
    "combine",
    "deepliftshap",
    "reference_cut",
    "reference_samples",
    "seed",
)
"""The settings that every step which explains samples depends on."""

CNN_EXPLANATION_SETTINGS = (
    *EXPLANATION_SETTINGS,
    "gradcampp_target",
    "cam_layer",
    "cnn_explained_samples",
)
"""The same for steps that explain CNNs."""


def explain_groups(
    model: TrainedModel,
    number: int,
    groups: list[Samples],
    *,
    explainer: str,
    references: Mapping[str, Scores | None],
    integration_steps: int,
    settings: Any,
    **counts: Any,
) -> Scores:
    """Explain the samples of all tissues by one model: replicates × samples × genes.

    Parameters
    ----------
    model, number
        The model and its number, on which the draw of dropout masks depends.
    groups
        The samples, tissue by tissue.
    explainer
        A key of `EXPLAINERS`.
    references
        References for each tissue, as `explain` takes them.
    integration_steps
        Steps of IntegratedGradients.
    settings
        The `EXPLANATION_SETTINGS`, for CNNs the `CNN_EXPLANATION_SETTINGS`.
    **counts
        ``replicates`` or ``repeats``, as `explain` takes them.
    """
    if model.architecture == "cnn":
        counts["layer"] = settings.cam_layer or None
        counts["gradcampp_target"] = settings.gradcampp_target
    parts = [
        explain(
            model.model,
            group.x,
            targets(model, group),
            explainer=explainer,
            references=references[group.tissue],
            combine=settings.combine,
            mode=settings.mode,
            integration_steps=integration_steps,
            deepliftshap=settings.deepliftshap,
            seed=derived_seed(settings.seed, EXPLANATION_STREAM, number, *group.tissue.encode()),
            **counts,
        )
        for group in groups
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)
