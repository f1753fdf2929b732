"""Steps: optimised explanations of every model, and the top genes of each tissue."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.scores import make_scores, top_genes
from helpers.study.explaining import (
    EXPLANATION_SETTINGS,
    NO_REFERENCE,
    ReferenceMaker,
    explain_groups,
    explained_samples,
    labels,
)
from helpers.study.formats import SCORES, TABLE
from helpers.study.step import Context, Step

OPTIMAL_REFERENCE = "universal"
"""The reference that the paper finds best for MLPs (Table S1)."""


def explainer_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the explainers of the MLP."""
    return [name for name, entry in EXPLAINERS.items() if "mlp" in entry.architectures]


def make_optimised(context: Context, member: str) -> xarray.DataArray:
    """Explain every sample by every model at the paper's optimum: many repeats or references."""
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"])
    split = context["tables/split"].set_index("sample")["split"]
    reference = OPTIMAL_REFERENCE if EXPLAINERS[member].needs_reference else NO_REFERENCE
    maker = ReferenceMaker(
        reference, adata, split, chosen.reference_cut, chosen.reference_samples, chosen.seed
    )
    pools = maker.make(chosen.references, [group.tissue for group in groups])
    models, values = context.members("models/mlp"), []
    for name in models:
        combined = explain_groups(
            context.member("models/mlp", name),
            int(name),
            groups,
            explainer=member,
            references=pools,
            integration_steps=chosen.aggregate_integration_steps,
            settings=chosen,
            repeats=chosen.repeats,
        )
        values.append(combined[0])
    return make_scores(
        np.stack(values),
        models=[int(name) for name in models],
        genes=adata.var_names.tolist(),
        attributes={"architecture": "mlp", "explainer": member, "reference": reference},
        **labels(groups),
    )


def make_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of each tissue, by the first model alone and by all models together."""
    parts = []
    for explainer, scores in context.each("scores/optimised_mlp"):
        for aggregated, combined in ((False, scores.isel(model=0)), (True, scores.mean("model"))):
            by_tissue = combined.groupby("tissue").mean("sample")
            for tissue in dict.fromkeys(scores["tissue"].values.tolist()):
                table = top_genes(by_tissue.sel(tissue=tissue), k=context.settings.top)
                parts.append(
                    table.assign(
                        architecture="mlp",
                        explainer=explainer,
                        aggregated=aggregated,
                        tissue=tissue,
                    )
                )
    columns = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene", "score"]
    return pd.concat(parts, ignore_index=True)[columns]


STEPS = (
    Step(
        name="scores/optimised_mlp",
        path="scores/optimised-mlp-{member}.nc",
        form=SCORES,
        make=make_optimised,
        title="Explaining MLPs, optimised",
        inputs=("data/expression", "tables/split", "tables/explained", "models/mlp"),
        settings=(
            *EXPLANATION_SETTINGS,
            "references",
            "repeats",
            "aggregate_integration_steps",
        ),
        members=explainer_names,
    ),
    Step(
        name="tables/top_genes",
        path="tables/top_genes.csv",
        form=TABLE,
        make=make_top_genes,
        title="Ranking genes",
        inputs=("scores/optimised_mlp",),
        settings=("top",),
    ),
)
