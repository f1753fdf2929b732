"""How long a run took over each chapter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd


def chapter_times(
    pages: Mapping[str, str], artefacts: Mapping[str, Sequence[str]], seconds: Mapping[str, float]
) -> pd.DataFrame:
    """Add up what a run noted, chapter by chapter.

    Parameters
    ----------
    pages
        File of the page of each chapter.
    artefacts
        Files of all that each chapter needs, directly and not.
    seconds
        What the run noted for each file that it made.

    Returns
    -------
    pandas.DataFrame
        ``chapter``; ``page``: seconds of executing the notebook; ``before``: of making all that it
        needs, if nothing were there, one after the other; ``alone``: of what no other
        chapter needs. Missing where the run has not made the page.
    """
    sets = {name: set(files) & set(seconds) for name, files in artefacts.items()}
    rows = []
    for name, page in pages.items():
        others = set().union(*(files for other, files in sets.items() if other != name))
        known = page in seconds
        before, alone = (
            sum(seconds[file] for file in files) if known else math.nan
            for files in (sets[name], sets[name] - others)
        )
        rows.append((name, seconds.get(page, math.nan), before, alone))
    return pd.DataFrame(rows, columns=["chapter", "page", "before", "alone"])
