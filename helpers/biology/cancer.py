"""Top genes in cancer: how many differ from normal tissue, and which way (paper, Figure 5A, 5B)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray
from scipy import stats

from helpers.biology.differential import DE_COLUMNS
from helpers.biology.gene_lists import (
    LIST_COLUMNS,
    check_columns,
    check_top_genes,
    unchecked_lists,
)
from helpers.biology.hypergeometric import departure
from helpers.errors import one_of

SHARE_COLUMNS = [
    *LIST_COLUMNS, "normal", "cancer", "hits", "size", "share", "chance", "fold", "fold_low",
    "fold_high", "p",
]  # fmt: skip
SEGREGATION = ("normal_only", "both", "cancer_only")
DIRECTIONS = ("down", "none", "up")
METHOD_COLUMNS = ["architecture", "explainer", "aggregated"]
SEGREGATION_COLUMNS = [*METHOD_COLUMNS, "normal", "cancer", "gene", "group", "fold_change",
                       "direction"]  # fmt: skip
SUMMARY_COLUMNS = [*METHOD_COLUMNS, "normal", "cancer", "group", "genes",
                   *DIRECTIONS, "share_down", "share_up", "segregation", "p"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pair:
    """A normal tissue and a cancer, and how each gene differs between them.

    Attributes
    ----------
    normal, cancer
        The two.
    genes, fold_change, direction
        The measured genes, and of each what ``cancer_de.csv`` says.
    measured, differs
        The genes as a set, and those of them that differ.
    """

    normal: Any
    cancer: Any
    genes: pd.Index
    fold_change: npt.NDArray[np.float64]
    direction: npt.NDArray[np.object_]
    measured: frozenset[str]
    differs: frozenset[str]


def paired(de: pd.DataFrame) -> list[Pair]:
    """Read the pairs of a table, once for all lists that are compared with them.

    Parameters
    ----------
    de
        Columns of ``cancer_de.csv``.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(de, DE_COLUMNS, "differences between normal tissue and cancer")
    return [
        Pair(
            normal=normal,
            cancer=cancer,
            genes=pd.Index(rows["gene"]),
            fold_change=rows["fold_change"].to_numpy(),
            direction=rows["direction"].to_numpy(),
            measured=frozenset(rows["gene"]),
            differs=frozenset(rows.loc[rows["direction"] != "none", "gene"]),
        )
        for (normal, cancer), rows in de.groupby(["normal", "cancer"], sort=False, observed=True)
    ]


Differences = pd.DataFrame | Sequence[Pair]
"""Columns of ``cancer_de.csv``, or what `paired` made of them."""


