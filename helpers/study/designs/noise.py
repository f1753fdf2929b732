"""SmoothGrad's noise: the same for every gene, or in proportion to how much it varies."""

from __future__ import annotations

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.workflow.step import Context

Noise = float | npt.NDArray[np.float32]
"""Standard deviation of the noise (log2 units): one number, or one for each gene. 0: none."""

NOISE_SETTINGS = ("smoothgrad_noise", "smoothgrad_spread")
"""Settings that the noise depends on."""


def is_noisy(noise: Noise) -> bool:
    """Tell whether there is any noise."""
    return bool(np.any(np.asarray(noise) > 0))


def smoothgrad_noise(context: Context) -> Noise:
    """Return the noise of a step that declares data, split and `NOISE_SETTINGS`."""
    chosen = context.settings
    if chosen.smoothgrad_spread == "fixed":
        return float(chosen.smoothgrad_noise)
    sides = context["tables/split"].set_index("sample")["split"]
    spread = training_spread(context["data/expression"], sides)
    return (chosen.smoothgrad_noise * spread).astype(np.float32)


def training_spread(adata: anndata.AnnData, sides: pd.Series) -> npt.NDArray[np.float32]:
    """Return the spread of each gene within classes, over the training samples.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    sides
        Side of the split of each sample, by its name.
    """
    training = sides.loc[adata.obs_names].to_numpy() == "train"
    classes = adata.obs["tissue"].to_numpy(dtype=str)
    return spread_within_classes(np.asarray(adata.X)[training], classes[training])


def spread_within_classes(
    x: npt.NDArray[np.floating], classes: npt.NDArray[np.str_]
) -> npt.NDArray[np.float32]:
    """Return the standard deviation of each gene within classes, pooled over these.

    Parameters
    ----------
    x
        Samples × genes, log2(TPM + 1).
    classes
        Class of each sample.

    Returns
    -------
    numpy.ndarray
        One number a gene; the divisor is samples minus classes.
    """
    total = np.zeros(x.shape[1])
    names = np.unique(classes)
    for name in names:
        own = x[classes == name].astype(np.float64)
        total += ((own - own.mean(axis=0)) ** 2).sum(axis=0)
    return np.sqrt(total / max(1, len(x) - len(names))).astype(np.float32)
