"""The tables behind the main figures, small enough for a bundle."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers import stability
from helpers.biology.specificity import ENHANCED

Get = Callable[[str], pd.DataFrame]
"""From the name of a step to its table."""

LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""In place of all pairs of a sample: these quantiles of them."""


def _agreement(get: Get) -> pd.DataFrame:
    """Figure 1: quantiles over pairs, of each sample of the first tissue, without a reference."""
    table = get("tables/unoptimised")
    table = table[table["reference"].isin(["none", "zero"])]
    table = table[table["tissue"] == table["tissue"].iloc[0]] if len(table) else table
    keys = ["architecture", "explainer", "design", "metric", "tissue", "sample"]
    found = table.groupby(keys, sort=False)["value"].quantile(np.array(LEVELS))
    return found.rename_axis([*keys, "quantile"]).reset_index()


def _aggregation(get: Get) -> pd.DataFrame:
    """Figure 2D: medians and quartiles by the number of models averaged."""
    curves = get("tables/curves")
    return stability.curve_summary(curves[curves["optimisation"] == "aggregated"])


def _consistency(get: Get) -> pd.DataFrame:
    """Figure 3: mean overlap of each two combinations, once."""
    square = stability.overlap_square(get("tables/consistency"))
    names = list(square.columns)
    pairs = list(itertools.combinations(names, 2))
    upper = square.to_numpy()[np.triu_indices(len(names), 1)]
    return pd.DataFrame(pairs, columns=pd.Index(["a", "b"])).assign(overlap=upper)


def _groups(get: Get) -> pd.DataFrame:
    """Figure 3: the clusters, with chance and the number of tissues."""
    expression = get("tables/expression")
    chance = (expression["size"] / expression["genes"]).median()
    return get("tables/groups").assign(
        chance=chance, tissues=get("tables/consistency")["tissue"].nunique()
    )


def _expression(get: Get) -> pd.DataFrame:
    """Figure 4A: top genes of one tissue among the highest expressed."""
    return _of_one_tissue(get("tables/expression"))


def _specificity(get: Get) -> pd.DataFrame:
    """Figure 4D: tissue-specific genes among top genes of one tissue."""
    table = get("tables/specificity")
    return _of_one_tissue(table[table["set"] == ENHANCED])


def _of_one_tissue(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the paper's first tissue, or of the first that is there."""
    names = list(dict.fromkeys(table["tissue"]))
    focus = FOCUS if FOCUS in names else next(iter(names), "")
    return table[table["tissue"] == focus]


def _cancer(get: Get) -> pd.DataFrame:
    """Figure 5A: top genes of aggregated MLPs that differ in cancer."""
    table = get("tables/cancer_shares")
    return table[table["aggregated"].astype(bool) & (table["architecture"] == "mlp")]


def _measures(get: Get) -> pd.DataFrame:
    """Is the simulation like real samples: what data sets are compared by."""
    return get("tables/measures")


FOCUS = "liver"
"""The tissue that the paper shows."""

MAIN_TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[Get], pd.DataFrame]]] = MappingProxyType(
    {
        "figure_1": (("tables/unoptimised",), _agreement),
        "figure_2d": (("tables/curves",), _aggregation),
        "figure_3": (("tables/consistency",), _consistency),
        "figure_3_groups": (("tables/groups", "tables/expression", "tables/consistency"), _groups),
        "figure_4a": (("tables/expression",), _expression),
        "figure_4d": (("tables/specificity",), _specificity),
        "figure_5a": (("tables/cancer_shares",), _cancer),
        "measures": (("tables/measures",), _measures),
    }
)
"""Name in a bundle → the steps that it is made from, and how."""


def main_tables(get: Get) -> dict[str, pd.DataFrame]:
    """Return the tables behind the main figures of a run, by name.

    Parameters
    ----------
    get
        Returns the table of a step.
    """
    return {name: make(get) for name, (_, make) in MAIN_TABLES.items()}


def steps_of_main_tables() -> list[str]:
    """Name the steps that they are made from."""
    return list(dict.fromkeys(step for steps, _ in MAIN_TABLES.values() for step in steps))
