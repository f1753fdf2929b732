"""Steps: top genes that samples of one cancer share, over all cancers (Figures 5C, S16)."""

from __future__ import annotations

import pandas as pd

from helpers.annotations import cancer_gene_files, cancer_gene_roles
from helpers.biology.shared_cancer import shared_top_genes
from helpers.explain.scores import top_genes
from helpers.stability.overlap import list_length
from helpers.study.cancer.tumours import INPUTS, SETTINGS, mean_over_models, tumour_classes
from helpers.study.optimisation.at_optimum import optimum_of_this_run
from helpers.training.selection import choose_at_most
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

EXPLAINER = "DeepLift"
"""The paper's representative of group II, on aggregated MLPs."""


def make_tumour_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of single samples of every tumour class."""
    chosen = context.settings
    tumours = tumour_classes(context["data/expression"])
    samples = choose_at_most(
        context["tables/split"], tumours, chosen.tumour_samples, seed=chosen.seed
    )
    columns = ["tissue", "sample", "rank", "gene", "score"]
    if samples.empty:
        return pd.DataFrame(columns=columns)
    scores = mean_over_models(context, EXPLAINER, samples)
    k = list_length(chosen.top, scores.sizes["gene"])
    return top_genes(scores, k=k, by=chosen.rank_by)[columns]


def make_shared(context: Context) -> pd.DataFrame:
    """Find the genes that samples of one cancer share, and their roles."""
    roles = cancer_gene_roles(context.settings.cancer_gene_file)
    return shared_top_genes(context["tables/tumour_top_genes"], roles)


STEPS = (
    table_step(
        "tumour_top_genes",
        make_tumour_top_genes,
        "Explaining tumours, all types",
        inputs=INPUTS,
        more_inputs=optimum_of_this_run,
        settings=(*SETTINGS, "tumour_samples", "top", "rank_by"),
    ),
    table_step(
        "shared_cancer_genes",
        make_shared,
        "Finding shared genes",
        inputs=("tables/tumour_top_genes",),
        named_files={"cancer_gene_file": cancer_gene_files},
    ),
)
