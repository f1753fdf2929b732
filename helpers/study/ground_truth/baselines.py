"""Steps: rankings without a network, and one that knows more, held against planted genes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anndata
import numpy as np
import pandas as pd
import xarray

from helpers.baselines import BASELINES, OneVsRest, forget
from helpers.correctness.oracle import oracle
from helpers.correctness.recovery import MEASURES, STRATUM_COLUMNS, Truth, by_stratum, recovery
from helpers.stability.overlap import list_length
from helpers.study.designs.noise import training_spread
from helpers.study.designs.samples import explained_samples
from helpers.study.designs.scores import SCORES
from helpers.study.designs.seeds import BASELINE_STREAM, derived_seed
from helpers.study.ground_truth.known_genes import DATA, EXPLAINED, GENES, SPLIT
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

ORACLE = "Oracle"
"""Knows how samples are made, but not which genes are planted."""

RANKINGS = "scores/planted_baselines"


def make_rankings(context: Context) -> xarray.DataArray:
    """Rank genes by every baseline, and by the oracle: rankings × classes × genes.

    Baselines see the samples that networks are trained on.
    """
    adata: anndata.AnnData = context[DATA]
    sides = context[SPLIT].set_index("sample")["split"]
    training = (sides.loc[adata.obs_names] == "train").to_numpy()
    x = np.asarray(adata.X)[training]
    tissues = adata.obs["tissue"].to_numpy(dtype=str)[training]
    laboratories = adata.obs["batch"].to_numpy(dtype=str)[training]
    spread = training_spread(adata, sides)
    groups = explained_samples(adata, context[EXPLAINED])
    columns = []
    for number, group in enumerate(groups):
        seed = derived_seed(context.settings.seed, BASELINE_STREAM, number)
        question = OneVsRest(group.tissue, x, tissues == group.tissue, group.x, seed)
        own = [baseline.score(question) for baseline in BASELINES.values()]
        columns.append(np.stack([*own, oracle(x, question.inside, laboratories, spread)]))
    forget()
    return xarray.DataArray(
        np.stack(columns, axis=1),
        dims=("explainer", "tissue", "gene"),
        coords={
            "explainer": [*BASELINES, ORACLE], "tissue": [group.tissue for group in groups],
            "gene": adata.var_names.tolist(),
        },
    )  # fmt: skip


def _measured(context: Context) -> Iterator[tuple[dict[str, str], Any, Truth]]:
    """Yield each ranking and class with its scores, and the class's truth."""
    rankings = context[RANKINGS]
    genes = rankings["gene"].values.tolist()
    for column, tissue in enumerate(rankings["tissue"].values.tolist()):
        truth = Truth(context[GENES], tissue, genes)
        for row, name in enumerate(rankings["explainer"].values.tolist()):
            yield {"explainer": name, "tissue": tissue}, rankings.values[row, column], truth


def _length(context: Context, truth: Truth) -> int:
    """Return how many genes a list holds."""
    return list_length(context.settings.top, len(truth.positive))


def make_recovery(context: Context) -> pd.DataFrame:
    """Measure how much of the truth each ranking finds."""
    chosen = context.settings
    rows = [
        named | recovery(scores, truth, _length(context, truth), chosen.rank_by)
        for named, scores, truth in _measured(context)
    ]
    return pd.DataFrame(rows, columns=["explainer", "tissue", *MEASURES])


def make_strata(context: Context) -> pd.DataFrame:
    """Count what each ranking finds of each kind of planted gene."""
    chosen = context.settings
    parts = [
        by_stratum(scores, truth, _length(context, truth), chosen.rank_by).assign(**named)
        for named, scores, truth in _measured(context)
    ]
    columns = ["explainer", "tissue", *STRATUM_COLUMNS]
    return pd.concat(parts, ignore_index=True)[columns]


STEPS = (
    Step(
        name=RANKINGS,
        path="scores/planted-baselines.nc",
        form=SCORES,
        make=make_rankings,
        title="Ranking planted genes without networks",
        inputs=(DATA, SPLIT, EXPLAINED),
        settings=("seed",),
    ),
    table_step(
        "baseline_recovery",
        make_recovery,
        "Holding baselines against planted genes",
        inputs=(RANKINGS, GENES),
        settings=("top", "rank_by"),
    ),
    table_step(
        "baseline_recovery_by_stratum",
        make_strata,
        "Counting planted genes that baselines find",
        text=("stratum",),
        inputs=(RANKINGS, GENES),
        settings=("top", "rank_by"),
    ),
)
