"""In what unit a matrix is, by stated rules, and how it becomes linear again.

The rules of `recognise`, in order: whole numbers are counts; values above `LOG_MOST` are
linear (TPM or alike); smaller ones are logarithms, of the base that scanpy recorded in the file,
else of the base that makes the totals of all samples equal, else of the base that the largest
value speaks for. Values below zero are none of these, unless the smallest is the logarithm of what
is added to zero, as in log2(x + 0.001) of UCSC Xena.
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
    added
        What was added before the logarithm was taken; 1 never makes a value negative.
    """

    title: str
    linear: Callable[[np.ndarray], np.ndarray]
    base: float = 0.0
    added: float = 1.0

    @property
    def least(self) -> float:
        """Return the smallest value that can be: that of no expression."""
        return float(np.log(self.added) / np.log(self.base)) if self.base else 0.0


def _log2_above(added: float) -> Unit:
    """Make the unit log2(x + `added`)."""

    def linear(x: np.ndarray) -> np.ndarray:
        # Rounding in the file must not make expression negative.
        return np.maximum(np.exp2(x) - added, 0.0)

    return Unit(f"logarithms to base 2, log2(x + {added:g})", linear, 2.0, added)


UNITS: dict[str, Unit] = {
    "counts": Unit("counts", lambda x: x),
    "tpm": Unit("TPM, or another linear abundance", lambda x: x),
    "log1p": Unit("natural logarithms, ln(x + 1)", np.expm1, float(np.e)),
    "log2": Unit("logarithms to base 2, log2(x + 1)", lambda x: np.exp2(x) - 1, 2.0),
    "log10": Unit("logarithms to base 10, log10(x + 1)", lambda x: np.power(10.0, x) - 1, 10.0),
    "log2_0.001": _log2_above(0.001),
    "log2_0.01": _log2_above(0.01),
    "log2_0.1": _log2_above(0.1),
}
"""Units by the name that a user gives; a new one is one more entry."""

_CANDIDATES = ("log1p", "log2")
"""Logarithms told apart by the totals that they imply."""

_LEAST_TOLERANCE = 2e-3
"""How far the smallest value may be from that of no expression: tables are rounded."""


@dataclass
class Scan:
    """What one pass over a matrix finds out, block by block.

    Attributes
    ----------
    largest, smallest
        The largest and the smallest value.
    negative
        The first value below zero, with its row and column; None: there is none.
    at_least
        How many values equal the smallest so far, within `_LEAST_TOLERANCE`.
    fraction
        The first value that is not whole, with its row and column; None: all are whole.
    totals
        By candidate unit, the sum of each sample once it is linear again.
    """

    largest: float = 0.0
    smallest: float = 0.0
    negative: tuple[int, int, float] | None = None
    at_least: int = 0
    fraction: tuple[int, int, float] | None = None
    totals: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, rows: np.ndarray, block: np.ndarray) -> None:
        """Take in a block of samples × genes, finite, and the numbers of its rows."""
        self.largest = max(self.largest, float(block.max()))
        self._add_smallest(rows, block)
        if self.fraction is None:
            self.fraction = _first(rows, block, block != np.floor(block))
        if self.smallest < 0:
            return
        if self.largest <= LOG_MOST:
            for name in _CANDIDATES:
                sums = UNITS[name].linear(block).sum(axis=1)
                self.totals.setdefault(name, []).append(sums)

    def _add_smallest(self, rows: np.ndarray, block: np.ndarray) -> None:
        least = float(block.min())
        if least < self.smallest - _LEAST_TOLERANCE:
            self.at_least = 0
        self.smallest = min(self.smallest, least)
        if self.smallest < 0:
            self.at_least += int((block <= self.smallest + _LEAST_TOLERANCE).sum())
            if self.negative is None:
                self.negative = _first(rows, block, block < 0)

    def spread(self, name: str) -> float:
        """Return the SD of the samples' totals as a share of their mean, were `name` the unit."""
        totals = np.concatenate(self.totals[name])
        return float(totals.std() / totals.mean()) if totals.mean() > 0 else float("inf")


def _first(
    rows: np.ndarray, block: np.ndarray, wanted: np.ndarray
) -> tuple[int, int, float] | None:
    """Return row, column and value of the first that is wanted."""
    if not wanted.any():
        return None
    row, column = (int(i) for i in np.argwhere(wanted)[0])
    return int(rows[row]), column, float(block[row, column])


def below_zero(scan: Scan) -> str:
    """Name the unit whose value of no expression is the smallest one; empty if there is none.

    A smallest value that is there once only may be chance, and is not believed.
    """
    if scan.at_least < 2 or scan.largest > LOG_MOST:
        return ""
    fitting = [
        name
        for name, unit in UNITS.items()
        if unit.least < 0 and abs(unit.least - scan.smallest) <= _LEAST_TOLERANCE
    ]
    return fitting[0] if fitting else ""


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
    if scan.smallest < 0:
        unit = below_zero(scan)
        if not unit:
            raise ValueError("values below zero have no unit, and are refused before")
        zero = f"log2({UNITS[unit].added:g})"
        return unit, f"{scan.at_least:,} values are {scan.smallest:.4f}, which is {zero}"
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
