"""Models on one scale, so that none outweighs the others where scores are averaged over models.

Scores are as large as a network's logits are steep, which says nothing about which genes matter. In
a raw mean a network with steep logits counts many times.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray

from helpers.errors import one_of

SCALES = ("unit", "raw")


def on_one_scale(scores: xarray.DataArray, scale: str = "unit") -> xarray.DataArray:
    """Divide each model's scores in each tissue by their mean size.

    Parameters
    ----------
    scores
        Dimensions model, sample and gene, in any order; coordinate ``tissue`` along sample.
    scale
        ``"unit"``: so; ``"raw"``: leave scores as they are, which is the paper's average.

    Returns
    -------
    xarray.DataArray
        As `scores`. Within a model and tissue, genes and samples keep their proportions, so that
        the lists and correlations of single models stay the same.

    Raises
    ------
    UnknownNameError
        If there is no such scale.
    """
    if one_of("scale of models", scale, SCALES) == "raw":
        return scores
    sizes = xarray.DataArray(np.abs(scores)).mean("gene", dtype=np.float64)
    tissues = scores["tissue"].to_numpy()
    for tissue in dict.fromkeys(tissues.tolist()):
        own = np.flatnonzero(tissues == tissue)
        sizes[{"sample": own}] = sizes.isel(sample=own).mean("sample")
    factors = (1 / sizes.where(sizes > 0, 1.0)).astype(scores.dtype)
    return (scores * factors).transpose(*scores.dims).assign_attrs(scores.attrs)


def weighed(values: npt.NDArray[np.floating], scale: str = "unit") -> npt.NDArray[np.floating]:
    """Do the same for one model and tissue: samples × genes."""
    one_of("scale of models", scale, SCALES)
    size = float(np.abs(values).mean(dtype=np.float64)) if values.size else 0.0
    return values if scale == "raw" or size == 0 else values / np.asarray(size, values.dtype)
