"""Steps: expression of tissues and of top genes (Figures 4A to 4C, S9, S10, Table S4)."""

from __future__ import annotations

import anndata
import pandas as pd

from helpers.biology.expression_status import expression_correlation, top_expressed
from helpers.biology.over_representation import Matching, over_representation
from helpers.biology.profiles import distinct_genes, expression_profiles, tissue_overlap
from helpers.biology.specificity import own_tissue_specificity, tau
from helpers.biology.tissues import tissue_expression
from helpers.stability.combinations import COMBINATION
from helpers.stability.overlap import list_length
from helpers.study.designs.seeds import CHANCE_STREAM, derived_seed
from helpers.study.formats import EXPRESSION
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.study.top_genes.lists import tissue_scores
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

KEYS = [*COMBINATION, "model", "tissue"]


def make_tissues(context: Context) -> anndata.AnnData:
    """Average the samples of each class: tissues × genes, TPM; means, and medians in a layer."""
    adata = context["data/expression"]
    means, medians = (tissue_expression(adata, name) for name in ("mean", "median"))
    return anndata.AnnData(
        means.T.to_numpy(),
        obs=pd.DataFrame(index=means.columns.to_numpy(str)),
        var=pd.DataFrame(index=means.index.to_numpy(str)),
        layers={"median": medians.T.to_numpy()},
    )


def tissue_means(context: Context) -> pd.DataFrame:
    """Return genes × tissues, mean TPM."""
    return context["data/tissues"].to_df().T


def matching(context: Context) -> Matching:
    """Return how lists are compared with genes of the same expression."""
    chosen = context.settings
    seed = derived_seed(chosen.seed, CHANCE_STREAM)
    return Matching(draws=chosen.matched_draws, seed=seed)


def make_expression(context: Context) -> pd.DataFrame:
    """Compare scores and top genes of every list with expression."""
    chosen, means = context.settings, tissue_means(context)
    parts = []
    for optimum in OPTIMA:
        for explainer, scores in context.each(optimum.step):
            for aggregated, model, combined in tissue_scores(
                scores, chosen.inter_models, chosen.model_scale
            ):
                name = (optimum.family.architecture, explainer, aggregated)
                parts.append(expression_correlation({name: combined}, means).assign(model=model))
    lists = context["tables/top_lists"]
    highest = top_expressed(means, list_length(chosen.top, len(means)))
    hits = over_representation(lists, highest, means, keys=KEYS, matching=matching(context))
    table = pd.concat(parts, ignore_index=True).merge(hits, on=KEYS, validate="one_to_one")
    rest = [name for name in table.columns if name not in [*KEYS, "set"]]
    return table[[*KEYS, *rest]]


def make_profiles(context: Context) -> pd.DataFrame:
    """Collect the expression of the top genes of each group's representative."""
    members = context["tables/group_members"]
    chosen = members[members["representative"]].set_index("group")["combination"].to_dict()
    # Of a combination with a list for each of several models, the first model's.
    lists = context["tables/top_lists"].drop_duplicates([*COMBINATION, "tissue", "rank"])
    return expression_profiles(lists, tissue_means(context), combinations=chosen)


def make_tissue_overlap(context: Context) -> pd.DataFrame:
    """Compare the top genes of every two tissues."""
    return tissue_overlap(context["tables/top_lists"])


def make_distinct_genes(context: Context) -> pd.DataFrame:
    """Count the different top genes of all tissues together."""
    return distinct_genes(context["tables/top_lists"])


def make_tau(context: Context) -> pd.DataFrame:
    """Measure the tissue specificity of every gene."""
    return tau(tissue_means(context)).rename_axis("gene").reset_index()


def make_own_specificity(context: Context) -> pd.DataFrame:
    """Measure how specific the top genes of each tissue are to it."""
    values = own_tissue_specificity(tissue_means(context))
    listed = context["tables/top_lists"][["gene", "tissue"]].drop_duplicates(ignore_index=True)
    rows = values.index.get_indexer(pd.Index(listed["gene"]))
    columns = values.columns.get_indexer(pd.Index(listed["tissue"]))
    return listed.assign(specificity=values.to_numpy()[rows, columns])


STEPS = (
    Step(
        name="data/tissues",
        path="data/tissues.h5ad",
        form=EXPRESSION,
        make=make_tissues,
        title="Averaging tissues",
        inputs=("data/expression",),
    ),
    table_step(
        "expression",
        make_expression,
        "Comparing scores with expression",
        text=("model",),
        inputs=(
            *(optimum.step for optimum in OPTIMA),
            "tables/top_lists",
            "data/tissues",
        ),
        settings=("top", "inter_models", "model_scale", "matched_draws", "seed"),
    ),
    table_step(
        "profiles",
        make_profiles,
        "Collecting expression profiles",
        inputs=("tables/group_members", "tables/top_lists", "data/tissues"),
    ),
    table_step(
        "tissue_overlap",
        make_tissue_overlap,
        "Comparing tissues",
        inputs=("tables/top_lists",),
    ),
    table_step(
        "distinct_genes",
        make_distinct_genes,
        "Counting genes",
        inputs=("tables/top_lists",),
    ),
    table_step(
        "tau",
        make_tau,
        "Measuring tissue specificity",
        inputs=("data/tissues",),
    ),
    table_step(
        "own_specificity",
        make_own_specificity,
        "Measuring tissue specificity",
        inputs=("data/tissues", "tables/top_lists"),
    ),
)
