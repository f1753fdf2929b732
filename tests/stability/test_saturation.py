from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import BadInputError
from helpers.stability import saturation
from helpers.stability.saturation import SATURATION_COLUMNS, saturation_point

SIZES = [1, 2, 3, 5, 10, 20, 50]
LEVELS = st.lists(st.floats(-1, 1), min_size=2, max_size=12)


def numbers(levels: list[float]) -> list[int]:
    return list(range(1, len(levels) + 1))


@given(LEVELS, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_larger_tolerance_never_saturates_later(levels, a, b):
    small, large = sorted((a, b))
    n = numbers(levels)
    assert saturation_point(n, levels, large)[0] <= saturation_point(n, levels, small)[0]


@given(LEVELS, st.floats(-5, 5), st.floats(0.01, 0.5))
def test_moving_a_curve_up_or_down_moves_no_saturation_point(levels, shift, tolerance):
    levels = np.round(levels, 2)
    tolerance = round(tolerance, 2) + 0.005  # no difference of levels is at the tolerance itself
    n = numbers(levels.tolist())
    if (np.diff(levels) >= 0).all():
        moved = saturation_point(n, levels + shift, tolerance)[0]
        assert moved == saturation_point(n, levels, tolerance)[0]


@given(LEVELS, st.floats(0, 0.5))
def test_the_rule_is_what_it_says_for_rising_curves(levels, tolerance):
    levels = sorted(levels)
    found, level, plateau = saturation_point(numbers(levels), levels, tolerance)
    assert plateau == pytest.approx(levels[-1])
    expected = next(i for i, x in enumerate(levels) if x >= levels[-1] - tolerance - 1e-9)
    assert found == expected + 1
    assert level == pytest.approx(levels[expected])


@given(LEVELS, st.floats(0, 0.5))
def test_falling_curves_saturate_at_once(levels, tolerance):
    assert saturation_point(numbers(levels), sorted(levels, reverse=True), tolerance)[0] == 1


@given(LEVELS)
def test_the_plateau_is_the_highest_step_and_no_higher_than_a_level(levels):
    found, level, plateau = saturation_point(numbers(levels), levels)
    assert level <= plateau <= max(levels) + 1e-12
    assert 1 <= found <= len(levels)


def test_a_single_lucky_draw_is_no_saturation_point():
    levels = [0.1, 0.9, 0.3, 0.5, 0.7, 0.9]
    assert saturation_point(numbers(levels), levels)[0] == 6


def test_exact_tolerance_is_within():
    assert saturation_point([1, 2], [0.93, 0.94], 0.01)[0] == 1


def test_table(curve_rows):
    """Noise of variance n⁻¹ around a common part: a closed form for the saturation point."""
    theory = {n: n / (n + 1) for n in SIZES}
    parts = [
        curve_rows(theory),
        curve_rows(dict.fromkeys(SIZES, 0.4), explainer="Flat"),
        curve_rows({n: 0.5 - n / 200 for n in SIZES}, explainer="Falling"),
        curve_rows({n: n / 50 for n in SIZES}, explainer="Rising"),
        curve_rows({n: n / 50 for n in SIZES}, explainer="Rising", metric="top100"),
        curve_rows({1: 0.3}, optimisation="none"),
    ]
    found = saturation(pd.concat(parts), tolerance=0.05, resamples=50)
    assert found.columns.tolist() == SATURATION_COLUMNS
    contract = ["architecture", "explainer", "optimisation", "reference", "n_saturated"]
    assert found.columns.tolist()[:5] == contract
    assert len(found) == 5
    rows = found.drop_duplicates("explainer").set_index("explainer")
    # 50/51 − n/(n + 1) ≤ 0.05 for n ≥ 13.4.
    assert rows["n_saturated"].to_dict() == {
        "Saliency": 20, "Flat": 1, "Falling": 1, "Rising": 50
    }  # fmt: skip
    assert rows["saturated"].to_dict() == {
        "Saliency": True, "Flat": True, "Falling": True, "Rising": False
    }  # fmt: skip
    assert rows.loc["Saliency", "gain"] == pytest.approx(50 / 51 - 0.5)
    assert rows.loc["Flat", "gain"] == 0
    assert rows.loc["Falling", "gain"] == pytest.approx(-0.245)
    assert rows.loc["Saliency", "plateau"] == pytest.approx(50 / 51)
    assert rows.loc["Saliency", "level"] == pytest.approx(20 / 21)
    assert set(found["samples"]) == {5}
    # Samples differ by constants only, so every resample saturates at the same n.
    assert (found["n_low"] == found["n_saturated"]).all()
    assert (found["n_high"] == found["n_saturated"]).all()


def test_the_interval_shows_that_samples_saturate_at_different_n(curve_rows):
    early = curve_rows({1: 0.2, 2: 0.8, 3: 0.8}, [0.0, 0.001])
    late = curve_rows({1: 0.2, 2: 0.2, 3: 0.8}, [0.0, 0.001]).assign(tissue="liver")
    table = pd.concat([early, late])
    found = saturation(table, resamples=200).iloc[0]
    assert (found["n_low"], found["n_high"]) == (2, 3)
    again = saturation(table, resamples=200)
    pd.testing.assert_frame_equal(again, saturation(table, resamples=200))
    assert np.isnan(saturation(table, resamples=0)["n_low"].iloc[0])


def test_aggregates_of_nearly_all_models_are_no_plateau(curve_rows):
    levels = {1: 0.5, 5: 0.7, 10: 0.7}
    table = curve_rows(levels, optimisation="aggregated", shared=0.0)
    same = curve_rows({20: 1.0}, optimisation="aggregated", shared=1.0)
    found = saturation(pd.concat([table, same])).iloc[0]
    assert (found["n_saturated"], found["n_largest"]) == (5, 10)


def test_bad_input(curve_rows):
    with pytest.raises(BadInputError, match="'tolerance' must be at least 0"):
        saturation(curve_rows({1: 0.1, 2: 0.2}), tolerance=-1)


def test_points_without_a_value_are_left_out(curve_rows):
    missing = curve_rows({1: np.nan, 2: 0.3, 3: 0.5, 4: 0.5})
    kept = curve_rows({2: 0.3, 3: 0.5, 4: 0.5})
    pd.testing.assert_frame_equal(saturation(missing), saturation(kept))
    assert saturation(curve_rows({1: np.nan, 2: 0.3})).empty
    assert saturation(curve_rows({1: 0.1})).empty


def test_what_is_undefined_saturates_nowhere(curve_rows):
    rising = {1: 0.1, 10: 0.5, 20: 0.6, 50: 0.6}
    table = curve_rows(rising)
    # One sample without a value at one n counts at no other n either.
    odd = table.copy()
    odd.loc[(odd["sample"] == "s0") & (odd["n"] == 1), "value"] = np.nan
    found = saturation(odd, resamples=0).iloc[0]
    again = saturation(table[table["sample"] != "s0"], resamples=0).iloc[0]
    pd.testing.assert_series_equal(found, again)
    assert saturation(table.assign(value=np.nan)).empty
    each = table["sample"].str[1:].astype(int)
    scattered = table.assign(value=table["value"].mask(each == table["n"].rank(method="dense") - 1))
    assert saturation(scattered[each < 4]).empty
    with pytest.raises(BadInputError, match="not a number"):
        saturation_point([1, 2], [0.1, np.nan])
