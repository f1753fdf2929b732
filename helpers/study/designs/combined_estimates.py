"""What steps that combine many estimates share: pools of them, and the engine that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.explain.captum.smoothed_cams import CAMS
from helpers.explain.explanation import explain_sets
from helpers.models.files import TrainedModel
from helpers.study.designs.joint_passes import explain_coupled, smoothed_apart
from helpers.study.designs.noise import Noise, is_noisy
from helpers.study.designs.references import Pool
from helpers.study.designs.samples import Samples, targets
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed
from helpers.study.designs.single_estimates import EXPLANATION_SETTINGS, Scores, mode_of


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
        Standard deviation of SmoothGrad's noise, one number or one for each gene; 0: none.
    """

    explainer: str
    members: npt.NDArray[np.bool_]
    references: Scores | None
    noise_sd: Noise = 0.0

    @property
    def noisy(self) -> bool:
        """Whether there is noise."""
        return is_noisy(self.noise_sd)


def engine_settings(architecture: str) -> tuple[str, ...]:
    """Return the settings that combining many estimates depends on."""
    if architecture == "cnn":
        own = ("gradcampp_target", "gradcampp_mode", "cam_smoothing", "cam_layer",
               "cnn_explain_batch", "cnn_repeated_steps")  # fmt: skip
        return (*EXPLANATION_SETTINGS, "engine", *own)
    return (*EXPLANATION_SETTINGS, "engine", "integration_steps")


def own_references(references: Scores | Pool | None, n: int, seed: Sequence[int]) -> Scores | None:
    """Draw one model's references, n × genes, without repetition; a single one is repeated.

    Models that shared their references would agree because of that, so each has a seed of its
    own.
    """
    if references is None:
        return None
    if len(references) == 1:
        return np.repeat(references[[0]], n, axis=0)
    return references[np.random.default_rng(seed).choice(len(references), n, replace=False)]


def combined_sets(
    model: TrainedModel, number: int, samples: Samples, pool: SetsOfEstimates, settings: Any
) -> Scores:
    """Combine sets of estimates of some samples by one model: sets × samples × genes.

    MLPs are explained by closed-form engines wherever these can, others through Captum. Of noisy
    copies signed scores are averaged, as Captum's NoiseTunnel does in the released scripts too;
    where absolute values are combined, they are taken of that mean.

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
    if mode_of(pool.explainer, settings) == "eval" and _is_constant(pool):
        # Nothing is random: all estimates are one, and so are all sets of them.
        alone = replace(pool, members=np.ones((1, 1), dtype=bool), references=_first(pool))
        found = _combined(model, number, samples, alone, settings)
        return np.repeat(found, len(pool.members), axis=0)
    return _combined(model, number, samples, pool, settings)


def _is_constant(pool: SetsOfEstimates) -> bool:
    """Tell whether estimates differ by the state of the network alone."""
    references = pool.references
    return not pool.noisy and (references is None or bool((references == references[0]).all()))


def _first(pool: SetsOfEstimates) -> Scores | None:
    return None if pool.references is None else pool.references[:1]


def _combined(
    model: TrainedModel, number: int, samples: Samples, pool: SetsOfEstimates, settings: Any
) -> Scores:
    """Combine sets of estimates, see `combined_sets`, whatever is random."""
    seed = derived_seed(settings.seed, EXPLANATION_STREAM, number, *samples.tissue.encode())
    combine = "signed_mean" if pool.noisy else settings.combine
    mode = mode_of(pool.explainer, settings)
    if _is_smoothed_apart(model, pool, settings):
        found = smoothed_apart(model, samples, pool.explainer, pool.members, pool.noise_sd,
                               mode, settings, seed)  # fmt: skip
    elif mode == "training":
        found = explain_coupled(
            model, samples, explainer=pool.explainer, members=pool.members,
            references=pool.references, noise_sd=pool.noise_sd, combine=combine,
            steps=steps_of(model, settings), settings=settings, seed=seed, engine=settings.engine,
        )  # fmt: skip
    else:
        found = _apart(model, samples, pool, combine, mode, settings, seed)
    if pool.noisy and settings.combine == "absolute_median":
        found = np.abs(found)
    return found.astype(np.float32, copy=False)


def steps_of(model: TrainedModel, settings: Any) -> int:
    """Return the steps of IntegratedGradients where many estimates are combined."""
    cnn = model.architecture == "cnn"
    return int(settings.cnn_repeated_steps if cnn else settings.integration_steps)


def _is_smoothed_apart(model: TrainedModel, pool: SetsOfEstimates, settings: Any) -> bool:
    """Tell whether the two factors of a class activation map are smoothed by themselves."""
    return (
        model.architecture == "cnn"
        and pool.noisy
        and pool.explainer in CAMS
        and settings.cam_smoothing == "factors"
    )


def _copied(pool: SetsOfEstimates, settings: Any) -> bool:
    """Tell whether DeepLiftShap gets one reference only, as in the released scripts."""
    return pool.explainer == "DeepLiftShap" and settings.deepliftshap == "one_reference"


def _one_reference(pool: SetsOfEstimates) -> SetsOfEstimates:
    assert pool.references is not None
    copies = np.broadcast_to(pool.references[:1], pool.references.shape)
    return replace(pool, references=copies)


def _apart(
    model: TrainedModel,
    samples: Samples,
    pool: SetsOfEstimates,
    combine: str,
    mode: str,
    settings: Any,
    seed: int,
) -> npt.NDArray[np.floating]:
    """Combine sets of estimates where samples do not see each other."""
    own: dict[str, Any] = {}
    if model.architecture == "cnn":
        own = {
            "layer": settings.cam_layer or None,
            "gradcampp_target": settings.gradcampp_target,
        }
    return explain_sets(
        model.model,
        samples.x,
        targets(model, samples),
        explainer=pool.explainer,
        members=pool.members,
        references=pool.references,
        noise_sd=pool.noise_sd,
        combine=combine,
        mode=mode,
        integration_rule="steps",
        integration_steps=steps_of(model, settings),
        seed=seed,
        engine=settings.engine,
        **own,
    )
