"""Lists of top genes of scores that are all equal: what was counted in them is undefined.

Such a list holds the first genes of the data set, whatever the network has learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.stability.combinations import combination_name, combination_names

Named = tuple[str, str]
"""A combination of architecture, explainer and aggregation, and a tissue."""


@dataclass(frozen=True)
class Counted:
    """What a table counts in lists.

    Attributes
    ----------
    columns
        Its columns with such numbers.
    lists
        From the table to the lists that each row is about.
    """

    columns: tuple[str, ...]
    lists: Callable[[pd.DataFrame], Iterable[tuple[Named, ...]]]


def _own(table: pd.DataFrame) -> Iterable[tuple[Named, ...]]:
    return zip(zip(combination_names(table), table["tissue"], strict=True))


def _both_sides(table: pd.DataFrame) -> Iterable[tuple[Named, ...]]:
    sides = [zip(table[side], table["tissue"], strict=True) for side in ("a", "b")]
    return zip(*sides, strict=True)


def _both_tissues(table: pd.DataFrame) -> Iterable[tuple[Named, ...]]:
    sides = [zip(combination_names(table), table[side], strict=True) for side in ("a", "b")]
    return zip(*sides, strict=True)


def _aggregated(table: pd.DataFrame) -> Iterable[tuple[Named, ...]]:
    for row in table[["architecture", "explainer", "tissue"]].itertuples(index=False):
        yield ((combination_name(row[0], row[1], True), row[2]),)


def _single_and_aggregated(table: pd.DataFrame) -> Iterable[tuple[Named, ...]]:
    columns = ["architecture", "explainer", "other", "tissue"]
    for architecture, single, other, tissue in table[columns].itertuples(index=False):
        yield (
            (combination_name(architecture, single, False), tissue),
            (combination_name(architecture, other, True), tissue),
        )


COUNTED: dict[str, Counted] = {
    "top_lists": Counted(("gene",), _own),
    "expression": Counted(("hits",), _own),
    "specificity": Counted(("hits",), _own),
    "housekeeping": Counted(("hits",), _own),
    "go": Counted(("fold", "p", "fdr"), _own),
    "regulators": Counted(("hits", "fold", "p_depleted", "fdr"), _own),
    "cancer_shares": Counted(("share", "fold"), _own),
    "consistency": Counted(("overlap", "same_model"), _both_sides),
    "tissue_overlap": Counted(("overlap",), _both_tissues),
    "left_out": Counted(("hits",), _aggregated),
    "held_out": Counted(("overlap",), _single_and_aggregated),
}
"""Tables with numbers that were counted in lists, and the lists themselves."""


def constant_lists(expression: pd.DataFrame) -> set[Named]:
    """Name the lists of scores that are all equal.

    Parameters
    ----------
    expression
        The table ``expression``: scores that are all equal correlate with nothing.
    """
    rows = expression[expression["spearman_absolute"].isna()]
    return set(zip(combination_names(rows), rows["tissue"], strict=True))


def without_constant_lists(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Take out of tables what was counted in lists of scores that are all equal.

    Parameters
    ----------
    tables
        Tables that rules read, by name. Without ``expression`` nothing is known of scores.
    """
    found = dict(tables)
    expression = found.get("expression")
    lists = set() if expression is None else constant_lists(expression)
    if not lists:
        return found
    for name in COUNTED.keys() & found.keys():
        table, counted = found[name], COUNTED[name]
        rows = np.array([not lists.isdisjoint(own) for own in counted.lists(table)], dtype=bool)
        numbers = {column: table[column].mask(rows) for column in counted.columns}
        found[name] = table.assign(**numbers)
    if "distinct_genes" in found:
        table = found["distinct_genes"]
        rows = combination_names(table).isin({name for name, _ in lists}).to_numpy()
        found["distinct_genes"] = table.assign(distinct=table["distinct"].mask(rows))
    return found
