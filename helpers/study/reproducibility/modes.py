"""Steps: what the mode of the network does to replicates (statement B4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.explain.network.modes import MODES
from helpers.explain.references import make_references
from helpers.explain.scores import make_scores
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS, compare
from helpers.study.designs.choices import Chosen
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.samples import labels, samples_for
from helpers.study.designs.single_estimates import (
    CNN_EXPLANATION_SETTINGS,
    COMPARISON_SETTINGS,
    compared,
    explain_groups,
)
from helpers.study.formats import TABLE
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import stacked, table_step

FAMILY = FAMILIES["cnn_one_order"]
REFERENCE = "zero"


def explainer_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the explainers of CNNs, if there are any CNNs."""
    return explainers(FAMILY.architecture) if FAMILY.members(settings) else []


def make_modes(context: Context, member: str) -> pd.DataFrame:
    """Compare replicates by the first CNN in each mode; batches are those of the run."""
    chosen = context.settings
    adata = context["data/expression"]
    groups = samples_for(context, FAMILY.architecture)
    name = context.members(FAMILY.step)[0]
    model = context.member(FAMILY.step, name)
    references = None
    if EXPLAINERS[member].needs_reference:
        zero = make_references(REFERENCE, 1, genes=adata.n_vars, seed=0)
        references = np.repeat(zero[None], chosen.replicates, axis=0)
    tables = []
    for mode in MODES:
        values = explain_groups(
            model,
            int(name),
            groups,
            explainer=member,
            references=dict.fromkeys((group.tissue for group in groups), references),
            integration_steps=chosen.cnn_integration_steps,
            # Here each mode is for all explainers, as nothing else would show what it does.
            settings=Chosen(chosen, {"mode": mode, "gradcampp_mode": "as_others"}),
            replicates=chosen.replicates,
        )
        scores = make_scores(
            values,
            replicates=chosen.replicates,
            genes=adata.var_names.tolist(),
            **labels(groups),
        )
        comparison = compared(FAMILY.architecture, chosen, adata.n_vars, reference=REFERENCE)
        table = compare(scores, comparison, designs=("intra_model",), explainer=member)
        tables.append(table.assign(mode=mode))
    return pd.concat(tables, ignore_index=True)


def make_table(context: Context) -> pd.DataFrame:
    """Put the comparisons of all explainers below each other."""
    tables = (table for _, table in context.each("agreement/modes"))
    return stacked(tables, [*REPRODUCIBILITY_COLUMNS, "mode"])


STEPS = (
    Step(
        name="agreement/modes",
        path="agreement/modes-cnn-{member}.csv",
        form=TABLE,
        make=make_modes,
        title="Switching dropout on and off",
        inputs=("data/expression", "tables/explained", FAMILY.step),
        settings=(
            *(name for name in CNN_EXPLANATION_SETTINGS if name not in ("mode", "gradcampp_mode")),
            *(name for name in COMPARISON_SETTINGS if name != "combine"),
            "replicates",
            "cnn_integration_steps",
        ),
        members=explainer_names,
        parallel=True,
    ),
    table_step(
        "modes",
        make_table,
        "Collecting modes",
        inputs=("agreement/modes",),
    ),
)
