"""Steps: how accurate the trained models are, and how they got there."""

from __future__ import annotations

import pandas as pd

from helpers.study.designs.families import FAMILIES
from helpers.training.ensemble import accuracy_table
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

MODELS = tuple(family.step for family in FAMILIES.values())


def make_accuracy(context: Context) -> pd.DataFrame:
    """Measure every model on each side of the split.

    Models of the headline's protocol were trained on other sides than those of this protocol, so
    that they are left out.
    """
    own = [family.step for family in FAMILIES.values() if not context.borrows(family.step)]
    models = (model for step in own for _, model in context.each(step))
    sides = context["tables/split"].set_index("sample")["split"]
    return accuracy_table(models, context["data/expression"], sides)


def make_learning_curves(context: Context) -> pd.DataFrame:
    """Collect the history of each model, an epoch a row."""
    curves = []
    for family in FAMILIES.values():
        for member, model in context.each(family.step):
            curve = pd.DataFrame(list(model.history))
            curve.insert(0, "architecture", model.architecture)
            curve.insert(1, "model", int(member))
            curve.insert(2, "gene_order", str(model.hyperparameters.get("gene_order", "none")))
            curve["best"] = curve["epoch"] == model.best_epoch
            curves.append(curve)
    return pd.concat(curves, ignore_index=True)


STEPS = (
    table_step(
        "accuracy",
        make_accuracy,
        "Measuring accuracy",
        inputs=("data/expression", "tables/split", *MODELS),
    ),
    table_step(
        "learning_curves",
        make_learning_curves,
        "Collecting learning curves",
        inputs=MODELS,
    ),
)
