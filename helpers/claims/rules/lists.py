"""What the rules on top genes read from tables: groups, liver, and intervals over tissues."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.claims.judging import (
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    NotTestableError,
    Verdict,
    bootstrap_interval,
)
from helpers.claims.rules.curves import DRAWS
from helpers.datasets.gtex_tcga_classes import GTEX
from helpers.stability.combinations import COMBINATION, combination_names
from helpers.stability.groups import PAPER_GROUPS, PAPER_MEMBERS

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


def few_of_groups(rows: pd.DataFrame) -> Verdict:
    """Judge whether fewer than a tenth of the lists of groups I and III are inside.

    Parameters
    ----------
    rows
        ``paper_group``, ``architecture``, ``explainer``, ``share``, ``size`` of one tissue.
    """
    own = of_groups(rows, "I", "III")
    below = own["share"] < 0.1
    verdict = REPRODUCED if below.all() else PARTLY if below.mean() > 0.5 else NOT_REPRODUCED
    named = own.assign(name=own["explainer"] + " (" + own["paper_group"] + ")")
    return over_genes(
        verdict,
        float(own["share"].mean()),
        int(own["size"].iloc[0]),
        f"Below 10 % for {int(below.sum())} of {len(own)}: "
        f"{listed(named.set_index('name')['share'])}; their mean",
    )


def shares_of_cnns(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the shares of CNNs without and with aggregation: tissues × explainers.

    Raises
    ------
    NotTestableError
        If CNNs were not explained both ways.
    """
    cnn = rows[rows["architecture"] == "cnn"]
    parts = [cnn[cnn["aggregated"] == how] for how in (False, True)]
    if any(part.empty for part in parts):
        raise NotTestableError("No CNNs were explained with and without aggregation.")
    before, after = (grid(part, "share", ["explainer"]) for part in parts)
    return before, after[before.columns]


ABOUT = 0.25
"""A number called "about x" may differ from x by a quarter of x."""


def is_about(value: float, paper: float) -> bool:
    """Tell whether a value is within `ABOUT` of the paper's."""
    return bool(abs(value - paper) <= ABOUT * paper)


def rows_of_group(table: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return the rows of one of the paper's groups of explainers.

    Raises
    ------
    NotTestableError
        If there are none.
    """
    if len(table):
        rows = table[combination_names(table).isin(PAPER_GROUPS[group])]
        if len(rows):
            return rows
    raise NotTestableError(f"No list of group {group} is among the tables of this run.")


def need_tissue(lists: pd.DataFrame, tissue: str) -> str:
    """Return the class of a normal tissue: ``liver``, or ``GTEx_Liver`` as the paper has it.

    Raises
    ------
    NotTestableError
        If the tissue is not explained.
    """
    found = [str(name) for name in dict.fromkeys(lists["tissue"])]
    for name in found:
        if name.lower().removeprefix(GTEX.lower()) == tissue:
            return name
    raise NotTestableError(
        f"The statement is about {tissue}, and this run explains {', '.join(found) or 'no tissue'}."
    )


def need_tissues(lists: pd.DataFrame, least: int = 2) -> None:
    """Refuse to compare tissues where fewer than `least` are explained.

    Raises
    ------
    NotTestableError
        In that case.
    """
    if lists["tissue"].nunique() < least:
        raise NotTestableError("The statement compares tissues, and this run explains only one.")


def mean_verdict(verdict: str, values: Collection[float], reason: str, unit: str) -> Verdict:
    """Make a verdict whose number is a mean over units, with its bootstrap interval.

    Parameters
    ----------
    verdict, reason
        As in `Verdict`.
    values
        One a unit.
    unit
        What the units are, in the plural.
    """
    numbers = np.asarray(list(values), dtype=float)
    if not len(numbers):
        return Verdict(verdict, reason=f"{reason}; nothing to average, so no interval.", unit=unit)
    observed = float(np.mean(numbers))
    if len(numbers) < 2:
        reason = f"{reason}; one of the {unit}, so no interval."
        return Verdict(verdict, observed, reason=reason, n=1, unit=unit)
    low, high = bootstrap_interval(numbers, lambda drawn: float(np.mean(drawn)))
    reason = f"{reason}; the interval resamples {len(numbers)} {unit}."
    return Verdict(verdict, observed, low, high, reason, len(numbers), unit)
