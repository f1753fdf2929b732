"""Top genes that samples of one cancer share, over all cancers (paper, Figures 5C and S16)."""

from __future__ import annotations

import pandas as pd

from helpers.biology.gene_lists import check_columns
from helpers.errors import BadInputError

SHARED_COLUMNS = ["gene", "cancer", "samples", "types", "role"]
"""Columns of ``shared_cancer_genes.csv``."""
NO_ROLE = "none"
LIST_NEEDS = ["tissue", "sample", "gene"]


def shared_top_genes(
    lists: pd.DataFrame, roles: pd.DataFrame | None = None, *, min_samples: int = 2
) -> pd.DataFrame:
    """Find genes that are top genes of several samples of one cancer.

    Parameters
    ----------
    lists
        ``tissue`` (the cancer), ``sample``, ``gene``: the top genes of each sample, as
        `helpers.explain.top_genes` lists them.
    roles
        ``gene``, ``role``: what `helpers.annotations.cancer_genes` gives.
    min_samples
        Samples of one cancer that must share a gene; 2 in the paper. With more samples a cancer,
        more genes are shared by as many.

    Returns
    -------
    pandas.DataFrame
        Columns of ``shared_cancer_genes.csv``, a row for each gene and each cancer that shares
        it: ``gene``; ``cancer``; ``samples`` of it with the gene; ``types``: cancers that share
        the gene; ``role``: oncogene, suppressor, both, unclear, or none. By cancer, then samples.

    Raises
    ------
    BadInputError
        If a column is missing, a gene is in a sample's list twice, or `min_samples` is under 1.
    """
    check_columns(lists, LIST_NEEDS, "top genes of samples")
    if min_samples < 1:
        raise BadInputError(f"Genes are shared by at least 1 sample, not {min_samples}.")
    twice = lists[lists.duplicated(LIST_NEEDS)]
    if len(twice):
        first = twice.iloc[0]
        raise BadInputError(
            f"The top genes of sample {first['sample']!r} hold {first['gene']} more than once: "
            "keep one of each."
        )
    counts = lists.groupby(["tissue", "gene"], observed=True).size().rename("samples")
    table = counts[counts >= min_samples].reset_index().rename(columns={"tissue": "cancer"})
    table["types"] = table.groupby("gene")["cancer"].transform("size").astype(int)
    known = {} if roles is None else dict(zip(roles["gene"], roles["role"], strict=True))
    table["role"] = table["gene"].map(known).fillna(NO_ROLE).astype(str)
    return table.sort_values(
        ["cancer", "samples", "gene"], ascending=[True, False, True], ignore_index=True
    )[SHARED_COLUMNS]


def summarise_shared(shared: pd.DataFrame, lists: pd.DataFrame) -> pd.DataFrame:
    """Count shared genes over all cancers (K7, K8).

    Parameters
    ----------
    shared
        What `shared_top_genes` gave.
    lists
        What it was given.

    Returns
    -------
    pandas.DataFrame
        One row: ``cancers`` explained; ``samples`` explained; ``samples_per_cancer`` (the median),
        on which the number of genes depends; ``genes`` shared; ``specific``: those of one cancer
        only; ``share_specific``; ``known``: those with a role; ``most_types``: cancers that share
        the most shared gene.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(shared, SHARED_COLUMNS, "shared genes")
    check_columns(lists, LIST_NEEDS, "top genes of samples")
    genes = shared.drop_duplicates("gene")
    samples = lists.drop_duplicates(["tissue", "sample"]).groupby("tissue", observed=True).size()
    specific = int((genes["types"] == 1).sum())
    row = {
        "cancers": len(samples),
        "samples": int(samples.sum()),
        "samples_per_cancer": float(samples.median()),
        "genes": len(genes),
        "specific": specific,
        "share_specific": specific / len(genes) if len(genes) else float("nan"),
        "known": int((genes["role"] != NO_ROLE).sum()),
        "most_types": int(genes["types"].max()) if len(genes) else 0,
    }
    return pd.DataFrame([row])


def known_cancer_genes(shared: pd.DataFrame) -> pd.DataFrame:
    """List the shared genes with a known role, and the cancers that share them (K9).

    Parameters
    ----------
    shared
        What `shared_top_genes` gave.

    Returns
    -------
    pandas.DataFrame
        ``gene``, ``role``, ``types`` (number of cancers), ``cancers`` (separated by semicolons);
        the most shared first.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    check_columns(shared, SHARED_COLUMNS, "shared genes")
    known = shared[shared["role"] != NO_ROLE]
    table = known.groupby("gene", observed=True).agg(
        role=("role", "first"), types=("types", "first"), cancers=("cancer", ";".join)
    )
    ordered = table.reset_index().sort_values(["types", "gene"], ascending=[False, True])
    return ordered.reset_index(drop=True)
