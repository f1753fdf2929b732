"""Steps: the mean of networks explained, beside the mean of explanations, at the same budget."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray
from torch import nn

from helpers.correctness.recovery import MEASURES, Truth, recovery
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.explain.explanation import explain
from helpers.explain.mlp.gates import gradient
from helpers.explain.scores import top_indices
from helpers.faithfulness.curves import changed_outputs, outputs_of, replacement, usable_sizes
from helpers.faithfulness.summary import RANKED, areas, curve_rows
from helpers.models.files import TrainedModel
from helpers.models.side_by_side import (
    MeanProbability,
    side_by_side,
)
from helpers.stability.model_scale import weighed
from helpers.stability.overlap import list_length, overlap_matrix
from helpers.study.designs.references import REFERENCE_SETTINGS, ReferenceMaker
from helpers.study.designs.samples import Samples, explained_samples, targets
from helpers.study.designs.scores import SCORES
from helpers.study.designs.seeds import AVERAGED_STREAM, derived_seed
from helpers.study.faithfulness.data import held_out
from helpers.study.faithfulness.students import (
    HALVES,
    NETWORK,
    STUDENTS,
    half_names,
    models_of,
    training_samples,
)
from helpers.study.ground_truth.known_genes import DATA, EXPLAINED, GENES, SPLIT
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step
from helpers.workspace.formats import table_format

SINGLE, MEAN, MEDIAN, RAW, LOGITS, PROBABILITIES, DISTILLED = (
    "single", "explanations", "median", "raw", "logits", "probabilities", "distilled",
)  # fmt: skip
"""Ways: one network of the half; mean of explanations on one scale, their median, and their mean as
they are; explanations of the mean of logits, of the mean of probabilities, of a student."""

WAYS = (SINGLE, MEAN, MEDIAN, RAW, LOGITS, PROBABILITIES, DISTILLED)

REFERENCES, STEPS_OF_PATH = 5, 20
"""References of explainers that need some, and steps of IntegratedGradients: few, since the mean of
probabilities is left to Captum."""

SAMPLES = 3
"""Held-out samples of each class, at most."""

TAKEN = (1, 10, 100, 1000)
"""Genes that are taken away."""

SCORED, AREAS = "scores/averaged", "faithfulness/averaged"

SEPARATOR = "|"

AVERAGED_COLUMNS = ["way", "explainer", "half", "tissue", *MEASURES, "area"]


def usable(way: str, explainer: str) -> bool:
    """Tell whether an explainer can go a way.

    Rules of DeepLift and of guided backpropagation are made for layers, and a mean of
    probabilities is none: it has gradients, and paths along these.
    """
    rule = EXPLAINERS[explainer].mlp
    return way != PROBABILITIES or (rule is not None and (rule.path or rule.gate is gradient))


def _groups(context: Context) -> list[Samples]:
    first = held_out(context[EXPLAINED]).groupby("tissue", sort=False).head(SAMPLES)
    return explained_samples(context[DATA], first)


def make_scores(context: Context, half: str) -> xarray.DataArray:
    """Explain the held-out samples in every way: ways with explainers × samples × genes."""
    models, student = models_of(context, half), context.member(STUDENTS, half)
    groups = _groups(context)
    references = _references(context)
    whole = side_by_side([model.model for model in models])  # type: ignore[misc]
    probability = MeanProbability([model.model for model in models]).eval()
    found: dict[str, npt.NDArray[np.float32]] = {}
    for explainer in explainers("mlp"):
        ask = partial(_explained, context, groups, explainer, references, models[0])
        each = [ask(model.model) for model in models]
        scaled = np.stack([_on_one_scale(own, groups) for own in each])
        made = {
            SINGLE: each[0], MEAN: scaled.mean(axis=0), MEDIAN: np.median(scaled, axis=0),
            RAW: np.mean(each, axis=0), LOGITS: ask(whole), DISTILLED: ask(student.model),
        }  # fmt: skip
        if usable(PROBABILITIES, explainer):
            made[PROBABILITIES] = ask(probability)
        found |= {f"{way}{SEPARATOR}{explainer}": made[way] for way in WAYS if way in made}
    return xarray.DataArray(
        np.stack(list(found.values())).astype(np.float32),
        dims=("way", "sample", "gene"),
        coords={
            "way": list(found), "sample": [name for group in groups for name in group.names],
            "gene": context[DATA].var_names.tolist(),
            "tissue": ("sample", [group.tissue for group in groups for _ in group.names]),
        },
    )  # fmt: skip


def _explained(
    context: Context, groups: list[Samples], explainer: str, references: npt.NDArray[np.float32],
    classes: TrainedModel, model: nn.Module,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """Explain in evaluation mode, where nothing is random."""
    parts = [
        explain(
            model, group.x, targets(classes, group),
            explainer=explainer, mode="eval", engine="exact",
            references=references if EXPLAINERS[explainer].needs_reference else None,
            integration_steps=STEPS_OF_PATH, seed=context.settings.seed,
        )[0]
        for group in groups
    ]  # fmt: skip
    return np.concatenate(parts).astype(np.float32)


def _on_one_scale(
    scores: npt.NDArray[np.float32], groups: list[Samples]
) -> npt.NDArray[np.floating]:
    """Divide a network's scores in each tissue by their mean size."""
    ends = np.cumsum([len(group.names) for group in groups])[:-1]
    return np.concatenate([weighed(part, "unit") for part in np.split(scores, ends)])


