"""What the rules on top genes read from tables: groups, liver, and intervals over tissues."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import ANY, SHARE, Bounds, Estimate, over_left_out, over_units
from helpers.claims.judging import NOT_REPRODUCED, PARTLY, REPRODUCED, Tables, Verdict
from helpers.datasets.gtex_tcga_classes import GTEX
from helpers.stability.combinations import COMBINATION, combination_names
from helpers.stability.groups import PAPER_GROUPS, PAPER_MEMBERS

NOTHING = 0.05
"""A share that is at most this above chance is called none: 5 of 100 genes, which a heatmap or a
row of bars does not show."""


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
    if rows.empty:
        raise NotTestableError("No lists of top genes were counted in this run.")
    return means_of(rows, [*COMBINATION, "tissue"], columns).reset_index()


def means_of(table: pd.DataFrame, by: Sequence[str], columns: list[str]) -> pd.DataFrame:
    """Average rows of one place; undefined where one of them is."""
    groups = table.groupby(list(by), sort=False)
    sizes, counts = groups.size(), groups[columns].count()
    return groups[columns].mean().where(counts.eq(sizes, axis=0))


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
    """Return tissues × what `by` tells apart; several rows of one place are averaged.

    Raises
    ------
    NotTestableError
        If there is no row, or a place is undefined.
    """
    means = means_of(table, ["tissue", *by], [value])[value]
    wide = pd.DataFrame(means.unstack(list(by)))
    return defined(wide, value.replace("_", " "))


def over_tissues(
    verdict: str,
    table: pd.DataFrame,
    reason: str,
    bounds: Bounds = ANY,
    statistic: Callable[[pd.DataFrame], float] | None = None,
) -> Verdict:
    """Make a verdict from tissues × columns: a statistic of them, by default the mean of all."""
    defined(table, "what is compared")
    found = over_units(
        table, statistic or (lambda rows: float(rows.mean().mean())), "tissues", bounds
    )
    return found.verdict(verdict, reason)


def over_models(
    tables: Tables,
    shares: pd.Series,
    tissue: str,
    chosen: str,
    statistic: Callable[[pd.Series], float],
    bounds: Bounds = SHARE,
) -> Estimate:
    """Estimate a number from shares of aggregated lists, with an interval over models.

    Parameters
    ----------
    tables
        With ``left_out``: what lists of averages without one model hold. Without that table there
        is no interval.
    shares
        By (architecture, explainer): what the lists of all models hold.
    tissue, chosen
        Whose lists, and which set of genes.
    statistic
        From such shares to the number.
    bounds
        Values that it can take.
    """
    value, each = float(statistic(shares)), {}
    table = tables.get("left_out")
    if table is not None:
        rows = table[(table["tissue"] == tissue) & (table["set"] == chosen)]
        rows = rows.assign(share=rows["hits"] / rows["size"])
        for architecture, part in rows.groupby("architecture", sort=False):
            wide = means_of(part, ["model", "explainer"], ["share"])["share"].unstack("explainer")
            own = shares.index.get_level_values(0) == architecture
            names = shares.index.get_level_values(1)[own].tolist()
            without = []
            for row in wide.reindex(columns=names).to_numpy() if names else ():
                changed = shares.to_numpy(dtype=float).copy()
                changed[own] = row
                known = not np.isnan(row).any()
                without.append(
                    float(statistic(pd.Series(changed, shares.index))) if known else float("nan")
                )
            each[str(architecture)] = without
    return over_left_out(value, each, "models", bounds)


def listed(table: pd.Series) -> str:
    """Write explainers with their shares: ``DeepLift 44 %, Saliency 3 %``."""
    return ", ".join(f"{name} {value:.0%}" for name, value in table.items())


def few_of_groups(tables: Tables, rows: pd.DataFrame, chosen: str) -> Verdict:
    """Judge whether fewer than a tenth of the lists of groups I and III are inside.

    Parameters
    ----------
    tables
        As `over_models` reads them.
    rows
        ``paper_group``, ``architecture``, ``explainer``, ``tissue``, ``share`` of one tissue.
    chosen
        The set of genes that was counted.
    """
    own = of_groups(rows, "I", "III")
    shares = defined(own.set_index(["architecture", "explainer"])["share"], "the share of a list")
    few = shares < 0.1
    verdict = REPRODUCED if few.all() else PARTLY if few.mean() > 0.5 else NOT_REPRODUCED
    named = own.assign(name=own["explainer"] + " (" + own["paper_group"] + ")")
    found = over_models(tables, shares, str(own["tissue"].iloc[0]), chosen, pd.Series.max)
    return found.verdict(
        verdict,
        f"Below 10 % for {int(few.sum())} of {len(own)}: "
        f"{listed(named.set_index('name')['share'])}; observed: the largest",
    )


def largest_of_group_iii(table: str, chosen: str = "") -> Callable[[Tables], float]:
    """Return what gives the largest share of group III's lists of liver in a table of hits."""

    def largest(tables: Tables) -> float:
        rows = liver(with_groups(with_shares(tables[table], chosen)))
        shares = of_groups(rows, "III").set_index("explainer")["share"]
        return float(defined(shares, "the share of a list").max())

    return largest


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
