"""BatchNorm in training mode, for a sheet of paper: one hidden unit, and the samples of a batch.

In training mode a unit's input is normalised by the mean and the standard deviation of its
*batch*. So the output for one sample depends on all samples of the batch, and so does its gradient.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def normalised(inputs: npt.ArrayLike) -> Values:
    """Normalise the inputs of one unit by the mean and standard deviation of their batch.

    Parameters
    ----------
    inputs
        What enters the unit, a value for each sample of the batch; not all equal.

    Returns
    -------
    numpy.ndarray
        As many values, of mean 0 and standard deviation 1. BatchNorm's small constant under the
        root is left out.
    """
    z = np.asarray(inputs, dtype=np.float64)
    return (z - z.mean()) / z.std()


def gradient(inputs: npt.ArrayLike, upstream: npt.ArrayLike, *, batch: bool) -> Values:
    """Return the gradient of the explained outputs with respect to what enters a unit.

    Explained is the sum over samples of ``upstream`` × normalised input. Seen through the batch
    (Ioffe & Szegedy 2015), what the samples have in common is taken away:

    ``(u − mean(u) − ẑ · mean(u · ẑ)) / sd``.

    Parameters
    ----------
    inputs
        What enters the unit, a value for each sample of the batch.
    upstream
        What one more of the normalised input would add to each sample's own output.
    batch
        True: mean and standard deviation are the batch's, and depend on the inputs (training
        mode). False: they are the same numbers, but fixed (evaluation mode).
    """
    z, u = np.asarray(inputs, dtype=np.float64), np.asarray(upstream, dtype=np.float64)
    if not batch:
        return u / z.std()
    n = normalised(z)
    return (u - u.mean() - n * (u * n).mean()) / z.std()


def surviving_share(inputs: npt.ArrayLike, upstream: npt.ArrayLike) -> float:
    """Return which share of the squared gradient is left when it passes through the batch.

    Parameters
    ----------
    inputs, upstream
        As for `gradient`.

    Returns
    -------
    float
        From 0 (all of it was common to the batch) to 1; NaN where there is no gradient.
    """
    fixed = (gradient(inputs, upstream, batch=False) ** 2).sum()
    if fixed == 0.0:
        return float("nan")
    return float((gradient(inputs, upstream, batch=True) ** 2).sum() / fixed)