def share_different(top_genes: pd.DataFrame, de: Differences) -> pd.DataFrame:
    """Count the top genes that differ between normal tissue and cancer, against chance (K1-K3).

    Parameters
    ----------
    top_genes
        Columns of ``top_genes.csv``.
    de
        See `Differences`.

    Returns
    -------
    pandas.DataFrame
        A row for each list and each pair that its tissue belongs to, as normal tissue or as
        cancer: what the list is; ``normal``, ``cancer``; ``hits``: top genes that differ;
        ``size``; ``share``: hits of size; ``chance``: share of all measured genes that differ;
        ``fold``: share over chance, with its 95 % interval; ``p``: two-sided, hypergeometric.
        Lists of tissues that are in no pair have no row.

    Raises
    ------
    BadInputError
        If a column is missing, a top gene is not in `de`, or is in a list twice.
    """
    rows = []
    for pair, lists in _by_pair(top_genes, de):
        differ, total = len(pair.differs), len(pair.genes)
        for what, genes in lists:
            hits = len(pair.differs.intersection(genes))
            found = departure(hits, len(genes), differ, total)
            rows.append(
                {
                    **what, "normal": pair.normal, "cancer": pair.cancer,
                    "hits": hits, "size": len(genes),
                    "share": hits / len(genes), "chance": differ / total,
                    "fold": found.fold, "fold_low": found.fold_low, "fold_high": found.fold_high,
                    "p": found.p,
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


def segregation(top_genes: pd.DataFrame, de: Differences) -> pd.DataFrame:
    """Tell top genes of normal tissue, of cancer and of both apart, with their change (Figure 5B).

    Parameters
    ----------
    top_genes
        Columns of ``top_genes.csv``.
    de
        See `Differences`.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``aggregated``; ``normal``, ``cancer``; ``gene``;
        ``group``: normal_only, both or cancer_only; ``fold_change`` (log2 of cancer over normal)
        and ``direction`` of the change. Only pairs of which both tissues have a list.

    Raises
    ------
    BadInputError
        If a column is missing, a top gene is not in `de`, or is in a list twice.
    """
    parts = [pd.DataFrame(columns=SEGREGATION_COLUMNS)]
    for pair, lists in _by_pair(top_genes, de):
        both: dict[tuple[Any, ...], dict[str, list[str]]] = {}
        for what, of in lists:
            method = tuple(what[name] for name in METHOD_COLUMNS)
            both.setdefault(method, {})[what["tissue"]] = of
        groups = {
            method: _grouped(genes[pair.normal], genes[pair.cancer])
            for method, genes in both.items()
            if len(genes) == 2
        }
        parts.append(_changed(pair, groups))
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True)[SEGREGATION_COLUMNS]


def _changed(pair: Pair, groups: dict[tuple[Any, ...], dict[str, str]]) -> pd.DataFrame:
    """Write the genes of a pair, by method and group, with their change."""
    methods = pd.DataFrame(list(groups), columns=METHOD_COLUMNS)
    sizes = np.array([len(genes) for genes in groups.values()], dtype=np.intp)
    numbers = np.repeat(np.arange(len(groups)), sizes)
    genes = [gene for of in groups.values() for gene in of]
    found = pair.genes.get_indexer(pd.Index(genes, dtype=object))
    return methods.take(numbers).assign(
        normal=pair.normal,
        cancer=pair.cancer,
        gene=genes,
        group=[group for of in groups.values() for group in of.values()],
        fold_change=pair.fold_change[found],
        direction=pair.direction[found],
    )


def _grouped(normal: list[str], cancer: list[str]) -> dict[str, str]:
    """Return gene → group, in the order of the lists."""
    also = set(cancer)
    groups = {gene: "both" if gene in also else "normal_only" for gene in normal}
    return groups | {gene: "cancer_only" for gene in cancer if gene not in groups}


def segregation_summary(genes: pd.DataFrame) -> pd.DataFrame:
    """Count directions in each group of `segregation`, and measure how far they part (K4, K6).

    Parameters
    ----------
    genes
        What `segregation` gave.

    Returns
    -------
    pandas.DataFrame
        A row for each method, pair and group: ``genes``; how many go ``down``, ``none``, ``up``;
        ``share_down``, ``share_up`` of the group's genes, missing where it has none. The same in
        all groups of a pair: ``segregation``, from -1 to 1: among the genes that differ, the share
        that goes up in cancer_only minus that in normal_only, 1 if the two part completely, missing
        where either has none; ``p``: Fisher's exact test of that table.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(genes, SEGREGATION_COLUMNS, "segregated genes")
    rows = []
    keys = [*METHOD_COLUMNS, "normal", "cancer"]
    counted = genes.groupby([*keys, "group", "direction"], sort=False, observed=True).size()
    for key, counts in _counts(counted).items():
        outer = [(counts[group, "down"], counts[group, "up"]) for group in _OUTER]
        measured = dict(zip(("segregation", "p"), _parted(*outer), strict=True))
        for group in SEGREGATION:
            row = {way: counts[group, way] for way in DIRECTIONS}
            total = sum(row.values())
            shares = {
                f"share_{way}": row[way] / total if total else np.nan for way in ("down", "up")
            }
            named = dict(zip(keys, key, strict=True))
            rows.append({**named, "group": group, "genes": total, **row, **shares, **measured})
    return pd.DataFrame(rows, columns=SUMMARY_COLUMNS)


_OUTER = ("normal_only", "cancer_only")


def _counts(counted: pd.Series) -> dict[tuple[Any, ...], Counter[tuple[str, str]]]:
    """Return the counts of group and direction of each method and pair, in their order."""
    found: dict[tuple[Any, ...], Counter[tuple[str, str]]] = {}
    for place, count in counted.items():
        assert isinstance(place, tuple)
        *key, group, direction = place
        found.setdefault(tuple(key), Counter())[group, direction] = int(count)
    return found


@lru_cache(maxsize=100_000)  # networks and explainers share many of these tables
def _parted(normal: tuple[int, int], cancer: tuple[int, int]) -> tuple[float, float]:
    """Return how far two groups, each down and up, part, and Fisher's p-value; NaN if one is empty.

    As `segregation_summary` defines them.
    """
    if not sum(normal) or not sum(cancer):
        return float("nan"), float("nan")
    up = cancer[1] / sum(cancer) - normal[1] / sum(normal)
    return up, float(stats.fisher_exact(np.array([normal, cancer])).pvalue)


def rank_of(gene: str, top_genes: pd.DataFrame) -> pd.DataFrame:
    """Look up a gene in every list of top genes (K5: GPC3).

    Parameters
    ----------
    gene
        Symbol.
    top_genes
        Columns of ``top_genes.csv``, ``rank`` included.

    Returns
    -------
    pandas.DataFrame
        A row a list: what it is; ``gene``; ``rank``, missing where the gene is not in the list;
        ``size``, the list's length, beyond which such a rank lies.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(top_genes, [*LIST_COLUMNS, "gene", "rank"], "top genes")
    lists = top_genes.groupby(LIST_COLUMNS, sort=False, observed=True).size().rename("size")
    found = top_genes[top_genes["gene"] == gene].set_index(LIST_COLUMNS)["rank"]
    table = lists.to_frame().join(found).reset_index()
    table["rank"] = table["rank"].astype("Int64")
    return table.assign(gene=gene)[[*LIST_COLUMNS, "gene", "rank", "size"]]


def rank_in_scores(gene: str, scores: xarray.DataArray) -> pd.DataFrame:
    """Rank a gene among all genes, however far down it is.

    Parameters
    ----------
    gene
        Symbol.
    scores
        Scores with dimension ``gene``; each vector over the genes is ranked by absolute value,
        as `helpers.explain.top_genes` does by default.

    Returns
    -------
    pandas.DataFrame
        A row a vector: labels of the other dimensions (and ``tissue``, if samples have one);
        ``gene``; ``rank``, 1 for the largest score (equal scores in the order of the data set);
        ``genes``, how many are ranked.

    Raises
    ------
    UnknownNameError
        If the gene has no score.
    """
    names = [str(name) for name in scores["gene"].to_numpy()]
    place = names.index(one_of("gene", gene, names))
    size = abs(scores)
    own = size.isel(gene=place, drop=True)
    earlier = size.isel(gene=slice(0, place)) == own
    rank = ((size > own).sum("gene") + earlier.sum("gene") + 1).rename("rank")
    table = rank.to_dataframe().reset_index() if rank.dims else pd.DataFrame({"rank": [int(rank)]})
    labels = [name for name in dict.fromkeys((*rank.dims, "tissue")) if name in table.columns]
    return table.assign(gene=gene, genes=len(names))[[*labels, "gene", "rank", "genes"]]


Lists = list[tuple[dict[str, Any], list[str]]]
"""Lists of top genes: what each is, and its genes."""


def _by_pair(top_genes: pd.DataFrame, de: Differences) -> Iterator[tuple[Pair, Lists]]:
    """Yield each pair with the lists of its two tissues."""
    pairs = paired(de) if isinstance(de, pd.DataFrame) else de
    check_columns(top_genes, [*LIST_COLUMNS, "gene"], "top genes")
    tissues = {tissue for pair in pairs for tissue in (pair.normal, pair.cancer)}
    every = list(unchecked_lists(top_genes[top_genes["tissue"].isin(tissues)]))
    for pair in pairs:
        lists = [found for found in every if found[0]["tissue"] in (pair.normal, pair.cancer)]
        for what, genes in lists:
            check_top_genes(what, genes, pair.measured)
        yield pair, lists
