"""What the steps that explain samples share: the samples, their targets, the references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain
from helpers.models.files import TrainedModel
from helpers.stability.overlap import list_length
from helpers.stability.reproducibility import Comparison
from helpers.study.designs.company import BATCH_SETTINGS
from helpers.study.designs.joint_passes import explain_coupled
from helpers.study.designs.references import REFERENCE_SETTINGS
from helpers.study.designs.samples import Samples, targets
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed

Scores = npt.NDArray[np.float32]


SCORES_AS = {"signed_mean": "signed", "absolute_median": "absolute"}
"""What correlations are computed on, by how estimates are combined."""

EXPLANATION_SETTINGS = (
    "mode",
    *BATCH_SETTINGS,
    "combine",
    "deepliftshap",
    *REFERENCE_SETTINGS,
    "seed",
)
"""The settings that every step which explains samples depends on."""

CNN_EXPLANATION_SETTINGS = (
    *EXPLANATION_SETTINGS,
    "gradcampp_target",
    "gradcampp_mode",
    "cam_layer",
    "cnn_explain_batch",
    "cnn_explained_samples",
)
"""The same for steps that explain CNNs."""

COMPARISON_SETTINGS = ("combine", "rank_by", "top")
"""The settings that comparing explanations depends on."""


def compared(architecture: str, settings: Any, genes: int, **more: Any) -> Comparison:
    """Return how explanations are compared under the settings of a run.

    Parameters
    ----------
    architecture
        That of the networks.
    settings
        The `COMPARISON_SETTINGS`.
    genes
        Number of measured genes, which bounds the length of lists.
    **more
        Further fields of `Comparison`.
    """
    return Comparison(
        architecture,
        k=list_length(settings.top, genes),
        by=settings.rank_by,
        scores_as=SCORES_AS[settings.combine],
        **more,
    )


def mode_of(explainer: str, settings: Any) -> str:
    """Return the state of the network while an explainer explains it.

    Parameters
    ----------
    explainer
        A key of `EXPLAINERS`.
    settings
        ``mode`` and, for explainers of CNNs alone, ``gradcampp_mode``.
    """
    # As in the released scripts, where it is the one that does not come from Captum.
    if EXPLAINERS[explainer].chooses_class and settings.gradcampp_mode == "eval":
        return "eval"
    return str(settings.mode)


def explain_groups(
    model: TrainedModel,
    number: int,
    groups: list[Samples],
    *,
    explainer: str,
    references: Mapping[str, Scores | None],
    integration_steps: int,
    settings: Any,
    replicates: int,
) -> Scores:
    """Explain the samples of all tissues by one model: replicates × samples × genes.

    Each explanation is one estimate or, where a replicate has several references, one for each.

    Parameters
    ----------
    model, number
        The model and its number, on which the draw of dropout masks depends.
    groups
        The samples, tissue by tissue.
    explainer
        A key of `EXPLAINERS`.
    references
        For each tissue replicates × references × genes, or None.
    integration_steps
        Steps of IntegratedGradients.
    settings
        The `EXPLANATION_SETTINGS`, for CNNs the `CNN_EXPLANATION_SETTINGS`.
    replicates
        Explanations of each sample.
    """
    mode = mode_of(explainer, settings)
    parts = []
    for group in groups:
        seed = derived_seed(settings.seed, EXPLANATION_STREAM, number, *group.tissue.encode())
        own = references[group.tissue]
        if mode == "training":
            parts.append(
                _coupled(
                    model, group, explainer, own, integration_steps, settings, replicates, seed
                )
            )
            continue
        # Where nothing is random, replicates are the same and need to be made once.
        alike = mode == "eval" and (own is None or bool((own == own[:1]).all()))
        more: dict[str, Any] = {}
        if model.architecture == "cnn":
            more = {
                "layer": settings.cam_layer or None,
                "gradcampp_target": settings.gradcampp_target,
            }
        found = explain(
            model.model,
            group.x,
            targets(model, group),
            explainer=explainer,
            references=own[:1] if alike and own is not None else own,
            combine=settings.combine,
            mode=mode,
            integration_steps=integration_steps,
            deepliftshap=settings.deepliftshap,
            seed=seed,
            replicates=1 if alike else replicates,
            **more,
        )
        parts.append(np.repeat(found, replicates, axis=0) if alike else found)
    return np.concatenate(parts, axis=1, dtype=np.float32)


def _coupled(
    model: TrainedModel,
    group: Samples,
    explainer: str,
    references: Scores | None,
    steps: int,
    settings: Any,
    replicates: int,
    seed: int,
) -> npt.NDArray[np.floating]:
    """Explain samples that share a batch, each replicate by estimates of its own."""
    each = 1 if references is None else references.shape[1]
    if references is not None:
        if explainer == "DeepLiftShap" and settings.deepliftshap == "one_reference":
            references = np.broadcast_to(references[:, :1], references.shape)
        references = references.reshape(replicates * each, -1)
    members = np.repeat(np.eye(replicates, dtype=bool), each, axis=1)
    return explain_coupled(
        model, group, explainer=explainer, members=members, references=references, noise_sd=0.0,
        combine=settings.combine, steps=steps, settings=settings, seed=seed,
    )  # fmt: skip
