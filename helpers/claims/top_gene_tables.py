"""What the rules on top genes read from tables: groups, liver, and intervals over tissues."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.claims.curve_points import DRAWS, NotTestableError
from helpers.claims.judging import Verdict, bootstrap_interval
from helpers.stability.combinations import COMBINATION, combination_names
from helpers.stability.groups import PAPER_MEMBERS

NOTHING = 0.05
"""A share that is at most this above chance is called none: 5 of 100 genes, which a heatmap or a
row of bars does not show."""

Values = npt.NDArray[np.float64]


def with_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the members of the paper's groups and add the column ``paper_group``.

    Statements are about the paper's groups, whatever groups a run's pages speak of.
    """
    named = table.assign(paper_group=combination_names(table).map(PAPER_MEMBERS))
    return named.dropna(subset=["paper_group"])


def of_groups(table: pd.DataFrame, *groups: str) -> pd.DataFrame:
    """Keep the rows of some groups, all of which must be there.

    Raises
    ------
    NotTestableError
        If no member of one of them was explained.
    """
    present = set(table["paper_group"])
    for name in groups:
        if name not in present:
            raise NotTestableError(f"No member of the paper's group {name} was explained.")
    return table[table["paper_group"].isin(groups)]


def with_shares(table: pd.DataFrame, chosen: str = "") -> pd.DataFrame:
    """Add ``share`` and ``chance`` to a table of hits, of one set where it has several.

    Lists of different models are averaged.
    """
    if chosen:
        table = table[table["set"] == chosen]
    rows = table.assign(
        share=table["hits"] / table["size"], chance=table["expected"] / table["size"]
    )
    columns = ["share", "chance", "size", "set_size"]
    means = rows.groupby([*COMBINATION, "tissue"], sort=False)[columns].mean()
    return means.reset_index()


def liver(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of normal liver.

    Raises
    ------
    NotTestableError
        If liver was not explained.
    """
    names = [
        name
        for name in table["tissue"].unique()
        if str(name).lower().rpartition("_")[2] == "liver" and not str(name).startswith("TCGA_")
    ]
    if not names:
        raise NotTestableError("Liver is not among the tissues that were explained.")
    return table[table["tissue"] == names[0]]


def grid(table: pd.DataFrame, value: str, by: Sequence[str]) -> pd.DataFrame:
    """Return tissues × what `by` tells apart; several rows of one place are averaged."""
    means = table.groupby(["tissue", *by], sort=False)[value].mean()
    return pd.DataFrame(means.unstack(list(by)))


def over_tissues(
    verdict: str, table: pd.DataFrame, statistic: Callable[[Values], float], reason: str
) -> Verdict:
    """Make a verdict from tissues × columns, with an interval that resamples tissues."""
    values = table.to_numpy(float)
    observed, n = statistic(values), len(values)
    if n < 2:
        return Verdict(
            verdict, observed, reason=f"{reason}; one tissue, so no interval.", n=n, unit="tissues"
        )
    interval = bootstrap_interval(values, statistic)
    reason = f"{reason}; {n} tissues; the interval resamples tissues."
    return Verdict(verdict, observed, *interval, reason, n, "tissues")


def over_genes(verdict: str, share: float, size: int, reason: str) -> Verdict:
    """Make a verdict from a share of a list, with an interval that resamples its genes."""
    # Genes drawn with replacement from a list of which this share is inside.
    drawn = np.random.default_rng(0).binomial(size, share, DRAWS) / size
    low, high = np.percentile(drawn, [2.5, 97.5])
    reason = f"{reason}; lists of {size} genes; the interval resamples the genes of a list."
    return Verdict(verdict, share, float(low), float(high), reason, size, "genes")


def mean(values: Values) -> float:
    """Return the mean over tissues and columns; NaN where nothing is known."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def rare_draws(
    tissues: Sequence[str], statistic: Callable[[tuple[str, ...]], float], draws: int = 300
) -> tuple[float, float]:
    """Return the interval over resampled tissues of a statistic that takes long.

    Draws of the same tissues are computed once: four tissues have 35 such draws.
    """
    known = functools.cache(statistic)
    places = np.arange(len(tissues))
    return bootstrap_interval(
        places, lambda drawn: known(tuple(sorted(tissues[int(i)] for i in drawn))), draws=draws
    )


def listed(table: pd.Series) -> str:
    """Write explainers with their shares: ``DeepLift 44 %, Saliency 3 %``."""
    return ", ".join(f"{name} {value:.0%}" for name, value in table.items())
