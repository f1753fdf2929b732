"""What intervals cover, shown by simulation; and that they say nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.claims.intervals import (
    FEWEST,
    SHARE,
    Estimate,
    gap_between,
    mean_over_units,
    median_over_units,
    middle,
    over_left_out,
    over_units,
)

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

TRIALS = 1500

NUMBERS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda rng, size: rng.normal(0, 1, size), 0.0),
    "uniform": (lambda rng, size: rng.uniform(0, 1, size), 0.5),
    "heavy tails": (lambda rng, size: rng.standard_t(3, size), 0.0),
    "shares about 0.3": (lambda rng, size: rng.beta(2, 5, size), 2 / 7),
    "shares about 0.1": (lambda rng, size: rng.beta(1, 9, size), 0.1),
    "shares at both ends": (lambda rng, size: rng.beta(0.5, 0.5, size), 0.5),
    "skewed": (lambda rng, size: rng.lognormal(0, 0.5, size), float(np.exp(0.125))),
}
"""Distributions that numbers of tissues may have, and their means."""

COVERED = (0.87, 0.975)
"""Of 95 % intervals, over 4 to 20 units and all these distributions (measured: 0.89 to 0.97)."""


def covers(found: Estimate, truth: float) -> bool:
    return bool(found.low <= truth <= found.high)


@pytest.mark.parametrize("units", [4, 5, 8, 20])
@pytest.mark.parametrize("name", NUMBERS)
def test_the_interval_of_a_mean_covers_it_as_often_as_it_says(name: str, units: int) -> None:
    draw, truth = NUMBERS[name]
    values = draw(np.random.default_rng(units), (TRIALS, units))
    # The jackknife of a mean is Student's interval (below), which is fast to compute.
    half = stats.t.ppf(0.975, units - 1) * values.std(axis=1, ddof=1) / np.sqrt(units)
    share = float((np.abs(values.mean(axis=1) - truth) <= half).mean())
    assert COVERED[0] <= share <= COVERED[1]
    one = mean_over_units(values[0], "tissues")
    assert (one.high - one.value, one.value - one.low) == pytest.approx((half[0], half[0]))


def test_a_percentile_bootstrap_over_four_units_covers_four_fifths() -> None:
    """Why it is not used."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (TRIALS, 4))
    drawn = values[np.arange(TRIALS)[:, None, None], rng.integers(0, 4, (TRIALS, 400, 4))]
    low, high = np.percentile(drawn.mean(axis=2), [2.5, 97.5], axis=1)
    assert 0.75 <= ((low <= 0) & (high >= 0)).mean() <= 0.83


STATISTICS: dict[str, Callable[[pd.DataFrame], float]] = {
    "median of columns": lambda table: float(table.mean().median()),
    "smallest of columns": lambda table: float(table.mean().min()),
    "lead over the best": lambda table: float(table.mean().iloc[0] - table.mean().iloc[1:].max()),
}


@pytest.mark.parametrize("units", [4, 8])
@pytest.mark.parametrize("name", STATISTICS)
def test_intervals_of_what_rules_make_of_means_cover_it(name: str, units: int) -> None:
    """Explainers of different level, tissues that move all of them, and noise."""
    rng, statistic = np.random.default_rng(1), STATISTICS[name]
    levels = np.array([0.7, 0.35, 0.5, 0.2])
    truth = statistic(pd.DataFrame([levels]))
    hits = 0
    trials = 250
    for _ in range(trials):
        tissue = rng.normal(0, 0.06, (units, 1))
        table = pd.DataFrame(levels + tissue + rng.normal(0, 0.05, (units, 4)))
        hits += covers(over_units(table, statistic, "tissues"), truth)
    assert 0.9 <= hits / trials <= 0.99


@pytest.mark.parametrize("models", [8, 20])
def test_the_interval_over_models_covers_what_other_models_would_list(models: int) -> None:
    """The share of a list that is in a set, of the mean of some models: it would vary so."""
    rng = np.random.default_rng(2)
    genes, size = 400, 20
    signal = rng.normal(0, 1, genes)
    inside = (signal + rng.normal(0, 1, genes)) > 1

    def share(scores: np.ndarray) -> float:
        return float(inside[np.argsort(-np.abs(scores.mean(axis=0)))[:size]].mean())

    def drawn() -> np.ndarray:
        return signal + rng.normal(0, 2, (models, genes))

    truth = float(np.mean([share(drawn()) for _ in range(400)]))
    hits, trials = 0, 150
    for _ in range(trials):
        scores = drawn()
        each = [share(np.delete(scores, m, axis=0)) for m in range(models)]
        hits += covers(over_left_out(share(scores), {"mlp": each}, "models", SHARE), truth)
    # Lists change in steps, so the interval is on the wide side.
    assert hits / trials >= 0.9


