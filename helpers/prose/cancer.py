"""Facts about top genes in cancer."""

from __future__ import annotations

import math

import pandas as pd

from helpers.biology.differential import CRITERIA
from helpers.prose.writing.templates import Facts

GROUPS = ("normal_only", "both", "cancer_only")
"""Whose top genes they are."""


def pairs(table: pd.DataFrame, left_out: pd.DataFrame) -> Facts:
    """Return which cancers are compared with which tissues, and which are left out and why.

    Parameters
    ----------
    table, left_out
        ``cancer_pairs.csv`` and ``cancer_left_out.csv``.

    Returns
    -------
    dict
        ``pairs`` (``cancer``, ``n_cancer``, ``normal``, ``n_normal``); ``left_out``: for each
        ``reason`` the ``tissues``.
    """
    columns = ["cancer", "n_cancer", "normal", "n_normal"]
    return {
        "pairs": table[columns].to_dict("records"),
        "left_out": [
            {"reason": str(reason), "tissues": rows["tissue"].tolist()}
            for reason, rows in left_out.groupby("reason", sort=False)
        ],
    }


def different(de: pd.DataFrame) -> Facts:
    """Return how many of all genes differ in each pair.

    Parameters
    ----------
    de
        ``cancer_de.csv``.

    Returns
    -------
    dict
        ``fold``, the change that is asked for; for each of ``pairs`` its ``normal`` and ``cancer``,
        the ``share`` that differs, how many are ``up`` and ``down`` in cancer, the ``median`` log2
        of the change, and whether it has ``moved`` by as much as a gene must to count.
    """
    found = []
    for (normal, cancer), rows in _pairs(de):
        counts = rows["direction"].value_counts()
        up, down = (int(counts.get(way, 0)) for way in ("up", "down"))
        median = float(rows["fold_change"].median())
        found.append(
            {
                "normal": normal,
                "cancer": cancer,
                "share": (up + down) / len(rows),
                "up": up,
                "down": down,
                "median": median,
                "moved": abs(median) >= math.log2(CRITERIA.fold),
            }
        )
    return {"fold": CRITERIA.fold, "pairs": found}


