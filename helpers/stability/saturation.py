"""Where a curve saturates: one rule for every explainer, optimisation and metric."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import isotonic_regression

from helpers.errors import BadInputError
from helpers.stability.curves import CURVE_KEYS, drop_overlapping, sample_medians

TOLERANCE = 0.01
"""What a curve may still gain after its saturation point."""

SATURATION_COLUMNS = [
    "architecture",
    "explainer",
    "optimisation",
    "reference",
    "n_saturated",
    "metric",
    "n_low",
    "n_high",
    "level",
    "plateau",
    "gain",
    "n_largest",
    "saturated",
    "samples",
    "tolerance",
    "design",
]

# A level that misses the tolerance by rounding only has not missed it.
_ROUNDING = 1e-9


def saturation(
    curves: pd.DataFrame, *, tolerance: float = TOLERANCE, resamples: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Find the n from which on every curve gains no more than a tolerance.

    The rule: the level at n is the median over samples of each sample's median over pairs of
    models; isotonic regression (the non-decreasing curve next to the levels in least squares)
    removes dips and single lucky draws; the plateau is its value at the largest n; n is
    saturated if the curve there is within `tolerance` of the plateau, and the smallest such n
    is reported.

    The tolerance is absolute because both metrics have a scale of their own: 0.01 is one gene
    of a hundred in the overlap. A share of the gain would instead ask as many estimates of a
    curve that rises by 0.003 in all as of one that rises by 0.5. The plateau is that of the n
    drawn, so a curve that still rises at its end saturates late or, if its last step is above
    the tolerance, not at all (``saturated`` is false). Points at which aggregates are mostly
    the same models are left out (see `helpers.stability.curves.drop_overlapping`).

    Parameters
    ----------
    curves
        `helpers.stability.curves.sample_medians`, or all rows of ``reproducibility.csv``; rows
        of optimisation ``"none"`` are no curve and left out. All tissues are taken together.
    tolerance
        In the metric's units, at least 0.
    resamples
        Times that samples are drawn anew, with replacement, for the interval; 0: none.
    seed
        Seed of the resampling.

    Returns
    -------
    pandas.DataFrame
        `SATURATION_COLUMNS`, one row per curve and metric. ``n_low``, ``n_high``: 95 % interval
        over samples (missing without resampling); ``level``, ``plateau``: of the isotonic curve
        at ``n_saturated`` and at ``n_largest``; ``gain``: level at the largest n minus that at
        the smallest as measured, so a curve that falls has a negative one and ``n_saturated`` is
        its smallest n.

    Raises
    ------
    BadInputError
        If the tolerance is negative.

    Notes
    -----
    Scores that are all equal correlate with nothing. Points without any value are left out, then
    samples without a value at one of the others, and curves with fewer than two points or without
    a sample.
    """
    if not tolerance >= 0:
        raise BadInputError(f"Parameter 'tolerance' must be at least 0, but it is {tolerance}.")
    table = drop_overlapping(sample_medians(curves[curves["optimisation"] != "none"]))
    rows = []
    for keys, part in table.groupby(CURVE_KEYS, sort=False, observed=True):
        named = dict(zip(CURVE_KEYS, keys, strict=True))
        # Points without any value, then samples without all others, are left out: a median over
        # other samples at every n would be no curve.
        grid = sample_grid(part).dropna(axis=1, how="all").dropna()
        if grid.shape[1] < 2 or grid.empty:
            continue
        rows.append(named | _saturation_of(grid, tolerance, resamples, seed))
    return pd.DataFrame(rows, columns=SATURATION_COLUMNS)


def saturation_point(
    n: npt.ArrayLike, levels: npt.ArrayLike, tolerance: float = TOLERANCE
) -> tuple[int, float, float]:
    """Find where one curve saturates: the smallest n within a tolerance of the plateau.

    Parameters
    ----------
    n
        Numbers of estimates, increasing.
    levels
        Level of the curve at each.
    tolerance
        See `saturation`.

    Returns
    -------
    tuple
        The saturated n, and the isotonic curve's value there and at the largest n.

    Raises
    ------
    BadInputError
        If a level is not a number.
    """
    numbers = np.asarray(levels, dtype=float)
    if not np.isfinite(numbers).all():
        raise BadInputError("A curve saturates nowhere if one of its levels is not a number.")
    fitted = isotonic_regression(numbers).x
    first = int(np.argmax(fitted >= fitted[-1] - tolerance - _ROUNDING))
    return int(np.asarray(n)[first]), float(fitted[first]), float(fitted[-1])


def sample_grid(part: pd.DataFrame) -> pd.DataFrame:
    """Lay one curve out as samples × n.

    Parameters
    ----------
    part
        Rows of one curve of `helpers.stability.curves.sample_medians`.
    """
    grid = part.set_index(["tissue", "sample", "n"])["value"].unstack("n")
    return pd.DataFrame(grid.sort_index(axis=1).dropna(how="all"))


def _saturation_of(
    grid: pd.DataFrame, tolerance: float, resamples: int, seed: int
) -> dict[str, Any]:
    n, values = grid.columns.to_numpy(), grid.to_numpy()
    levels = np.median(values, axis=0)
    found, level, plateau = saturation_point(n, levels, tolerance)
    gain = float(levels[-1] - levels[0])
    low, high = _interval(n, values, tolerance, resamples, seed)
    return {
        "n_saturated": found,
        "n_low": low,
        "n_high": high,
        "level": level,
        "plateau": plateau,
        "gain": gain,
        "n_largest": int(n[-1]),
        "saturated": bool(found < n[-1]),
        "samples": len(values),
        "tolerance": tolerance,
    }


def _interval(
    n: npt.NDArray[np.intp],
    values: npt.NDArray[np.float64],
    tolerance: float,
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    if resamples == 0:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(values), size=(resamples, len(values)))
    # A few samples make few different resamples.
    levels, which = np.unique(np.median(values[picks], axis=1), axis=0, return_inverse=True)
    points = np.array([saturation_point(n, level, tolerance)[0] for level in levels])[which]
    # Only numbers on the curve's grid, none between two of them.
    low, high = np.quantile(points, [0.025, 0.975], method="closest_observation")
    return float(low), float(high)
