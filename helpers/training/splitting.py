"""Training, validation and test samples, and the folds of cross-validation.

The paper divides each tissue 9:1 into training and test samples. The schedule, early
stopping and the best epoch need a measure as well, and choosing them on the test samples
would leak those into the models; so a tenth of the 90 % is held out once more, as
validation samples.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import BadInputError, one_of
from helpers.training.donors import assign_donors
from helpers.training.seeds import DEALING, derived_seed

SPLITS = ("train", "validation", "test")
TENTH = 0.1
TWENTIETH = 0.05
"""Part of a class that is test, and part that is validation, in the paper's released scripts."""

WAYS = ("tissue", "tissue_90_5_5", "donor")
"""Ways to split; the second differs from the first in the sizes of the sides."""


def split(obs: pd.DataFrame, *, by: str = "tissue", seed: int) -> pd.Series:
    """Divide the samples into training, validation and test (paper, "Model training").

    Parameters
    ----------
    obs
        A row per sample; ``tissue`` is the class, ``donor`` who gave the sample.
    by
        "tissue": of each class a tenth is test, and a tenth of the rest validation, at
        least one sample each. "tissue_90_5_5": a twentieth each, drawn from the same order, so
        that its test samples are test samples there too. "donor": as near to the first as can be
        with all samples of a donor on one side; a sample whose donor is not known stands for
        itself.
    seed
        Seed of the draw.

    Returns
    -------
    pandas.Series
        "train", "validation" or "test", indexed like `obs`.

    Raises
    ------
    BadInputError
        If a class has fewer than 3 samples (or donors), or donors overlap so much that a
        class cannot be on all three sides.


    Examples
    --------
    >>> import helpers as hx
    >>> _, adata = hx.example_network()
    >>> sorted(hx.split(adata.obs, seed=0).value_counts().items())
    [('test', 3), ('train', 24), ('validation', 3)]
    """
    groups = _groups(obs, by)
    _require(obs, groups, by, len(SPLITS), "a split into training, validation and test")
    generator = np.random.default_rng(seed)
    sides = np.full(len(obs), "train", dtype=object)
    if by == "donor":
        shares = np.array([(1 - TENTH) ** 2, (1 - TENTH) * TENTH, TENTH])
        sides[:] = np.array(SPLITS, dtype=object)[_by_donor(obs, groups, shares, generator)]
    else:
        for members in _classes(obs).values():
            shuffled = generator.permutation(members)
            n_test, n_validation = _sizes(len(members), by)
            sides[shuffled[:n_test]] = "test"
            sides[shuffled[n_test : n_test + n_validation]] = "validation"
    return pd.Series(sides, index=obs.index, name="split", dtype=str)


def folds(obs: pd.DataFrame, n_folds: int, seed: int, by: str = "tissue") -> pd.Series:
    """Divide the samples into folds (paper, "Model performance estimation").

    Parameters
    ----------
    obs
        A row per sample, as for `split`.
    n_folds
        Number of folds; the paper has 5.
    seed
        Seed of the draw.
    by
        "tissue": each class is dealt out evenly. "donor": as evenly as can be with all
        samples of a donor in one fold.

    Returns
    -------
    pandas.Series
        The fold, from 0, in which each sample is predicted; indexed like `obs`.

    Raises
    ------
    BadInputError
        If a class has fewer samples (or donors) than there are folds.
    """
    groups = _groups(obs, by)
    _require(obs, groups, by, n_folds, f"{n_folds}-fold cross-validation")
    # Not the draws of `split`, which has the same seed.
    generator = np.random.default_rng(derived_seed(seed, 0, DEALING))
    if by == "donor":
        fold = _by_donor(obs, groups, np.full(n_folds, 1 / n_folds), generator)
    else:
        fold = np.empty(len(obs), dtype=np.int64)
        dealt = 0
        for members in _classes(obs).values():
            # Going on where the last class stopped keeps the folds themselves even.
            fold[generator.permutation(members)] = (dealt + np.arange(len(members))) % n_folds
            dealt += len(members)
    return pd.Series(fold, index=obs.index, name="fold", dtype=np.int64)


