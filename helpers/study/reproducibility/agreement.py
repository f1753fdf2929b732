"""Steps: how far replicates of explanations agree (Figure 1)."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.stability.reproducibility import compare
from helpers.study.designs.single_estimates import COMPARISON_SETTINGS, compared
from helpers.study.formats import TABLE
from helpers.study.reproducibility.unoptimised import UNOPTIMISED
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

DESIGNS = {
    "mlp": ("intra_model", "inter_model"),
    "cnn": ("intra_model", "inter_model"),
    "cnn_orders": ("gene_order",),
}
"""How the explanations of each family are compared."""


def _maker(name: str) -> Callable[[Context, str], pd.DataFrame]:
    def make(context: Context, member: str) -> pd.DataFrame:
        """Compare replicates of one model, and one replicate of different models."""
        scores = context.member(UNOPTIMISED[name].step, member)
        comparison = compared(
            scores.attrs["architecture"],
            context.settings,
            scores.sizes["gene"],
            reference=scores.attrs["reference"],
        )
        return compare(
            scores, comparison, designs=DESIGNS[name], explainer=scores.attrs["explainer"]
        )

    return make


def make_baseline(context: Context) -> pd.DataFrame:
    """Put the comparisons of all explainers and references below each other."""
    tables = [table for name in DESIGNS for _, table in context.each(f"agreement/{name}")]
    return pd.concat(tables, ignore_index=True)


STEPS = (
    *(
        Step(
            name=f"agreement/{name}",
            path=f"agreement/unoptimised-{name}-{{member}}.csv",
            form=TABLE,
            make=_maker(name),
            title="Comparing replicates",
            inputs=(UNOPTIMISED[name].step,),
            settings=COMPARISON_SETTINGS,
            members=UNOPTIMISED[name].members,
            parallel=True,
        )
        for name in DESIGNS
    ),
    table_step(
        "unoptimised",
        make_baseline,
        "Collecting comparisons",
        inputs=tuple(f"agreement/{name}" for name in DESIGNS),
    ),
)
