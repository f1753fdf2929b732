"""What steps that combine many estimates share: pools of them, and the engine that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.explain.mlp.subsets import explain_subsets
from helpers.explain.sets import explain_sets
from helpers.models.files import TrainedModel
from helpers.study.designs.explaining import EXPLANATION_SETTINGS, Scores
from helpers.study.designs.samples import Samples, targets
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed


@dataclass(frozen=True)
class Pool:
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
    model: TrainedModel, number: int, samples: Samples, pool: Pool, settings: Any
) -> Scores:
    """Combine sets of estimates of some samples by one model: sets × samples × genes.

    MLPs are explained by the exact engine wherever it can, others through Captum.

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
    pool = _one_reference(pool) if _copied(pool, settings) else pool
    seed = derived_seed(settings.seed, EXPLANATION_STREAM, number, *samples.tissue.encode())
    if model.architecture == "mlp" and exact(settings):
        found = explain_subsets(
            [model.model],
            samples.x,
            targets(model, samples),
            explainer=pool.explainer,
            subsets=pool.members / pool.members.sum(axis=1, keepdims=True),
            references=pool.references,
            mode=settings.mode,
            integration_rule="steps",
            integration_steps=settings.integration_steps,
            noise_sd=pool.noise_sd,
            seed=seed,
        )[0]
    else:
        found = _sampled(model, samples, pool, settings, seed)
    return found.astype(np.float32, copy=False)


def exact(settings: Any) -> bool:
    """Tell whether the exact engine can do what the settings ask."""
    return bool(
        settings.engine == "exact"
        and settings.mode != "training"
        and settings.combine == "signed_mean"
    )


def _copied(pool: Pool, settings: Any) -> bool:
    """Tell whether DeepLiftShap gets one reference only, as in the released scripts."""
    return pool.explainer == "DeepLiftShap" and settings.deepliftshap == "one_reference"


def _one_reference(pool: Pool) -> Pool:
    assert pool.references is not None
    copies = np.broadcast_to(pool.references[:1], pool.references.shape)
    return Pool(pool.explainer, pool.members, copies, pool.noise_sd)


def _sampled(
    model: TrainedModel, samples: Samples, pool: Pool, settings: Any, seed: int
) -> npt.NDArray[np.floating]:
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
        noise_sd=pool.noise_sd,
        combine=settings.combine,
        mode=settings.mode,
        seed=seed,
        engine="exact" if exact(settings) else "captum",
        **own,
    )
