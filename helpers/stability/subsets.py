"""Which estimates, or which models, are averaged for each point of a curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError

LEAST_DRAWS = 4
"""Draws of each number of models at least (paper, "optimal number of aggregated models")."""


@dataclass(frozen=True, eq=False)
class Subsets:
    """Sets of estimates (or models), each to be averaged.

    Attributes
    ----------
    weights
        Sets × pool: 1/n for the n members of a set, otherwise 0, so that the product with
        scores of the whole pool is the mean over each set.
    n
        Members of each set.
    draw
        Number of each set among those with the same n, from 0.
    """

    weights: npt.NDArray[np.float64]
    n: npt.NDArray[np.intp]
    draw: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.n)

    def shared(self) -> pd.DataFrame:
        """Tell what share of their members two sets of the same n have in common.

        Returns
        -------
        pandas.DataFrame
            One row per pair of draws of the same n, in the order of `numpy.triu_indices`:
            ``n``, ``draw_a``, ``draw_b``, ``shared`` (0: disjoint, 1: the same set).
        """
        tables = []
        for n in dict.fromkeys(self.n.tolist()):
            chosen = np.flatnonzero(self.n == n)
            members = (self.weights[chosen] > 0).astype(float)
            first, second = np.triu_indices(len(chosen), 1)
            common = (members @ members.T)[first, second] / n
            draws = self.draw[chosen]
            tables.append(
                {"n": n, "draw_a": draws[first], "draw_b": draws[second], "shared": common}
            )
        return pd.concat([pd.DataFrame(table) for table in tables], ignore_index=True)


def draw_subsets(pool: int, sizes: Sequence[int], draws: int, seed: int | Sequence[int]) -> Subsets:
    """Draw n of a pool's estimates, for every n of a curve (paper, "Simulation for …").

    A set depends on its n, the number of its draw, the pool and the seed only, so a curve with
    more points, or more draws, keeps the sets that it had.

    Parameters
    ----------
    pool
        Number of estimates to draw from (paper: 50 noisy copies, 50 repeats, 2,000 references).
    sizes
        Each n of the curve.
    draws
        Sets of each n, drawn independently of each other; members are distinct within a set.
    seed
        Same seed, same sets. With ``[seed, model]`` every model gets sets of its own.

    Returns
    -------
    Subsets
        Sorted as `sizes`, the draws of an n next to each other.

    Raises
    ------
    BadInputError
        If a size is below 1, above `pool` or given twice, or if there is no size, no draw or
        no estimate.
    """
    _check_sizes(sizes, pool, "estimate")
    _check_count("draws", draws, 1)
    members, n, numbers = [], [], []
    for size in sizes:
        for draw in range(draws):
            rng = np.random.default_rng([*np.atleast_1d(seed), size, draw])
            members.append(rng.choice(pool, size, replace=False))
            n.append(size)
            numbers.append(draw)
    return _subsets(members, n, numbers, pool)


def draw_aggregates(
    models: int, sizes: Sequence[int], seed: int | Sequence[int], *, least: int = LEAST_DRAWS
) -> Subsets:
    """Draw models to aggregate: K = max(M // n, 4) sets of n of the M models, for every n.

    The sets of one n cut a shuffled list of the models into pieces while it lasts, so up to
    M // n sets have no model in common; only those still missing to K are drawn independently.
    The paper draws all of them independently, which makes sets agree because they share models:
    for n close to M all sets are nearly the same, whatever the models. `Subsets.shared` tells
    how far.

    Parameters
    ----------
    models
        Number M of models.
    sizes
        Each n of the curve (paper: 1 to 20, of 60 models).
    seed
        Same seed, same sets.
    least
        Sets of each n at least.

    Returns
    -------
    Subsets
        Its pool are the models.

    Raises
    ------
    BadInputError
        If a size is below 1, above `models` or given twice, there is no size, or fewer than
        two models or sets are to be compared.
    """
    _check_count("models", models, 2)
    _check_count("least", least, 2)
    _check_sizes(sizes, models, "model")
    members, n, numbers = [], [], []
    for size in sizes:
        rng = np.random.default_rng([*np.atleast_1d(seed), size])
        order = rng.permutation(models)
        pieces = models // size
        for draw in range(max(pieces, least)):
            piece = order[draw * size : (draw + 1) * size]
            members.append(piece if draw < pieces else rng.choice(models, size, replace=False))
            n.append(size)
            numbers.append(draw)
    return _subsets(members, n, numbers, models)


def disjoint_halves(models: int, halvings: int, seed: int | Sequence[int]) -> Subsets:
    """Cut the models into two halves, several times: the largest aggregates without overlap.

    Draws 0 and 1 are the halves of the first cut, 2 and 3 those of the second, and so on. Of an
    odd number of models another one is left out each time.

    Parameters
    ----------
    models
        Number of models.
    halvings
        Number of cuts.
    seed
        Same seed, same halves.

    Raises
    ------
    BadInputError
        If there are fewer than two models, or no cut.
    """
    _check_count("models", models, 2)
    _check_count("halvings", halvings, 1)
    half = models // 2
    members = []
    for halving in range(halvings):
        order = np.random.default_rng([*np.atleast_1d(seed), halving]).permutation(models)
        members += [order[:half], order[half : 2 * half]]
    return _subsets(members, [half] * len(members), list(range(len(members))), models)


def _subsets(
    members: list[npt.NDArray[np.intp]], n: list[int], draws: list[int], pool: int
) -> Subsets:
    weights = np.zeros((len(members), pool))
    for row, chosen in zip(weights, members, strict=True):
        row[chosen] = 1 / len(chosen)
    return Subsets(weights, np.array(n, dtype=np.intp), np.array(draws, dtype=np.intp))


def _check_count(name: str, value: int, least: int) -> None:
    if value < least:
        raise BadInputError(f"Parameter {name!r} must be at least {least}, but it is {value}.")


def _check_sizes(sizes: Sequence[int], pool: int, member: str) -> None:
    if not len(sizes):
        raise BadInputError("A curve needs at least one n: parameter 'sizes' is empty.")
    if len(set(sizes)) < len(sizes):
        raise BadInputError(f"Parameter 'sizes' holds an n twice: {list(sizes)}.")
    if min(sizes) < 1:
        raise BadInputError(f"Parameter 'sizes' must hold n ≥ 1 only, but holds {min(sizes)}.")
    if max(sizes) > pool:
        raise BadInputError(
            f"A mean over {max(sizes)} {member}s cannot be drawn from {pool}: make at least "
            f"{max(sizes)} {member}s, or leave sizes above {pool} out."
        )
