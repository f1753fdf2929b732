"""Batches in which samples are explained in training mode, where samples of a batch are coupled.

In training mode batch normalisation takes the statistics of the batch, so that what a sample's
scores are depends on the others. The released scripts explain the samples of one tissue together,
up to 256 of them, in the order of their file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError
from helpers.study.designs.samples import Samples

BATCH_SETTINGS = ("explain_batch", "batch_composition")
"""Settings that batches depend on; those of CNNs on ``cnn_explain_batch`` too."""

BATCH_COLUMNS = ["architecture", "tissue", "explained", "asked", "rows", "composition", "coupled"]


@dataclass(frozen=True)
class Batch:
    """Samples that go through a network together.

    Attributes
    ----------
    x
        Rows × genes, log2(TPM + 1): the explained samples first.
    classes
        Class of each row.
    explained
        How many of the rows are explained; the others only share the batch.
    """

    x: npt.NDArray[np.float32]
    classes: list[str]
    explained: int


def batch_size(settings: Any, architecture: str) -> int:
    """Return how many samples a batch has at most."""
    if architecture == "cnn":
        return int(min(settings.explain_batch, settings.cnn_explain_batch))
    return int(settings.explain_batch)


def batches(samples: Samples, settings: Any, architecture: str) -> list[Batch]:
    """Divide the samples of a tissue into batches, and fill these up.

    Parameters
    ----------
    samples
        The samples that are explained, of one tissue.
    settings
        With `BATCH_SETTINGS`, for CNNs ``cnn_explain_batch`` too.
    architecture
        That of the network.

    Returns
    -------
    list of Batch
        In the order of the samples. A batch is smaller than asked for where there are not so many
        samples; of composition ``"tissue"`` it is filled by samples of the same tissue in the order
        of the data, of ``"mixed"`` by samples of all tissues, spread evenly over the data.

    Raises
    ------
    BadInputError
        If a batch would hold one sample.
    """
    size = batch_size(settings, architecture)
    others = _others(samples, settings.batch_composition)
    found = []
    parts = math.ceil(len(samples.names) / size)
    for part in np.array_split(np.arange(len(samples.names)), parts):
        chosen = _spread(others, size - len(part), settings.batch_composition)
        classes = [samples.tissue] * len(part)
        x = samples.x[part]
        if len(chosen):
            assert samples.source is not None
            more = samples.source[chosen]
            x = np.concatenate([x, np.asarray(more.X, dtype=np.float32)])
            classes += more.obs["tissue"].astype(str).tolist()
        if len(x) < 2:
            raise BadInputError(
                f"In training mode the batch of sample {samples.names[part[0]]!r} "
                f"({samples.tissue}) would hold it alone, and batch normalisation has no "
                "statistics of one sample: raise 'explain_batch' to 2 or more, or give the class "
                "more samples."
            )
        found.append(Batch(x, classes, len(part)))
    return found


def _others(samples: Samples, composition: str) -> npt.NDArray[np.intp]:
    """Return the places of the samples that may fill a batch, in the order of the data."""
    if samples.source is None:
        return np.empty(0, dtype=np.intp)
    obs = samples.source.obs
    free = ~obs.index.isin(samples.names)
    if composition == "tissue":
        free &= (obs["tissue"].astype(str) == samples.tissue).to_numpy()
    return np.flatnonzero(free)


def _spread(places: npt.NDArray[np.intp], count: int, composition: str) -> npt.NDArray[np.intp]:
    count = max(0, min(count, len(places)))
    if composition == "tissue" or not count:
        return places[:count]
    return places[np.linspace(0, len(places) - 1, count).astype(int)]


def describe_batches(
    adata: anndata.AnnData, explained: pd.DataFrame, settings: Any, architectures: list[str]
) -> pd.DataFrame:
    """Say how large the batches of each tissue are, and whether that matters.

    Parameters
    ----------
    adata
        All samples.
    explained
        Those that are explained: ``tissue`` and ``sample``.
    settings
        With `BATCH_SETTINGS`, ``mode``, ``cnn_explain_batch`` and ``cnn_explained_samples``.
    architectures
        Those of the networks.

    Returns
    -------
    pandas.DataFrame
        `BATCH_COLUMNS`: ``asked`` is the size that the settings ask for, ``rows`` that of the
        largest batch; ``coupled`` tells whether samples of a batch change each other's scores.
    """
    sizes = adata.obs["tissue"].astype(str).value_counts()
    whole = len(adata)
    rows = []
    for architecture in architectures:
        asked = batch_size(settings, architecture)
        for tissue, part in explained.groupby("tissue", sort=False):
            count = len(part)
            if architecture == "cnn":
                count = min(count, settings.cnn_explained_samples)
            present = whole if settings.batch_composition == "mixed" else int(sizes[str(tissue)])
            rows.append(
                [architecture, tissue, count, asked, min(asked, present),
                 settings.batch_composition, settings.mode == "training"]
            )  # fmt: skip
    return pd.DataFrame(rows, columns=BATCH_COLUMNS)
