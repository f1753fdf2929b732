"""The samples that are explained: expression, names and classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.models.files import TrainedModel
from helpers.workflow.step import Context


@dataclass(frozen=True)
class Samples:
    """The samples of one tissue to explain.

    Attributes
    ----------
    tissue
        Their class.
    names
        Name of each.
    x
        Samples × genes, log2(TPM + 1).
    source
        All samples of the data, from which batches are filled; None: there are no others.
    classes
        Class of each sample, where several tissues are explained as one group.
    """

    tissue: str
    names: list[str]
    x: npt.NDArray[np.float32]
    source: anndata.AnnData | None = None
    classes: tuple[str, ...] = ()


def explained_samples(
    adata: anndata.AnnData, explained: pd.DataFrame, limit: int | None = None
) -> list[Samples]:
    """Collect the expression (samples × genes) of the chosen samples, tissue by tissue.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    explained
        The table of chosen samples.
    limit
        How many samples of a tissue at most; None: all.
    """
    groups = []
    for tissue, rows in explained.groupby("tissue", sort=False):
        names = rows["sample"].tolist()[:limit]
        x = np.asarray(adata[names].X, dtype=np.float32)
        groups.append(Samples(str(tissue), names, x, adata))
    return groups


def samples_for(context: Context, architecture: str) -> list[Samples]:
    """Collect the samples that models of an architecture explain, outside of curves."""
    limit = context.settings.cnn_explained_samples if architecture == "cnn" else None
    return explained_samples(context["data/expression"], context["tables/explained"], limit)


def labels(groups: list[Samples]) -> dict[str, Any]:
    """Return the names and tissues of all samples, as `make_scores` takes them."""
    return {
        "samples": [name for group in groups for name in group.names],
        "tissues": [group.tissue for group in groups for _ in group.names],
    }


def targets(model: TrainedModel, samples: Samples) -> npt.NDArray[np.int64]:
    """Return the index of the samples' own class in the model's output."""
    own = samples.classes or (samples.tissue,) * len(samples.names)
    return class_indices(model, list(own))


def class_indices(model: TrainedModel, classes: list[str]) -> npt.NDArray[np.int64]:
    """Return the index of each class in the model's output."""
    places = {name: place for place, name in enumerate(model.classes)}
    return np.array([places[name] for name in classes], dtype=np.int64)
