"""What could be found at best: a ranking by someone who knows how the data were made."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from helpers.errors import BadInputError


def oracle(
    x: npt.NDArray[np.floating],
    inside: npt.NDArray[np.bool_],
    laboratories: npt.NDArray[np.str_],
    spread: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """Rank genes by their shift in a class, knowing laboratories and each gene's true spread.

    A gene's shift is estimated with that of each laboratory held apart (least squares of class and
    laboratory), and divided by its standard error as the simulation has it. It does not know which
    genes are planted.

    Parameters
    ----------
    x
        Samples × genes, log2(TPM + 1).
    inside
        Whether a sample is of the class.
    laboratories
        Of each sample.
    spread
        True standard deviation of each gene within a class.

    Returns
    -------
    numpy.ndarray
        One score a gene.

    Raises
    ------
    BadInputError
        If class and laboratory cannot be told apart, or all or no samples are of the class.
    """
    names, places = np.unique(laboratories, return_inverse=True)
    indicator = np.eye(len(names))[places]
    # What is left of the class when each laboratory's share of it is taken off.
    shares = indicator.T @ inside.astype(float) / indicator.sum(axis=0)
    rest = inside.astype(float) - shares[places]
    size = float(rest @ rest)
    if size < 1e-9:
        raise BadInputError(
            "Class and laboratory cannot be told apart: every laboratory has samples of the class "
            "only, or none of it."
        )
    effect = rest.astype(x.dtype) @ x / size
    error = np.maximum(spread, 1e-3) / np.sqrt(size)
    found: npt.NDArray[np.float64] = effect / error
    return found
