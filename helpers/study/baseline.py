"""Steps: unoptimised explanations of the MLPs (Figure 1)."""

from __future__ import annotations

import numpy as np
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.scores import make_scores
from helpers.study.explaining import (
    EXPLANATION_SETTINGS,
    ReferenceMaker,
    conditions,
    explain_groups,
    explained_samples,
    labels,
)
from helpers.study.formats import SCORES
from helpers.study.step import Context, Step


def condition_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name each explainer with each kind of reference it can use."""
    return [f"{explainer}-{reference}" for explainer, reference in conditions("mlp")]


def make_baseline(context: Context, member: str) -> xarray.DataArray:
    """Explain every sample by every model several times, one estimate each time."""
    chosen = context.settings
    explainer, reference = member.rsplit("-", 1)
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"])
    split = context["tables/split"].set_index("sample")["split"]
    maker = ReferenceMaker(
        reference, adata, split, chosen.reference_cut, chosen.reference_samples, chosen.seed
    )
    replicates, models = chosen.replicates, context.members("models/mlp")[: chosen.inter_models]
    pools = maker.make(replicates * len(models), [group.tissue for group in groups])
    values = []
    for position, name in enumerate(models):
        first = position * replicates
        own = {
            tissue: None if pool is None else pool[first : first + replicates, None]
            for tissue, pool in pools.items()
        }
        values.append(
            explain_groups(
                context.member("models/mlp", name),
                int(name),
                groups,
                explainer=explainer,
                references=own,
                integration_steps=chosen.integration_steps,
                settings=chosen,
                replicates=replicates,
            )
        )
    return make_scores(
        np.stack(values),
        models=[int(name) for name in models],
        replicates=replicates,
        genes=adata.var_names.tolist(),
        attributes={"architecture": "mlp", "explainer": explainer, "reference": reference},
        **labels(groups),
    )


STEPS = (
    Step(
        name="scores/baseline_mlp",
        path="scores/baseline-mlp-{member}.nc",
        form=SCORES,
        make=make_baseline,
        title="Explaining MLPs, unoptimised",
        inputs=("data/expression", "tables/split", "tables/explained", "models/mlp"),
        settings=(*EXPLANATION_SETTINGS, "replicates", "inter_models", "integration_steps"),
        members=condition_names,
    ),
)
