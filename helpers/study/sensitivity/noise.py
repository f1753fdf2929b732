"""Steps: two choices that have their own experiment: SmoothGrad's noise, a target of CNNs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.explain.explainers import EXPLAINERS
from helpers.explain.mlp.subsets import explain_subsets
from helpers.explain.references import make_references
from helpers.explain.scores import make_scores
from helpers.stability.curves import curve
from helpers.stability.overlap import list_length
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS, Comparison, compare
from helpers.study.designs.choices import (
    GRADCAMPP,
    SMOOTHGRAD,
    Chosen,
)
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.noise import training_spread
from helpers.study.designs.reach import explainer_names
from helpers.study.designs.samples import Samples, explained_samples, labels, samples_for, targets
from helpers.study.designs.seeds import (
    EXPLANATION_STREAM,
    SMOOTHGRAD_NOISE_STREAM,
    derived_seed,
)
from helpers.study.designs.single_estimates import CNN_EXPLANATION_SETTINGS, explain_groups
from helpers.study.formats import TABLE
from helpers.study.sensitivity.training import FAMILY, NUMBERS, numbers
from helpers.training.ensemble import predict
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

SMOOTH, CAM = "choices/smoothgrad", "tables/sensitivity_gradcampp"

CNNS = FAMILIES["cnn_one_order"]
CAM_EXPLAINER = "GuidedGradCam++"

Values = npt.NDArray[np.float32]


def make_smoothgrad(context: Context, explainer: str) -> pd.DataFrame:
    """Compare models on noisy copies, with each kind of noise and without, at two sizes."""
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"], chosen.curve_samples)
    spread = training_spread(adata, context["tables/split"].set_index("sample")["split"])
    size = chosen.sensitivity_estimates
    subsets = np.zeros((2, size))
    subsets[0, 0], subsets[1] = 1, 1 / size
    zero = make_references("zero", 1, genes=adata.n_vars, seed=0)
    reference = zero if EXPLAINERS[explainer].needs_reference else None
    models = [(int(n), context.member(FAMILY.step, n)) for n in numbers(chosen)]
    tables = []
    for option in SMOOTHGRAD.options:
        values = []
        for number, model in models:
            parts = [
                explain_subsets(
                    [model.model], group.x, targets(model, group), explainer=explainer,
                    subsets=subsets, references=reference, integration_rule="steps",
                    integration_steps=chosen.integration_steps,
                    noise=_noise(
                        option.name, spread, (size, *group.x.shape),
                        [chosen.seed, SMOOTHGRAD_NOISE_STREAM, number, *group.tissue.encode()],
                    ),
                    seed=derived_seed(
                        chosen.seed, EXPLANATION_STREAM, number, *group.tissue.encode()
                    ),
                )[0]
                for group in groups
            ]  # fmt: skip
            values.append(np.concatenate(parts, axis=1))
        k = list_length(chosen.top, adata.n_vars)
        tables.append(_curve(np.stack(values), models, groups, explainer, (1, size), k)
                      .assign(option=option.name))  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def _noise(
    option: str, spread: Values, shape: tuple[int, ...], seed: list[int]
) -> npt.NDArray[np.float32] | None:
    """Draw noise for estimates × samples × genes; options share the draw but for its size."""
    if option == "none":
        return None
    drawn = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    return drawn if option == "one" else drawn * spread


def _curve(
    values: npt.NDArray[np.floating],
    models: list[tuple[int, object]],
    groups: list[Samples],
    explainer: str,
    sizes: tuple[int, int],
    k: int,
) -> pd.DataFrame:
    named = labels(groups)
    scores = xarray.DataArray(
        values,
        dims=("model", "set", "sample", "gene"),
        coords={
            "model": [number for number, _ in models],
            "n": ("set", list(sizes)),
            "sample": named["samples"],
            "tissue": ("sample", named["tissues"]),
        },
    )
    comparison = Comparison("mlp", reference="zero", optimisation="smoothgrad", k=k)
    return curve(scores, comparison, explainer=explainer)


def make_gradcampp(context: Context) -> pd.DataFrame:
    """Compare replicates of GuidedGradCam++ on CNNs, for each target, as the run makes them.

    Column ``other_class`` holds the share of models that predict another class for the sample.
    """
    chosen = context.settings
    adata = context["data/expression"]
    groups = samples_for(context, CNNS.architecture)
    names = context.members(CNNS.step)[: chosen.inter_models]
    if not names:
        return pd.DataFrame(columns=[*REPRODUCIBILITY_COLUMNS, "option", "other_class"])
    models = [context.member(CNNS.step, name) for name in names]
    wrong = np.zeros(sum(len(group.names) for group in groups))
    for model in models:
        found = np.concatenate([predict(model, group.x).argmax(axis=1) for group in groups])
        wrong += found != np.concatenate([targets(model, group) for group in groups])
    shares = dict(zip(labels(groups)["samples"], wrong / len(models), strict=True))
    tables = []
    for option in GRADCAMPP.options:
        values = [
            explain_groups(
                model, int(name), groups, explainer=CAM_EXPLAINER,
                references=dict.fromkeys(group.tissue for group in groups),
                integration_steps=1,
                settings=Chosen(chosen, option.changes),
                replicates=chosen.replicates,
            )
            for name, model in zip(names, models, strict=True)
        ]  # fmt: skip
        scores = make_scores(
            np.stack(values), models=[int(name) for name in names], replicates=chosen.replicates,
            genes=adata.var_names.tolist(), **labels(groups),
        )  # fmt: skip
        how = Comparison("cnn", k=list_length(chosen.top, adata.n_vars))
        table = compare(scores, how, explainer=CAM_EXPLAINER)
        tables.append(table.assign(option=option.name))
    together = pd.concat(tables, ignore_index=True)
    return together.assign(other_class=together["sample"].map(shares))


STEPS = (
    Step(
        name=SMOOTH,
        path="agreement/choices-smoothgrad-{member}.csv",
        form=TABLE,
        make=make_smoothgrad,
        title="Trying the noise of SmoothGrad",
        inputs=("data/expression", "tables/split", "tables/explained", FAMILY.step),
        settings=(*NUMBERS, "seed", "curve_samples", "sensitivity_estimates", "integration_steps",
                  "top"),
        members=explainer_names,
        parallel=True,
    ),
    table_step(
        "sensitivity_gradcampp",
        make_gradcampp,
        "Trying the target of GuidedGradCam++",
        inputs=("data/expression", "tables/explained", CNNS.step),
        settings=(*CNN_EXPLANATION_SETTINGS, "inter_models", "replicates", "top"),
    ),
)  # fmt: skip
