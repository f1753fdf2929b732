"""Steps: deletion and insertion curves of single networks, and Captum's metrics of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.scores import top_indices
from helpers.faithfulness.curves import changed_outputs, matched, outputs_of, usable_sizes
from helpers.faithfulness.metrics import Task, max_sensitivity, unexplained
from helpers.faithfulness.summary import (
    AREA_COLUMNS,
    CURVE_COLUMNS,
    MATCHED,
    OF,
    RANDOM,
    RANKED,
    T_TEST,
    areas,
    curve_rows,
    gains,
    mean_curves,
)
from helpers.study.designs.samples import targets
from helpers.study.designs.seeds import FAITHFULNESS_STREAM, derived_seed
from helpers.study.faithfulness.data import (
    LEVEL,
    OF_DATA,
    TEST,
    held_out_samples,
    row_of,
    without,
)
from helpers.study.formats import TABLE
from helpers.study.optimisation.at_optimum import OPTIMA, Optimum
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import stacked, table_step
from helpers.workspace.formats import table_format

DRAWS = 3
"""Random orders of all genes, of which the mean is taken."""

CHANGES = 10
"""Changes of each sample of which infidelity and sensitivity are measured."""

METRIC_COLUMNS = ["architecture", "model", "explainer", "tissue", "sample", "unexplained",
                  "sensitivity"]  # fmt: skip

GAIN_COLUMNS = ["architecture", "explainer", "by", "change", "tissue", "sample", "area",
                "over_random", "over_matched"]  # fmt: skip

SIZES = {"mlp": "faithful_models", "cnn": "faithful_cnn_models"}
"""Architecture → field of `Settings` with the number of networks that are tried."""


def curves_of(optimum: Optimum) -> str:
    """Name the step with the curves of one architecture's networks."""
    return f"faithfulness/{optimum.family.architecture}"


def metrics_of(optimum: Optimum) -> str:
    """Name the step with Captum's metrics of one architecture's networks."""
    return f"faithfulness/metrics_{optimum.family.architecture}"


def members(optimum: Optimum, settings: Settings, dataset: Dataset) -> list[str]:
    """Name the networks that are tried by number."""
    family = optimum.family
    return family.members(settings)[: getattr(settings, SIZES[family.architecture])]


def make_curves(optimum: Optimum, context: Context, member: str) -> pd.DataFrame:
    """Take the first genes of every ranking away from held-out samples of one network."""
    chosen, of_data = context.settings, context[OF_DATA]
    model = context.member(optimum.family.step, member)
    predict, values = outputs_of(model.model), without(of_data)
    sizes = usable_sizes(chosen.faithful_sizes, len(values))
    scores = _scores(optimum, context, int(member))
    generator = np.random.default_rng(derived_seed(chosen.seed, FAITHFULNESS_STREAM, int(member)))
    parts = []
    for group in _groups(optimum, context):
        test = row_of(of_data, TEST + group.tissue)
        for name, x, target in zip(group.names, group.x, targets(model, group), strict=True):
            own = {explainer: found[name] for explainer, found in scores.items()}
            ranked = list(rankings(own, test, of_data, sizes[-1], chosen.rank_by, generator))
            names, orders = zip(*ranked, strict=True)
            found = changed_outputs(predict, x, values, np.stack(orders), sizes, int(target))
            rows = curve_rows(found, names, sizes)
            parts.append(rows.assign(tissue=group.tissue, sample=name))
    table = stacked(parts, [*CURVE_COLUMNS, "tissue", "sample"])
    architecture = optimum.family.architecture
    return table.assign(architecture=architecture, model=int(member))[[*OF, *CURVE_COLUMNS]]


def rankings(
    scores: dict[str, npt.NDArray[np.float32]],
    test: npt.NDArray[np.float32] | None,
    of_data: xarray.DataArray,
    k: int,
    rank_by: str,
    generator: np.random.Generator,
) -> Iterator[tuple[tuple[str, str, str], npt.NDArray[np.intp]]]:
    """Yield kind, explainer and order of every ranking of a sample's genes, and its first genes.

    Scores shuffled among genes of like expression are ranked as the run ranks, to which the
    comparison belongs.
    """
    levels = row_of(of_data, LEVEL)
    assert levels is not None
    for explainer, own in scores.items():
        for by in ("absolute", "signed"):
            yield (RANKED, explainer, by), top_indices(own, k, by)
        yield (
            (MATCHED, explainer, rank_by),
            top_indices(matched(own, levels, generator), k, rank_by),
        )
    if test is not None:
        yield (T_TEST, T_TEST, "absolute"), top_indices(test, k, "absolute")
    for _ in range(DRAWS):
        yield (RANDOM, RANDOM, "none"), generator.permutation(len(levels))[:k]


