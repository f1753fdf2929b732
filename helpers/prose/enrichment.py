"""Sentences about the functions that top genes have in common."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.annotations import Match
from helpers.prose.markdown import as_written
from helpers.prose.wording import counted, listed, tissue_name


def coverage(matches: Sequence[Match]) -> str:
    """Say how far annotations and measured genes match, a line each."""
    return "\n".join(f"- {as_written(match.note())}" for match in matches)


def term_counts(counts: pd.DataFrame) -> str:
    """Say which explainers' top genes have enriched terms (`count_terms`, one architecture)."""
    if counts.empty:
        return "No gene set holds any of these top genes."
    groups = counts.groupby(["explainer", "tissue"], sort=False)["terms"].sum()
    sentences, without = [], []
    for explainer, terms in groups.groupby("explainer", sort=False):
        found = terms[terms > 0]
        if found.empty:
            without.append(str(explainer))
            continue
        sentences.append(
            f"{explainer}: enriched terms in {len(found)} of {counted(len(terms), 'list')}, "
            f"from {terms.min()} to {counted(int(terms.max()), 'term')}."
        )
    if without:
        sentences.append(f"No term is enriched among the top genes of {listed(without)}.")
    return " ".join(sentences)


def strongest_terms(go: pd.DataFrame, *, terms: int = 3) -> str:
    """Name the most enriched terms of each tissue (rows of one method and ontology)."""
    if go.empty:
        return "No gene set holds any of these top genes."
    parts = []
    for tissue, rows in go.groupby("tissue", sort=False):
        name = tissue_name(str(tissue))
        kept = rows[rows["reduced"]].sort_values(["fdr", "p"])
        if kept.empty:
            parts.append(f"{name}: none (smallest false discovery rate {rows['fdr'].min():.2g})")
            continue
        shown = [
            f"{as_written(row['term'])} ({row['fold']:.0f}-fold)"
            for _, row in kept.head(terms).iterrows()
        ]
        parts.append(f"{name}: {listed(shown)}")
    return f"Most enriched terms in {'; '.join(parts)}."


def agreement_of_terms(jaccard: pd.DataFrame, between: str) -> str:
    """Say how far enriched terms agree between pairs of tissues or explainers.

    Parameters
    ----------
    jaccard
        What `jaccard_between_tissues` or `jaccard_between_explainers` gave, of one method.
    between
        What the pairs are: ``"tissues"`` or ``"explainers"``.
    """
    known = jaccard.dropna(subset="jaccard")
    if known.empty:
        return f"No two {between} have enriched terms to compare."
    means = known.groupby(["a", "b"], sort=False)["jaccard"].mean().sort_values()
    low, high = (listed([tissue_name(str(name)) for name in means.index[i]]) for i in (0, -1))
    text = (
        f"Over {counted(len(means), 'pair')} of {between}, the enriched terms have a mean Jaccard "
        f"index of {means.mean():.2f}"
    )
    if len(means) == 1:
        return text + f" ({low})."
    return text + f", from {means.iloc[0]:.2f} ({low}) to {means.iloc[-1]:.2f} ({high})."


def terms_of_the_paper(found: pd.DataFrame, words: Sequence[str]) -> str:
    """Say in which tissues a term with each word in its name is enriched (`terms_named`)."""
    parts = []
    for word in words:
        tissues = dict.fromkeys(found.loc[found["word"] == word, "tissue"])
        where = listed([tissue_name(str(tissue)) for tissue in tissues])
        parts.append(f"“{word}” {f'in {where}' if where else 'nowhere'}")
    return f"Of these words, in enriched terms here: {'; '.join(parts)}."
