"""Facts of chapter 14: single cells."""

from __future__ import annotations

import anndata
import pandas as pd
from scipy.stats import binomtest

from helpers.prose.writing.templates import Facts

EXPECTED = {
    "CD19+ B": ("MS4A1", "CD79A"),
    "CD14+ Monocyte": ("LYZ", "S100A8", "S100A9"),
}
"""Markers by which anyone would check these two types first."""
MONOCYTES, DENDRITIC = "CD14+ Monocyte", "Dendritic"
SIXTEEN = "FCGR3A"
"""HGNC: Fc gamma receptor IIIa, also called CD16 and CD16A."""
SURE = 0.05
TRANSCRIPTOME = 19_000
"""Genes of a whole transcriptome, for comparison."""
LOWER = "↓"
"""Marks a gene that is lower in the type than in other cells."""


def what_we_ran(title: str, types: pd.DataFrame, genes: int, models: int, dataset: str) -> Facts:
    """Return what the chapter rests on, and that it is not the data set of the run.

    Parameters
    ----------
    title
        Title of the cells.
    types
        ``cell_types.csv``.
    genes, models
        How many there are.
    dataset
        Title of the run's own data set.

    Returns
    -------
    dict
        The same, with ``cells`` and ``types`` (how many).
    """
    return {
        "title": title,
        "cells": int(types["samples"].sum()),
        "types": len(types),
        "genes": genes,
        "models": models,
        "dataset": dataset,
    }


def limits(genes: int, top: int, notes: list[str]) -> Facts:
    """Return how small the gene selection is, and what the reader of the file reported.

    Returns
    -------
    dict
        ``genes``, ``top``, ``notes``; the share of a set that a random list holds (``chance``), and
        what it would be of a whole ``transcriptome`` (``chance_of_all``).
    """
    return {
        "genes": genes,
        "top": top,
        "chance": top / genes,
        "transcriptome": TRANSCRIPTOME,
        "chance_of_all": top / TRANSCRIPTOME,
        "notes": notes,
    }


def accuracy(recall: pd.DataFrame, folds: int) -> Facts:
    """Return how well cells are told apart in cross-validation.

    Returns
    -------
    dict
        ``folds``, ``cells``, the share that is ``right``, ``macro_f1``; the share of the most
        ``frequent`` type; the ``best`` and the ``worst`` type (``type``, ``f1``).
    """
    whole = recall[recall["tissue"] == "all"].iloc[0]
    types = recall[recall["tissue"] != "all"].sort_values("f1")
    ends = [
        {"type": str(types["tissue"].iloc[i]), "f1": float(types["f1"].iloc[i])} for i in (0, -1)
    ]
    return {
        "folds": folds,
        "cells": int(whole["n"]),
        "right": float(whole["recall"]),
        "macro_f1": float(whole["f1"]),
        "frequent": float(types["n"].max() / types["n"].sum()),
        "worst": ends[0],
        "best": ends[1],
    }


