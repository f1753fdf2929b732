"""ROAR: remove the first genes of a ranking, train anew, and see what is lost (Hooker et al. 2019).

Deletion asks a trained network what it does without some genes, on samples that no sample is like.
Here a network is trained on what is left: if the genes named were the ones that carry the class,
the new network does worse; if others say the same, it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError

LEARNED = 0.25
"""Part of the way from chance to no mistake that networks have to go."""

FEWEST = 3
"""Samples of a class, at least: one to train on, one for validation, one to test."""


def nearest_classes(
    x: npt.NDArray[np.floating], classes: npt.NDArray[np.str_], explained: Sequence[str], n: int
) -> list[str]:
    """Choose the classes that are hardest to tell from the explained ones, these included.

    Parameters
    ----------
    x
        Samples × genes, log2(TPM + 1).
    classes
        Class of each sample.
    explained
        Classes that are there in any case.
    n
        How many in all; 0 or more than there are: all.

    Returns
    -------
    list of str
        In alphabetical order. Beside the explained ones those whose mean expression correlates most
        with that of an explained one; at least one, so that there is something to tell apart.
    """
    names = np.unique(classes).tolist()
    own = list(dict.fromkeys(explained))
    if not n or n >= len(names):
        return names
    means = np.stack([x[classes == name].mean(axis=0, dtype=np.float64) for name in names])
    alike = np.corrcoef(means)[[names.index(name) for name in own]].max(axis=0)
    others = [name for name in names if name not in own]
    others.sort(key=lambda name: (-alike[names.index(name)], name))
    return sorted([*own, *others[: max(1, n - len(own))]])


def in_halves(obs: pd.DataFrame, seed: int | Sequence[int]) -> pd.Series:
    """Split each class into a half for training and validation, and a half to test.

    Parameters
    ----------
    obs
        A row a sample; ``tissue`` is the class.
    seed
        Of the draw.

    Returns
    -------
    pandas.Series
        "train", "validation" or "test", indexed like `obs`.

    Raises
    ------
    BadInputError
        If a class has fewer than `FEWEST` samples.
    """
    generator = np.random.default_rng(seed)
    sides = np.full(len(obs), "train", dtype=object)
    tissues = obs["tissue"].to_numpy(dtype=str)
    for name in np.unique(tissues).tolist():
        members = generator.permutation(np.flatnonzero(tissues == name))
        if len(members) < FEWEST:
            raise BadInputError(
                f"Class {name!r} has {len(members)} samples, and training anew without some genes "
                f"needs {FEWEST}: add samples, or raise min_class_size."
            )
        tests = len(members) // 2
        sides[members[:tests]] = "test"
        sides[members[tests : tests + max(1, (len(members) - tests) // 5)]] = "validation"
    return pd.Series(sides, index=obs.index, name="split", dtype=str)


def without_genes(
    adata: anndata.AnnData, genes: npt.NDArray[np.intp], without: npt.NDArray[np.float32]
) -> anndata.AnnData:
    """Return expression and classes with some genes set to one value in all samples.

    Parameters
    ----------
    adata
        Samples × genes.
    genes
        Places of the genes that are removed.
    without
        The value of every gene.
    """
    x = np.array(adata.X, dtype=np.float32)
    x[:, genes] = without[genes]
    return anndata.AnnData(
        x, obs=adata.obs[["tissue"]].copy(), var=pd.DataFrame(index=adata.var_names)
    )


def first_of_each(orders: Sequence[npt.NDArray[np.intp]], k: int) -> npt.NDArray[np.intp]:
    """Return the genes that are among the first k of any ranking, one ranking a class."""
    return np.unique(np.concatenate([np.empty(0, dtype=np.intp), *(order[:k] for order in orders)]))


def have_learnt(recall: float, classes: int) -> bool:
    """Tell whether networks that name so large a share of samples rightly have learnt anything."""
    chance = 1 / classes
    return recall > chance + LEARNED * (1 - chance)
