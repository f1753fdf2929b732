"""Facts about transcription factors and cofactors among top genes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.annotations import GeneList
from helpers.prose.writing.templates import Facts

SETS = ("transcription_factors", "cofactors")
SOURCE_NAMES = {"go": "GO", "animaltfdb": "AnimalTFDB"}
ALPHA = 0.05
PUBLISHED = {"transcription_factors": 1665, "cofactors": 1025}
"""Human genes in AnimalTFDB 3.0 (Hu et al., Nucleic Acids Research 2019)."""


def regulators(table: pd.DataFrame) -> Facts:
    """Return how many regulators each explainer's top genes hold, against chance.

    Parameters
    ----------
    table
        Rows of ``regulators.csv`` of one architecture, aggregated, set and source.

    Returns
    -------
    dict
        ``set``, ``source``; ``top``, genes in a list; the ``lowest`` and ``highest`` number by
        chance; ``alpha``, the false discovery rate at which a list departs from it; for each of
        ``explainers`` its ``name``, ``lists``, the ``fewest`` and ``most`` regulators of a list,
        the ``lowest`` and ``highest`` fold over chance, and the tissues in which they are
        ``enriched`` or ``depleted``.
    """
    first = table.iloc[0]
    return {
        "set": str(first["set"]),
        "source": SOURCE_NAMES[first["source"]],
        "top": int(first["size"]),
        "lowest": float(table["expected"].min()),
        "highest": float(table["expected"].max()),
        "alpha": ALPHA,
        "explainers": [
            {
                "name": str(explainer),
                "lists": len(rows),
                "fewest": int(rows["hits"].min()),
                "most": int(rows["hits"].max()),
                "lowest": float(rows["fold"].min()),
                "highest": float(rows["fold"].max()),
            }
            | _departures(rows)
            for explainer, rows in table.groupby("explainer", sort=False)
        ],
    }


def _departures(rows: pd.DataFrame) -> Facts:
    sure = rows[rows["fdr"] <= ALPHA]
    return {
        "enriched": sure.loc[sure["fold"] > 1, "tissue"].tolist(),
        "depleted": sure.loc[sure["fold"] < 1, "tissue"].tolist(),
    }


def lists_compared(lists: Sequence[GeneList]) -> Facts:
    """Return how long GO's and AnimalTFDB's lists are, and how many genes are in both.

    Returns
    -------
    dict
        For each of ``sets`` its ``name``, how many genes GO (``go``) and AnimalTFDB (``other``)
        list and how many ``both`` do (None where only the published number is known);
        ``published``, whether all of AnimalTFDB's numbers are the published ones.
    """
    sets = []
    for name in SETS:
        sources = {entry.source: entry.genes for entry in lists if entry.name == name}
        ours, other = sources["go"], sources.get("animaltfdb")
        sets.append(
            {
                "name": name,
                "go": len(ours),
                "other": PUBLISHED[name] if other is None else len(other),
                "both": None if other is None else len(ours & other),
            }
        )
    return {
        "sets": sets,
        "published": not any(entry.source == "animaltfdb" for entry in lists),
    }
