"""AnnData → what a network reads: numbers, names of genes, and the class of each sample."""

from __future__ import annotations

from collections.abc import Sequence

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError, UnknownNameError, listed


def with_genes(adata: anndata.AnnData, genes: Sequence[str] | None) -> anndata.AnnData:
    """Return the samples with these genes in this order; None: with all, as they are.

    Raises
    ------
    BadInputError
        If samples or genes are none, a name occurs twice, or a gene was not measured.
    """
    if not isinstance(adata, anndata.AnnData):
        raise BadInputError(
            f"Samples must be an AnnData, but they are of type {type(adata).__name__}: make one, "
            "as in anndata.AnnData(matrix, obs=sheet, var=genes)."
        )
    if 0 in adata.shape:
        raise BadInputError(
            f"There is nothing to explain in {adata.n_obs} × {adata.n_vars} values."
        )
    for names, what in ((adata.obs_names, "sample"), (adata.var_names, "gene")):
        twice = names[names.duplicated()]
        if len(twice):
            raise BadInputError(
                f"The {what} {twice[0]!r} occurs twice: give each a name of its own."
            )
    if genes is None:
        return adata
    missing = [gene for gene in genes if gene not in adata.var_names]
    if missing:
        raise BadInputError(
            f"The network reads {len(missing)} of {len(genes)} genes that these samples do not "
            f"have ({listed(missing, 5)}): add them, or train without them."
        )
    return adata[:, list(genes)]


def matrix_of(adata: anndata.AnnData, layer: str | None) -> npt.NDArray[np.floating]:
    """Return X or a layer as a matrix of finite numbers, samples × genes.

    Raises
    ------
    UnknownNameError
        If there is no such layer.
    BadInputError
        If it does not hold finite numbers.
    """
    if layer is not None and layer not in adata.layers:
        raise UnknownNameError("layer of the samples", layer, list(adata.layers))
    name = "X" if layer is None else f"layer {layer!r}"
    if layer is None and adata.X is None:
        raise BadInputError("The samples have no X: name the layer to explain in 'layer'.")
    dense = adata.to_df(layer=layer).to_numpy()
    if dense.dtype.kind not in "fiub":
        raise BadInputError(f"The samples' {name} must hold numbers, not {dense.dtype}.")
    dense = dense if dense.dtype.kind == "f" else dense.astype(np.float32)
    wrong = np.argwhere(~np.isfinite(dense))
    if len(wrong):
        row, column = wrong[0]
        raise BadInputError(
            f"The samples' {name} holds {dense[row, column]} for gene {adata.var_names[column]!r} "
            f"of sample {adata.obs_names[row]!r}: every value must be a finite number."
        )
    return dense


def labels_of(adata: anndata.AnnData, column: str | None) -> list[str] | None:
    """Return the class of each sample; None if no column is named.

    Raises
    ------
    UnknownNameError
        If there is no such column.
    BadInputError
        If a sample has no class.
    """
    if column is None:
        return None
    if column not in adata.obs:
        raise UnknownNameError("column of samples", column, list(adata.obs.columns))
    values = adata.obs[column]
    if values.isna().any():
        name = adata.obs_names[values.isna().to_numpy()][0]
        raise BadInputError(
            f"Sample {name!r} has no class in column {column!r}: give it one, or leave it out."
        )
    return [str(value) for value in values]


def class_names(
    adata: anndata.AnnData,
    column: str | None,
    classes: Sequence[str] | None,
    outputs: int,
) -> list[str]:
    """Name a network's outputs.

    Parameters
    ----------
    adata, column
        Samples, and the column with their classes.
    classes
        Names in the order of the outputs; None: the categories of the column, in their order, or
        what it holds, sorted.
    outputs
        Number of outputs.

    Raises
    ------
    BadInputError
        If there are not as many names, one occurs twice, or a sample is of another class.
    """
    labels = labels_of(adata, column)
    if classes is None:
        if labels is None or column is None:
            return [f"output {number}" for number in range(outputs)]
        series, names = adata.obs[column], sorted(set(labels))
        if isinstance(series.dtype, pd.CategoricalDtype):
            categories = [str(name) for name in series.cat.categories]
            names = categories if len(categories) == outputs else names
    else:
        names = [str(name) for name in classes]
    if len(names) != outputs:
        where = f"column {column!r} has" if classes is None else "'classes' names"
        raise BadInputError(
            f"The network has {outputs} outputs, but {where} {len(names)} classes: name each "
            "output in 'classes', in the order in which the network was trained."
        )
    if len(set(names)) < len(names):
        raise BadInputError(f"A class occurs twice in {listed(names, 8)}: name each output once.")
    foreign = sorted(set(labels or []) - set(names))
    if foreign:
        raise BadInputError(
            f"Samples are of classes that the network does not have ({listed(foreign, 5)}): leave "
            "them out, or correct the names in 'classes'."
        )
    return names
