"""Rankings of all kinds beside each other: explainers, baselines, the oracle, shuffled labels."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.correctness.recovery import MEASURES
from helpers.datasets.truth import DECOY, PRODUCT

SINGLE, TOGETHER, SHUFFLED, BASELINE = "single", "together", "shuffled", "baseline"

COMPARED_COLUMNS = ["kind", "architecture", "explainer", "tissue", *MEASURES]

CURVE_COLUMNS = ["architecture", "explainer", "tissue", "measure", "n", "value"]

FOUND_COLUMNS = ["kind", "architecture", "explainer", "stratum", "recall", "bundles_found"]


def additive(genes: pd.DataFrame) -> list[str]:
    """Name the classes with genes that tell them by themselves, in the order of the table."""
    own = genes[~genes["stratum"].isin([PRODUCT, DECOY])]
    return list(dict.fromkeys(own["tissue"].astype(str)))


def under(table: pd.DataFrame, usual: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Keep the rows of some conditions.

    Parameters
    ----------
    table
        With ``explainer``, ``mode`` and ``optimisation``.
    usual
        The conditions that are kept.
    """
    wanted = pd.MultiIndex.from_tuples(list(usual))
    found = pd.MultiIndex.from_frame(table[["explainer", "mode", "optimisation"]])
    return table[found.isin(wanted)]


def curves(recovery: pd.DataFrame, agreement: pd.DataFrame) -> pd.DataFrame:
    """Return how right, and how alike, means over n models are: `CURVE_COLUMNS`.

    Parameters
    ----------
    recovery
        ``labels``, ``architecture``, ``explainer``, ``tissue``, ``n`` and `MEASURES`; several
        draws of an n.
    agreement
        The same with ``overlap``.

    Returns
    -------
    pandas.DataFrame
        Of true labels; ``measure`` is ``"auprc"``, ``"recall"`` or ``"overlap"``.
    """
    keys = ["architecture", "explainer", "tissue", "n"]
    parts = []
    for table, measure in ((recovery, "auprc"), (recovery, "recall"), (agreement, "overlap")):
        own = table[table["labels"] == "true"]
        means = own.groupby(keys, sort=False)[measure].mean().rename("value").reset_index()
        parts.append(means.assign(measure=measure))
    return pd.concat(parts, ignore_index=True)[CURVE_COLUMNS]


def compared(recovery: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """Set explainers beside baselines, class by class: `COMPARED_COLUMNS`.

    Parameters
    ----------
    recovery
        As in `curves`.
    baselines
        ``explainer`` (the baseline), ``tissue``, `MEASURES`.

    Returns
    -------
    pandas.DataFrame
        ``kind``: single models (mean over them), all together, all together of shuffled labels, or
        a baseline.
    """
    keys = ["architecture", "explainer", "tissue"]
    parts = []
    for (labels, _), table in recovery.groupby(["labels", "architecture"], sort=False):
        sizes = table["n"]
        for kind, n in ((SINGLE, 1), (TOGETHER, sizes.max())):
            if labels == "shuffled" and kind == SINGLE:
                continue
            means = table[sizes == n].groupby(keys, sort=False)[MEASURES].mean().reset_index()
            parts.append(means.assign(kind=SHUFFLED if labels == "shuffled" else kind))
    parts.append(baselines.assign(kind=BASELINE, architecture="none"))
    return pd.concat(parts, ignore_index=True)[COMPARED_COLUMNS]


def found_by_stratum(strata: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """Average over classes what rankings find of each stratum: `FOUND_COLUMNS`.

    Parameters
    ----------
    strata
        ``labels``, ``architecture``, ``explainer``, ``n``, ``stratum``, ``recall``,
        ``bundles_found``.
    baselines
        The same of baselines, without labels, architecture and n.
    """
    columns = ["recall", "bundles_found"]
    keys = ["architecture", "explainer", "stratum"]
    parts = []
    own = strata[strata["labels"] == "true"]
    for _, table in own.groupby("architecture", sort=False):
        for kind, n in ((SINGLE, 1), (TOGETHER, table["n"].max())):
            means = table[table["n"] == n].groupby(keys, sort=False)[columns].mean()
            parts.append(means.reset_index().assign(kind=kind))
    means = baselines.assign(architecture="none").groupby(keys, sort=False)[columns].mean()
    parts.append(means.reset_index().assign(kind=BASELINE))
    return pd.concat(parts, ignore_index=True)[FOUND_COLUMNS]


def by_condition(recovery: pd.DataFrame) -> pd.DataFrame:
    """Average precision under every condition, over classes and draws.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``mode``, ``optimisation``, ``n``, ``auprc``, ``recall``;
        of true labels.
    """
    keys = ["architecture", "explainer", "mode", "optimisation", "n"]
    own = recovery[recovery["labels"] == "true"]
    return own.groupby(keys, sort=False)[["auprc", "recall"]].mean().reset_index()