def make_metrics(optimum: Optimum, context: Context, member: str) -> pd.DataFrame:
    """Measure infidelity and max-sensitivity of every explainer on one network."""
    chosen, values = context.settings, without(context[OF_DATA])
    model = context.member(optimum.family.step, member)
    cnn = optimum.family.architecture == "cnn"
    steps = chosen.cnn_integration_steps if cnn else chosen.integration_steps
    parts = []
    for group in _groups(optimum, context):
        task = Task(
            model.model, group.x, targets(model, group), values, CHANGES,
            derived_seed(chosen.seed, FAITHFULNESS_STREAM, int(member), *group.tissue.encode()),
            steps,
        )  # fmt: skip
        for explainer in context.members(optimum.step):
            parts.append(
                pd.DataFrame(
                    {"architecture": optimum.family.architecture, "model": int(member),
                     "explainer": explainer, "tissue": group.tissue, "sample": group.names,
                     "unexplained": unexplained(task, explainer),
                     "sensitivity": max_sensitivity(task, explainer)}
                )
            )  # fmt: skip
    return stacked(parts, METRIC_COLUMNS)[METRIC_COLUMNS]


def _groups(optimum: Optimum, context: Context) -> list[Any]:
    cnn = optimum.family.architecture == "cnn"
    limit = context.settings.cnn_explained_samples if cnn else None
    return held_out_samples(context["data/expression"], context["tables/explained"], limit)


def _scores(
    optimum: Optimum, context: Context, number: int
) -> dict[str, dict[str, npt.NDArray[np.float32]]]:
    """Return what a network's optimised explanations say, by explainer and sample."""
    found = {}
    for explainer, scores in context.each(optimum.step):
        own = scores.sel(model=number)
        found[explainer] = dict(zip(own["sample"].values.tolist(), own.values, strict=True))
    return found


def _collected(context: Context, name_of: Any, columns: list[str]) -> pd.DataFrame:
    names = [name_of(optimum) for optimum in OPTIMA]
    tables = [table for name in names for _, table in context.each(name)]
    return stacked(tables, columns)[columns]


def make_mean_curves(context: Context) -> pd.DataFrame:
    """Average curves over networks and samples."""
    return mean_curves(_collected(context, curves_of, [*OF, *CURVE_COLUMNS]))


def make_gains(context: Context) -> pd.DataFrame:
    """Set areas of rankings beside those of random and of like genes, a row a sample."""
    table = areas(_collected(context, curves_of, [*OF, *CURVE_COLUMNS]))
    return gains(table[[*OF, *AREA_COLUMNS]])[GAIN_COLUMNS]


def make_metric_table(context: Context) -> pd.DataFrame:
    """Collect Captum's metrics of all networks."""
    return _collected(context, metrics_of, METRIC_COLUMNS)


_CURVES = tuple(curves_of(optimum) for optimum in OPTIMA)


def _settings(optimum: Optimum, *own: str) -> tuple[str, ...]:
    cnn = optimum.family.architecture == "cnn"
    return ("seed", *own, *(("cnn_explained_samples",) if cnn else ()))


def _steps_of(optimum: Optimum) -> tuple[Step, Step]:
    architecture = optimum.family.architecture
    common: dict[str, Any] = {"members": partial(members, optimum), "parallel": True}
    inputs = ("data/expression", "tables/explained", OF_DATA, optimum.family.step, optimum.step)
    steps = "cnn_integration_steps" if architecture == "cnn" else "integration_steps"
    return (
        Step(
            name=curves_of(optimum),
            path=f"faithfulness/{architecture}-{{member}}.csv",
            form=table_format("change"),
            make=partial(make_curves, optimum),
            title=f"Taking genes away, {architecture.upper()}s",
            inputs=inputs,
            settings=_settings(optimum, "faithful_sizes", "rank_by"),
            **common,
        ),
        Step(
            name=metrics_of(optimum),
            path=f"faithfulness/metrics-{architecture}-{{member}}.csv",
            form=TABLE,
            make=partial(make_metrics, optimum),
            title=f"Infidelity and sensitivity, {architecture.upper()}s",
            inputs=inputs,
            settings=_settings(optimum, steps),
            **common,
        ),
    )


STEPS = (
    *(step for optimum in OPTIMA for step in _steps_of(optimum)),
    table_step(
        "faithfulness_curves",
        make_mean_curves,
        "Averaging curves of genes taken away",
        text=("change",),
        inputs=_CURVES,
    ),
    table_step(
        "faithfulness",
        make_gains,
        "Comparing curves with random genes",
        text=("change",),
        inputs=_CURVES,
    ),
    table_step(
        "faithfulness_metrics",
        make_metric_table,
        "Collecting infidelity and sensitivity",
        inputs=tuple(metrics_of(optimum) for optimum in OPTIMA),
    ),
)
