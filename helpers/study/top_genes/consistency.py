"""Steps: which top genes explainers and architectures share (Figure 3, Tables S3 and S8)."""

from __future__ import annotations

import pandas as pd

from helpers.biology.profiles import representatives
from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE
from helpers.explain.scores import top_genes
from helpers.stability.consistency import pairwise_overlap
from helpers.stability.groups import find_groups, group_members
from helpers.stability.overlap import list_length
from helpers.stability.replicates import SHARED_COLUMNS, shared_by_replicates
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.study.reproducibility.unoptimised import UNOPTIMISED
from helpers.study.top_genes.lists import LIST_SETTINGS, without_models
from helpers.workflow.step import Context
from helpers.workflow.tables import stacked, table_step

SINGLES = ("mlp", "cnn_orders")
"""Unoptimised explanations whose models are those that are aggregated."""


def make_consistency(context: Context) -> pd.DataFrame:
    """Compare the top genes of every two combinations."""
    return pairwise_overlap(context["tables/top_lists"])


def make_groups(context: Context) -> pd.DataFrame:
    """Cluster the combinations."""
    return find_groups(context["tables/consistency"]).table


def make_group_choice(context: Context) -> pd.DataFrame:
    """Show how the number of clusters was chosen."""
    return find_groups(context["tables/consistency"]).choice


def make_group_members(context: Context) -> pd.DataFrame:
    """List the members of the groups that later chapters speak of."""
    members = group_members(context["tables/groups"], context.settings.groups)
    chosen = set(representatives(members).values())
    return members.assign(representative=members["combination"].isin(chosen))


def make_shared_genes(context: Context) -> pd.DataFrame:
    """Compare genes that unoptimised explanations of several models share with aggregated ones.

    The aggregated list is that of the other models: a list always shares genes with an average that
    its own model is part of. Without two other models there is none.
    """
    chosen = context.settings
    tables: list[pd.DataFrame] = []
    optima = {optimum.family.architecture: optimum for optimum in OPTIMA}
    for name in SINGLES:
        compared = UNOPTIMISED[name]
        architecture = compared.family.architecture
        for member in context.members(compared.step):
            explainer, reference = member.rsplit("-", 1)
            if reference != ("zero" if EXPLAINERS[explainer].needs_reference else NO_REFERENCE):
                continue
            scores = context.member(compared.step, member)
            optimised = context.member(optima[architecture].step, explainer)
            others = without_models(
                optimised, scores["model"].to_numpy().tolist(), chosen.model_scale
            )
            if others is None:
                continue
            k = list_length(chosen.top, scores.sizes["gene"])
            tables.append(
                shared_by_replicates(
                    scores,
                    top_genes(others, k=k, by=chosen.rank_by),
                    architecture=architecture,
                    explainer=explainer,
                    over="model",
                    k=k,
                    by=chosen.rank_by,
                )
            )
    return stacked(tables, SHARED_COLUMNS)


STEPS = (
    table_step(
        "consistency",
        make_consistency,
        "Comparing lists of top genes",
        inputs=("tables/top_lists",),
    ),
    table_step(
        "groups",
        make_groups,
        "Finding groups",
        inputs=("tables/consistency",),
    ),
    table_step(
        "group_choice",
        make_group_choice,
        "Finding groups",
        inputs=("tables/consistency",),
    ),
    table_step(
        "group_members",
        make_group_members,
        "Listing groups",
        inputs=("tables/groups",),
        settings=("groups",),
    ),
    table_step(
        "shared_genes",
        make_shared_genes,
        "Finding genes that models share",
        inputs=(
            *(optimum.step for optimum in OPTIMA),
            *(UNOPTIMISED[name].step for name in SINGLES),
        ),
        settings=LIST_SETTINGS,
    ),
)
