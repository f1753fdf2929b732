"""Steps: top genes of normal tissues and of their cancers (Figures 5A, 5B and S15)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.annotations import cancer_gene_files, cancer_gene_roles
from helpers.biology.cancer import rank_in_scores, segregation, share_different
from helpers.biology.markers import cancer_candidates
from helpers.stability.model_scale import on_one_scale
from helpers.stability.overlap import list_length
from helpers.study.cancer.tumours import MLPS
from helpers.study.top_genes.lists import rank_genes
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

MARKERS = ("GPC3",)
"""Genes that the paper names, whose rank is looked up in every list (K5)."""
RANK_COLUMNS = ["explainer", "tissue", "gene", "rank", "genes"]
REPRESENTATIVE = "DeepLift"
"""The paper's representative of group II, on aggregated MLPs."""


def make_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of each paired cancer, by all MLPs together."""
    columns = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene", "score"]
    chosen = context.settings
    parts = [
        rank_genes(scores, list_length(chosen.top, scores.sizes["gene"]), chosen.rank_by).assign(
            architecture="mlp", explainer=explainer, aggregated=True
        )
        for explainer, scores in context.each("scores/tumours")
        if scores.sizes["sample"]
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def make_shares(context: Context) -> pd.DataFrame:
    """Count top genes that differ between normal tissue and cancer, against chance (Figure 5A)."""
    return share_different(_both_sides(context), context["tables/cancer_de"])


def make_segregation(context: Context) -> pd.DataFrame:
    """Tell which way top genes of the normal tissue, the cancer and both change (Figure 5B)."""
    return segregation(_of_mlps(_both_sides(context)), context["tables/cancer_de"])


def make_candidates(context: Context) -> pd.DataFrame:
    """Put all that is known of the top genes of each pair into one table."""
    lists = _of_mlps(_both_sides(context))
    own = lists[lists["explainer"] == REPRESENTATIVE]
    roles = cancer_gene_roles(context.settings.cancer_gene_file)
    return cancer_candidates(own, context["tables/cancer_de"], roles)


def _both_sides(context: Context) -> pd.DataFrame:
    """Put the lists of normal tissues and of cancers below each other."""
    lists = [context["tables/top_genes"], context["tables/cancer_top_genes"]]
    return pd.concat([table for table in lists if len(table)], ignore_index=True)


def _of_mlps(lists: pd.DataFrame) -> pd.DataFrame:
    """Keep those of aggregated MLPs, which alone explain the cancers."""
    return lists[(lists["architecture"] == "mlp") & lists["aggregated"]]


def make_marker_ranks(context: Context) -> pd.DataFrame:
    """Rank the paper's marker genes among all genes, in normal tissues and cancers."""
    parts: list[Any] = [pd.DataFrame(columns=RANK_COLUMNS)]
    for explainer, normal in context.each(MLPS.step):
        own = on_one_scale(normal, context.settings.model_scale).mean("model")
        for scores in (own, context.member("scores/tumours", explainer)):
            if not scores.sizes["sample"]:
                continue
            means = scores.groupby("tissue").mean("sample")
            for gene in set(MARKERS) & set(means["gene"].values.tolist()):
                parts.append(rank_in_scores(gene, means).assign(explainer=explainer))
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True)[RANK_COLUMNS]


_LISTS = ("tables/top_genes", "tables/cancer_top_genes", "tables/cancer_de")

STEPS = (
    table_step(
        "cancer_top_genes",
        make_top_genes,
        "Ranking genes of tumours",
        inputs=("scores/tumours",),
        settings=("top", "rank_by"),
    ),
    table_step(
        "cancer_shares",
        make_shares,
        "Counting genes that differ",
        inputs=_LISTS,
    ),
    table_step(
        "segregation",
        make_segregation,
        "Telling directions apart",
        inputs=_LISTS,
    ),
    table_step(
        "cancer_candidates",
        make_candidates,
        "Listing genes of cancers",
        inputs=_LISTS,
        named_files={"cancer_gene_file": cancer_gene_files},
    ),
    table_step(
        "marker_ranks",
        make_marker_ranks,
        "Ranking marker genes",
        inputs=(MLPS.step, "scores/tumours"),
        settings=("model_scale",),
    ),
)
