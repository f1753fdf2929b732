"""Steps: gene sets enriched in top genes, as the text and as the scripts explain (G5)."""

from __future__ import annotations

import pandas as pd

from helpers.annotations import gene_set_files, load_gene_sets
from helpers.biology.enrichment import background, enriched_terms
from helpers.study.network_state.lists import LISTS
from helpers.study.network_state.states import RELEASED, TEXT
from helpers.study.top_genes.lists import ALL_MODELS
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

GROUP_THREE = ("Saliency", "GuidedBackprop")
"""The paper's group III, on aggregated MLPs."""

REPRESENTATIVE = "DeepLift"
"""The paper's representative of group II."""

SHOWN = (*GROUP_THREE, REPRESENTATIVE)
"""Explainers of which batches of every size, and terms, are shown: group III beside group II."""


def make_terms(context: Context) -> pd.DataFrame:
    """Find the gene sets that are enriched in the lists of all models together."""
    lists = pd.concat([context.member(LISTS, name) for name in SHOWN], ignore_index=True)
    lists = lists[lists["model"].astype(str) == ALL_MODELS]
    lists = lists[lists["tissue"].isin(context["tables/explained"]["tissue"])]
    measured = context["data/tissues"].var_names
    libraries = [background(load_gene_sets(name), measured)
                 for name in context.settings.gene_set_libraries]  # fmt: skip
    parts = []
    for state in (TEXT, RELEASED):
        own = lists[lists["state"] == state.name].drop(columns=["state", "model"])
        parts.append(enriched_terms(own, libraries).assign(state=state.name))
    return pd.concat(parts, ignore_index=True)


STEPS = (
    table_step(
        "state_terms",
        make_terms,
        "Testing gene sets in other states",
        text=("genes",),
        inputs=("data/tissues", "tables/explained", LISTS),
        named_files={"gene_set_libraries": gene_set_files},
    ),
)
