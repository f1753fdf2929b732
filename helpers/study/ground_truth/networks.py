"""Steps: networks that are trained on data with planted genes, on true and on shuffled labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import anndata
import numpy as np
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.models.files import TrainedModel
from helpers.study.designs.choices import Chosen
from helpers.study.designs.families import FAMILIES, Family
from helpers.study.designs.seeds import (
    PLANTED_MODEL_STREAM,
    PLANTED_SHUFFLE_STREAM,
    derived_seed,
)
from helpers.study.formats import MODEL
from helpers.study.ground_truth.known_genes import DATA, SPLIT
from helpers.study.sensitivity.training import shuffled_labels
from helpers.training.ensemble import aligned, predict, train_member
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step


@dataclass(frozen=True)
class Planted:
    """Networks of one architecture, on one kind of labels.

    Attributes
    ----------
    name
        In the names of steps and files.
    family
        How they are trained.
    size
        Field of `Settings` with their number.
    shuffled
        Whether labels are shuffled within each side of the split.
    """

    name: str
    family: Family
    size: str
    shuffled: bool = False

    @property
    def step(self) -> str:
        """Name of the step that trains them."""
        return f"models/planted_{self.name}"

    def members(self, settings: Any, dataset: Dataset | None = None) -> list[str]:
        """Name them by number; there are no CNNs in a study without."""
        absent = self.family.architecture == "cnn" and not settings.cnn_models
        return [] if absent else [f"{i:03d}" for i in range(getattr(settings, self.size))]


NETWORKS = (
    Planted("mlp", FAMILIES["mlp"], "planted_models"),
    Planted("cnn", FAMILIES["cnn"], "planted_cnn_models"),
    Planted("shuffled", FAMILIES["mlp"], "planted_shuffled_models", shuffled=True),
)


def make_model(networks: Planted, context: Context, member: str) -> TrainedModel:
    """Train one network, of which nothing but expression and class enters."""
    chosen, number = context.settings, int(member)
    sides = context[SPLIT].set_index("sample")["split"]
    adata = without_truth(context[DATA])
    if networks.shuffled:
        adata.obs["tissue"] = shuffled_labels(
            adata.obs["tissue"], sides, seed=[chosen.seed, PLANTED_SHUFFLE_STREAM]
        )
    own = Chosen(chosen, {"seed": derived_seed(chosen.seed, PLANTED_MODEL_STREAM)})
    return train_member(
        adata,
        sides,
        number,
        hyperparameter_spread=chosen.hyperparameter_spread,
        device=device(),
        **networks.family.arguments(own, number),
    )


def without_truth(adata: anndata.AnnData) -> anndata.AnnData:
    """Return expression and classes alone: no truth, no laboratories."""
    return anndata.AnnData(
        adata.X, obs=adata.obs[["tissue"]].copy(), var=pd.DataFrame(index=adata.var_names)
    )


def make_recall(context: Context) -> pd.DataFrame:
    """Measure the share of test samples of each class, and of all, that each network names."""
    adata = context[DATA]
    sides = aligned(context[SPLIT].set_index("sample")["split"], adata)
    x = np.asarray(adata.X)[sides == "test"]
    truth = adata.obs["tissue"].to_numpy(dtype=str)[sides == "test"]
    parts = []
    for networks in NETWORKS:
        for member, model in context.each(networks.step):
            found = np.asarray(model.classes)[predict(model, x).argmax(axis=1)] == truth
            table = pd.DataFrame({"tissue": truth, "found": found}).groupby("tissue")["found"]
            rows = table.agg(n="size", recall="mean").reset_index()
            rows.loc[len(rows)] = ["all", len(truth), found.mean()]
            labels = "shuffled" if networks.shuffled else "true"
            architecture = networks.family.architecture
            parts.append(rows.assign(architecture=architecture, labels=labels, model=int(member)))
    columns = ["architecture", "labels", "model", "tissue", "n", "recall"]
    return pd.concat(parts, ignore_index=True)[columns]


def _members(networks: Planted, settings: Settings, dataset: Dataset) -> list[str]:
    return networks.members(settings)


STEPS = (
    *(
        Step(
            name=networks.step,
            path=networks.step + "-{member}.safetensors",
            form=MODEL,
            make=partial(make_model, networks),
            title=f"{networks.family.title.split(',')[0]}, planted genes",
            inputs=(DATA, SPLIT),
            settings=(*networks.family.settings, "hyperparameter_spread"),
            members=partial(_members, networks),
            parallel=True,
        )
        for networks in NETWORKS
    ),
    table_step(
        "planted_recall",
        make_recall,
        "Measuring networks of planted genes",
        inputs=(DATA, SPLIT, *(networks.step for networks in NETWORKS)),
    ),
)