def hold_out(obs: pd.DataFrame, *, by: str = "tissue", seed: int) -> pd.Series:
    """Divide the samples that a fold trains on into "train" and "validation".

    A tenth of each class is validation; a class with one sample (or donor) only trains.

    Parameters
    ----------
    obs, by, seed
        As for `split`.

    Raises
    ------
    BadInputError
        If no sample can be held out.
    """
    groups = _groups(obs, by)
    generator = np.random.default_rng(seed)
    held = np.zeros(len(obs), dtype=bool)
    if by == "donor":
        shares = np.array([1 - TENTH, TENTH])
        held = _by_donor(obs, groups, shares, generator, cover=False) == 1
    else:
        for members in _classes(obs).values():
            if len(members) > 1:
                held[generator.permutation(members)[: _part(len(members))]] = True
    if not held.any():
        raise BadInputError(
            f"No class has a second {'sample' if by == 'tissue' else 'donor'} to validate on "
            "in the training folds: use more folds or add samples."
        )
    return pd.Series(np.where(held, "validation", "train"), index=obs.index, name="split")


def _sizes(n: int, by: str) -> tuple[int, int]:
    """Return how many of the n samples of a class are test, and how many validation."""
    if by == "tissue_90_5_5":
        return _part(n, TWENTIETH), _part(n, TWENTIETH)
    return _part(n), _part(n - _part(n))


def _part(n: int, share: float = TENTH) -> int:
    """Return a tenth of n, or another share, halves rounded up, and at least 1."""
    return max(1, int(n * share + 0.5))


def _classes(obs: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the positions of the samples of each class, in alphabetical order."""
    names, labels = np.unique(obs["tissue"].to_numpy(dtype=str), return_inverse=True)
    return {str(name): np.flatnonzero(labels == i) for i, name in enumerate(names)}


def _groups(obs: pd.DataFrame, by: str) -> np.ndarray:
    """Give a number to each sample, the same to those that must stay together."""
    one_of("split", by, WAYS)
    if by != "donor":
        return np.arange(len(obs))
    donors = obs["donor"] if "donor" in obs else pd.Series(index=obs.index, dtype=object)
    names = donors.astype(object)
    unknown = (names.isna() | (names.astype(str).str.strip() == "")).to_numpy()
    if unknown.all():
        raise BadInputError(
            "No donor is known, so the samples cannot be split by donor: "
            "name the column of donors (donor_column), or split by tissue (split=tissue)."
        )
    keys = [
        f"sample {i}" if missing else f"donor {name}"
        for i, (name, missing) in enumerate(zip(names, unknown, strict=True))
    ]
    numbers: np.ndarray = np.unique(keys, return_inverse=True)[1]
    return numbers


def _require(obs: pd.DataFrame, groups: np.ndarray, by: str, least: int, purpose: str) -> None:
    """Raise `BadInputError` for the first class with fewer than `least` samples or donors."""
    what = "donor" if by == "donor" else "sample"
    for name, members in _classes(obs).items():
        count = len(np.unique(groups[members]))
        if count < least:
            raise BadInputError(
                f"Class {name!r} has {count} {what}{'' if count == 1 else 's'}, and {purpose} "
                f"needs at least {least}: add samples or leave the class out (min_class_size)."
            )


def _by_donor(
    obs: pd.DataFrame,
    groups: np.ndarray,
    shares: np.ndarray,
    generator: np.random.Generator,
    *,
    cover: bool = True,
) -> np.ndarray:
    """Return the side of each sample; with `cover`, every class must be on every side."""
    names, labels = np.unique(obs["tissue"].to_numpy(dtype=str), return_inverse=True)
    counts = np.zeros((int(groups.max()) + 1, len(names)), dtype=np.int64)
    np.add.at(counts, (groups, labels), 1)
    side_of_donor = assign_donors(counts, shares, generator)
    if cover:
        for side in range(len(shares)):
            absent = np.flatnonzero(counts[side_of_donor == side].sum(axis=0) == 0)
            if len(absent):
                raise BadInputError(
                    f"Class {str(names[absent[0]])!r} shares its donors with other classes so that "
                    f"it cannot be on all {len(shares)} sides: split by tissue, or leave it out."
                )
    side_of_sample: np.ndarray = side_of_donor[groups]
    return side_of_sample
