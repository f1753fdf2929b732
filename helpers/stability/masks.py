"""How many dropout masks an explanation averages, and what that does to its replicates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers.errors import BadInputError

Values = npt.NDArray[np.floating]

MASK_COLUMNS = ["explainer", "kind", "masks", "metric", "tissue", "sample", "value"]
"""Columns of ``mask_counts.csv``; kind is "equal" or "as_run"."""

EFFECTIVE = "effective_masks"
"""In place of a measure of agreement: the number of masks that the scatter of replicates shows."""


def quadrature_masks(steps: int) -> float:
    """Return how many equally weighted masks Gauss–Legendre steps with a mask each are worth.

    A weighted mean of independent masks scatters as the mean of 1/Σw² of them (Kish's effective
    sample size). The nodes at both ends count little, so that it is less than the steps.

    Parameters
    ----------
    steps
        Steps of IntegratedGradients.
    """
    weights = np.polynomial.legendre.leggauss(steps)[1] / 2
    return float(1 / np.sum(weights**2))


def effective_masks(one_mask: Values, as_run: Values) -> npt.NDArray[np.float64]:
    """Estimate how many masks each explanation of a run averages from how much replicates scatter.

    The mean of m independent masks has 1/m of the variance of one. Variances are summed over
    genes and averaged over models.

    Parameters
    ----------
    one_mask, as_run
        Models × replicates × samples × genes: replicates of one mask each, and those of the run.

    Returns
    -------
    numpy.ndarray
        One number a sample; infinite where replicates of the run do not differ.

    Raises
    ------
    BadInputError
        If there are fewer than two replicates, or the samples or genes differ.
    """
    if one_mask.shape[2:] != as_run.shape[2:] or min(one_mask.shape[1], as_run.shape[1]) < 2:
        raise BadInputError(
            f"Replicates of shapes {one_mask.shape} and {as_run.shape} cannot be compared: two "
            "replicates or more of the same samples and genes are needed."
        )
    found = [
        scores.astype(np.float64).var(axis=1, ddof=1).sum(axis=-1).mean(axis=0)
        for scores in (one_mask, as_run)
    ]
    with np.errstate(divide="ignore"):
        return np.asarray(found[0] / found[1])


def mask_sets(sizes: tuple[int, ...], replicates: int) -> npt.NDArray[np.float64]:
    """Return weights of sets: for each size, as many replicates of disjoint masks of one pool.

    Parameters
    ----------
    sizes
        Masks in a replicate.
    replicates
        Replicates of each size.

    Returns
    -------
    numpy.ndarray
        (Sizes × replicates) × (largest size × replicates); each row adds up to 1.
    """
    largest = max(sizes)
    weights = np.zeros((len(sizes) * replicates, largest * replicates))
    for place, size in enumerate(sizes):
        for replicate in range(replicates):
            start = replicate * largest
            weights[place * replicates + replicate, start : start + size] = 1 / size
    return weights


def at_equal_masks(table: pd.DataFrame, metric: str = "spearman") -> pd.DataFrame:
    """Return the median over samples: explainers × numbers of masks.

    Parameters
    ----------
    table
        `MASK_COLUMNS`.
    metric
        Measure of agreement.
    """
    rows = table[(table["kind"] == "equal") & (table["metric"] == metric)]
    medians = rows.groupby(["explainer", "masks"], sort=False)["value"].median()
    return pd.DataFrame(medians.unstack("masks"))


def as_run(table: pd.DataFrame, metric: str = "spearman") -> pd.DataFrame:
    """Return for each explainer the masks that count and the agreement of replicates, as run.

    Parameters
    ----------
    table
        `MASK_COLUMNS`.
    metric
        Measure of agreement.

    Returns
    -------
    pandas.DataFrame
        Index ``explainer``; ``masks`` (median over samples of what the scatter shows),
        ``value`` (median over samples).
    """
    rows = table[table["kind"] == "as_run"]
    medians = rows.groupby(["explainer", "metric"], sort=False)["value"].median().unstack("metric")
    return pd.DataFrame({"masks": medians[EFFECTIVE], "value": medians[metric]})


def ranking(table: pd.DataFrame, metric: str = "spearman") -> dict[str, float]:
    """Measure how far the number of masks makes the ranking of explainers.

    Parameters
    ----------
    table
        `MASK_COLUMNS`.
    metric
        Measure of agreement.

    Returns
    -------
    dict
        ``rank_correlation``: Spearman over explainers of masks and agreement, as run.
        ``spread_as_run``: largest minus smallest agreement of explainers as run.
        ``spread_at_one``: the same with one mask each. ``spread_of_masks``: median over explainers
        of agreement with the most masks minus that with one. ``share_masks`` and
        ``share_explainers``: shares of the variance of agreement (Fisher's z, over explainers ×
        numbers of masks) that each explains; the rest is their interaction. ``kept``: Spearman
        over explainers of agreement as run and agreement with one mask.
    """
    wide = at_equal_masks(table, metric)
    run = as_run(table, metric).loc[wide.index]
    z = np.arctanh(np.clip(wide.to_numpy(), -0.999999, 0.999999))
    total = float(((z - z.mean()) ** 2).sum())
    by_masks = float(len(z) * ((z.mean(axis=0) - z.mean()) ** 2).sum())
    by_explainer = float(z.shape[1] * ((z.mean(axis=1) - z.mean()) ** 2).sum())
    first, last = wide.columns.min(), wide.columns.max()
    return {
        "rank_correlation": _rank_correlation(run["masks"], run["value"]),
        "spread_as_run": float(run["value"].max() - run["value"].min()),
        "spread_at_one": float(wide[first].max() - wide[first].min()),
        "spread_of_masks": float((wide[last] - wide[first]).median()),
        "share_masks": by_masks / total if total else float("nan"),
        "share_explainers": by_explainer / total if total else float("nan"),
        "kept": _rank_correlation(wide[first], run["value"]),
    }


def _rank_correlation(a: pd.Series, b: pd.Series) -> float:
    first, second = (values.to_numpy(float) for values in (a, b))
    if len(np.unique(first)) < 2 or len(np.unique(second)) < 2:
        return float("nan")
    return float(stats.spearmanr(first, second).statistic)
