"""Small data sets in the shapes that people have: few tissues, rare cell types, bulk counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from helpers.datasets.gene_names import annotation
from helpers.datasets.single_cells import write_cells


def counts(
    path: Path,
    sizes: Mapping[str, int],
    genes: int,
    depth: float,
    *,
    cells: bool = False,
    more: Mapping[str, Callable[[str], str]] | None = None,
) -> Path:
    """Write counts of samples, or sparse ones of cells.

    Parameters
    ----------
    path
        The ``.h5ad``.
    sizes
        Class → samples. Each class has genes of its own.
    genes, depth
        Numbers of genes, and of counts in a sample.
    cells
        Whether most counts are 0, and the matrix is sparse.
    more
        Further column → what it says of a class.
    """
    rng = np.random.default_rng(4)
    base = rng.gamma(0.5, 1.0, genes) + 0.01
    rows = []
    for size in sizes.values():
        means = base.copy()
        means[rng.permutation(genes)[: max(4, genes // 30)]] *= 20
        rows.append(rng.poisson(means / means.sum() * depth * rng.lognormal(0, 0.5, (size, genes))))
    x = np.vstack(rows).astype(np.float32)
    kind = [name for name, size in sizes.items() for _ in range(size)]
    obs = pd.DataFrame({"kind": kind}, index=[f"s{k}" for k in range(len(kind))])
    for column, say in (more or {}).items():
        obs[column] = [say(name) for name in kind]
    var = pd.DataFrame(index=annotation().index[3000 : 3000 + genes])
    anndata.AnnData(sparse.csr_matrix(x) if cells else x, obs=obs, var=var).write_h5ad(path)
    return path


STATUS: dict[str, Callable[[str], str]] = {
    "status": lambda name: "cancer" if name in {"HCC", "GBM"} else "normal",
    "organ": {"liver": "liver", "HCC": "liver", "gut": "gut", "GBM": "brain"}.__getitem__,
}
CANCER = ["--status-column", "status", "--organ-column", "organ"]
TYPES = {"CD4 T": 120, "CD8 T": 80, "B": 60, "NK": 50, "Mono": 50, "rare": 25}
ORGANS = ("liver", "lung", "kidney", "heart", "skin")

STUDIES: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "one tissue of two classes, no CNNs": (
        lambda path: counts(path, {"a": 20, "b": 24}, 200, 2e4),
        ["--set", "tissues=a", "--set", "cnn_models=0"],
    ),
    "one tissue of two classes": (
        lambda path: counts(path, {"a": 20, "b": 24}, 200, 2e4), ["--set", "tissues=a"]
    ),
    "two tissues, two classes": (lambda path: counts(path, {"a": 20, "b": 24}, 200, 2e4), []),
    "three tissues of 120 classes": (
        lambda path: counts(path, {f"class {k:03d}": 10 + k % 4 for k in range(120)}, 200, 2e4),
        ["--set", "own_tissues=3"],
    ),
    "an organ with its cancer": (
        lambda path: counts(path, {"liver": 20, "HCC": 20, "gut": 15}, 200, 2e4, more=STATUS),
        CANCER,
    ),
    "a cancer without its organ": (
        lambda path: counts(path, {"liver": 20, "gut": 20, "GBM": 15}, 200, 2e4, more=STATUS),
        [*CANCER, "--set", "tissues=liver"],
    ),
    "sparse counts, a rare type": (
        lambda path: counts(path, TYPES, 400, 1500, cells=True), ["--set", "tissues=rare,B"]
    ),
    "100 samples, five classes": (
        lambda path: counts(path, dict.fromkeys(ORGANS, 20), 600, 1e6), []
    ),
    "the guide's cells": (write_cells, ["--class-column", "bulk_labels"]),
}  # fmt: skip
"""What it is → how its file is written, and options of `run`; ``kind`` is the class if none is."""
