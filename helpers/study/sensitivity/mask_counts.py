"""Steps: explainers compared at equal numbers of dropout masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray

from helpers.claims.intervals import middle
from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE
from helpers.explain.mlp.engine import explain_exact
from helpers.explain.mlp.subsets import explain_subsets
from helpers.explain.references import make_references
from helpers.explain.scores import make_scores
from helpers.stability.masks import (
    EFFECTIVE,
    MASK_COLUMNS,
    effective_masks,
    mask_sets,
    quadrature_masks,
)
from helpers.stability.overlap import list_length
from helpers.stability.reproducibility import Comparison, compare
from helpers.study.designs.reach import explainer_names
from helpers.study.designs.samples import explained_samples, targets
from helpers.study.designs.seeds import MASK_STREAM, derived_seed
from helpers.study.formats import TABLE
from helpers.study.sensitivity.training import FAMILY, NUMBERS, numbers
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

MASKS = "choices/masks"


SINGLE_MASKS = 20
"""Replicates of one mask, from which the scatter that one mask makes is measured."""

BASELINE = "scores/unoptimised_mlp"


def make_masks(context: Context, explainer: str) -> pd.DataFrame:
    """Compare replicates of equally many masks, and find how many the run's replicates average.

    IntegratedGradients is integrated exactly here, with one mask for a path, so that a mask is
    the same thing for every explainer. References are zeros: chance is in the masks alone.
    """
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"], chosen.curve_samples)
    needs = EXPLAINERS[explainer].needs_reference
    reference = make_references("zero", 1, genes=adata.n_vars, seed=0) if needs else None
    weights = mask_sets(chosen.mask_sizes, chosen.replicates)
    run = context.member(BASELINE, f"{explainer}-{'zero' if needs else NO_REFERENCE}")
    tables = []
    models = {number: context.member(FAMILY.step, number) for number in _compared(context)}
    for group in groups:
        seed = derived_seed(chosen.seed, MASK_STREAM, *group.tissue.encode())
        networks = [model.model for model in models.values()]
        target = targets(next(iter(models.values())), group)
        shared: dict[str, Any] = {"explainer": explainer, "references": reference, "seed": seed}
        sets = explain_subsets(networks, group.x, target, subsets=weights, **shared)
        one = explain_exact(networks, group.x, target, replicates=SINGLE_MASKS, **shared)
        own = run.sel(model=[int(number) for number in models], sample=group.names)
        found = effective_masks(one, own.transpose("model", "replicate", "sample", "gene").values)
        tables.append(_agreement(sets, list(models), group, chosen))
        tables.append(pd.DataFrame({"sample": group.names, "value": found}).assign(
            kind="as_run", metric=EFFECTIVE, tissue=group.tissue
        ))  # fmt: skip
        k = list_length(chosen.top, own.sizes["gene"])
        tables.append(_of_run(own, k).assign(kind="as_run"))
    return pd.concat(tables, ignore_index=True).assign(explainer=explainer)[MASK_COLUMNS]


def _compared(context: Context) -> list[str]:
    """Name the models that both this step and the run's single estimates have."""
    chosen = context.settings
    return numbers(chosen)[: chosen.inter_models]


def _agreement(sets: np.ndarray, names: list[str], group: Any, chosen: Any) -> pd.DataFrame:
    parts = []
    for place, size in enumerate(chosen.mask_sizes):
        first = place * chosen.replicates
        scores = make_scores(
            sets[:, first : first + chosen.replicates],
            models=[int(name) for name in names],
            replicates=chosen.replicates,
            samples=group.names,
            tissues=[group.tissue] * len(group.names),
            genes=[str(gene) for gene in range(sets.shape[-1])],
        )
        k = list_length(chosen.top, sets.shape[-1])
        parts.append(_of_run(scores, k).assign(kind="equal", masks=size))
    return pd.concat(parts, ignore_index=True)


def _of_run(scores: xarray.DataArray, k: int) -> pd.DataFrame:
    """Return the median agreement of replicates, over models and pairs: a row a sample."""
    comparison = Comparison("mlp", k=k)
    pairs = compare(scores, comparison, designs=("intra_model",), explainer="any")
    keys = ["metric", "tissue", "sample"]
    return pairs.groupby(keys, sort=False)["value"].median().reset_index()


def make_table(context: Context) -> pd.DataFrame:
    """Put the explainers below each other."""
    return pd.concat([table for _, table in context.each(MASKS)], ignore_index=True)


def make_effective(context: Context) -> pd.DataFrame:
    """Put the number of masks that the code draws beside that which the scatter shows."""
    chosen = context.settings
    table = context["tables/mask_counts"]
    rows = []
    for explainer, part in table[table["metric"] == EFFECTIVE].groupby("explainer", sort=False):
        by_steps = EXPLAINERS[str(explainer)].takes_steps
        value, low, high = middle(part["value"].to_numpy(float), median=True)
        passes = EXPLAINERS[str(explainer)].rows_per_estimate(chosen.integration_steps)
        rows.append(
            {"explainer": explainer, "rows": passes,
             "expected": quadrature_masks(chosen.integration_steps) if by_steps else 1.0,
             "measured": value, "ci_low": low, "ci_high": high, "samples": len(part)}
        )  # fmt: skip
    return pd.DataFrame(rows)


STEPS = (
    Step(
        name=MASKS,
        path="agreement/masks-{member}.csv",
        form=TABLE,
        make=make_masks,
        title="Comparing equal numbers of masks",
        inputs=("data/expression", "tables/explained", FAMILY.step, BASELINE),
        settings=(*NUMBERS, "seed", "curve_samples", "mask_sizes", "replicates", "inter_models",
                  "top"),
        members=explainer_names,
        parallel=True,
    ),
    table_step("mask_counts", make_table, "Collecting numbers of masks", inputs=(MASKS,)),
    table_step(
        "effective_masks",
        make_effective,
        "Counting masks",
        inputs=("tables/mask_counts",),
        settings=("integration_steps",),
    ),
)  # fmt: skip
