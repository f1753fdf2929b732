"""Transcription factors and cofactors among top genes (paper, Figures 4F, S13 and S14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
from scipy import stats

from helpers.annotations import GeneList
from helpers.biology.gene_lists import LIST_COLUMNS, each_list
from helpers.biology.hypergeometric import departure
from helpers.errors import BadInputError
from helpers.stability.paper import of_the_paper

REGULATOR_COLUMNS = [
    *LIST_COLUMNS, "set", "source", "hits", "size", "expected", "fold", "fold_low", "fold_high",
    "p_enriched", "p_depleted", "fdr",
]  # fmt: skip
"""Columns of ``regulators.csv``."""


def regulators(
    top_genes: pd.DataFrame, lists: Sequence[GeneList], measured: Collection[str]
) -> pd.DataFrame:
    """Count regulators among top genes, against chance.

    Parameters
    ----------
    top_genes
        Columns of ``top_genes.csv``.
    lists
        Transcription factors, cofactors, from one source or several. Their genes that are not
        measured are left out (`GeneList.match` names them).
    measured
        Symbols of the measured genes, from which a random list would be drawn.

    Returns
    -------
    pandas.DataFrame
        Columns of ``regulators.csv``, a row for each list of top genes and of regulators:
        ``hits`` of ``size`` genes; ``expected`` by chance; ``fold`` with its 95 % interval;
        ``p_enriched`` and ``p_depleted``, see `helpers.biology.hypergeometric.Departure`;
        ``fdr`` (Benjamini & Hochberg) of the two-sided p-values of all lists of top genes, for
        each set and source by itself. Lists of explainers that the paper has not are corrected
        apart, so that they change nothing that is said of the others.

    Raises
    ------
    BadInputError
        If a column is missing, a top gene is not measured or is in a list twice, or two lists
        of regulators have the same name and source.
    """
    names = [(entry.name, entry.source) for entry in lists]
    if len(set(names)) < len(names):
        raise BadInputError(
            "Two lists of regulators have the same name and source "
            f"({', '.join(f'{name} of {source}' for name, source in names)}): give each once."
        )
    present = frozenset(measured)
    rows = []
    for what, genes in each_list(top_genes, present):
        for entry in lists:
            inside = entry.genes & present
            hits = len(inside.intersection(genes))
            found = departure(hits, len(genes), len(inside), len(present))
            row = {"set": entry.name, "source": entry.source, "hits": hits, "size": len(genes)}
            rows.append({**what, **row, **vars(found), "p": found.p})
    table = pd.DataFrame(rows, columns=[*REGULATOR_COLUMNS, "p"])
    if rows:
        own = table.index.isin(of_the_paper(table).index)
        table["fdr"] = table.groupby(["set", "source", own])["p"].transform(
            lambda p: stats.false_discovery_control(p)
        )
    return table[REGULATOR_COLUMNS]
