"""Enriched terms counted, and compared between tissues and between explainers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.biology.enrichment import ALPHA, GO_COLUMNS
from helpers.biology.gene_lists import LIST_COLUMNS, check_columns

JACCARD_COLUMNS = ["a", "b", "terms_a", "terms_b", "shared", "jaccard"]


def count_terms(go: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Count the enriched terms of each list (G1).

    Parameters
    ----------
    go
        Columns of ``go.csv``.
    alpha
        False discovery rate up to which a term is enriched.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``aggregated``, ``tissue``, ``ontology``; ``terms``:
        enriched; ``reduced``: those left after redundant ones are dropped; ``smallest_fdr``.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(go, GO_COLUMNS, "enriched terms")
    marked = go.assign(terms=go["fdr"] <= alpha)
    groups = marked.groupby([*LIST_COLUMNS, "ontology"], sort=False, observed=True)
    return groups.agg(
        terms=("terms", "sum"), reduced=("reduced", "sum"), smallest_fdr=("fdr", "min")
    ).reset_index()


def jaccard_between_tissues(go: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Compare the enriched terms of each pair of tissues (G2, G5).

    Parameters
    ----------
    go
        Columns of ``go.csv``.
    alpha
        False discovery rate up to which a term is enriched.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``aggregated``, ``ontology``; the tissues ``a`` and
        ``b``; ``terms_a``, ``terms_b``, ``shared``: their enriched terms, and those of both;
        ``jaccard``: shared terms over those of either, missing where neither has any.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    return _compared(go, "tissue", alpha)


def jaccard_between_explainers(go: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Compare the enriched terms of each pair of explainers (G4).

    Parameters
    ----------
    go
        Columns of ``go.csv``.
    alpha
        False discovery rate up to which a term is enriched.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``aggregated``, ``tissue``, ``ontology``; the explainers ``a`` and
        ``b``; the rest as `jaccard_between_tissues`.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    return _compared(go, "explainer", alpha)


def terms_named(go: pd.DataFrame, words: Sequence[str], *, alpha: float = ALPHA) -> pd.DataFrame:
    """Find enriched terms whose name holds one of some words (G2, G3, G5).

    Parameters
    ----------
    go
        Columns of ``go.csv``.
    words
        Words or phrases, such as ``"lipoprotein"``; capitals do not matter.
    alpha
        False discovery rate up to which a term is enriched.

    Returns
    -------
    pandas.DataFrame
        Rows of `go`, with the first word found in column ``word``.
    """
    check_columns(go, GO_COLUMNS, "enriched terms")
    found = go[go["fdr"] <= alpha].copy()
    found["word"] = [
        next((word for word in words if word.casefold() in str(term).casefold()), "")
        for term in found["term"]
    ]
    return found[found["word"] != ""].reset_index(drop=True)


def _compared(go: pd.DataFrame, along: str, alpha: float) -> pd.DataFrame:
    check_columns(go, GO_COLUMNS, "enriched terms")
    fixed = [column for column in [*LIST_COLUMNS, "ontology"] if column != along]
    rows = []
    for key, group in go.groupby(fixed, sort=False, observed=True):
        terms = {
            name: set(part.loc[part["fdr"] <= alpha, "term_id"])
            for name, part in group.groupby(along, sort=False, observed=True)
        }
        for a, b in combinations(terms, 2):
            both, either = len(terms[a] & terms[b]), len(terms[a] | terms[b])
            share = both / either if either else np.nan
            rows.append((*key, a, b, len(terms[a]), len(terms[b]), both, share))
    return pd.DataFrame(rows, columns=[*fixed, *JACCARD_COLUMNS])