@pytest.mark.parametrize("models", [6, 13, 20, 60])
def test_the_interval_of_a_median_is_exact(models: int) -> None:
    rng = np.random.default_rng(models)
    values = rng.exponential(1, (TRIALS, models))
    found = [median_over_units(row, "models") for row in values]
    share = np.mean([covers(one, np.log(2)) for one in found])
    assert 0.94 <= share <= 0.99
    assert all(one.low in row and one.high in row for one, row in zip(found, values, strict=True))


@pytest.mark.parametrize("models", [1, 3, 5])
def test_few_models_have_no_interval_of_a_median(models: int) -> None:
    found = median_over_units(np.arange(models, dtype=float), "models")
    assert np.isnan([found.low, found.high]).all()
    assert "no 95 % interval" in found.said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.3], "of one of the tissues there is no interval"),
        ([0.3, 0.4], "of 2 tissues there is no interval"),
        ([0.699] * 4, "none of the 4 tissues makes a difference"),
        ([0.3, 0.4, np.nan, 0.2], "undefined"),
    ],
)
def test_where_nothing_varies_there_is_no_interval(values: list[float], said: str) -> None:
    """No "0.699 to 0.699"."""
    table = pd.DataFrame({"value": values})
    found = over_units(table, lambda rows: float(rows["value"].sum(skipna=False)), "tissues")
    if said != "undefined":
        found = mean_over_units(np.array(values), "tissues")
    assert np.isnan([found.low, found.high]).all()
    assert said in found.said
    assert said in found.verdict("partly", "Because").reason
    # What all tissues show alike is sure; what too few show is not.
    assert found.surely_above == (0.699 if len(set(values)) < len(values) else -np.inf)


def test_a_median_of_equal_models_has_no_interval() -> None:
    found = median_over_units(np.array([0.9] * 19 + [0.8]), "models")
    assert np.isnan(found.low)
    assert "the same value" in found.said


def test_an_interval_ends_where_the_number_does() -> None:
    found = mean_over_units(np.array([0.01, 0.2, 0.4]), "tissues", SHARE)
    assert found.low == 0.0
    assert FEWEST == found.n == 3


def test_rows_of_one_unit_are_left_out_together() -> None:
    """Two cancers of lung are one tissue."""
    table = pd.DataFrame({"value": [0.1, 0.5, 0.7, 0.9]}, index=["liver", "lung", "lung", "ovary"])
    found = over_units(table, lambda rows: float(rows["value"].mean()), "normal tissues")
    each = [np.mean([0.5, 0.7, 0.9]), np.mean([0.1, 0.9]), np.mean([0.1, 0.5, 0.7])]
    error = np.sqrt(2 / 3 * np.sum((each - np.mean(each)) ** 2))
    assert found.n == 3
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, 2) * error)


def test_variances_of_independent_kinds_add_up() -> None:
    mlp, cnn = [0.1, 0.2, 0.3, 0.35], [0.2, 0.25, 0.2]
    both = over_left_out(0.2, {"mlp": mlp, "cnn": cnn}, "models")
    variance = sum((len(v) - 1) / len(v) * np.sum((v - np.mean(v)) ** 2) for v in (mlp, cnn))
    assert both.high - both.value == pytest.approx(stats.t.ppf(0.975, 5) * np.sqrt(variance))
    assert both.n == 7
    assert np.isnan(over_left_out(0.2, {}, "models").low)
    assert np.isnan(over_left_out(0.2, {"mlp": mlp, "cnn": cnn[:2]}, "models").low)


def test_a_difference_of_means_is_welchs() -> None:
    a, b = np.array([0.95, 0.96, 0.98]), np.array([0.9, 0.93, 0.92, 0.91])
    found = gap_between(("a", "b"), a, b)
    again = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((again.low, again.high))
    assert gap_between(("a", "b"), np.ones(3), np.ones(3)) is None


@pytest.mark.parametrize(
    ("values", "median"), [([1.0, 2.0, 4.0, 9.0], False), ([1.0, 2.0, np.nan, 4.0, 5, 6, 7], True)]
)
def test_the_middle_of_units(values: list[float], median: bool) -> None:
    known = np.array(values)[~np.isnan(values)]
    value, low, high = middle(np.array(values), median=median)
    assert value == pytest.approx(np.median(known) if median else np.mean(known))
    assert low < value < high
    assert np.isnan(middle(np.array([np.nan]), median=median)).all()
