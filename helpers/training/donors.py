"""Which donor goes to which side, so that no donor is on two."""

from __future__ import annotations

import numpy as np

SWEEPS = 20
# Smaller gains are rounding errors.
TOLERANCE = 1e-3


def assign_donors(
    counts: np.ndarray, shares: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Divide donors among sides, with each class as near to the wanted shares as can be.

    Greedy, donors of the rarest class first, each to the side where it brings the counts
    nearest to the wanted ones (the squared difference over the wanted count, as in a
    chi-squared statistic); then single donors move as long as that helps. A class that is
    absent from a side counts as worse than any other difference, and one absent from the
    side that trains as worst: with two sides, every class has a donor there.

    Parameters
    ----------
    counts
        Donors × classes: how many samples a donor gave of each class.
    shares
        Wanted share of each side; they sum to 1.
    generator
        Breaks ties between equal donors.

    Returns
    -------
    numpy.ndarray
        Side of each donor, from 0.
    """
    board = _Board(counts, shares)
    donors_of_class = (counts > 0).sum(axis=0)
    rarest = np.where(counts > 0, donors_of_class, len(counts) + 1).min(axis=1)
    shuffled = generator.permutation(len(counts))
    for donor in shuffled[np.argsort(rarest[shuffled], kind="stable")]:
        board.place(donor, board.best_side(donor))
    for _ in range(SWEEPS):
        moved = sum(board.improve(donor) for donor in generator.permutation(len(counts)))
        if not moved:
            break
    return board.side


class _Board:
    """How many samples of each class every side has so far."""

    def __init__(self, counts: np.ndarray, shares: np.ndarray) -> None:
        self.classes = [np.flatnonzero(row) for row in counts]
        self.given = [row[row > 0].astype(float) for row in counts]
        # At least one sample of each class is wanted on each side.
        self.wanted = np.maximum(np.outer(shares, counts.sum(axis=0)), 1.0)
        self.placed = np.zeros((len(shares), counts.shape[1]))
        self.side = np.full(len(counts), -1)
        # More than all the differences that one move can make; on the side that trains
        # (the largest, if there is one), more than all absences from the others.
        absence = 1.0 + 2.0 * float(counts.sum()) / float(shares.min())
        trains = (shares == shares.max()) & (shares.min() < shares.max())
        self.absence = absence * np.where(trains, 1.0 + counts.shape[1] * len(shares), 1.0)

    def place(self, donor: int, side: int) -> None:
        """Put a donor on a side, or with -1 on none."""
        classes, given = self.classes[donor], self.given[donor]
        if self.side[donor] >= 0:
            self.placed[self.side[donor], classes] -= given
        if side >= 0:
            self.placed[side, classes] += given
        self.side[donor] = side

    def costs(self, donor: int) -> np.ndarray:
        """Return what it costs to have an unplaced donor on each side."""
        classes, given = self.classes[donor], self.given[donor]
        wanted, before = self.wanted[:, classes], self.placed[:, classes]
        gap = ((before + given - wanted) ** 2 - (before - wanted) ** 2) / wanted
        costs: np.ndarray = (gap - self.absence[:, None] * (before == 0)).sum(axis=1)
        return costs

    def best_side(self, donor: int) -> int:
        """Return the cheapest side of an unplaced donor."""
        return int(np.argmin(self.costs(donor)))

    def improve(self, donor: int) -> bool:
        """Move a donor to its cheapest side; return whether it moved."""
        old = int(self.side[donor])
        self.place(donor, -1)
        costs = self.costs(donor)
        best = int(np.argmin(costs))
        moves = bool(costs[best] < costs[old] - TOLERANCE)
        self.place(donor, best if moves else old)
        return moves
