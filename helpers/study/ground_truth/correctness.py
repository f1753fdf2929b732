"""Steps: how much of the planted truth explanations find, and how alike they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.correctness.aggregates import (
    RECOVERY_COLUMNS,
    Ranking,
    alike_means,
    disjoint_means,
    measured_means,
    strata_of_means,
)
from helpers.correctness.recovery import STRATUM_COLUMNS, Truth
from helpers.stability.overlap import list_length
from helpers.study.designs.seeds import PLANTED_AGGREGATE_STREAM
from helpers.study.ground_truth.conditions import Condition, scores_of
from helpers.study.ground_truth.known_genes import GENES
from helpers.study.ground_truth.networks import NETWORKS
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

LIST_SETTINGS = ("top", "rank_by", "model_scale")

CONDITION_COLUMNS = ["labels", "architecture", "explainer", "mode", "optimisation"]

Means = list[tuple[int, npt.NDArray[np.floating]]]


def ranking_of(settings: Any, genes: int) -> Ranking:
    """Return how so many genes are ranked under a run's settings."""
    return Ranking(list_length(settings.top, genes), settings.rank_by, settings.model_scale)


def _means(context: Context) -> Iterator[tuple[dict[str, str], str, Means, Truth]]:
    """Yield each condition and class with the means over models there, and the class's truth."""
    chosen, table = context.settings, context[GENES]
    seed = [chosen.seed, PLANTED_AGGREGATE_STREAM]
    truths: dict[str, Truth] = {}
    for networks in NETWORKS:
        models = [scores for _, scores in context.each(scores_of(networks))]
        if not models:
            continue
        first = models[0]
        for place, name in enumerate(first["condition"].values.tolist()):
            condition = Condition.of(name)
            row = {"labels": "shuffled" if networks.shuffled else "true",
                   "architecture": networks.family.architecture,
                   "explainer": condition.explainer, "mode": condition.mode,
                   "optimisation": condition.optimisation}  # fmt: skip
            for column, tissue in enumerate(first["tissue"].values.tolist()):
                if tissue not in truths:
                    truths[tissue] = Truth(table, tissue, first["gene"].values.tolist())
                stack = np.stack([scores.values[place, column] for scores in models])
                means = disjoint_means(stack, chosen.planted_sizes, seed, chosen.model_scale)
                yield row, tissue, means, truths[tissue]


def _collected(
    measure: Callable[[Means, Truth, Ranking], pd.DataFrame], columns: list[str]
) -> Callable[[Context], pd.DataFrame]:
    def make(context: Context) -> pd.DataFrame:
        """Measure the means of every condition and class."""
        parts = []
        for row, tissue, means, truth in _means(context):
            ranking = ranking_of(context.settings, len(truth.positive))
            parts.append(measure(means, truth, ranking).assign(**row, tissue=tissue))
        filled = [part for part in parts if len(part)] or parts
        return pd.concat(filled, ignore_index=True)[[*CONDITION_COLUMNS, "tissue", *columns]]

    return make


make_recovery = _collected(measured_means, RECOVERY_COLUMNS)
make_strata = _collected(strata_of_means, ["n", *STRATUM_COLUMNS])
make_alike = _collected(
    lambda means, truth, ranking: alike_means(means, ranking), ["n", "pairs", "overlap"]
)

_INPUTS = (GENES, *(scores_of(networks) for networks in NETWORKS))
_SETTINGS = (*LIST_SETTINGS, "planted_sizes", "seed")

STEPS = (
    table_step(
        "recovery",
        make_recovery,
        "Holding explanations against planted genes",
        inputs=_INPUTS,
        settings=_SETTINGS,
    ),
    table_step(
        "recovery_by_stratum",
        make_strata,
        "Counting planted genes by kind",
        text=("stratum",),
        inputs=_INPUTS,
        settings=_SETTINGS,
    ),
    table_step(
        "planted_agreement",
        make_alike,
        "Comparing explanations of planted genes",
        inputs=_INPUTS,
        settings=_SETTINGS,
    ),
)
