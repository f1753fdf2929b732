"""Fewer genes, for runs that show only that everything works."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd

from helpers.errors import BadInputError


def fewer_genes(adata: anndata.AnnData, most: int) -> anndata.AnnData:
    """Keep so many genes that both kinds are there: those that tell classes apart, and the rest.

    Half of the genes are those whose class means vary most. The others are taken from the rest,
    ordered by their mean, at equal distances, so that every level of expression is there.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1), with ``obs["tissue"]``.
    most
        Number of genes to keep, at least 2.

    Returns
    -------
    anndata.AnnData
        The same samples with the kept genes in their order, and a note in ``uns["notes"]`` that
        says so; `adata` itself if it has no more.

    Raises
    ------
    BadInputError
        If `most` is under 2.
    """
    if most < 2:
        raise BadInputError(f"At least 2 genes must be kept, not {most}: raise 'most_genes'.")
    if adata.n_vars <= most:
        return adata
    classes = adata.obs["tissue"].to_numpy()
    values = pd.DataFrame(np.asarray(adata.X))
    means = values.groupby(classes, observed=True).mean().to_numpy()
    # Of equal ones, the first in the data set comes first.
    order = np.argsort(-means.var(axis=0), kind="stable")
    half = most // 2
    rest = np.sort(order[half:])
    rest = rest[np.argsort(means[:, rest].mean(axis=0), kind="stable")]
    places = np.linspace(0, len(rest) - 1, most - half).round().astype(int)
    kept = np.sort(np.concatenate([order[:half], rest[places]]))
    thinned = adata[:, kept].copy()
    note = (
        f"Only {most:,} of {adata.n_vars:,} genes are used (setting `most_genes`): the {half:,} "
        "that vary most between classes, and some of every level of expression."
    )
    thinned.uns["notes"] = [*adata.uns.get("notes", []), note]
    return thinned
