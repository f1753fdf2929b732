"""Steps: top genes of the run's own tissues without a network, beside those of explainers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.annotations import (
    cofactor_files,
    gene_set_files,
    load_gene_sets,
    regulator_lists,
    transcription_factor_files,
)
from helpers.biology.cancer import share_different
from helpers.biology.enrichment import background, enriched_terms
from helpers.biology.expression_status import top_expressed
from helpers.biology.over_representation import over_representation
from helpers.biology.regulators import regulators
from helpers.biology.specificity import UNION
from helpers.explain.scores import top_indices
from helpers.stability.combinations import COMBINATION
from helpers.stability.overlap import list_length
from helpers.study.designs.plain_rankings import WITHOUT_NETWORK, baseline_scores
from helpers.study.designs.samples import explained_samples
from helpers.study.top_genes.expression_status import tissue_means
from helpers.study.top_genes.specificity import sets_of
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

LIST_COLUMNS = [*COMBINATION, "tissue", "rank", "gene", "score"]

BESIDE_COLUMNS = ["measure", "architecture", "explainer", "tissue", "value"]


def make_lists(context: Context) -> pd.DataFrame:
    """List the top genes of every explained tissue, and of its cancers, by every baseline."""
    chosen, adata = context.settings, context["data/expression"]
    genes = adata.var_names.to_numpy(dtype=str)
    groups = [
        group
        for table in ("tables/explained", "tables/cancer_explained")
        for group in explained_samples(adata, context[table])
    ]
    parts = [pd.DataFrame(columns=LIST_COLUMNS)]
    for tissue, name, scores in baseline_scores(
        adata, context["tables/split"], groups, chosen.seed
    ):
        top = top_indices(scores, list_length(chosen.top, len(genes)), chosen.rank_by)
        parts.append(
            pd.DataFrame(
                {"architecture": WITHOUT_NETWORK, "explainer": name, "aggregated": False,
                 "tissue": tissue, "rank": np.arange(1, len(top) + 1),
                 "gene": genes[top], "score": scores[top]}
            )
        )  # fmt: skip
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True)[LIST_COLUMNS]


def make_beside(context: Context) -> pd.DataFrame:
    """Measure lists of explainers (all networks together) and of baselines by the same rules.

    Returns
    -------
    pandas.DataFrame
        `BESIDE_COLUMNS`; ``measure``: ``"specific"`` and ``"expressed"``, shares of the list that
        are tissue-specific (TissueEnrich's groups together) and among the most expressed;
        ``"terms"``, enriched and not redundant; ``"factors"``, fold of transcription factors over
        chance; ``"different"``, share of genes that differ between tissue and cancer.
    """
    tables = [context[name] for name in ("tables/top_genes", "tables/cancer_top_genes")]
    networks = pd.concat([table for table in tables if len(table)], ignore_index=True)
    networks = networks[networks["aggregated"].astype(bool)]
    plain = context["tables/baseline_top_genes"]
    lists = pd.concat([part for part in (networks, plain) if len(part)], ignore_index=True)
    normal = lists[lists["tissue"].isin(set(context["tables/explained"]["tissue"]))]
    parts = [_sets(context, normal), _terms(context, normal), _factors(context, normal)]
    shares = share_different(lists, context["tables/cancer_de"])
    parts.append(shares.assign(measure="different", value=shares["share"]))
    filled = [part[BESIDE_COLUMNS] for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)


def _sets(context: Context, lists: pd.DataFrame) -> pd.DataFrame:
    means = tissue_means(context)
    keys = [*COMBINATION, "tissue"]
    found = []
    for measure, sets in (
        ("specific", sets_of(context["tables/specific_sets"], [UNION])),
        ("expressed", top_expressed(means, list_length(context.settings.top, len(means)))),
    ):
        hits = over_representation(lists, sets, means, keys=keys, matching=None)
        found.append(hits.assign(measure=measure, value=hits["hits"] / hits["size"]))
    return pd.concat(found, ignore_index=True)


def _terms(context: Context, lists: pd.DataFrame) -> pd.DataFrame:
    measured = context["data/expression"].var_names
    names = context.settings.gene_set_libraries
    libraries = [background(load_gene_sets(name), measured) for name in names]
    table = enriched_terms(lists, libraries)
    keys = [*COMBINATION, "tissue"]
    kept = table[table["reduced"].astype(bool)]
    counts = pd.Index(kept[keys].itertuples(index=False, name=None)).value_counts()
    every = lists[keys].drop_duplicates(ignore_index=True)
    names = [tuple(row) for row in every.itertuples(index=False, name=None)]
    value = [float(counts.get(name, 0)) for name in names]
    return every.assign(measure="terms", value=value)


def _factors(context: Context, lists: pd.DataFrame) -> pd.DataFrame:
    chosen = context.settings
    known = regulator_lists(chosen.transcription_factor_file, chosen.cofactor_file)
    table = regulators(lists, known, context["data/expression"].var_names.tolist())
    first = (table["set"] == known[0].name) & (table["source"] == known[0].source)
    own = table[first]
    return own.assign(measure="factors", value=own["fold"])


STEPS = (
    table_step(
        "baseline_top_genes",
        make_lists,
        "Ranking genes without networks",
        inputs=("data/expression", "tables/split", "tables/explained", "tables/cancer_explained"),
        settings=("top", "rank_by", "seed"),
    ),
    table_step(
        "beside_baselines",
        make_beside,
        "Comparing top genes with baselines",
        text=("measure",),
        inputs=(
            "tables/baseline_top_genes", "tables/top_genes", "tables/cancer_top_genes",
            "tables/explained", "tables/specific_sets", "tables/cancer_de", "data/tissues",
            "data/expression",
        ),
        settings=("top",),
        named_files={
            "gene_set_libraries": gene_set_files,
            "transcription_factor_file": transcription_factor_files,
            "cofactor_file": cofactor_files,
        },
    ),
)  # fmt: skip
