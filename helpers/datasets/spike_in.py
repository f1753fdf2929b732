"""Real samples with a known answer: known genes shifted in one half of a class.

A real class has markers that nobody knows in full, so that planting genes in it gives no complete
truth. Its two halves differ by nothing but chance: shift some genes in one of them, and all that
tells the halves apart is known. How real genes vary together is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd

from helpers.datasets.truth import (
    DECOY,
    SPIKED,
    TRUTH,
    Stratum,
    draw_laboratories,
    draw_truth,
    rescaled,
    shift,
)
from helpers.errors import BadInputError

LEAST = 8
"""Samples: four for each half, so that two of it are left for training."""

EXPRESSED = 0.5
"""Mean log2(TPM + 1) from which a gene counts as expressed. The lower third of these is low, the
upper third high expression."""

FEWEST = 30
"""Expressed genes, so that there is one for every kind."""

SPARSE = 10
"""Of so many genes at a level a stratum takes one at most, so that most genes stay as they are."""

NOTES = (
    "Real samples of one class, halved at random; known genes are shifted in one half, and decoys "
    "in whatever went through one of two invented laboratories.",
)


def shifted_name(tissue: str) -> str:
    """Name the half of a class in which genes are shifted."""
    return f"{tissue}, shifted"


def can_be_spiked(adata: ad.AnnData, tissue: str) -> bool:
    """Tell whether a class has the samples, and enough genes that are expressed."""
    own = (adata.obs["tissue"].astype(str) == tissue).to_numpy()
    if own.sum() < LEAST:
        return False
    means = np.asarray(adata.X)[own].mean(axis=0)
    return int((means >= EXPRESSED).sum()) >= FEWEST


def spike_in(
    adata: ad.AnnData, tissue: str, *, seed: int, strata: Sequence[Stratum] = SPIKED
) -> ad.AnnData:
    """Return the samples of a class as two classes, one of them shifted.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    tissue
        The class.
    seed
        Of halves, genes and laboratories.
    strata
        What is shifted; fewer of each kind where few genes are measured.

    Returns
    -------
    anndata.AnnData
        Classes ``"<tissue>, shifted"`` and ``"<tissue>, as measured"``; ``obs["batch"]`` the
        laboratory; the truth in ``uns["truth"]``. TPM of a sample add up to what they did.

    Raises
    ------
    BadInputError
        If the class has fewer than `LEAST` samples, a stratum no gene, or more genes are to be
        shifted than are measured at their level.
    """
    rows = np.flatnonzero((adata.obs["tissue"].astype(str) == tissue).to_numpy())
    if len(rows) < LEAST:
        raise BadInputError(
            f"Class {tissue!r} has {len(rows)} samples, and two halves to shift genes in one of "
            f"them need at least {LEAST}: name a larger class (tissues)."
        )
    part = adata[rows]
    x = np.array(part.X, dtype=np.float32)
    sums = (np.exp2(x) - 1).sum(axis=1, dtype=np.float64)
    levels = pd.Series(x.mean(axis=0), index=adata.var_names)
    shifted, measured = shifted_name(tissue), f"{tissue}, as measured"
    bounds, fitting = _fitted(levels, strata)
    truth = draw_truth(levels, [shifted], fitting, bounds=bounds, seed=seed)
    generator = np.random.default_rng([seed, *b"halves"])
    names = generator.permutation(np.resize(np.array([shifted, measured]), len(rows)))
    laboratories = draw_laboratories(names, [shifted, measured], generator)
    for decoys, marked in ((False, names), (True, laboratories)):
        own = truth[(truth["stratum"] == DECOY) == decoys]
        inside = np.flatnonzero(marked == shifted)
        columns = adata.var_names.get_indexer(own["gene"])
        x[np.ix_(inside, columns)] = shift(x[inside], columns, own["effect"].to_numpy())
    found = ad.AnnData(rescaled(x, sums), obs=part.obs.copy(), var=adata.var.copy())
    found.obs["tissue"], found.obs["batch"] = names, laboratories
    found.uns.update(simulated=bool(adata.uns.get("simulated", False)), notes=list(NOTES))
    found.uns[TRUTH] = truth
    return found


def _fitted(
    levels: pd.Series, strata: Sequence[Stratum]
) -> tuple[dict[str, tuple[float, float]], list[Stratum]]:
    """Return what is low and what is high in these data, and strata of no more than fit."""
    expressed = levels[levels >= EXPRESSED]
    if len(expressed) < FEWEST:
        raise BadInputError(
            f"{len(expressed)} genes are expressed in the class, and shifting some of every kind "
            f"needs at least {FEWEST}: measure more genes (most_genes), or name another class "
            "(tissues)."
        )
    lower, upper = (float(value) for value in expressed.quantile([1 / 3, 2 / 3]))
    bounds = {"low": (EXPRESSED, lower), "high": (upper, float(np.inf))}
    most = max(1, len(expressed) // (3 * SPARSE))
    return bounds, [replace(each, genes=min(each.genes, most)) for each in strata]
