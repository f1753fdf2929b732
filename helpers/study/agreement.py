"""Steps: how far replicates of explanations agree (Figure 1)."""

from __future__ import annotations

import pandas as pd

from helpers.stability.reproducibility import Comparison, compare
from helpers.study.baseline import condition_names
from helpers.study.formats import TABLE
from helpers.study.step import Context, Step


def make_agreement(context: Context, member: str) -> pd.DataFrame:
    """Compare replicates of one model, and one replicate of different models."""
    scores = context.member("scores/baseline_mlp", member)
    absolute = context.settings.combine == "absolute_median"
    comparison = Comparison(
        architecture=scores.attrs["architecture"],
        reference=scores.attrs["reference"],
        k=context.settings.top,
        scores_as="absolute" if absolute else "signed",
    )
    return compare(scores, comparison, explainer=scores.attrs["explainer"])


def make_reproducibility(context: Context) -> pd.DataFrame:
    """Put the comparisons of all explainers and references below each other."""
    return pd.concat(
        [table for _, table in context.each("agreement/baseline_mlp")], ignore_index=True
    )


STEPS = (
    Step(
        name="agreement/baseline_mlp",
        path="agreement/baseline-mlp-{member}.csv",
        form=TABLE,
        make=make_agreement,
        title="Comparing replicates",
        inputs=("scores/baseline_mlp",),
        settings=("combine", "top"),
        members=condition_names,
    ),
    Step(
        name="tables/reproducibility",
        path="tables/reproducibility.csv",
        form=TABLE,
        make=make_reproducibility,
        title="Collecting comparisons",
        inputs=("agreement/baseline_mlp",),
    ),
)
