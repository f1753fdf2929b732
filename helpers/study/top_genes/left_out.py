"""Steps: averages that leave out one model: what a list owes to single models.

They give statements on one list their interval, whose units are models, and let a single model be
compared with an average that it is no part of.
"""

from __future__ import annotations

from itertools import product

import pandas as pd

from helpers.annotations import (
    cofactor_files,
    regulator_lists,
    transcription_factor_files,
)
from helpers.biology.expression_status import top_expressed
from helpers.biology.over_representation import gene_set, over_representation
from helpers.biology.specificity import ENHANCED
from helpers.explain.scores import top_genes
from helpers.stability.overlap import list_length
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.study.top_genes.expression_status import tissue_means
from helpers.study.top_genes.lists import LIST_SETTINGS, without_models
from helpers.study.top_genes.specificity import sets_of
from helpers.workflow.step import Context
from helpers.workflow.tables import stacked, table_step

LIST_COLUMNS = ["architecture", "explainer", "model", "tissue", "rank", "gene"]
COUNT_COLUMNS = ["architecture", "explainer", "model", "tissue", "set", "hits", "size"]
HELD_OUT_COLUMNS = ["architecture", "explainer", "other", "model", "tissue", "overlap"]
FACTORS = "transcription_factors"


def make_lists(context: Context) -> pd.DataFrame:
    """List the top genes of each tissue by the average of all models but one, for each model."""
    chosen = context.settings
    parts: list[pd.DataFrame] = []
    for optimum in OPTIMA:
        for explainer, scores in context.each(optimum.step):
            for model in scores["model"].to_numpy().tolist():
                combined = without_models(scores, [model], chosen.model_scale)
                if combined is None:
                    continue
                k = list_length(chosen.top, combined.sizes["gene"])
                listed = top_genes(combined, k=k, by=chosen.rank_by).assign(
                    architecture=optimum.family.architecture, explainer=explainer, model=model
                )
                parts.append(listed[LIST_COLUMNS])
    return stacked(parts, LIST_COLUMNS)


def make_counts(context: Context) -> pd.DataFrame:
    """Count in these lists what statements on single tissues are about."""
    lists, means = context["tables/left_out_lists"], tissue_means(context)
    if lists.empty:
        return pd.DataFrame(columns=COUNT_COLUMNS)
    chosen = context.settings
    known = regulator_lists(chosen.transcription_factor_file, chosen.cofactor_file)
    factors = [
        gene_set(f"{entry.name}:{entry.source}", sorted(entry.genes))
        for entry in known
        if entry.name == FACTORS
    ]
    sets = pd.concat(
        [
            top_expressed(means, list_length(chosen.top, len(means)))[["set", "tissue", "gene"]],
            sets_of(context["tables/specific_sets"], [ENHANCED]),
            *factors,
        ],
        ignore_index=True,
    )
    keys = ["architecture", "explainer", "model", "tissue"]
    return over_representation(lists, sets, means, keys=keys, matching=None)[COUNT_COLUMNS]


def make_held_out(context: Context) -> pd.DataFrame:
    """Compare single models with the average of all others, which they are no part of."""
    single = context["tables/top_lists"]
    single = single[~single["aggregated"]]
    others = context["tables/left_out_lists"]
    rows = []
    keys = ["architecture", "model", "tissue"]
    averages = dict(iter(others.groupby(keys, sort=False)))
    for (architecture, model, tissue), own in single.groupby(keys, sort=False):
        found = averages.get((architecture, int(model), tissue))
        if found is None:
            continue
        a, b = ({str(name): set(part["gene"]) for name, part in table.groupby("explainer")}
                for table in (own, found))  # fmt: skip
        rows += [
            (architecture, one, other, int(model), tissue, len(a[one] & b[other]) / len(a[one]))
            for one, other in product(a, b)
        ]
    return pd.DataFrame(rows, columns=HELD_OUT_COLUMNS)


STEPS = (
    table_step(
        "left_out_lists",
        make_lists,
        "Ranking genes without one model",
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=LIST_SETTINGS,
    ),
    table_step(
        "left_out",
        make_counts,
        "Counting genes without one model",
        inputs=("tables/left_out_lists", "tables/specific_sets", "data/tissues"),
        settings=("top",),
        named_files={
            "transcription_factor_file": transcription_factor_files,
            "cofactor_file": cofactor_files,
        },
    ),
    table_step(
        "held_out",
        make_held_out,
        "Comparing models with the others",
        text=("other",),
        inputs=("tables/top_lists", "tables/left_out_lists"),
    ),
)
