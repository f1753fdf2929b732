"""Variance components against closed forms of the analysis of variance, and against the truth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from helpers.errors import BadInputError
from helpers.faithfulness.variance import Error, Factor, by_source, components, models_needed

MODEL, MASK, REFERENCE, SAMPLE = (
    Factor("model"), Factor("mask", ("model",)), Factor("reference"), Factor("sample"),
)  # fmt: skip


def test_a_nested_design_has_the_components_of_the_one_way_analysis() -> None:
    scores = np.random.default_rng(0).normal(size=(4, 3, 7)) + np.arange(4)[:, None, None]
    found = components(scores, [MODEL, MASK])
    within = scores.var(axis=1, ddof=1).mean(axis=0).sum()
    between = scores.mean(axis=1).var(axis=0, ddof=1).sum() - within / 3
    assert found[frozenset({"model", "mask"})] == pytest.approx(within)
    assert found[frozenset({"model"})] == pytest.approx(between)


def test_a_crossed_design_has_the_components_of_the_two_way_analysis() -> None:
    x = np.random.default_rng(1).normal(size=(4, 5, 1))
    found = components(x, [MODEL, REFERENCE])
    rows, columns = x.mean(axis=1, keepdims=True), x.mean(axis=0, keepdims=True)
    rest = ((x - rows - columns + x.mean()) ** 2).sum() / (3 * 4)
    of_rows = 5 * rows.var(ddof=1)
    assert found[frozenset({"model", "reference"})] == pytest.approx(rest)
    assert found[frozenset({"model"})] == pytest.approx((of_rows - rest) / 5)
    assert found[frozenset({"reference"})] == pytest.approx((4 * columns.var(ddof=1) - rest) / 4)


def test_estimates_are_right_on_average_and_may_be_below_zero() -> None:
    rng, totals, below = np.random.default_rng(2), [], 0
    for _ in range(60):
        model, mask = rng.normal(size=(3, 1, 1, 1, 40)), rng.normal(size=(3, 2, 1, 1, 40))
        reference = rng.normal(size=(1, 1, 3, 1, 40))
        both = rng.normal(size=(3, 1, 3, 1, 40))
        scores = 2 * model + 1 * mask + 0.5 * reference + 0.3 * both + np.zeros((1, 1, 1, 2, 1))
        found = components(scores, [MODEL, MASK, REFERENCE, SAMPLE])
        table = by_source(found, [MODEL, MASK, REFERENCE, SAMPLE]).set_index("source")
        totals.append(table["component"] / 40)
        below += int((table["component"] < -1e-9).any())
        assert table["share"].between(0, 1).all()
        assert table["share"].sum() == pytest.approx(1)
    mean = pd.concat(totals, axis=1).mean(axis=1)
    assert mean["model"] == pytest.approx(4, rel=0.1)
    assert mean["mask"] == pytest.approx(1, rel=0.1)
    assert mean["reference"] == pytest.approx(0.25, abs=0.06)
    assert mean["sample"] == pytest.approx(0, abs=0.01)
    assert mean["together"] == pytest.approx(0.09, abs=0.03)
    noise = rng.normal(size=(3, 3, 2, 1))
    assert min(components(noise, [MODEL, REFERENCE, SAMPLE]).values()) < 0


def test_masks_within_all_else_are_what_is_left() -> None:
    mask = Factor("mask", ("model", "reference", "sample"))
    scores = np.random.default_rng(3).normal(size=(3, 2, 4, 2, 300))
    found = by_source(
        components(scores, [MODEL, REFERENCE, mask, SAMPLE]), [MODEL, REFERENCE, mask, SAMPLE]
    ).set_index("source")
    assert found.loc["mask", "share"] > 0.9
    # A factor with one level is not told apart, and changes nothing else.
    alone = by_source(components(scores[:, :1], [MODEL, REFERENCE, mask, SAMPLE]),
                      [MODEL, REFERENCE, mask, SAMPLE])  # fmt: skip
    assert set(alone["source"]) == {"model", "mask", "sample", "together"}


def test_axes_and_factors_have_to_fit() -> None:
    with pytest.raises(BadInputError, match="2 axes beside genes cannot have 1 factors"):
        components(np.zeros((2, 2, 3)), [MODEL])


def test_the_error_of_a_mean_is_what_models_and_masks_leave() -> None:
    terms = {
        frozenset[str](): 9.0, frozenset({"sample"}): 5.0, frozenset({"model"}): 0.5,
        frozenset({"model", "sample"}): 0.5, frozenset({"model", "mask"}): 6.0,
        frozenset({"reference"}): 1.0, frozenset({"reference", "sample"}): -1.0,
    }  # fmt: skip
    error = Error.of(terms)
    assert error == Error(1.0, 6.0)
    assert error.variance(2, 3) == pytest.approx((1 + 2) / 2)
    # (1 + 6 / 8) is a quarter of 7.
    assert error.estimates_that_halve == 8
    assert error.models_that_halve(1) == 4
    assert error.models_that_halve(6) == 2
    assert math.isinf(Error(1.0, 2.0).estimates_that_halve)


def test_networks_are_counted_on_the_curve_or_beyond_it() -> None:
    error = Error(1.0, 4.0)
    sizes = np.array([1, 2, 4, 8])
    curve = pd.Series(1 - 0.4 / np.sqrt(sizes), index=sizes)
    found = models_needed(error, curve, 4)
    assert found["how"] == "extrapolated"
    assert found["models"] == 16
    assert found["misfit"] == pytest.approx(0, abs=1e-9)
    assert found["reached"] == pytest.approx(found["fitted"])
    assert models_needed(error, curve, 4, aim=0.8)["how"] == "measured"
    assert models_needed(error, curve, 4, aim=0.8)["models"] == 4
    assert models_needed(error, curve.iloc[:0], 4)["how"] == "unknown"
    # Lists that share hardly a gene tell nothing of how many networks it takes.
    little = models_needed(error, curve - 0.8, 4)
    assert little["how"] == "unknown"
    assert np.isnan(little["models"])
