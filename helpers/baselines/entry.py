"""What a baseline is, and what it is asked: one class against the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from helpers.errors import BadInputError

Scores = npt.NDArray[np.float64]

BLOCK = 512
"""Genes measured at once in double precision, so that they stay in the processor's cache."""


@dataclass(frozen=True)
class Side:
    """Samples on one side of a comparison: how many, and each gene's mean and variance (n − 1)."""

    n: int
    mean: Scores
    variance: Scores

    @classmethod
    def of(cls, x: npt.NDArray[np.floating]) -> Side:
        """Measure samples × genes."""
        parts = []
        for start in range(0, x.shape[1], BLOCK):
            wide = np.asarray(x[:, start : start + BLOCK], dtype=np.float64)
            mean = wide.mean(axis=0)
            wide -= mean
            parts.append((mean, np.einsum("ij,ij->j", wide, wide) / (len(x) - 1)))
        means, variances = zip(*parts, strict=True)
        return cls(len(x), np.concatenate(means), np.concatenate(variances))


@dataclass(frozen=True, eq=False)
class OneVsRest:
    """Samples of a class and all others.

    Attributes
    ----------
    name
        The class.
    x
        Samples × genes, log2(TPM + 1): those that networks are trained on.
    inside
        Whether each is of the class.
    explained
        Samples × genes: those whose explanation the baseline stands beside.
    seed
        For a baseline that draws anything.

    Raises
    ------
    BadInputError
        If a side has fewer than two samples, arrays do not fit, a value is not a number, or no
        gene varies.
    """

    name: str
    x: npt.NDArray[np.floating]
    inside: npt.NDArray[np.bool_]
    explained: npt.NDArray[np.floating]
    seed: int = 0

    def __post_init__(self) -> None:
        genes = {array.shape[1] for array in (self.x, self.explained) if array.ndim == 2}
        if self.x.ndim != 2 or len(self.inside) != len(self.x) or len(genes) != 1:
            raise BadInputError(
                f"Class {self.name!r}: a baseline needs samples × genes, the side of each sample, "
                "and samples to explain of the same genes."
            )
        for side, count in (
            (f"Class {self.name!r} has", int(self.inside.sum())),
            (f"The rest beside class {self.name!r} has", int((~self.inside).sum())),
        ):
            if count < 2:
                samples = "one training sample" if count == 1 else "no training samples"
                raise BadInputError(
                    f"{side} {samples}, and a baseline that compares it with the rest needs two or "
                    "more on either side: add samples, or name another class (tissues)."
                )
        if not np.isfinite(self.x).all():
            raise BadInputError(
                f"Class {self.name!r}: expression holds values that are not numbers: correct the "
                "data."
            )
        if not np.any(np.ptp(self.x, axis=0) > 0):
            raise BadInputError(
                f"Class {self.name!r}: every gene has the same value in all samples (zero "
                "variance), so that no baseline can rank genes: correct the data."
            )

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """The class and the rest, measured once for all baselines."""
        return Side.of(self.x[self.inside]), Side.of(self.x[~self.inside])


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A way to rank genes without a network.

    Attributes
    ----------
    name
        Its name in tables.
    title
        Its name for readers.
    score
        Gives each gene a number; larger in size is more important.
    signed
        Whether scores can be negative.
    place
        Place in tables and legends, smallest first.
    """

    name: str
    title: str
    score: Callable[[OneVsRest], Scores]
    signed: bool
    place: int
