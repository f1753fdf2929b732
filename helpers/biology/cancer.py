"""Top genes in cancer: how many differ from normal tissue, and which way (paper, Figure 5A, 5B)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray
from scipy import stats

from helpers.biology.differential import DE_COLUMNS
from helpers.biology.gene_lists import LIST_COLUMNS, check_columns, each_list
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


def share_different(top_genes: pd.DataFrame, de: pd.DataFrame) -> pd.DataFrame:
    """Count the top genes that differ between normal tissue and cancer, against chance (K1-K3).

    Parameters
    ----------
    top_genes
        Columns of ``top_genes.csv``.
    de
        Columns of ``cancer_de.csv``.

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
    for (normal, cancer), pair in _pairs(de):
        differs = set(pair.loc[pair["direction"] != "none", "gene"])
        lists = top_genes[top_genes["tissue"].isin([normal, cancer])]
        for what, genes in each_list(lists, pair["gene"]):
            hits = len(differs.intersection(genes))
            found = departure(hits, len(genes), len(differs), len(pair))
            rows.append(
                {
                    **what, "normal": normal, "cancer": cancer, "hits": hits, "size": len(genes),
                    "share": hits / len(genes), "chance": len(differs) / len(pair),
                    "fold": found.fold, "fold_low": found.fold_low, "fold_high": found.fold_high,
                    "p": found.p,
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


def segregation(top_genes: pd.DataFrame, de: pd.DataFrame) -> pd.DataFrame:
    """Tell top genes of normal tissue, of cancer and of both apart, with their change (Figure 5B).

    Parameters
    ----------
    top_genes
        Columns of ``top_genes.csv``.
    de
        Columns of ``cancer_de.csv``.

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
    for (normal, cancer), pair in _pairs(de):
        changes = pair.set_index("gene")[["fold_change", "direction"]]
        chosen = top_genes[top_genes["tissue"].isin([normal, cancer])]
        for method, lists in chosen.groupby(METHOD_COLUMNS, sort=False, observed=True):
            genes = {what["tissue"]: of for what, of in each_list(lists, pair["gene"])}
            if len(genes) < 2:
                continue
            groups = _grouped(genes[normal], genes[cancer])
            part = changes.loc[list(groups)].reset_index()
            part["group"] = list(groups.values())
            part[[*METHOD_COLUMNS, "normal", "cancer"]] = [*method, normal, cancer]
            parts.append(part)
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True)[SEGREGATION_COLUMNS]


def _grouped(normal: list[str], cancer: list[str]) -> dict[str, str]:
    """Return gene → group, in the order of the lists."""
    groups = {gene: "both" if gene in set(cancer) else "normal_only" for gene in normal}
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
    for key, part in genes.groupby(keys, sort=False, observed=True):
        counts = pd.crosstab(part["group"], part["direction"]).reindex(
            index=list(SEGREGATION), columns=list(DIRECTIONS), fill_value=0
        )
        outer = counts.loc[["normal_only", "cancer_only"], ["down", "up"]]
        up = outer["up"] / outer.sum(axis=1).replace(0, np.nan)
        measured = {
            "segregation": up["cancer_only"] - up["normal_only"],
            "p": float(stats.fisher_exact(outer.to_numpy()).pvalue) if up.notna().all() else np.nan,
        }
        for group, row in counts.iterrows():
            total = int(row.sum())
            shares = {
                f"share_{way}": row[way] / total if total else np.nan for way in ("down", "up")
            }
            named = dict(zip(keys, key, strict=True))
            rows.append({**named, "group": group, "genes": total, **row, **shares, **measured})
    return pd.DataFrame(rows, columns=SUMMARY_COLUMNS)


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


def _pairs(de: pd.DataFrame) -> Iterator[tuple[Any, pd.DataFrame]]:
    check_columns(de, DE_COLUMNS, "differences between normal tissue and cancer")
    grouped: Iterator[tuple[Hashable, pd.DataFrame]] = iter(
        de.groupby(["normal", "cancer"], sort=False, observed=True)
    )
    return grouped
