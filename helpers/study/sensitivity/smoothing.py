"""Steps: SmoothGrad of guided class activation maps, of the product or of its factors apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.captum.smoothed_cams import CAMS, smoothed_cam
from helpers.explain.scores import make_scores
from helpers.models.files import TrainedModel
from helpers.stability.curves import sample_medians
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS, compare
from helpers.study.designs.choices import CAM_SMOOTHING
from helpers.study.designs.samples import Samples, explained_samples, labels, targets
from helpers.study.designs.seeds import CAM_MASK_STREAM, CAM_NOISE_STREAM, derived_seed
from helpers.study.designs.single_estimates import (
    CNN_EXPLANATION_SETTINGS,
    COMPARISON_SETTINGS,
    compared,
    mode_of,
)
from helpers.study.formats import TABLE
from helpers.study.sensitivity.noise import CNNS
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import stacked, table_step

PAIRS, SMOOTHED_CAMS = "choices/smoothed_cams", "tables/sensitivity_smoothed_cams"

PLAIN, BOTH = "none", "both"
"""In place of an option: one estimate without noise; and the options against each other."""

BETWEEN = "between_options"
"""In place of a design: the two options on the same copies, by the same model."""

REPLICATES = 2
"""Explanations of a sample by each model: one pair, as each costs many passes of a CNN."""

Values = npt.NDArray[np.float32]


def make_smoothed(context: Context, explainer: str) -> pd.DataFrame:
    """Compare replicates and models under each option, and the options with each other.

    The samples are those of the CNNs' curves, all of them as one batch, and the CNNs those of one
    gene order. Noise and masks are the same under both options.
    """
    chosen = context.settings
    adata = context["data/expression"]
    limit = min(chosen.cnn_explained_samples, chosen.cnn_curve_samples)
    groups = explained_samples(adata, context["tables/explained"], limit)
    names = context.members(CNNS.step)[: chosen.sensitivity_models]
    values = np.stack(
        [_replicates(context.member(CNNS.step, name), int(name), groups, explainer, chosen)
         for name in names], axis=1,
    )  # fmt: skip
    named: dict[str, Any] = {"genes": adata.var_names.tolist(), **labels(groups)}
    models, replicates = [int(name) for name in names], values.shape[2]
    smoothed = compared(
        "cnn", chosen, adata.n_vars, n=chosen.sensitivity_estimates, optimisation="smoothgrad"
    )
    tables = []
    for option, scores in zip((PLAIN, *_OPTIONS), values, strict=True):
        how = compared("cnn", chosen, adata.n_vars) if option == PLAIN else smoothed
        made = make_scores(scores, models=models, replicates=replicates, **named)
        tables.append(compare(made, how, explainer=explainer).assign(option=option))
    # The options take the place of models, and the models' replicates that of replicates.
    flat = values[1:].reshape(len(_OPTIONS), len(models) * replicates, *values.shape[3:])
    made = make_scores(
        flat, models=list(range(len(_OPTIONS))), replicates=len(models) * replicates, **named
    )
    both = compare(made, smoothed, designs=("inter_model",), explainer=explainer)
    tables.append(both.assign(option=BOTH, design=BETWEEN))
    return pd.concat(tables, ignore_index=True)


_OPTIONS = tuple(option.name for option in CAM_SMOOTHING.options)


def _replicates(
    model: TrainedModel, number: int, groups: list[Samples], explainer: str, chosen: Any
) -> Values:
    """Explain all samples several times: no noise and both options × replicates × samples × genes.

    The options are in the order of `Smoothed`.
    """
    x = np.concatenate([group.x for group in groups])
    own = np.concatenate([targets(model, group) for group in groups])
    how: dict[str, Any] = {
        "explainer": explainer,
        "mode": mode_of(explainer, chosen),
        "layer": chosen.cam_layer or None,
    }
    rows = []
    for replicate in range(REPLICATES):
        rng = np.random.default_rng([chosen.seed, CAM_NOISE_STREAM, number, replicate])
        noise = rng.standard_normal((chosen.sensitivity_estimates, *x.shape), dtype=np.float32)
        seed = derived_seed(chosen.seed, CAM_MASK_STREAM, number, replicate)
        plain = smoothed_cam(model.model, x, own, np.zeros_like(noise[:1]), seed=seed, **how)
        smoothed = smoothed_cam(model.model, x, own, noise, seed=seed, **how)
        rows.append([plain.product, smoothed.product, smoothed.factors])
    return np.stack(rows, axis=1, dtype=np.float32)


def make_table(context: Context) -> pd.DataFrame:
    """Reduce the pairs of each sample to their median, as the rules do; keep the options apart."""
    table = stacked((part for _, part in context.each(PAIRS)), [*REPRODUCIBILITY_COLUMNS, "option"])
    parts = (sample_medians(own).assign(option=name) for name, own in table.groupby("option"))
    return stacked(parts, [*REPRODUCIBILITY_COLUMNS, "pairs", "shared", "option"])


def explainer_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the explainers of two factors, if there are any CNNs."""
    return list(CAMS) if CNNS.members(settings) else []


STEPS = (
    Step(
        name=PAIRS,
        path="agreement/choices-smoothed-{member}.csv",
        form=TABLE,
        make=make_smoothed,
        title="Smoothing two factors apart",
        inputs=("data/expression", "tables/explained", CNNS.step),
        settings=tuple(
            dict.fromkeys(
                (*CNN_EXPLANATION_SETTINGS, "cnn_curve_samples", "sensitivity_models",
                 "sensitivity_estimates", *COMPARISON_SETTINGS)
            )
        ),
        members=explainer_names,
        parallel=True,
    ),
    table_step(
        "sensitivity_smoothed_cams",
        make_table,
        "Collecting factors smoothed apart",
        inputs=(PAIRS,),
    ),
)  # fmt: skip