def _pairs(table: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Return the rows of each pair of a normal tissue and a cancer, with their names."""
    if table.empty:
        return []
    groups = table.groupby(["normal", "cancer"], sort=False)
    return [((str(normal), str(cancer)), rows) for (normal, cancer), rows in groups]


def top_genes_different(shares: pd.DataFrame) -> Facts:
    """Return how many top genes differ against all genes, by explainer.

    Parameters
    ----------
    shares
        What `helpers.biology.cancer.share_different` gave.

    Returns
    -------
    dict
        ``pairs``, how many; for each of ``explainers`` its ``name``, the ``lowest`` and ``highest``
        share, and the lowest (``fold_low``), highest (``fold_high``) and median fold of chance
        (``fold``); ``fewer``: pairs (``normal``, ``cancer``) in which fewer top genes differ than
        of all genes, and for which ``explainers``.
    """
    if shares.empty:
        return {"pairs": 0, "explainers": [], "fewer": []}
    return {
        "pairs": len(_pairs(shares)),
        "explainers": [
            {
                "name": str(explainer),
                "lowest": float(rows["share"].min()),
                "highest": float(rows["share"].max()),
                "fold_low": float(rows["fold"].min()),
                "fold_high": float(rows["fold"].max()),
                "fold": float(rows["fold"].median()),
            }
            for explainer, rows in shares.groupby("explainer", sort=False)
        ],
        "fewer": [
            {"normal": normal, "cancer": cancer, "explainers": rows["explainer"].tolist()}
            for (normal, cancer), rows in _pairs(shares[shares["fold"] < 1])
        ],
    }


def confounding(pairs: pd.DataFrame, classes: pd.DataFrame) -> Facts:
    """Return in which pairs the laboratories differ as the status does.

    Parameters
    ----------
    pairs
        ``cancer_pairs.csv``.
    classes
        ``classes.csv``.

    Returns
    -------
    dict
        ``pairs``, how many; in how many no study gave both sides (``apart``), and the studies of
        their ``normal`` samples and of their tumours (``cancer``).
    """
    studies = classes.set_index("class")["study"].map(lambda names: set(str(names).split(", ")))
    apart = [
        row
        for row in pairs.to_dict("records")
        if not studies[row["normal"]] & studies[row["cancer"]]
    ]
    sides = {
        side: sorted(set().union(*(studies[row[side]] for row in apart)))
        for side in ("normal", "cancer")
    }
    return {"pairs": len(pairs), "apart": len(apart)} | sides


def batch_effects(table: pd.DataFrame) -> Facts:
    """Return how much of the difference between normal tissue and cancer may be the studies'.

    Parameters
    ----------
    table
        What `helpers.biology.batch_effects` gave.

    Returns
    -------
    dict
        For each of ``organs`` its ``name``; the share of genes that differ between normal samples
        of two ``studies`` at most, two such sets of samples (``a``, ``n_a``, ``b``, ``n_b``), and
        the share that differs in cancer in the ``same_study`` and in an ``other_study`` (None
        where there is none).
    """
    found = []
    for organ, rows in table.groupby("organ", sort=False) if len(table) else []:
        largest = rows.groupby("comparison")["share"].max()
        row = rows[rows["comparison"] == "studies"].iloc[0]
        found.append(
            {
                "name": str(organ),
                "studies": float(largest["studies"]),
                "a": str(row["a"]),
                "n_a": int(row["n_a"]),
                "b": str(row["b"]),
                "n_b": int(row["n_b"]),
                "same_study": largest.get("cancer, same study"),
                "other_study": largest.get("cancer, other study"),
            }
        )
    return {"organs": found}


def segregation(summary: pd.DataFrame) -> Facts:
    """Return which way top genes of the normal tissue, of the cancer and of both change.

    Parameters
    ----------
    summary
        What `helpers.biology.cancer.segregation_summary` gave, of one method.

    Returns
    -------
    dict
        ``pairs``, how many; for each of ``groups`` its ``name``, how many ``genes`` it has and
        which share is ``down`` and ``up`` in cancer (NaN where it has none).
    """
    if summary.empty:
        return {"pairs": 0, "groups": []}
    sums = summary.groupby("group")[["genes", "down", "up"]].sum().reindex(GROUPS, fill_value=0)
    return {
        "pairs": len(_pairs(summary)),
        "groups": [
            {
                "name": name,
                "genes": int(row["genes"]),
                "down": row["down"] / (row["genes"] or math.nan),
                "up": row["up"] / (row["genes"] or math.nan),
            }
            for name, row in zip(GROUPS, sums.to_dict("records"), strict=True)
        ],
    }


def marker(ranks: pd.DataFrame, gene: str, top: int) -> Facts:
    """Return where a gene stands among all genes.

    Parameters
    ----------
    ranks
        Rows of ``marker_ranks.csv`` of one explainer: ``tissue``, ``gene``, ``rank``, ``genes``.
    gene
        Symbol.
    top
        Genes in a list of top genes.

    Returns
    -------
    dict
        ``gene``, ``top``, how many ``genes`` there are (0 if it is not among them); tissues with
        its rank (``tissue``, ``rank``) within the list (``inside``) and beyond (``outside``).
    """
    own = ranks[ranks["gene"] == gene].sort_values("rank")
    inside = own["rank"] <= top
    return {
        "gene": gene,
        "top": top,
        "genes": int(own["genes"].iloc[0]) if len(own) else 0,
        "inside": own.loc[inside, ["tissue", "rank"]].to_dict("records"),
        "outside": own.loc[~inside, ["tissue", "rank"]].to_dict("records"),
    }


def shared(summary: pd.DataFrame) -> Facts:
    """Return how many top genes samples of one cancer share.

    Parameters
    ----------
    summary
        What `helpers.biology.shared_cancer.summarise_shared` gave.

    Returns
    -------
    dict
        ``genes``, ``cancers``, ``samples`` of each (mean), the share of genes of one cancer only
        (``specific``), the ``most`` cancers that one is in, how many are ``known`` cancer genes.
    """
    row = summary.iloc[0]
    genes = int(row["genes"])
    return {
        "genes": genes,
        "cancers": int(row["cancers"]),
        "samples": float(row["samples_per_cancer"]),
        "specific": float(row["share_specific"]),
        "most": int(row["most_types"]) if genes else 0,
        "known": int(row["known"]),
    }


def known(genes: pd.DataFrame, source: str, *, most: int = 5) -> Facts:
    """Return the known cancer genes that most cancers share.

    Parameters
    ----------
    genes
        What `helpers.biology.shared_cancer.known_cancer_genes` gave.
    source
        Who calls them so.
    most
        How many are named.

    Returns
    -------
    dict
        ``genes``, ``source``; how many ``several`` cancers share and how many belong to ``one``;
        the ``first`` (``gene``, ``role``, ``types``).
    """
    columns = ["gene", "role", "types"]
    return {
        "genes": len(genes),
        "source": source,
        "several": int((genes["types"] > 1).sum()) if len(genes) else 0,
        "one": int((genes["types"] == 1).sum()) if len(genes) else 0,
        "first": genes.head(most)[columns].to_dict("records") if len(genes) else [],
    }
