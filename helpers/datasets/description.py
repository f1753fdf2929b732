"""What a data set looks like: its classes, its main axes, how much its genes vary."""

from __future__ import annotations

from collections.abc import Sequence

import anndata
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

MEASURED_SPREAD = {
    0.05: 0.05,
    0.3: 0.25,
    0.75: 0.5,
    1.5: 0.70,
    2.5: 0.70,
    5.0: 0.62,
    8.0: 0.58,
}
"""Mean expression, log2(TPM + 1) → standard deviation within one tissue, as measured on GTEx and
TCGA samples of RNAseqDB (Wang et al., Scientific Data 2018); the simulation aims for it."""

SPREAD_BINS = (0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, np.inf)
"""Edges of mean expression, log2(TPM + 1), between which genes are pooled."""


def describe(adata: anndata.AnnData) -> pd.DataFrame:
    """Tabulate the classes of a data set.

    Returns
    -------
    pandas.DataFrame
        One row a class, sorted by name: class, organ, study, status (several joined with
        ", "), samples.
    """

    def join(values: pd.Series) -> str:
        return ", ".join(sorted(set(map(str, values))))

    grouped = adata.obs.groupby("tissue", observed=True)
    table = grouped[["organ", "study", "status"]].agg(join)
    table["samples"] = grouped.size()
    return table.rename_axis("class").reset_index()


def projection(adata: anndata.AnnData, *, seed: int) -> pd.DataFrame:
    """Project all samples on the first two principal components of all genes.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    seed
        Seed of the randomised decomposition.

    Returns
    -------
    pandas.DataFrame
        sample, tissue, status, pc1, pc2, share1, share2 (share of the variance).
    """
    found = PCA(2, svd_solver="randomized", random_state=seed)
    points = found.fit_transform(np.asarray(adata.X))
    # The sign of a component is arbitrary: the sample furthest out is put on the positive side.
    points = points * np.sign(points[np.abs(points).argmax(axis=0), [0, 1]])
    return pd.DataFrame(
        {
            "sample": adata.obs_names.to_numpy(dtype=str),
            "tissue": adata.obs["tissue"].to_numpy(dtype=str),
            "status": adata.obs["status"].to_numpy(dtype=str),
            "pc1": points[:, 0],
            "pc2": points[:, 1],
            "share1": found.explained_variance_ratio_[0],
            "share2": found.explained_variance_ratio_[1],
        }
    )


def spread(adata: anndata.AnnData, tissues: Sequence[str]) -> pd.DataFrame:
    """Measure how much genes vary within a tissue, by their mean expression.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    tissues
        Classes with two samples or more.

    Returns
    -------
    pandas.DataFrame
        tissue, mean (median of the genes' means in a bin of `SPREAD_BINS`), sd (median of
        their standard deviations, divisor n - 1), genes.
    """
    rows = []
    for tissue in tissues:
        x = np.asarray(adata[adata.obs["tissue"] == tissue].X, dtype=np.float64)
        genes = pd.DataFrame({"mean": x.mean(axis=0), "sd": x.std(axis=0, ddof=1)})
        bins = pd.cut(genes["mean"], SPREAD_BINS, right=False)
        pooled = genes.groupby(bins, observed=True).agg(
            mean=("mean", "median"), sd=("sd", "median"), genes=("sd", "size")
        )
        rows.append(pooled.reset_index(drop=True).assign(tissue=tissue))
    return pd.concat(rows, ignore_index=True)[["tissue", "mean", "sd", "genes"]]
