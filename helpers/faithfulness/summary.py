"""Curves and areas of rankings, beside those of random genes and of genes of like expression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.faithfulness.curves import CHANGES, area, share_of_the_way

RANKED, MATCHED, RANDOM, T_TEST = "ranked", "matched", "random", "t_test"
"""Kinds of ranking: an explainer's, its own shuffled among genes of like expression, random genes,
and a t-test's of the class."""

CURVE_COLUMNS = ["kind", "explainer", "by", "change", "genes", "share", "probability"]

AREA_COLUMNS = ["kind", "explainer", "by", "change", "area"]

OF = ["architecture", "model", "tissue", "sample"]
"""What a curve is of."""


def curve_rows(
    found: npt.NDArray[np.float64], names: Sequence[tuple[str, str, str]], sizes: Sequence[int]
) -> pd.DataFrame:
    """Label what `helpers.faithfulness.curves.changed_outputs` measured: `CURVE_COLUMNS`.

    Parameters
    ----------
    found
        2 × changes × rankings × (sizes + 2).
    names
        Kind, explainer and order (``"absolute"`` or ``"signed"``) of each ranking. Of several with
        one name, such as draws of random genes, the mean is taken.
    sizes
        Numbers of genes.

    Returns
    -------
    pandas.DataFrame
        ``share`` of the way of the logit, and ``probability`` of the class.
    """
    shares = share_of_the_way(found[0])[..., 1:-1]
    kinds = list(dict.fromkeys(names))
    member = np.array([[name == kind for name in names] for kind in kinds], dtype=float)
    member /= member.sum(axis=1, keepdims=True)
    # changes × kinds × sizes
    means = {"share": member @ shares, "probability": member @ found[1][..., 1:-1]}
    rows = pd.MultiIndex.from_product([CHANGES, range(len(kinds)), list(sizes)])
    change, place, genes = (rows.get_level_values(level) for level in range(3))
    table = pd.DataFrame([kinds[k] for k in place], columns=["kind", "explainer", "by"])
    table = table.assign(change=change, genes=genes, **{k: v.ravel() for k, v in means.items()})
    return table[CURVE_COLUMNS]


def areas(curves: pd.DataFrame) -> pd.DataFrame:
    """Return the area of every curve: the columns `OF` that there are, and `AREA_COLUMNS`."""
    keys = [name for name in OF if name in curves] + AREA_COLUMNS[:-1]
    wide = curves.set_index([*keys, "genes"])["share"].unstack("genes", sort=False)
    wide = wide[sorted(wide.columns)]
    found = area(wide.to_numpy(float), [int(size) for size in wide.columns])
    return pd.Series(found, index=wide.index, name="area").reset_index()


def gains(table: pd.DataFrame) -> pd.DataFrame:
    """Return how much larger explainers' areas are than those of random and of like genes.

    Parameters
    ----------
    table
        What `areas` gave, of several samples.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer`` (``t_test`` too), ``by``, ``change``, ``tissue``,
        ``sample``, ``area``, ``over_random`` and ``over_matched`` (missing of the t-test): means
        over networks, a row a sample. Samples of which no share is known are left out.
    """
    keys = ["architecture", "explainer", "by", "change", "tissue", "sample"]
    known = table.dropna(subset="area")
    means = known.groupby(["kind", *keys], sort=False)["area"].mean().reset_index("kind")
    shown = means[means["kind"].isin([RANKED, T_TEST])]["area"]
    like = means.loc[means["kind"] == MATCHED, "area"]
    random = means.loc[means["kind"] == RANDOM, "area"].droplevel(["explainer", "by"])
    table = shown.reset_index()
    at = pd.MultiIndex.from_frame(table[["architecture", "change", "tissue", "sample"]])
    table["over_random"] = table["area"].to_numpy() - random.reindex(at).to_numpy()
    own = pd.MultiIndex.from_frame(table[keys])
    table["over_matched"] = table["area"].to_numpy() - like.reindex(own).to_numpy()
    return table


def mean_curves(curves: pd.DataFrame) -> pd.DataFrame:
    """Average curves over networks and samples.

    Returns
    -------
    pandas.DataFrame
        ``architecture`` and `CURVE_COLUMNS`.
    """
    keys = ["architecture", *CURVE_COLUMNS[:5]]
    return curves.groupby(keys, sort=False)[["share", "probability"]].mean().reset_index()
