"""How many of their top genes vectors share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from helpers.config import Settings
from helpers.errors import BadInputError
from helpers.explain.scores import top_indices

ONE_GENE_IN = 10
"""A list of top genes holds at most one in so many measured genes: a longer one shares genes with
any other list, and with any set, by chance."""

DEFAULT_LENGTH = int(Settings.model_fields["top"].default)
"""Length of a list where none is asked for."""


def list_length(asked: int, genes: int) -> int:
    """Return how many genes a list of top genes holds.

    Parameters
    ----------
    asked
        The setting `top`.
    genes
        Number of measured genes.

    Returns
    -------
    int
        `asked`; where that is the default, a tenth of the measured genes if these are fewer.
    """
    if asked != DEFAULT_LENGTH:
        return asked
    return max(1, min(asked, genes // ONE_GENE_IN))


def overlap_matrix(
    vectors: npt.ArrayLike, k: int = 100, by: str = "absolute"
) -> npt.NDArray[np.float64]:
    """Compute the fraction of their top k genes that every pair of vectors shares.

    Parameters
    ----------
    vectors
        Vectors × genes.
    k, by
        See `helpers.explain.top_indices`, which is called once per vector: of genes with equal
        scores at the end of a list, the first in the data set are in it.

    Returns
    -------
    numpy.ndarray
        Vectors × vectors, in [0, 1]. Missing for a vector whose scores are all equal (all of one
        size, by ``"absolute"``): no gene of it comes before another.

    Raises
    ------
    UnknownNameError
        If `by` is neither ``"absolute"`` nor ``"signed"``.
    BadInputError
        If there are fewer than `k` genes, or a score is not a number.


    Examples
    --------
    >>> import helpers as hx
    >>> hx.overlap_matrix([[5.0, 4.0, 0.0], [5.0, 0.0, 4.0]], k=2).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    matrix = np.asarray(vectors)
    if matrix.ndim != 2:
        raise BadInputError(f"Vectors × genes are needed, not an array of shape {matrix.shape}.")
    n, genes = matrix.shape
    chosen = [top_indices(vector, k, by) for vector in matrix]
    members = sparse.csr_array(
        (np.ones(n * k), np.concatenate([*chosen, []]).astype(np.intp), np.arange(n + 1) * k),
        shape=(n, genes),
    )
    shared: npt.NDArray[np.float64] = (members @ members.T).toarray() / k
    sizes = np.abs(matrix) if by == "absolute" else matrix
    alike = (sizes == sizes[:, :1]).all(axis=1)
    shared[alike] = shared[:, alike] = np.nan
    return shared
