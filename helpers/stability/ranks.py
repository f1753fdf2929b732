"""Spearman's correlation of many vectors at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from helpers.errors import BadInputError


def spearman_matrix(vectors: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Correlate the ranks of every pair of vectors (Spearman's ρ, ties get average ranks).

    Every vector is ranked once, not once per pair; standardised ranks then give all
    correlations in one matrix product.

    Parameters
    ----------
    vectors
        Vectors × genes.

    Returns
    -------
    numpy.ndarray
        Vectors × vectors, in [−1, 1]. A vector whose values are all equal has no order, so its
        correlations, also with itself, are NaN.

    Raises
    ------
    BadInputError
        If `vectors` is no matrix of at least two genes, or a value is not a number.
    """
    matrix = np.asarray(vectors)
    if matrix.ndim != 2 or matrix.shape[1] < 2:
        raise BadInputError(
            f"Vectors × genes with at least two genes are needed, not shape {matrix.shape}."
        )
    if np.isnan(matrix).any():
        row, gene = np.argwhere(np.isnan(matrix))[0]
        raise BadInputError(
            f"The value of gene {gene} in vector {row} (both counted from 0) is not a number, so "
            "it has no rank."
        )
    ranks = rankdata(matrix, axis=-1) - (matrix.shape[1] + 1) / 2
    length = np.sqrt(np.einsum("ij,ij->i", ranks, ranks))
    constant = length == 0
    ranks /= np.where(constant, 1.0, length)[:, None]
    result: npt.NDArray[np.float64] = np.clip(ranks @ ranks.T, -1.0, 1.0)
    np.fill_diagonal(result, 1.0)
    result[constant] = np.nan
    result[:, constant] = np.nan
    return result
