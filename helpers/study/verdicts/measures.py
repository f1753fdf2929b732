"""Steps: what a run's data set is like, and what its MLPs come to on it, to compare data sets."""

from __future__ import annotations

import pandas as pd

from helpers.datasets.character import character
from helpers.results import measures
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step


def make_character(context: Context) -> pd.DataFrame:
    """Measure how the genes of the data vary."""
    return character(context["data/expression"], seed=context.settings.seed)


def make_measures(context: Context) -> pd.DataFrame:
    """Put all that data sets are compared by into one table."""
    parts = [
        measures.measured_classes(context["tables/classes"]),
        context["tables/character"].assign(explainer=measures.ALL)[measures.COLUMNS],
        measures.measured_accuracy(context["tables/accuracy"], context["tables/learnt"]),
        measures.measured_agreement(context["tables/unoptimised"], context["tables/halves"]),
        measures.measured_specificity(context["tables/specificity"]),
    ]
    return pd.concat(parts, ignore_index=True)


STEPS = (
    table_step(
        "character",
        make_character,
        "Measuring how genes vary",
        text=("measure",),
        inputs=("data/expression",),
        settings=("seed",),
    ),
    table_step(
        "measures",
        make_measures,
        "Measuring what data sets are compared by",
        text=("measure",),
        inputs=(
            "tables/classes",
            "tables/character",
            "tables/accuracy",
            "tables/learnt",
            "tables/unoptimised",
            "tables/halves",
            "tables/specificity",
        ),
    ),
)
