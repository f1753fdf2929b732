"""Scores of baselines in explained classes, from the samples that networks are trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.baselines import BASELINES, OneVsRest, forget
from helpers.study.designs.samples import Samples
from helpers.study.designs.seeds import BASELINE_STREAM, derived_seed

WITHOUT_NETWORK = "none"
"""Architecture of a baseline."""

FEWEST = 2
"""Training samples of a class that a baseline needs; classes with fewer are left out."""


def baseline_scores(
    adata: anndata.AnnData, split: pd.DataFrame, groups: Sequence[Samples], seed: int
) -> Iterator[tuple[str, str, npt.NDArray[np.float64]]]:
    """Score every gene by every baseline in every class.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    split
        The table ``split``.
    groups
        Classes with the samples that are explained.
    seed
        The run's.

    Yields
    ------
    Class, name of the baseline and its scores, one a gene; none for a class with fewer than
    `FEWEST` training samples in it or beside it.
    """
    sides = split.set_index("sample")["split"]
    training = (sides.loc[adata.obs_names] == "train").to_numpy()
    x = np.asarray(adata.X)[training]
    classes = adata.obs["tissue"].to_numpy(dtype=str)[training]
    for number, group in enumerate(groups):
        inside = classes == group.tissue
        if min(inside.sum(), (~inside).sum()) < FEWEST:
            continue
        own = derived_seed(seed, BASELINE_STREAM, number)
        question = OneVsRest(group.tissue, x, inside, group.x, own)
        for name, baseline in BASELINES.items():
            yield group.tissue, name, baseline.score(question)
    forget()
