"""Facts about the functions that top genes have in common."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.annotations import Match
from helpers.prose.writing.templates import Facts


def coverage(matches: Sequence[Match]) -> Facts:
    """Return how far annotations and measured genes match.

    Returns
    -------
    dict
        For each of ``annotations`` its ``title``, how many of its ``genes`` are ``known`` among
        the ``measured``, and the symbols that are ``unknown``.
    """
    return {
        "annotations": [
            {
                "title": match.title,
                "genes": len(match.known) + len(match.unknown),
                "known": len(match.known),
                "measured": match.measured,
                "unknown": list(match.unknown),
            }
            for match in matches
        ]
    }


def term_counts(counts: pd.DataFrame) -> Facts:
    """Return which explainers' top genes have enriched terms.

    Parameters
    ----------
    counts
        What `helpers.biology.term_agreement.count_terms` gave, of one architecture.

    Returns
    -------
    dict
        For each of ``explainers`` its ``name``, ``lists`` and how many of them are ``enriched``,
        the ``fewest`` and ``most`` terms of a list.
    """
    if counts.empty:
        return {"explainers": []}
    groups = counts.groupby(["explainer", "tissue"], sort=False)["terms"].sum()
    return {
        "explainers": [
            {
                "name": str(explainer),
                "lists": len(terms),
                "enriched": int((terms > 0).sum()),
                "fewest": int(terms.min()),
                "most": int(terms.max()),
            }
            for explainer, terms in groups.groupby("explainer", sort=False)
        ]
    }


def strongest_terms(go: pd.DataFrame, *, terms: int = 3) -> Facts:
    """Return the most enriched terms of each tissue.

    Parameters
    ----------
    go
        Rows of ``go.csv`` of one method and ontology.
    terms
        How many.

    Returns
    -------
    dict
        For each of ``tissues`` its ``name``, its ``terms`` (``term``, ``fold``), the strongest
        first, and the smallest false discovery rate (``fdr``).
    """
    found = []
    for tissue, rows in go.groupby("tissue", sort=False) if len(go) else []:
        kept = rows[rows["reduced"].astype(bool)].sort_values(["fdr", "p"]).head(terms)
        found.append(
            {
                "name": str(tissue),
                "terms": kept[["term", "fold"]].to_dict("records"),
                "fdr": float(rows["fdr"].min()),
            }
        )
    return {"tissues": found}


def agreement_of_terms(jaccard: pd.DataFrame, between: str) -> Facts:
    """Return how far enriched terms agree between pairs of tissues or explainers.

    Parameters
    ----------
    jaccard
        What `jaccard_between_tissues` or `jaccard_between_explainers` gave, of one method.
    between
        What the pairs are: ``"tissues"`` or ``"explainers"``.

    Returns
    -------
    dict
        ``between``, ``pairs`` with terms to compare; if there are any the ``mean`` Jaccard index,
        and the pairs with the ``lowest`` and the ``highest`` (``names``, ``jaccard``).
    """
    known = jaccard.dropna(subset="jaccard")
    if known.empty:
        return {"between": between, "pairs": 0}
    means = known.groupby(["a", "b"], sort=False)["jaccard"].mean().sort_values()
    ends = [
        {"names": [str(name) for name in means.index[i]], "jaccard": float(means.iloc[i])}
        for i in (0, -1)
    ]
    return {
        "between": between,
        "pairs": len(means),
        "mean": float(means.mean()),
        "lowest": ends[0],
        "highest": ends[1],
    }


def terms_of_the_paper(found: pd.DataFrame, words: Sequence[str]) -> Facts:
    """Return in which tissues a term with each word in its name is enriched (`terms_named`).

    Returns
    -------
    dict
        For each of ``words`` the ``word`` and its ``tissues``.
    """
    return {
        "words": [
            {
                "word": word,
                "tissues": list(dict.fromkeys(found.loc[found["word"] == word, "tissue"])),
            }
            for word in words
        ]
    }
