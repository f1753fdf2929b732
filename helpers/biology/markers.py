"""Top genes of a tissue and of its cancer in one table, to be looked up."""

from __future__ import annotations

import pandas as pd

from helpers.biology.cancer import segregation
from helpers.biology.gene_lists import check_columns

CANDIDATE_COLUMNS = [
    "normal", "cancer", "gene", "rank_normal", "rank_cancer", "group", "fold_change", "fdr",
    "direction", "role",
]  # fmt: skip
NO_ROLE = "none"


def cancer_candidates(
    top_genes: pd.DataFrame, de: pd.DataFrame, roles: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the top genes of each pair of normal tissue and cancer with all that is known of them.

    Parameters
    ----------
    top_genes
        Columns of ``top_genes.csv``, of one combination of architecture, explainer and aggregated.
    de
        Columns of ``cancer_de.csv``.
    roles
        ``gene``, ``role``: what `helpers.annotations.cancer_genes` gives.

    Returns
    -------
    pandas.DataFrame
        `CANDIDATE_COLUMNS`, a row for each pair and gene that is a top gene of either side:
        ``rank_normal``, ``rank_cancer``, missing where the gene is not in the list; ``group``:
        normal_only, both, cancer_only; ``fold_change`` (log2, cancer over normal), ``fdr``,
        ``direction``; ``role`` in cancer, or none. Those that stand first in either list come
        first.

    Raises
    ------
    BadInputError
        If a column is missing, or a top gene is not in `de`.
    """
    check_columns(top_genes, ["rank"], "top genes")
    table = segregation(top_genes, de)[["normal", "cancer", "gene", "group"]]
    table = table.merge(
        de[["normal", "cancer", "gene", "fold_change", "fdr", "direction"]], how="left"
    )
    for side in ("normal", "cancer"):
        ranks = top_genes[["tissue", "gene", "rank"]].rename(
            columns={"tissue": side, "rank": f"rank_{side}"}
        )
        table = table.merge(ranks, how="left")
        table[f"rank_{side}"] = table[f"rank_{side}"].astype("Int64")
    known = {} if roles is None else dict(zip(roles["gene"], roles["role"], strict=True))
    table["role"] = table["gene"].map(known).fillna(NO_ROLE).astype(str)
    table["best"] = table[["rank_normal", "rank_cancer"]].min(axis=1)
    ordered = table.sort_values(["best", "normal", "cancer", "gene"], ignore_index=True)
    return ordered[CANDIDATE_COLUMNS]
