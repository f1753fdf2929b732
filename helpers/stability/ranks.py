"""Spearman's correlation of many vectors at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from helpers.errors import BadInputError


def average_ranks(matrix: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Rank each row from 1; equal values share the mean of their ranks.

    The same as `scipy.stats.rankdata` with ``axis=-1``, which converts to double precision
    first and takes several times as long on float32 scores.

    Parameters
    ----------
    matrix
        Vectors × genes, no NaN.
    """
    ranks = np.empty(matrix.shape)
    for row, result in zip(matrix, ranks, strict=True):
        order = np.argsort(row)
        ordered = row[order]
        # Runs of equal values: where each starts, and where the next one does.
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        ends = np.r_[starts[1:], len(row)]
        result[order] = np.repeat((starts + 1 + ends) / 2, ends - starts)
    return ranks


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


    Examples
    --------
    >>> import helpers as hx
    >>> hx.spearman_matrix([[1, 2, 3], [10, 20, 40], [3, 2, 1]]).round(3).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
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
    ranks = average_ranks(matrix) - (matrix.shape[1] + 1) / 2
    length = np.sqrt(np.einsum("ij,ij->i", ranks, ranks))
    constant = length == 0
    ranks /= np.where(constant, 1.0, length)[:, None]
    result: npt.NDArray[np.float64] = np.clip(ranks @ ranks.T, -1.0, 1.0)
    np.fill_diagonal(result, 1.0)
    result[constant] = np.nan
    result[:, constant] = np.nan
    return result
