"""Steps: what the mode of the network does to replicates (statement B4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.explain.explanation import explain
from helpers.explain.network.modes import MODES
from helpers.explain.references import make_references
from helpers.explain.scores import make_scores
from helpers.stability.reproducibility import Comparison, compare
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.samples import explained_samples, labels, targets
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed
from helpers.study.formats import TABLE
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

FAMILY = FAMILIES["cnn_one_order"]
REFERENCE = "zero"


def explainer_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the explainers of CNNs."""
    return explainers(FAMILY.architecture)


def make_modes(context: Context, member: str) -> pd.DataFrame:
    """Compare replicates by the first CNN in each mode, all samples explained as one batch."""
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"], chosen.cnn_explained_samples)
    name = context.members(FAMILY.step)[0]
    model = context.member(FAMILY.step, name)
    x = np.concatenate([group.x for group in groups])
    own = np.concatenate([targets(model, group) for group in groups])
    needs_reference = EXPLAINERS[member].needs_reference
    reference = (
        make_references(REFERENCE, 1, genes=adata.n_vars, seed=0) if needs_reference else None
    )
    # BatchNorm cannot take the statistics of a single sample.
    modes = MODES if len(x) > 1 else [mode for mode in MODES if mode != "training"]
    tables = []
    for mode in modes:
        values = explain(
            model.model,
            x,
            own,
            explainer=member,
            references=reference,
            replicates=chosen.replicates,
            combine=chosen.combine,
            mode=mode,
            integration_steps=chosen.cnn_integration_steps,
            gradcampp_target=chosen.gradcampp_target,
            layer=chosen.cam_layer or None,
            seed=derived_seed(chosen.seed, EXPLANATION_STREAM, int(name)),
        )
        scores = make_scores(
            values.astype(np.float32),
            replicates=chosen.replicates,
            genes=adata.var_names.tolist(),
            **labels(groups),
        )
        comparison = Comparison(FAMILY.architecture, reference=REFERENCE, k=chosen.top)
        table = compare(scores, comparison, designs=("intra_model",), explainer=member)
        tables.append(table.assign(mode=mode))
    return pd.concat(tables, ignore_index=True)


def make_table(context: Context) -> pd.DataFrame:
    """Put the comparisons of all explainers below each other."""
    return pd.concat([table for _, table in context.each("agreement/modes")], ignore_index=True)


STEPS = (
    Step(
        name="agreement/modes",
        path="agreement/modes-cnn-{member}.csv",
        form=TABLE,
        make=make_modes,
        title="Switching dropout on and off",
        inputs=("data/expression", "tables/explained", FAMILY.step),
        settings=(
            "combine",
            "seed",
            "gradcampp_target",
            "cam_layer",
            "cnn_explained_samples",
            "replicates",
            "cnn_integration_steps",
            "top",
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