def _references(context: Context) -> npt.NDArray[np.float32]:
    chosen = context.settings
    maker = ReferenceMaker(
        "universal", context[DATA], context[SPLIT].set_index("sample")["split"],
        chosen.reference_cut, chosen.reference_statistics, chosen.reference_samples,
        derived_seed(chosen.seed, AVERAGED_STREAM),
    )  # fmt: skip
    found = maker.make(REFERENCES, ["all"])["all"]
    assert found is not None
    return found


def make_areas(context: Context, half: str) -> pd.DataFrame:
    """Measure how faithful every way is to the mean of the half's networks."""
    models, scores = models_of(context, half), context.member(SCORED, half)
    whole = side_by_side([model.model for model in models])  # type: ignore[misc]
    predict = outputs_of(whole)
    values = replacement(*training_samples(context))
    sizes = usable_sizes(TAKEN, len(values))
    parts = []
    for group in _groups(context):
        for name, x, target in zip(group.names, group.x, targets(models[0], group), strict=True):
            own = scores.sel(sample=name)
            by = context.settings.rank_by
            orders = np.stack([top_indices(row, sizes[-1], by) for row in own.values])
            found = changed_outputs(predict, x, values, orders, sizes, int(target))
            names = [(RANKED, str(label), by) for label in own["way"].values]
            parts.append(curve_rows(found, names, sizes).assign(tissue=group.tissue, sample=name))
    table = areas(pd.concat(parts, ignore_index=True))
    means = table.groupby(["explainer", "tissue"], sort=False)["area"].mean().reset_index()
    both = means["explainer"].str.split(SEPARATOR, n=1, expand=True)
    return means.assign(way=both[0], explainer=both[1])[["way", "explainer", "tissue", "area"]]


def _of_classes(context: Context, half: str) -> Iterator[tuple[str, str, str, Any]]:
    """Yield way, explainer and class, and the mean of the class's scores."""
    scores = context.member(SCORED, half)
    tissues = scores["tissue"].values
    for place, label in enumerate(scores["way"].values.tolist()):
        way, explainer = label.split(SEPARATOR)
        for tissue in dict.fromkeys(tissues.tolist()):
            yield way, explainer, tissue, scores.values[place, tissues == tissue].mean(axis=0)


def make_averaged(context: Context) -> pd.DataFrame:
    """Hold every way against the planted genes, class by class and half by half."""
    chosen, genes = context.settings, context[DATA].var_names.tolist()
    k = list_length(chosen.top, len(genes))
    truths: dict[str, Truth] = {}
    parts = []
    for half in HALVES:
        rows = []
        for way, explainer, tissue, vector in _of_classes(context, half):
            if tissue not in truths:
                truths[tissue] = Truth(context[GENES], tissue, genes)
            found = recovery(vector, truths[tissue], k, chosen.rank_by)
            rows.append({"way": way, "explainer": explainer, "tissue": tissue, **found})
        table = pd.DataFrame(rows).merge(context.member(AREAS, half), how="left")
        parts.append(table.assign(half=int(half)))
    return pd.concat(parts, ignore_index=True)[AVERAGED_COLUMNS]


