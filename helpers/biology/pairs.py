"""Which cancer is compared with which normal tissue."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy.special import comb

from helpers.biology.differential import CRITERIA, Criteria
from helpers.biology.gene_lists import check_columns

PAIR_COLUMNS = ["organ", "normal", "cancer", "n_normal", "n_cancer"]
LEFT_OUT_COLUMNS = ["organ", "tissue", "reason"]


def smallest_p(n: int, m: int) -> float:
    """Return the smallest two-sided p-value that n against m samples can have.

    That of complete separation in the Mann-Whitney U test: twice one of all orders.
    """
    return min(1.0, 2 / float(comb(n + m, n)))


def cancer_pairs(obs: pd.DataFrame, criteria: Criteria = CRITERIA) -> pd.DataFrame:
    """Pair each cancer with the normal tissues of its organ.

    Parameters
    ----------
    obs
        Samples with ``tissue`` (the class), ``organ`` and ``status`` (normal or cancer).
    criteria
        When a gene counts as different: pairs of so few samples that none could are left out.

    Returns
    -------
    pandas.DataFrame
        ``organ``, ``normal``, ``cancer`` (classes), ``n_normal``, ``n_cancer`` (samples); by
        organ, normal and cancer. For cancers that are in no pair see `pairs_left_out`.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    pairs = _all_pairs(obs)
    enough = [
        _fault(int(n), int(m), criteria) is None
        for n, m in zip(pairs["n_normal"], pairs["n_cancer"], strict=True)
    ]
    return pairs[np.array(enough, dtype=bool)].reset_index(drop=True)


def pairs_left_out(obs: pd.DataFrame, criteria: Criteria = CRITERIA) -> pd.DataFrame:
    """Name the cancers that cannot be compared with a normal tissue, and why.

    Parameters
    ----------
    obs, criteria
        See `cancer_pairs`.

    Returns
    -------
    pandas.DataFrame
        ``organ``, ``tissue`` (the cancer), ``reason``; one row for each normal class that is too
        small, or one where the organ has none.

    Raises
    ------
    BadInputError
        If a column is missing.
    """
    pairs, counts = _all_pairs(obs), _classes(obs)
    rows = []
    for _, entry in counts[counts["status"] == "cancer"].iterrows():
        own = pairs[pairs["cancer"] == entry["tissue"]]
        if own.empty:
            rows.append((entry["organ"], entry["tissue"], f"no normal class of {entry['organ']}"))
        for _, pair in own.iterrows():
            fault = _fault(int(pair["n_normal"]), int(pair["n_cancer"]), criteria)
            if fault:
                rows.append((entry["organ"], entry["tissue"], f"against {pair['normal']}: {fault}"))
    return pd.DataFrame(rows, columns=LEFT_OUT_COLUMNS)


def _classes(obs: pd.DataFrame) -> pd.DataFrame:
    """Count samples by organ, class and status, in alphabetical order."""
    columns = ["organ", "tissue", "status"]
    check_columns(obs, columns, "samples")
    # As text: categories that are not there would be counted too.
    return obs[columns].astype(str).groupby(columns).size().rename("samples").reset_index()


def _all_pairs(obs: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for organ, classes in _classes(obs).groupby("organ"):
        sides = (classes[classes["status"] == status] for status in ("normal", "cancer"))
        for normal, cancer in product(*(list(side.itertuples()) for side in sides)):
            rows.append((organ, normal.tissue, cancer.tissue, normal.samples, cancer.samples))
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def _fault(n_normal: int, n_cancer: int, criteria: Criteria) -> str | None:
    """Say why a comparison cannot find anything, or return None where it can."""
    for n, side in ((n_normal, "normal tissue"), (n_cancer, "cancer")):
        if n < 2:
            return f"one sample of the {side}, and a test needs two"
    p = smallest_p(n_normal, n_cancer)
    if p > criteria.fdr:
        return (
            f"{n_normal} normal and {n_cancer} cancer samples cannot give a p-value below {p:.2g}, "
            f"and {criteria.fdr:g} is asked for"
        )
    return None
