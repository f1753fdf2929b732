"""What the rules on optimisation read from curves, with intervals over samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.claims.judging import NotTestableError, Tables, Verdict
from helpers.explain.references import REFERENCES
from helpers.stability.curves import drop_overlapping

DRAWS = 2000
"""Times that samples are drawn anew for an interval."""

INTERVAL = "; the interval resamples samples."
"""How the reason of a verdict ends that rests on samples."""

# Of several kinds of reference, and several designs, the first one here that was run is read.
_REFERENCES = ("none", *REFERENCES)
_DESIGNS = ("gene_order", "inter_model")


@dataclass(frozen=True)
class Resampled:
    """Medians over samples: the first row of the data, each further one of a resample.

    All columns of a resample come from the same samples.
    """

    medians: pd.DataFrame
    samples: int


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
    chosen = (
        (table["architecture"] == architecture)
        & (table["optimisation"] == optimisation)
        & (table["metric"] == metric)
        & (table["design"] != "intra_model")
    )
    part = drop_overlapping(table[chosen])
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


def resampled_medians(part: pd.DataFrame, by: list[str], seed: int = 0) -> Resampled:
    """Take medians over samples, of the data and of samples drawn anew.

    Parameters
    ----------
    part
        Rows of ``curves``, at most one for each sample and combination of `by`. Samples that
        have no value in one of the columns are left out.
    by
        Columns that tell apart what becomes a column of the result.
    seed
        Seed of the resampling.

    Raises
    ------
    NotTestableError
        If no sample is left.
    """
    grid = part.set_index(["tissue", "sample", *by])["value"].unstack(by).dropna()
    if not len(grid):
        raise NotTestableError("No sample was explained in all the ways that are compared here.")
    values, rng = grid.to_numpy(), np.random.default_rng(seed)
    picks = rng.integers(0, len(values), size=(DRAWS, len(values)))
    medians = np.vstack([np.median(values, axis=0), np.median(values[picks], axis=1)])
    return Resampled(pd.DataFrame(medians, columns=grid.columns), len(values))


def concluded(verdict: str, statistic: pd.Series, reason: str, samples: int) -> Verdict:
    """Make a verdict from a statistic of `Resampled` medians, and say what the interval is."""
    values = statistic.to_numpy(float)
    low, high = np.quantile(values[1:], [0.025, 0.975])
    reason = f"{reason}{INTERVAL}"
    return Verdict(verdict, float(values[0]), float(low), float(high), reason, samples, "samples")