def first_genes(genes: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """List the first genes of each type in one cell; those lower in the type carry an arrow.

    Parameters
    ----------
    genes
        ``cell_genes.csv``: ``tissue``, ``gene``, ``rank``, ``t`` (of the type against the others).
    most
        Genes to list.

    Returns
    -------
    pandas.DataFrame
        ``tissue``, ``top genes``.
    """
    top = genes[genes["rank"] <= most].sort_values(["tissue", "rank"])
    marked = top["gene"].where(top["t"] >= 0, top["gene"] + LOWER)
    return marked.groupby(top["tissue"]).agg(", ".join).rename("top genes").reset_index()


def markers(table: pd.DataFrame, top: int) -> Facts:
    """Return where the markers of B cells and monocytes stand, whether or not they are on top.

    Returns
    -------
    dict
        ``top``; for each of ``types`` its ``name``, the ``expected`` markers, the ``places`` of
        those that are measured (``gene``, ``rank``) and which are ``inside`` the top genes; how
        many ``entries`` the table has, and how many are ``missing``.
    """
    measured = table["measured"].astype(bool)
    types = []
    for tissue, expected in EXPECTED.items():
        part = table[(table["tissue"] == tissue) & measured & table["gene"].isin(expected)]
        part = part.sort_values("rank")
        types.append(
            {
                "name": tissue,
                "expected": list(expected),
                "places": [
                    {"gene": row["gene"], "rank": int(row["rank"])}
                    for row in part.to_dict("records")
                ],
                "inside": part.loc[part["rank"] <= top, "gene"].tolist(),
            }
        )
    return {"top": top, "types": types, "entries": len(table), "missing": int((~measured).sum())}


def against_chance(chance: pd.DataFrame, marker_table: pd.DataFrame) -> Facts:
    """Return how many markers the two rankings find, how many chance would, and which is ahead.

    Parameters
    ----------
    chance
        ``cell_marker_chance.csv``.
    marker_table
        ``cell_markers.csv``: rankings are compared marker by marker.

    Returns
    -------
    dict
        Of the ``markers`` measured, ``hits`` of the explanation and of a t-test (``hits_t``),
        ``expected`` by chance, ``fold`` as many; how many of ``types`` depart from chance
        (``clear``); markers that ``only_explanation`` and ``only_t`` find, and, if there are any,
        ``p`` of the exact sign test and whether it is ``sure``.
    """
    sums = chance.groupby("ranking")[["hits", "markers", "expected"]].sum().to_dict("index")
    ours, plain = sums["explanation"], sums["t"]
    own = chance[chance["ranking"] == "explanation"]
    return {
        "hits": int(ours["hits"]),
        "hits_t": int(plain["hits"]),
        "markers": int(ours["markers"]),
        "expected": float(ours["expected"]),
        "fold": float(ours["hits"] / ours["expected"]),
        "types": len(own),
        "clear": int((own["p"] < SURE / len(own)).sum()),
    } | _against_t(marker_table, int(chance["top"].iloc[0]))


def _against_t(marker_table: pd.DataFrame, top: int) -> Facts:
    """Compare the two rankings on markers that only one of them finds (exact sign test)."""
    measured = marker_table[marker_table["measured"].astype(bool)]
    ours, plain = (measured[column].astype(float) <= top for column in ("rank", "rank_t"))
    only_ours, only_plain = int((ours & ~plain).sum()), int((plain & ~ours).sum())
    found: Facts = {"only_explanation": only_ours, "only_t": only_plain}
    if only_ours + only_plain:
        found["p"] = float(binomtest(only_ours, only_ours + only_plain).pvalue)
        found["sure"] = found["p"] < SURE
    return found


def label_check(cells: anndata.AnnData) -> Facts:
    """Return how far two labels agree with what is measured: monocytes and dendritic cells.

    Parameters
    ----------
    cells
        Cells × genes, with ``tissue`` (the label) in ``obs``.

    Returns
    -------
    dict
        ``gene`` of CD16, and the share of cells called ``monocytes`` (``inside``) and of the others
        (``outside``) in which it is found (None where there are none, or it is not measured); the
        share of cells called ``dendritic`` (``dendritic_share``).
    """
    labels = cells.obs["tissue"].astype(str).to_numpy()
    carried = pd.Series(dtype=float)
    if SIXTEEN in cells.var_names:
        found = pd.Series(cells[:, SIXTEEN].to_df()[SIXTEEN].to_numpy() > 0)
        carried = found.groupby(labels == MONOCYTES).mean()
    return {
        "gene": SIXTEEN,
        "monocytes": MONOCYTES,
        "inside": carried.get(True),
        "outside": carried.get(False),
        "dendritic": DENDRITIC,
        "dendritic_share": float((labels == DENDRITIC).mean()),
    }


def agreement(table: pd.DataFrame, chance: float) -> Facts:
    """Return how far single models and halves of the ensemble agree.

    Returns
    -------
    dict
        What two single ``models`` share, and two ``halves`` of ``size`` models; ``chance``; the
        types on which halves agree least (``lowest``), and by how much (``least``).
    """
    halves, models = (
        table[table["what"] == what].groupby("tissue")["overlap"].median()
        for what in ("halves", "models")
    )
    return {
        "models": float(models.median()),
        "halves": float(halves.median()),
        "size": int(table.loc[table["what"] == "halves", "n"].max()),
        "chance": chance,
        "lowest": halves.index[halves == halves.min()].tolist(),
        "least": float(halves.min()),
    }
