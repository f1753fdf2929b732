"""Estimates of samples that share a batch, one pass of the whole batch after the other.

In training mode this is what the released scripts do: each pass has one reference, copied over the
batch, and one draw of dropout masks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.explain.captum.smoothed_cams import smoothed_cam
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain_sets
from helpers.models.files import TrainedModel
from helpers.study.designs.company import Batch, batches
from helpers.study.designs.noise import Noise, is_noisy
from helpers.study.designs.samples import Samples, class_indices
from helpers.study.designs.seeds import derived_seed

Scores = npt.NDArray[np.float32]


def explain_coupled(
    model: TrainedModel,
    samples: Samples,
    *,
    explainer: str,
    members: npt.NDArray[np.bool_],
    references: Scores | None,
    noise_sd: Noise,
    combine: str,
    steps: int,
    settings: Any,
    seed: int,
    engine: str = "exact",
) -> npt.NDArray[np.floating]:
    """Combine sets of estimates, each of which is a pass of a whole batch.

    Parameters
    ----------
    model
        The network.
    samples
        The samples of one tissue that are explained.
    explainer
        A key of `helpers.explain.EXPLAINERS`.
    members
        Sets × estimates: true where an estimate is a member of a set.
    references
        Estimates × genes, for explainers that need them.
    noise_sd
        Standard deviation of SmoothGrad's noise, which all samples of a batch get; 0: none.
    combine
        ``"signed_mean"`` or ``"absolute_median"``, see `helpers.explain.explain`.
    steps
        Steps of IntegratedGradients; those of all samples are one batch.
    settings
        Those that `batches` and, for CNNs, GuidedGradCam++ depend on.
    seed
        Same seed, same arguments, same bytes.
    engine
        See `helpers.explain.settings.ExplanationSettings`.

    Returns
    -------
    numpy.ndarray
        Sets × samples × genes.

    Raises
    ------
    BadInputError
        If a batch would hold one sample, see `batches`.
    """
    parts = []
    for place, batch in enumerate(batches(samples, settings, model.architecture)):
        how: dict[str, Any] = {}
        if model.architecture == "cnn":
            how = {
                "layer": settings.cam_layer or None,
                "gradcampp_target": settings.gradcampp_target,
            }
        found = explain_sets(
            model.model,
            batch.x,
            class_indices(model, batch.classes),
            explainer=explainer,
            members=members,
            references=references,
            rows=np.arange(batch.explained),
            noise_sd=noise_sd,
            combine=combine,
            mode="training",
            integration_rule="steps",
            integration_steps=steps,
            # All rows of a pass in one batch, whatever an explainer makes of a sample.
            batch_rows=len(batch.x) * EXPLAINERS[explainer].rows_per_estimate(steps),
            seed=derived_seed(seed, place),
            engine=engine,
            **how,
        )
        parts.append(found)
    return np.concatenate(parts, axis=1)


def smoothed_apart(
    model: TrainedModel,
    samples: Samples,
    explainer: str,
    members: npt.NDArray[np.bool_],
    noise_sd: Noise,
    mode: str,
    settings: Any,
    seed: int,
) -> npt.NDArray[np.floating]:
    """Smooth the two factors of a guided class activation map by themselves (released scripts).

    Parameters and result as of `explain_coupled`.
    """
    parts = []
    for place, batch in enumerate(_batches(samples, mode, settings, model.architecture)):
        own = derived_seed(seed, place)
        noise = np.stack([_noise(noise_sd, batch.x.shape, own, k) for k in range(members.shape[1])])
        sets = [
            smoothed_cam(
                model.model, batch.x, class_indices(model, batch.classes), noise[chosen],
                explainer=explainer, mode=mode, layer=settings.cam_layer or None, seed=own,
            ).factors[: batch.explained]
            for chosen in members
        ]  # fmt: skip
        parts.append(np.stack(sets))
    return np.concatenate(parts, axis=1)


def _batches(samples: Samples, mode: str, settings: Any, architecture: str) -> list[Batch]:
    if mode == "training":
        return batches(samples, settings, architecture)
    return [Batch(samples.x, [samples.tissue] * len(samples.names), len(samples.names))]


def _noise(noise_sd: Noise, shape: tuple[int, ...], seed: int, estimate: int) -> Any:
    """Draw the noise of one estimate; None if there is none."""
    if not is_noisy(noise_sd):
        return None
    drawn = np.random.default_rng([seed, estimate]).standard_normal(shape, dtype=np.float32)
    return drawn * np.asarray(noise_sd, dtype=np.float32)
