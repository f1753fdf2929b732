"""Steps: which explainers say the same on a network with one hidden layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.explain.explanation import explain
from helpers.stability.identities import explainer_distances
from helpers.stability.model_scale import on_one_scale
from helpers.study.designs.references import REFERENCE_SETTINGS, ReferenceMaker
from helpers.study.designs.samples import explained_samples, targets
from helpers.study.designs.seeds import IDENTITY_STREAM
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

Scores = npt.NDArray[np.floating]


STEPS_TRIED = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Steps of IntegratedGradients that are compared with DeepLift."""

REFERENCES = 5
"""Universal references that each sample is compared with."""


def make_identities(context: Context) -> pd.DataFrame:
    """Measure how far explainers differ by the first MLP, everything computed by Captum.

    Nothing is random: the network is in evaluation mode and the references are the same.
    """
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"], chosen.curve_samples)
    maker = ReferenceMaker.of(context, "universal", IDENTITY_STREAM)
    name = context.members("models/mlp")[0]
    model = context.member("models/mlp", name)
    pool = maker.make(REFERENCES, [groups[0].tissue])[groups[0].tissue]
    assert pool is not None
    x = np.concatenate([group.x for group in groups]).astype(np.float64)
    own = np.concatenate([targets(model, group) for group in groups])
    names = [sample for group in groups for sample in group.names]
    # In float64, since otherwise rounding would be all that is left of a difference.
    network = model.model.double()

    def scores(explainer: str, references: Scores, steps: int = 50) -> Scores:
        return explain(
            network, x, own, explainer=explainer, references=references, mode="eval",
            integration_steps=steps, seed=0,
        )[0]  # fmt: skip

    wide = pool.astype(np.float64)
    single = [scores("DeepLift", wide[[k]]) for k in range(REFERENCES)]
    rows: list[dict[str, Any]] = []
    for steps in STEPS_TRIED:
        found = scores("IntegratedGradients", wide[[0]], steps)
        rows += _differences("IntegratedGradients", "DeepLift", found, single[0], names, steps)
    together = scores("DeepLiftShap", wide)
    mean = np.mean(single, axis=0)
    rows += _differences("DeepLiftShap", "mean of DeepLift", together, mean, names)
    zero = np.zeros_like(wide)
    plain = scores("InputXGradient", zero)
    rows += _differences(
        "InputXGradient", "DeepLift, zero reference", plain, scores("DeepLift", zero[:1]), names
    )
    return pd.DataFrame(rows)


def _differences(
    a: str, b: str, first: Scores, second: Scores, samples: list[str], steps: int = 0
) -> list[dict[str, Any]]:
    scale = np.maximum(np.abs(first).max(axis=1), np.abs(second).max(axis=1))
    largest = np.abs(first - second).max(axis=1) / scale
    return [
        {"a": a, "b": b, "steps": steps, "sample": sample, "max_relative_difference": float(value)}
        for sample, value in zip(samples, largest, strict=True)
    ]


def make_distances(context: Context) -> pd.DataFrame:
    """Compare every two explainers by their optimised scores, averaged over all models."""
    tables = []
    for optimum in OPTIMA:
        means = [
            on_one_scale(scores, context.settings.model_scale)
            .mean("model")
            .expand_dims(explainer=[explainer])
            for explainer, scores in context.each(optimum.step)
        ]
        if not means:
            continue
        together = xarray.concat(means, dim="explainer", coords="minimal", compat="override")
        distances = explainer_distances(together)
        distances.insert(0, "architecture", optimum.family.architecture)
        tables.append(distances)
    return pd.concat(tables, ignore_index=True)


STEPS = (
    table_step(
        "identities",
        make_identities,
        "Comparing explainers without chance",
        inputs=("data/expression", "tables/split", "tables/explained", "models/mlp"),
        settings=(*REFERENCE_SETTINGS, "seed", "curve_samples"),
    ),
    table_step(
        "explainer_distances",
        make_distances,
        "Comparing explainers",
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=("model_scale",),
    ),
)
