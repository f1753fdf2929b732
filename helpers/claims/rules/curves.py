"""What the rules on agreement read: medians over the samples of each tissue.

Samples of one tissue are explained by the same networks and resemble each other, so the tissue is
the unit of an interval. Within a tissue the median over its samples counts, and over tissues the
mean: the number that is printed is the one that is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.claims.defined import NotTestableError
from helpers.claims.intervals import ANY, Bounds, Estimate, over_units
from helpers.claims.judging import Tables
from helpers.explain.references import REFERENCES
from helpers.stability.curves import drop_overlapping

ENOUGH = 0.5
"""A statement is tested on samples in which all that it compares is defined, if at least this part
of the samples is left."""

FLOOR = 0.1
"""Below this correlation models do not agree in anything that could be ranked, rise or fall."""

# Of several kinds of reference, and several designs, the first one here that was run is read.
_REFERENCES = ("none", *REFERENCES)
_DESIGNS = ("gene_order", "inter_model")
_EXPLANATIONS = ["architecture", "explainer", "optimisation", "design", "reference", "n", "tissue",
                 "sample"]  # fmt: skip


@dataclass(frozen=True)
class Levels:
    """Medians over the samples of each tissue: tissues × what is compared.

    Attributes
    ----------
    table
        Tissues × columns, all defined.
    samples
        Samples in which everything is defined.
    left_out
        The others: scores that are all equal correlate with nothing.
    """

    table: pd.DataFrame
    samples: int
    left_out: int

    @property
    def means(self) -> pd.Series:
        """Return the means over tissues."""
        return self.table.mean()

    def estimate(self, statistic: Callable[[pd.Series], float], bounds: Bounds = ANY) -> Estimate:
        """Estimate a statistic of the means over tissues."""
        return over_units(
            self.table, lambda table: float(statistic(table.mean())), "tissues", bounds
        )

    @property
    def said(self) -> str:
        """Say how many samples of how many tissues there are."""
        text = f"{self.samples} samples of {len(self.table)} tissues"
        if self.left_out:
            text += f", {self.left_out} more left out, with scores that are all equal"
        return text


def tissue_levels(part: pd.DataFrame, by: Sequence[str]) -> Levels:
    """Take the median over the samples of each tissue.

    Parameters
    ----------
    part
        ``tissue``, ``sample``, ``value`` and the columns of `by`; several rows of one place are
        pairs of explanations, of which the median counts.
    by
        Columns that tell apart what becomes a column of the result.

    Raises
    ------
    NotTestableError
        If there is none, or in more than half of the samples something is undefined.
    """
    groups = part.groupby(["tissue", "sample", *by], sort=False)["value"]
    medians = groups.median()
    known = medians.where(groups.count() == groups.size())
    grid = pd.DataFrame(known.unstack(list(range(2, 2 + len(by)))))
    complete = grid.dropna()
    if not len(complete) or len(complete) < ENOUGH * len(grid):
        missing = grid.isna().sum() if len(grid) else pd.Series(dtype=float)
        worst = " ".join(_words(missing.idxmax())) if len(missing) else ""
        most = f", of {worst} in {missing.max()}" if len(missing) else ""
        raise NotTestableError(
            f"In {len(complete)} of {len(grid)} samples all that is compared here is defined "
            f"(undefined{most}): scores that are all equal correlate with nothing."
            if len(grid)
            else "No sample was explained in all the ways that are compared here."
        )
    table = complete.groupby("tissue", sort=False).median().sort_index(axis=1)
    return Levels(table, len(complete), len(grid) - len(complete))


def _words(label: object) -> list[str]:
    return [str(part) for part in label] if isinstance(label, tuple) else [str(label)]


def with_ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Take the overlap out wherever the correlation is undefined.

    Lists of scores that are all equal hold the first genes of the data set, and overlap fully.

    Parameters
    ----------
    table
        Rows of ``unoptimised`` or ``curves``.
    """
    keys = [name for name in _EXPLANATIONS if name in table.columns]
    unknown = table["value"].isna() & (table["metric"] == "spearman")
    if not unknown.any():
        return table
    constant = pd.MultiIndex.from_frame(table.loc[unknown, keys].drop_duplicates())
    inside = pd.MultiIndex.from_frame(table[keys]).isin(constant)
    return table.assign(value=table["value"].mask(inside))


def curve_rows(
    tables: Tables, architecture: str, optimisation: str, metric: str = "spearman"
) -> pd.DataFrame:
    """Return the rows of one optimisation: a single curve for each explainer.

    Parameters
    ----------
    tables
        With ``curves``: `helpers.stability.sample_medians`. Points from the first at which
        aggregates share more than a third of their models are left out.
    architecture, optimisation, metric
        Which curves.

    Returns
    -------
    pandas.DataFrame
        Of an explainer with curves for several kinds of reference the rows with the simplest;
        of several designs those of different gene orders. Empty where there is no such curve.
    """
    table = tables["curves"]
    table = table[
        (table["architecture"] == architecture)
        & (table["optimisation"] == optimisation)
        & (table["design"] != "intra_model")
    ]
    table = with_ranks(table)
    part = drop_overlapping(table[table["metric"] == metric])
    for column, order in (("design", _DESIGNS), ("reference", _REFERENCES)):
        rank = part[column].map({name: place for place, name in enumerate(order)})
        part = part[rank == rank.groupby(part["explainer"]).transform("min")]
    return part


def at_ends(part: pd.DataFrame) -> pd.DataFrame:
    """Keep each explainer's smallest and largest n: column ``when`` is before or after."""
    groups = part.groupby("explainer")["n"]
    before = part[part["n"] == groups.transform("min")].assign(when="before")
    after = part[part["n"] == groups.transform("max")].assign(when="after")
    return pd.concat([before, after])
