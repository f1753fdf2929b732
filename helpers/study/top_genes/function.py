"""Steps: what top genes do: enriched gene sets, transcription factors and cofactors."""

from __future__ import annotations

import pandas as pd

from helpers.annotations import (
    cofactor_files,
    gene_set_files,
    load_gene_sets,
    regulator_lists,
    transcription_factor_files,
)
from helpers.biology.enrichment import background, enriched_terms
from helpers.biology.regulators import regulators
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step


def make_go(context: Context) -> pd.DataFrame:
    """Find the gene sets that are enriched in each list of top genes (Table S5)."""
    measured = context["data/expression"].var_names
    names = context.settings.gene_set_libraries
    libraries = [background(load_gene_sets(name), measured) for name in names]
    return enriched_terms(context["tables/top_genes"], libraries)


def make_regulators(context: Context) -> pd.DataFrame:
    """Count transcription factors and cofactors in each list (Figures 4F, S13, S14)."""
    chosen = context.settings
    lists = regulator_lists(chosen.transcription_factor_file, chosen.cofactor_file)
    measured = context["data/expression"].var_names.tolist()
    return regulators(context["tables/top_genes"], lists, measured)


STEPS = (
    table_step(
        "go",
        make_go,
        "Testing gene sets",
        text=("genes",),
        inputs=("tables/top_genes", "data/expression"),
        named_files={"gene_set_libraries": gene_set_files},
    ),
    table_step(
        "regulators",
        make_regulators,
        "Counting regulators",
        inputs=("tables/top_genes", "data/expression"),
        named_files={
            "transcription_factor_file": transcription_factor_files,
            "cofactor_file": cofactor_files,
        },
    ),
)
