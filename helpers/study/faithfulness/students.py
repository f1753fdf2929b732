"""Steps: halves of the networks of planted genes, and one network distilled from each."""

from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import numpy.typing as npt

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.models.files import TrainedModel
from helpers.models.side_by_side import side_by_side
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.seeds import AVERAGED_STREAM, derived_seed
from helpers.study.formats import MODEL
from helpers.study.ground_truth.known_genes import DATA, SPLIT
from helpers.study.ground_truth.networks import NETWORKS
from helpers.training.distillation import distilled
from helpers.workflow.step import Context, Step

NETWORK = NETWORKS[0]

HALVES = ("0", "1")
"""Halves of the networks, which share none: each way is gone twice, so that it can be compared with
itself."""

STUDENTS = "models/distilled"


def halves(settings: Any) -> dict[str, list[str]]:
    """Return the networks of each half, by number; one left over is in neither."""
    names = NETWORK.members(settings)
    generator = np.random.default_rng([settings.seed, AVERAGED_STREAM])
    order = generator.permutation(len(names))[: len(names) // 2 * 2].reshape(2, -1)
    return {half: [names[k] for k in sorted(row)] for half, row in zip(HALVES, order, strict=True)}


def make_student(context: Context, half: str) -> TrainedModel:
    """Distil the mean of a half's networks into one."""
    chosen, models = context.settings, models_of(context, half)
    adata = context[DATA]
    teacher = side_by_side([model.model for model in models])  # type: ignore[misc]
    first: Any = models[0].model
    regime = FAMILIES["mlp"].regime(chosen)
    seed = derived_seed(chosen.seed, AVERAGED_STREAM, int(half))
    student = distilled(
        teacher, training_samples(context)[0], hidden=first.hidden.out_features,
        dropout=float(first.dropout.p), regime=regime, seed=seed,
    )  # fmt: skip
    return TrainedModel(
        architecture="mlp", model=student, genes=tuple(adata.var_names), classes=models[0].classes,
        hyperparameters={"learning_rate": regime.hyperparameters.learning_rate,
                         "weight_decay": regime.hyperparameters.weight_decay},
        seed=seed, history=(), best_epoch=regime.max_epochs, index=int(half),
    )  # fmt: skip


def models_of(context: Context, half: str) -> list[TrainedModel]:
    """Return the networks of a half."""
    return [context.member(NETWORK.step, name) for name in halves(context.settings)[half]]


def training_samples(
    context: Context,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.str_]]:
    """Return expression and class of the samples that networks are trained on."""
    adata: anndata.AnnData = context[DATA]
    sides = context[SPLIT].set_index("sample")["split"]
    training = (sides.loc[adata.obs_names] == "train").to_numpy()
    classes = adata.obs["tissue"].to_numpy(dtype=str)[training]
    return np.asarray(adata.X, dtype=np.float32)[training], classes


def half_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the halves."""
    return list(HALVES)


STEPS = (
    Step(
        name=STUDENTS,
        path="models/distilled-{member}.safetensors",
        form=MODEL,
        make=make_student,
        title="Distilling the mean of networks",
        inputs=(DATA, SPLIT, NETWORK.step),
        settings=(*FAMILIES["mlp"].settings, NETWORK.size),
        members=half_names,
        parallel=True,
    ),
)
