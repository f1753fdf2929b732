"""Combinations of architecture, explainer and aggregation, and the lists of top genes of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.errors import BadInputError, one_of

COMBINATION = ["architecture", "explainer", "aggregated"]
"""Columns that name a combination in every table."""

AGGREGATION = {False: "single", True: "aggregated"}
"""How `aggregated` is written in a combination's name."""


NO_MEAN = ("p", "fdr", "p_matched", "fdr_matched", "fold_low", "fold_high")
"""Columns that it makes no sense to average over models."""


def combination_name(architecture: str, explainer: str, aggregated: bool) -> str:
    """Name a combination: ``"mlp:DeepLift:aggregated"``, ``"cnn:Saliency:single"``."""
    return f"{architecture}:{explainer}:{AGGREGATION[bool(aggregated)]}"


def split_name(name: str) -> tuple[str, str, bool]:
    """Take a combination's name apart: architecture, explainer, aggregated.

    Raises
    ------
    BadInputError
        If it has not three parts.
    UnknownNameError
        If the last part is neither ``"single"`` nor ``"aggregated"``.
    """
    parts = name.split(":")
    if len(parts) != 3:
        raise BadInputError(
            f"{name!r} names no combination: write architecture:explainer:single or "
            "architecture:explainer:aggregated."
        )
    architecture, explainer, how = parts
    return architecture, explainer, one_of("aggregation", how, AGGREGATION.values()) == "aggregated"


def combination_names(table: pd.DataFrame) -> pd.Series:
    """Name the combination of every row of a table with the columns of `COMBINATION`."""
    how = table["aggregated"].map(AGGREGATION)
    names = table["architecture"].astype(str) + ":" + table["explainer"].astype(str) + ":" + how
    return names.rename("combination")


def mean_over_models(table: pd.DataFrame) -> pd.DataFrame:
    """Average the rows of different models, so that each combination has one.

    Parameters
    ----------
    table
        With the columns of `COMBINATION` and ``model``, and others.

    Returns
    -------
    pandas.DataFrame
        Without ``model`` and without p-values and intervals, of which there is no mean; numbers
        are means, everything else tells rows apart. Rows in the order in which they first occur.
    """
    left = [name for name in table.columns if name not in ("model", *NO_MEAN)]
    numbers = [
        name
        for name in left
        if name != "aggregated" and pd.api.types.is_numeric_dtype(table[name].dtype)
    ]
    keys = [name for name in left if name not in numbers]
    means = table.groupby(keys, sort=False, observed=True)[numbers].mean()
    return means.reset_index()[left]


@dataclass(frozen=True)
class TopLists:
    """Lists of top genes as rows of a matrix.

    Attributes
    ----------
    lists
        One row a list: the columns of `COMBINATION`, ``tissue``, ``model`` where the table had
        it, and ``combination``, its name.
    genes
        Genes in any list.
    members
        Lists × genes, 1 where the gene is in the list.
    k
        Length of each list.
    """

    lists: pd.DataFrame
    genes: pd.Index
    members: sparse.csr_array
    k: int


def top_lists(top_genes: pd.DataFrame) -> TopLists:
    """Read lists of top genes from a table.

    Parameters
    ----------
    top_genes
        Columns architecture, explainer, aggregated (bool), tissue and gene, one row a gene of a
        list. Where a combination has one list for each of several models, the column ``model``
        tells them apart.

    Returns
    -------
    TopLists
        In the order in which lists first occur.

    Raises
    ------
    BadInputError
        If a column is missing, ``aggregated`` is not true or false, a gene is in a list twice,
        or lists differ in length.
    """
    needed = [*COMBINATION, "tissue", "gene"]
    missing = [name for name in needed if name not in top_genes.columns]
    if missing or top_genes.empty:
        what = f"has no column {missing[0]!r}" if missing else "is empty"
        raise BadInputError(f"The table of top genes {what}: it needs {', '.join(needed)}.")
    if top_genes["aggregated"].dtype != bool:
        raise BadInputError(
            "The column 'aggregated' of the table of top genes must hold True or False, not "
            f"{top_genes['aggregated'].iloc[0]!r}."
        )
    keys = [*COMBINATION, "tissue", *(["model"] if "model" in top_genes.columns else [])]
    groups = top_genes.groupby(keys, sort=False, dropna=False, observed=True)
    lists = groups.size().rename("size").reset_index()
    twice = top_genes.duplicated([*keys, "gene"])
    if twice.any():
        row = top_genes[twice].iloc[0]
        raise BadInputError(
            f"Gene {row['gene']!r} is twice in the top genes of {_described(row)}; where there is "
            "a list for each model, name the model in the column 'model'."
        )
    k = int(lists["size"].iloc[0])
    other = lists[lists["size"] != k]
    if len(other):
        raise BadInputError(
            f"Lists of top genes must be equally long, but {_described(lists.iloc[0])} has {k} "
            f"genes and {_described(other.iloc[0])} has {other['size'].iloc[0]}."
        )
    codes, genes = pd.factorize(top_genes["gene"])
    entries = (np.ones(len(codes)), (groups.ngroup().to_numpy(), codes))
    members = sparse.csr_array(entries, shape=(len(lists), len(genes)))
    lists["combination"] = combination_names(lists)
    return TopLists(lists.drop(columns="size"), pd.Index(genes, name="gene"), members, k)


def _described(row: pd.Series) -> str:
    name = combination_name(row["architecture"], row["explainer"], row["aggregated"])
    return f"{name} in {row['tissue']!r}"
