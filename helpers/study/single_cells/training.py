"""Steps: single cells (chapter 14), networks trained on them and how well these predict."""

from __future__ import annotations

import anndata
import pandas as pd

from helpers.config import Settings
from helpers.datasets.description import describe
from helpers.datasets.registry import Dataset
from helpers.datasets.single_cells import load_cells
from helpers.devices import device
from helpers.models.files import TrainedModel
from helpers.study.designs.families import FAMILIES
from helpers.study.formats import EXPRESSION, MODEL, TABLE
from helpers.study.training.cross_validation import fold_names
from helpers.training.cross_validation import metrics, per_class, train_fold
from helpers.training.ensemble import train_member
from helpers.training.splitting import folds, split
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

MLPS = FAMILIES["mlp"]

TRAINED = "models/cells"


def make_cells(context: Context) -> anndata.AnnData:
    """Load the embedded cells."""
    return load_cells()


def make_cell_types(context: Context) -> pd.DataFrame:
    """Count the cells of each type."""
    return describe(context["data/single_cells"])


def make_split(context: Context) -> pd.DataFrame:
    """Put each cell on one side of the split and in one fold; all are of one donor."""
    obs, chosen = context["data/single_cells"].obs, context.settings
    return pd.DataFrame(
        {
            "sample": obs.index.to_numpy(dtype=str),
            "tissue": obs["tissue"].to_numpy(dtype=str),
            "split": split(obs, seed=chosen.seed).to_numpy(),
            "fold": folds(obs, chosen.folds, seed=chosen.seed).to_numpy(),
        }
    )


def make_fold(context: Context, member: str) -> pd.DataFrame:
    """Train on all folds but one and predict that one."""
    return train_fold(
        context["data/single_cells"],
        context["tables/cell_split"].set_index("sample")["fold"],
        int(member),
        by="tissue",
        device=device(),
        **MLPS.arguments(context.settings),
    )


def make_recall(context: Context) -> pd.DataFrame:
    """Measure pooled predictions, as a whole (`all`) and for each cell type."""
    pooled = pd.concat([table for _, table in context.each("folds/cells")], ignore_index=True)
    whole = metrics(pooled)
    every = {"tissue": "all", "n": whole["n"], "recall": whole["accuracy"], "f1": whole["macro_f1"]}
    return pd.concat([pd.DataFrame([every]), per_class(pooled)], ignore_index=True)[
        ["tissue", "n", "recall", "precision", "f1"]
    ]


def model_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the models by number."""
    return MLPS.members(settings)


def make_model(context: Context, member: str) -> TrainedModel:
    """Train one model."""
    chosen = context.settings
    return train_member(
        context["data/single_cells"],
        context["tables/cell_split"].set_index("sample")["split"],
        int(member),
        hyperparameter_spread=chosen.hyperparameter_spread,
        device=device(),
        **MLPS.arguments(chosen, int(member)),
    )


STEPS = (
    Step(
        name="data/single_cells",
        path="data/single_cells.h5ad",
        form=EXPRESSION,
        make=make_cells,
        title="Loading single cells",
    ),
    table_step("cell_types", make_cell_types, "Counting cells", inputs=("data/single_cells",)),
    table_step(
        "cell_split",
        make_split,
        "Splitting cells",
        inputs=("data/single_cells",),
        settings=("folds", "seed"),
    ),
    Step(
        name="folds/cells",
        path="folds/cells-{member}.csv",
        form=TABLE,
        make=make_fold,
        title="Cross-validation on cells",
        inputs=("data/single_cells", "tables/cell_split"),
        settings=MLPS.settings,
        members=fold_names,
        parallel=True,
    ),
    table_step("cell_recall", make_recall, "Measuring predictions", inputs=("folds/cells",)),
    Step(
        name=TRAINED,
        path="models/cells-{member}.safetensors",
        form=MODEL,
        make=make_model,
        title="Training on cells",
        inputs=("data/single_cells", "tables/cell_split"),
        settings=(*MLPS.settings, "hyperparameter_spread"),
        members=model_names,
        parallel=True,
    ),
)
