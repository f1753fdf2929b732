"""Steps: cross-validation, pooled predictions and what is measured on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.study.designs.families import CROSS_VALIDATED, FAMILIES, Family
from helpers.study.formats import TABLE
from helpers.training.cross_validation import confusion, metrics, per_class, train_fold
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

VALIDATED = [FAMILIES[name] for name in CROSS_VALIDATED]


def fold_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the folds by number."""
    return [str(fold) for fold in range(settings.folds)]


def _members(family: Family, settings: Settings, dataset: Dataset) -> list[str]:
    if not family.members(settings):
        return []
    tested = settings.cnn_folds if family.architecture == "cnn" else 0
    return fold_names(settings, dataset)[: tested or None]


def _maker(family: Family) -> Callable[[Context, str], pd.DataFrame]:
    def make(context: Context, member: str) -> pd.DataFrame:
        """Train on all folds but one and predict that one."""
        chosen = context.settings
        sides = context["tables/split"]
        return train_fold(
            context["data/expression"],
            sides.set_index("sample")["fold"],
            int(member),
            by=str(sides["by"].iloc[0]),
            device=device(),
            **family.arguments(chosen),
        )

    return make


def make_predictions(context: Context) -> pd.DataFrame:
    """Pool the predictions of all folds of each architecture."""
    return pd.concat(
        [
            table.assign(architecture=family.architecture)
            for family in VALIDATED
            for _, table in context.each(f"folds/{family.architecture}")
        ],
        ignore_index=True,
    )


def make_metrics(context: Context) -> pd.DataFrame:
    """Measure the pooled predictions as a whole."""
    pooled = context["tables/predictions"]
    rows = [
        {"architecture": name, **metrics(part)} for name, part in pooled.groupby("architecture")
    ]
    return pd.DataFrame(rows)


def make_per_class(context: Context) -> pd.DataFrame:
    """Measure the pooled predictions class by class."""
    pooled = context["tables/predictions"]
    parts = [
        per_class(part).assign(architecture=name) for name, part in pooled.groupby("architecture")
    ]
    return pd.concat(parts, ignore_index=True)


def make_confusion(context: Context) -> pd.DataFrame:
    """Count pairs of true and predicted class, zeros left out."""
    parts = []
    for name, part in context["tables/predictions"].groupby("architecture"):
        counts = confusion(part).reset_index()
        long = counts.melt("truth", var_name="predicted", value_name="samples")
        parts.append(long[long["samples"] > 0].assign(architecture=name))
    return pd.concat(parts, ignore_index=True)


STEPS = (
    *(
        Step(
            name=f"folds/{family.architecture}",
            path=f"folds/{family.architecture}-{{member}}.csv",
            form=TABLE,
            make=_maker(family),
            title=f"Cross-validation of {family.architecture.upper()}s",
            inputs=("data/expression", "tables/split"),
            settings=family.settings,
            members=partial(_members, family),
            parallel=True,
        )
        for family in VALIDATED
    ),
    table_step(
        "predictions",
        make_predictions,
        "Pooling predictions",
        inputs=tuple(f"folds/{family.architecture}" for family in VALIDATED),
    ),
    table_step(
        "cross_validation",
        make_metrics,
        "Measuring predictions",
        inputs=("tables/predictions",),
    ),
    table_step(
        "recall",
        make_per_class,
        "Measuring each class",
        inputs=("tables/predictions",),
    ),
    table_step(
        "confusion",
        make_confusion,
        "Counting confusions",
        inputs=("tables/predictions",),
    ),
)
