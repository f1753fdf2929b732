"""Expression of each tissue: means and medians over its samples, in TPM."""

from __future__ import annotations

from collections.abc import Callable

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError, one_of


def _median(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # Sorting along samples of a genes × samples copy is several times as fast as np.median.
    ordered = np.sort(np.ascontiguousarray(values.T), axis=1)
    middle = values.shape[0] // 2
    low = ordered[:, (values.shape[0] - 1) // 2]
    return np.asarray((low + ordered[:, middle]) / 2)


STATISTICS: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "mean": lambda values: np.asarray(values.mean(axis=0)),
    "median": _median,
}
"""Statistic → function of samples × genes that gives one value a gene."""


def tissue_expression(adata: anndata.AnnData, statistic: str = "mean") -> pd.DataFrame:
    """Average the samples of each tissue in TPM.

    The statistic is taken of TPM, not of logarithms. A tissue with a single sample is that
    sample.

    Parameters
    ----------
    adata
        ``X`` = log2(TPM + 1), samples × genes; ``obs`` with ``tissue``.
    statistic
        A key of `STATISTICS`.

    Returns
    -------
    pandas.DataFrame
        Genes × tissues, TPM, float64; tissues in the order in which they first occur.

    Raises
    ------
    UnknownNameError
        If the statistic is not known.
    BadInputError
        If samples have no tissue, or an expression is negative or not a number.


    Examples
    --------
    >>> import helpers as hx
    >>> _, adata = hx.example_network()
    >>> expression = hx.tissue_expression(adata)
    >>> expression.shape, expression.loc["ALB"].idxmax()
    ((12, 3), 'liver')
    """
    function = STATISTICS[one_of("statistic", statistic, STATISTICS)]
    if "tissue" not in adata.obs or adata.obs["tissue"].isna().any():
        raise BadInputError("Every sample needs a tissue: fill the column 'tissue' of obs.")
    tissues = adata.obs["tissue"].astype(str).to_numpy()
    columns = {}
    for tissue in dict.fromkeys(tissues.tolist()):
        logs = np.asarray(adata.X[np.flatnonzero(tissues == tissue)])
        with np.errstate(over="ignore", invalid="ignore"):
            tpm = np.exp2(logs, dtype=np.float64) - 1
        # NaN fails both comparisons.
        if not (tpm.min() >= 0 and tpm.max() < np.inf):
            gene = adata.var_names[np.flatnonzero(~((tpm >= 0) & (tpm < np.inf)).all(axis=0))[0]]
            raise BadInputError(
                f"The expression of gene {gene!r} in a sample of {tissue!r} is no log2(TPM + 1): "
                "it is negative, infinite or missing; correct or remove it."
            )
        columns[tissue] = function(tpm)
    frame = pd.DataFrame(columns, index=adata.var_names)
    return frame.rename_axis("gene")


def check_expression(table: pd.DataFrame, *, tissues: int = 2) -> npt.NDArray[np.float64]:
    """Return a table of genes × tissues as numbers, if it is one of non-negative TPM.

    Parameters
    ----------
    table
        Genes × tissues, TPM.
    tissues
        Fewest tissues that make sense.

    Raises
    ------
    BadInputError
        If there are no genes or too few tissues, a gene or tissue occurs twice, or a value is
        missing, infinite or negative.
    """
    if len(table) == 0 or table.shape[1] < tissues:
        raise BadInputError(
            f"Expression of at least one gene in at least {tissues} tissues is needed, but the "
            f"table has {len(table)} genes and {table.shape[1]} tissues."
        )
    for kind, labels in (("Gene", table.index), ("Tissue", table.columns)):
        if labels.has_duplicates:
            name = labels[labels.duplicated()][0]
            raise BadInputError(f"{kind} {name!r} is twice in the table of expression: keep one.")
    values = table.to_numpy(dtype=np.float64)
    if not (values.min() >= 0 and values.max() < np.inf):
        i, j = np.argwhere(~((values >= 0) & (values < np.inf)))[0]
        raise BadInputError(
            f"The expression of gene {table.index[i]!r} in {table.columns[j]!r} is {values[i, j]}: "
            "TPM must be numbers from 0 up; correct or remove the gene."
        )
    return values
