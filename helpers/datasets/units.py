"""In what unit a matrix is, by stated rules, and how it becomes linear again.

The rules of `recognise`, in order: whole numbers are counts; values above `LOG_MOST` are
linear (TPM or alike); smaller ones are logarithms, of the base that scanpy recorded in the file,
else of the base that makes the totals of all samples equal, else of the base that the largest
value speaks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from helpers.errors import BadInputError

LOG_MOST = 30.0
"""No log of a TPM or count comes near: 2³⁰ is a thousand times the 10⁶ of a whole sample."""

NATURAL_MOST = float(np.log1p(1e6))
"""Largest possible natural logarithm of TPM + 1, and of CPM + 1."""

SAME_TOTALS = 0.02
"""Totals of samples count as equal when their standard deviation is below this share of the
mean."""


@dataclass(frozen=True)
class Unit:
    """A unit that expression can come in.

    Attributes
    ----------
    title
        How pages call it.
    linear
        From values to something proportional to the abundance of transcripts.
    base
        Base of the logarithm; 0 for linear units.
    """

    title: str
    linear: Callable[[np.ndarray], np.ndarray]
    base: float = 0.0


UNITS: dict[str, Unit] = {
    "counts": Unit("counts", lambda x: x),
    "tpm": Unit("TPM, or another linear abundance", lambda x: x),
    "log1p": Unit("natural logarithms, ln(x + 1)", np.expm1, float(np.e)),
    "log2": Unit("logarithms to base 2, log2(x + 1)", lambda x: np.exp2(x) - 1, 2.0),
    "log10": Unit("logarithms to base 10, log10(x + 1)", lambda x: np.power(10.0, x) - 1, 10.0),
}
"""Units by the name that a user gives; a new one is one more entry."""

_CANDIDATES = ("log1p", "log2")
"""Logarithms told apart by the totals that they imply."""


@dataclass
class Scan:
    """What one pass over a matrix finds out, block by block.

    Attributes
    ----------
    largest
        The largest value.
    fraction
        The first value that is not whole, with its row and column; None: all are whole.
    totals
        By candidate unit, the sum of each sample once it is linear again.
    """

    largest: float = 0.0
    fraction: tuple[int, int, float] | None = None
    totals: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, first_row: int, block: np.ndarray) -> None:
        """Take in a block of samples × genes, finite and ≥ 0."""
        self.largest = max(self.largest, float(block.max()))
        if self.fraction is None:
            broken = block != np.floor(block)
            if broken.any():
                row, column = (int(i) for i in np.argwhere(broken)[0])
                self.fraction = (first_row + row, column, float(block[row, column]))
        if self.largest <= LOG_MOST:
            for name in _CANDIDATES:
                sums = UNITS[name].linear(block).sum(axis=1)
                self.totals.setdefault(name, []).append(sums)

    def spread(self, name: str) -> float:
        """Return the SD of the samples' totals as a share of their mean, were `name` the unit."""
        totals = np.concatenate(self.totals[name])
        return float(totals.std() / totals.mean()) if totals.mean() > 0 else float("inf")


def recognise(scan: Scan, log_base: float | None, where: str) -> tuple[str, str]:
    """Tell the unit of a matrix and why.

    Parameters
    ----------
    scan
        What a pass over all values found.
    log_base
        Base of the logarithm as the file records it; None: no record.
    where
        What the matrix is called in messages.

    Returns
    -------
    tuple of str
        A key of `UNITS`, and the reason as a clause ("all values are whole numbers").

    Raises
    ------
    BadInputError
        If the file records a base that is not known here.
    """
    if scan.fraction is None:
        return "counts", "all values are whole numbers"
    if scan.largest > LOG_MOST:
        return "tpm", f"values go up to {scan.largest:,.0f} and are not whole"
    small = f"values are not whole and go up to {scan.largest:.1f} only"
    if log_base is not None:
        known = [name for name, unit in UNITS.items() if np.isclose(unit.base, log_base)]
        if not known:
            raise BadInputError(
                f"{where} is recorded as a logarithm to base {log_base:g}: give one to base e, 2 "
                "or 10, or say what it is with --unit."
            )
        return known[0], f"{small}, and the file records this logarithm (uns['log1p'])"
    spreads = {name: scan.spread(name) for name in _CANDIDATES}
    best = min(spreads, key=lambda name: spreads[name])
    if spreads[best] < SAME_TOTALS:
        return best, f"{small}, and so read all samples have the same total"
    if scan.largest > NATURAL_MOST:
        return "log2", f"{small}, which a natural logarithm of TPM cannot reach"
    return "log1p", (
        f"{small}; this is a guess, since no base makes the totals of the samples equal: if they "
        "are logarithms to base 2, say `--unit log2`"
    )
