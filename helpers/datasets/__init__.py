"""Data sets: files → AnnData with `X` = log2(TPM + 1) in float32, samples × genes."""

from helpers.datasets.description import describe
from helpers.datasets.download import fetch
from helpers.datasets.registry import DATASETS, Dataset, find_dataset, load, tissue_or_error

__all__ = [
    "DATASETS",
    "Dataset",
    "describe",
    "fetch",
    "find_dataset",
    "load",
    "tissue_or_error",
]
