"""Steps: tumours explained by all MLPs together; which samples of them, and how."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import xarray

from helpers.explain.scores import make_scores
from helpers.stability.model_scale import weighed
from helpers.study.designs.combined_estimates import combined_sets
from helpers.study.designs.samples import explained_samples, labels
from helpers.study.designs.scores import SCORES
from helpers.study.optimisation.at_optimum import (
    OPTIMA,
    optimum_of_this_run,
    pool_of,
    reference_pools,
)
from helpers.training.selection import choose_at_most
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

MLPS = next(optimum for optimum in OPTIMA if optimum.family.architecture == "mlp")
"""How MLPs are explained at the optimum."""

INPUTS = ("data/expression", "tables/split", MLPS.family.step)
"""Steps that `mean_over_models` reads, besides the table of samples."""


SETTINGS = (*MLPS.settings, "model_scale")
"""Settings that it depends on."""


def tumour_classes(adata: anndata.AnnData) -> list[str]:
    """Name the classes of tumours, sorted."""
    obs = adata.obs
    return sorted(set(obs.loc[obs["status"].astype(str) == "cancer", "tissue"].astype(str)))


def mean_over_models(context: Context, explainer: str, explained: pd.DataFrame) -> xarray.DataArray:
    """Explain samples at the optimum by every MLP and average over these: samples × genes.

    Parameters
    ----------
    context
        Of a step with `INPUTS` and `SETTINGS`.
    explainer
        An explainer of MLPs.
    explained
        ``tissue`` and ``sample``; there may be none.
    """
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, explained)
    found = MLPS.conditions(context, explainer)
    models = context.members(MLPS.family.step)
    total = np.zeros((len(explained), adata.n_vars))
    if groups:
        references = reference_pools(context, found, [group.tissue for group in groups])
        for name in models:
            model = context.member(MLPS.family.step, name)
            parts = []
            for group in groups:
                own = references[group.tissue]
                pool = pool_of(explainer, found, own, chosen.seed, int(name))
                parts.append(combined_sets(model, int(name), group, pool, chosen)[0])
            total += np.concatenate([weighed(part, chosen.model_scale) for part in parts])
    attributes = {"architecture": "mlp", "explainer": explainer, "models": len(models)}
    return make_scores(
        (total / len(models)).astype(np.float32),
        genes=adata.var_names.tolist(),
        attributes={**attributes, "reference": found.reference, "n": found.estimates},
        **labels(groups),
    )


def make_explained(context: Context) -> pd.DataFrame:
    """Choose as many samples of each cancer as are explained of its normal tissue."""
    chosen = context.settings
    cancers = list(dict.fromkeys(context["tables/cancer_pairs"]["cancer"]))
    return choose_at_most(
        context["tables/split"], cancers, chosen.explained_samples, seed=chosen.seed
    )


def make_tumours(context: Context, member: str) -> xarray.DataArray:
    """Explain samples of the paired cancers by all MLPs, at the optimum."""
    return mean_over_models(context, member, context["tables/cancer_explained"])


STEPS = (
    table_step(
        "cancer_explained",
        make_explained,
        "Choosing tumours",
        inputs=("tables/split", "tables/cancer_pairs"),
        settings=("explained_samples", "seed"),
        common=True,
    ),
    Step(
        name="scores/tumours",
        path="scores/tumours-{member}.nc",
        form=SCORES,
        make=make_tumours,
        title="Explaining tumours",
        inputs=(*INPUTS, "tables/cancer_explained"),
        more_inputs=optimum_of_this_run,
        settings=SETTINGS,
        members=MLPS.members,
        parallel=True,
    ),
)