def make_agreement(context: Context) -> pd.DataFrame:
    """Compare the lists of two halves that share no network, way by way."""
    chosen = context.settings
    pairs = zip(*(_of_classes(context, half) for half in HALVES), strict=True)
    rows = []
    for (way, explainer, tissue, a), (*_, b) in pairs:
        k = list_length(chosen.top, len(a))
        shared = overlap_matrix(np.stack([a, b]), k, chosen.rank_by)[0, 1]
        rows.append([way, explainer, tissue, float(shared)])
    return pd.DataFrame(rows, columns=["way", "explainer", "tissue", "overlap"])


def relative_difference(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Return the largest difference of two arrays of scores, in parts of the largest score."""
    size = float(np.abs(b).max())
    return float(np.abs(a - b).max()) / size if size else 0.0


def make_identity(context: Context) -> pd.DataFrame:
    """Measure how far the mean of explanations is from the explanation of the mean of logits."""
    rows = []
    for half in HALVES:
        scores = context.member(SCORED, half)
        for explainer in explainers("mlp"):
            raw, logits = (
                scores.sel(way=f"{way}{SEPARATOR}{explainer}").values for way in (RAW, LOGITS)
            )
            rows.append([explainer, int(half), relative_difference(raw, logits)])
    return pd.DataFrame(rows, columns=["explainer", "half", "difference"])


def make_students(context: Context) -> pd.DataFrame:
    """Measure how well students say what their teachers say, on samples that neither has seen."""
    adata = context[DATA]
    sides = context[SPLIT].set_index("sample")["split"].loc[adata.obs_names].to_numpy()
    x = np.asarray(adata.X, dtype=np.float32)[sides == "test"]
    rows = []
    for half in HALVES:
        models = [model.model for model in models_of(context, half)]
        teacher = outputs_of(side_by_side(models))(x)  # type: ignore[arg-type]
        student = outputs_of(context.member(STUDENTS, half).model)(x)
        same = float((teacher.argmax(axis=1) == student.argmax(axis=1)).mean())
        rows.append([int(half), len(models), len(x), same,
                     float(np.corrcoef(teacher.ravel(), student.ravel())[0, 1])])  # fmt: skip
    return pd.DataFrame(rows, columns=["half", "networks", "samples", "same_class", "correlation"])


_COMMON: dict[str, Any] = {"members": half_names, "parallel": True}
_SIZE = ("seed", NETWORK.size)

STEPS = (
    Step(
        name=SCORED,
        path="scores/averaged-{member}.nc",
        form=SCORES,
        make=make_scores,
        title="Explaining means of networks",
        inputs=(DATA, SPLIT, EXPLAINED, NETWORK.step, STUDENTS),
        settings=(*_SIZE, *REFERENCE_SETTINGS),
        **_COMMON,
    ),
    Step(
        name=AREAS,
        path="faithfulness/averaged-{member}.csv",
        form=table_format("way"),
        make=make_areas,
        title="Taking genes away from means of networks",
        inputs=(DATA, SPLIT, EXPLAINED, NETWORK.step, SCORED),
        settings=(*_SIZE, "rank_by"),
        **_COMMON,
    ),
    table_step(
        "averaged",
        make_averaged,
        "Holding means of networks against planted genes",
        text=("way",),
        inputs=(DATA, GENES, SCORED, AREAS),
        settings=("top", "rank_by"),
    ),
    table_step(
        "averaged_agreement",
        make_agreement,
        "Comparing means of networks",
        text=("way",),
        inputs=(SCORED,),
        settings=("top", "rank_by"),
    ),
    table_step(
        "averaged_identity",
        make_identity,
        "Comparing means of explanations with those of logits",
        inputs=(SCORED,),
    ),
    table_step(
        "students",
        make_students,
        "Measuring distilled networks",
        inputs=(DATA, SPLIT, NETWORK.step, STUDENTS),
        settings=_SIZE,
    ),
)
