"""Sentences about transcription factors and cofactors among top genes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.annotations import GeneList
from helpers.prose.wording import counted, listed, tissue_name

SET_NAMES = {"transcription_factors": "transcription factors", "cofactors": "cofactors"}
SOURCE_NAMES = {"go": "GO", "animaltfdb": "AnimalTFDB"}
ALPHA = 0.05
PUBLISHED = {"transcription_factors": 1665, "cofactors": 1025}
"""Human genes in AnimalTFDB 3.0 (Hu et al., Nucleic Acids Research 2019)."""


def regulators(table: pd.DataFrame) -> str:
    """Say how many regulators each explainer's top genes hold, against chance.

    Parameters
    ----------
    table
        Rows of ``regulators.csv`` of one architecture, aggregated, set and source.
    """
    first = table.iloc[0]
    name = SET_NAMES[first["set"]]
    low, high = table["expected"].min(), table["expected"].max()
    expected = f"{low:.1f}" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f}"
    source = SOURCE_NAMES[first["source"]]
    sentences = [f"By chance, {expected} of {first['size']} top genes would be {name} ({source})."]
    for explainer, rows in table.groupby("explainer", sort=False):
        sentences.append(
            f"{explainer}: {_span(rows['hits'].min(), rows['hits'].max())} of them, "
            f"{_folds(rows['fold'])}; {_departures(rows)}."
        )
    return " ".join(sentences)


def lists_compared(lists: Sequence[GeneList]) -> str:
    """Say how long GO's and AnimalTFDB's lists are, and how many genes are in both."""
    sentences = []
    for name, words in SET_NAMES.items():
        sources = {entry.source: entry.genes for entry in lists if entry.name == name}
        ours, other = sources["go"], sources.get("animaltfdb")
        theirs = PUBLISHED[name] if other is None else len(other)
        text = f"GO lists {len(ours):,} {words}, AnimalTFDB {theirs:,}"
        if other is not None:
            text += f"; {counted(len(ours & other), 'gene')} in both"
        sentences.append(text + ".")
    if not any(entry.source == "animaltfdb" for entry in lists):
        sentences.append(
            "AnimalTFDB's counts are the published ones: this run has GO's lists only."
        )
    return " ".join(sentences)


def _folds(folds: pd.Series) -> str:
    low, high = f"{folds.min():.1f}", f"{folds.max():.1f}"
    return f"{low}-fold" if low == high else f"{low}- to {high}-fold"


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"


def _departures(rows: pd.DataFrame) -> str:
    sure = rows[rows["fdr"] <= ALPHA]
    parts = []
    for word, part in (
        ("enriched", sure[sure["fold"] > 1]),
        ("depleted", sure[sure["fold"] < 1]),
    ):
        if len(part):
            names = listed([tissue_name(str(tissue)) for tissue in part["tissue"]])
            parts.append(f"{word} in {names}")
    if not parts:
        return f"in none of {counted(len(rows), 'list')} beyond chance (FDR ≤ {ALPHA})"
    return f"{listed(parts)} (FDR ≤ {ALPHA})"
