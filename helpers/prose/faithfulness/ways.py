"""Facts of chapter 20: the mean of networks explained, or the mean of explanations."""

from __future__ import annotations

import pandas as pd

from helpers.explain.explainers import EXPLAINERS
from helpers.figures.faithfulness.ways import MEASURES, WAYS
from helpers.prose.writing.templates import Facts

MEAN, LOGITS, DISTILLED, SINGLE = "explanations", "logits", "distilled", "single"

SAME = 1e-4
"""Difference, in parts of the largest score, below which two explanations are the same but for
rounding."""

ALIKE = 0.02
"""Difference in overlap, average precision or area that counts as none."""


def by_way(averaged: pd.DataFrame, agreement: pd.DataFrame) -> pd.DataFrame:
    """Put measures of each way and explainer below each other, means over halves and classes.

    Returns
    -------
    pandas.DataFrame
        ``way``, ``explainer``, ``measure`` (overlap, auprc, area), ``value``; without what is not
        known.
    """
    keys = ["way", "explainer"]
    parts = [
        table.groupby(keys, sort=False)[measure].mean().rename("value").reset_index()
        .assign(measure=measure)
        for table, measure in ((agreement, "overlap"), (averaged, "auprc"), (averaged, "area"))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).dropna()[[*keys, "measure", "value"]]


def averaged(table: pd.DataFrame, identity: pd.DataFrame, students: pd.DataFrame) -> Facts:
    """Return which way to go.

    Parameters
    ----------
    table
        What `by_way` gives.
    identity, students
        ``averaged_identity.csv`` and ``students.csv``.

    Returns
    -------
    dict
        ``networks`` in each half; ``common``: names of the explainers that go every way; ``rows``:
        of each way its ``name`` and the means over these of ``overlap``, ``auprc`` and ``area``
        (None where not known); ``differences``: of the mean of logits (``logits``) and the student
        (``distilled``) from the mean of explanations, by measure, each with ``value`` and ``word``
        ("more", "less", "as"); ``same``: explainers for which mean of explanations and explanation
        of the mean are one, with the largest ``same_difference``; ``other``: those for which they
        are not (``name``, ``difference``); ``same_class`` and ``samples``: share of test samples to
        which students give the class that their teachers give.
    """
    ways = [way for way in WAYS if way in set(table["way"])]
    of_each = [set(table.loc[table["way"] == way, "explainer"]) for way in ways]
    common = set.intersection(*of_each)
    own = table[table["explainer"].isin(common)]
    means = own.groupby(["way", "measure"])["value"].mean()

    def value(way: str, measure: str) -> float | None:
        return float(means[way, measure]) if (way, measure) in means.index else None

    def difference(way: str, measure: str) -> dict[str, object] | None:
        other, base = value(way, measure), value(MEAN, measure)
        if other is None or base is None:
            return None
        more = other - base
        word = "as" if abs(more) <= ALIKE else ("more" if more > 0 else "less")
        return {"value": more, "word": word}

    far = identity.groupby("explainer", sort=False)["difference"].max()
    same = far[far < SAME]
    return {
        "networks": int(students["networks"].iloc[0]),
        "common": [EXPLAINERS[name].title for name in EXPLAINERS if name in common],
        "rows": [
            {"name": WAYS[way], **{measure: value(way, measure) for measure in MEASURES}}
            for way in ways
        ],
        "differences": {
            way: {measure: difference(way, measure) for measure in MEASURES}
            for way in (SINGLE, LOGITS, DISTILLED)
        },
        "same": [EXPLAINERS[str(name)].title for name in same.index],
        "same_difference": float(same.max()) if len(same) else None,
        "other": [
            {"name": EXPLAINERS[str(name)].title, "difference": float(value)}
            for name, value in far[far >= SAME].items()
        ],
        "same_class": float(students["same_class"].mean()),
        "samples": int(students["samples"].iloc[0]),
    }  # fmt: skip
