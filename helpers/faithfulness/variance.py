"""Where disagreement comes from: variance components of a balanced design, crossed or nested.

The score of a gene is a sum of a mean, of what a model adds, a dropout mask, a reference, and so
on, and of what two of them add together. How much each varies is told by products of scores that
share some levels and no others: those that share a set U of factors have an expectation that is the
sum of the components of all sets within U. Solving this for the components gives, for a balanced
design, the estimates of the analysis of variance: unbiased, and so at times below zero.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError

Terms = frozenset[str]

TOGETHER, TOTAL = "together", "all"
"""Sources: what two or more factors add together; the sum of all."""

WITHIN_MODEL = ("mask", "reference", "noise")
"""Factors that are drawn anew for each estimate of a model."""

MODEL, SAMPLE, GENE_ORDER = "model", "sample", "gene_order"

SOURCES = (MODEL, GENE_ORDER, *WITHIN_MODEL, SAMPLE, TOGETHER)
"""Where differences come from, in the order of bars."""


@dataclass(frozen=True)
class Factor:
    """A source of differences.

    Attributes
    ----------
    name
        Its name.
    within
        Factors in each combination of whose levels its levels are others: masks of one model are no
        masks of another.
    """

    name: str
    within: tuple[str, ...] = ()


def components(scores: npt.NDArray[np.floating], factors: Sequence[Factor]) -> dict[Terms, float]:
    """Estimate the variance that every set of factors adds, summed over genes.

    Parameters
    ----------
    scores
        An axis a factor, and genes at the end.
    factors
        In the order of axes. A factor with one level is left out: what it adds is not known, and
        is part of the rest.

    Returns
    -------
    dict
        Set of factors → component. Under the empty set the mean's square. Of a factor that is
        within others its own component is that of the set with these.

    Raises
    ------
    BadInputError
        If axes and factors do not fit.
    """
    if scores.ndim != len(factors) + 1:
        raise BadInputError(
            f"Scores with {scores.ndim - 1} axes beside genes cannot have {len(factors)} factors."
        )
    used = [factor for axis, factor in enumerate(factors) if scores.shape[axis] > 1]
    levels = {f.name: scores.shape[axis] for axis, f in enumerate(factors)}
    values = scores.reshape(*(levels[factor.name] for factor in used), scores.shape[-1])
    names = {factor.name for factor in used}
    above = {factor.name: set(factor.within) & names for factor in used}
    squares = _mean_squares(values, [factor.name for factor in used])
    sets = [
        frozenset(some)
        for size in range(len(used) + 1)
        for some in itertools.combinations([factor.name for factor in used], size)
        if all(above[name] <= set(some) for name in some)
    ]
    shared: dict[Terms, float] = {}
    for own in reversed(sets):
        rest = sum(
            _chance(other, own, levels, above) * shared[other] for other in shared if own < other
        )
        shared[own] = (squares[own] - rest) / _chance(own, own, levels, above)
    found: dict[Terms, float] = {}
    for own in sets:
        found[own] = shared[own] - sum(found[other] for other in found if other < own)
    return found


def _mean_squares(values: npt.NDArray[np.floating], names: list[str]) -> dict[Terms, float]:
    """Return for every set of factors the mean square of means over all others.

    That is the mean product of all pairs of scores that share these levels, and perhaps more.
    """
    found: dict[Terms, float] = {}

    def visit(array: npt.NDArray[np.floating], left: list[str], kept: list[str]) -> None:
        if not left:
            size = math.prod(array.shape[:-1])
            found[frozenset(kept)] = float(np.square(array, dtype=np.float64).sum()) / size
            return
        first, rest = left[0], left[1:]
        axis = len(kept)
        visit(array, rest, [*kept, first])
        visit(array.mean(axis=axis, dtype=np.float64), rest, kept)

    visit(values, names, [])
    return found


def _chance(own: Terms, least: Terms, levels: dict[str, int], above: dict[str, set[str]]) -> float:
    """Return the chance that two scores which share the levels of `least` share those of `own`.

    And no others.
    """
    chance = 1.0
    for name, others in above.items():
        if name in own:
            chance *= 1.0 if name in least else 1 / levels[name]
        elif others <= own:
            chance *= 1 - 1 / levels[name]
    return chance


COMPONENT_COLUMNS = ["source", "component", "share"]


def by_source(found: dict[Terms, float], factors: Sequence[Factor]) -> pd.DataFrame:
    """Add components up by their source: `COMPONENT_COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        ``component`` as estimated, which may be below zero; ``share`` of the sum of what is above
        zero, 0 for others.
    """
    there = frozenset().union(*found)
    alone = {frozenset({f.name, *f.within}) & there: f.name for f in factors if f.name in there}
    sums: dict[str, float] = {}
    for terms, value in found.items():
        if terms:
            source = alone.get(terms, TOGETHER)
            sums[source] = sums.get(source, 0.0) + value
    order = [source for source in SOURCES if source in sums]
    table = pd.DataFrame({"source": order, "component": [sums[name] for name in order]})
    positive = table["component"].clip(lower=0)
    return table.assign(share=positive / positive.sum() if positive.sum() > 0 else 0.0)


@dataclass(frozen=True)
class Error:
    """The variance of explanations of one sample, around what endlessly many would say.

    Attributes
    ----------
    between
        What differs between models, however many estimates each has.
    within
        What differs between estimates of a model.
    """

    between: float
    within: float

    @classmethod
    def of(cls, found: dict[Terms, float]) -> Error:
        """Add components up; estimates below zero count as zero."""
        between = sum(v for t, v in found.items() if MODEL in t and not t & set(WITHIN_MODEL))
        within = sum(value for terms, value in found.items() if terms & set(WITHIN_MODEL))
        return cls(max(0.0, between), max(0.0, within))

    def variance(self, models: float, estimates: float) -> float:
        """Return the variance of a mean over models, each with estimates of its own."""
        return (self.between + self.within / estimates) / models

    @property
    def estimates_that_halve(self) -> float:
        """How many estimates of one model halve its standard error; infinite if none do."""
        aim = (self.between + self.within) / 4
        if self.within == 0 or self.between >= aim:
            return math.inf
        return math.ceil(round(self.within / (aim - self.between), 9))

    def models_that_halve(self, estimates: int) -> float:
        """How many models, of so many estimates each, halve that of one with one estimate."""
        whole = self.between + self.within
        if whole == 0:
            return math.nan
        return math.ceil(round(4 * (self.between + self.within / estimates) / whole, 9))


AIM = 0.9
"""Overlap of the top genes of two explanations that is asked for."""

LEAST_OVERLAP = 0.25
"""Overlap that a curve has to reach for anything to be extrapolated from it: of lists that share
hardly a gene, ranks are no matter of neighbours."""

NEED_COLUMNS = ["models", "estimates", "how", "fitted", "largest", "reached", "misfit"]


def models_needed(
    error: Error, measured: pd.Series, estimates: int, aim: float = AIM
) -> dict[str, float | str]:
    """Say how many models it takes until two explanations share so much of their top genes.

    Where ranks are far apart noise exchanges none, and where they are close it exchanges as many as
    it is large: the share of genes that are not shared grows with the standard error. The factor
    comes from the measured curve, the standard error from the components.

    Parameters
    ----------
    error
        Of one sample's explanation.
    measured
        Overlap of means over n models that share none, by n.
    estimates
        Of each model there.
    aim
        What is asked for.

    Returns
    -------
    dict
        `NEED_COLUMNS`: ``models`` (missing where nothing, or hardly any
        overlap, was measured), of so many ``estimates``;
        ``how``: ``"measured"`` where the curve reaches the aim, else ``"extrapolated"`` or
        ``"unknown"``; ``fitted``, overlap expected at the ``largest`` n measured, and what was
        ``reached`` there; ``misfit``, the largest distance of fit and curve.
    """
    curve = measured.dropna().sort_index()
    unknown: dict[str, float | str] = dict.fromkeys(NEED_COLUMNS, math.nan)
    unknown |= {"estimates": estimates, "how": "unknown"}
    if curve.empty or error.variance(1, estimates) == 0:
        return unknown
    sizes = curve.index.to_numpy(float)
    spread = np.sqrt([error.variance(n, estimates) for n in sizes])
    lost = 1 - curve.to_numpy(float)
    # Few models lose more than the law says: the lists then have hardly a gene in common.
    used = sizes >= np.sqrt(sizes.max())
    factor = float((lost[used] @ spread[used]) / (spread[used] @ spread[used]))
    fit = 1 - factor * spread
    there = sizes[curve.to_numpy() >= aim]
    found: dict[str, float | str] = {
        "estimates": estimates, "fitted": float(fit[-1]), "largest": int(sizes[-1]),
        "reached": float(curve.iloc[-1]),
        "misfit": float(np.abs(fit - curve.to_numpy())[used].max()),
    }  # fmt: skip
    if len(there):
        return {**found, "models": int(there[0]), "how": "measured"}
    if curve.iloc[-1] < LEAST_OVERLAP:
        return {**unknown, **found}
    needed = math.ceil(round(error.variance(1, estimates) * (factor / (1 - aim)) ** 2, 9))
    # The curve itself is below the aim up to its end.
    return {**found, "models": max(needed, int(sizes[-1]) + 1), "how": "extrapolated"}
