from __future__ import annotations

import pandas as pd

from helpers.prose.writing.extremes import FALLBACK, extremes


def test_it_names_both_ends() -> None:
    values = pd.Series({"liver": 1.0, "lung": 0.6, "skin": float("nan"), "heart_muscle": 0.5})
    said = extremes(values, "Recall")
    assert said == "Recall is highest for liver (1.00) and lowest for heart muscle (0.50), of 3."


def test_names_of_several_parts_and_other_forms() -> None:
    index = pd.MultiIndex.from_tuples([("mlp", "a"), ("cnn", "b")])
    said = extremes(pd.Series([0.25, 0.5], index=index), "The share", "{:.0%}")
    assert said == "The share is highest for cnn, b (50%) and lowest for mlp, a (25%), of 2."


def test_numbers_that_are_all_alike_or_unknown() -> None:
    assert extremes(pd.Series({"a": 1.0, "b": 1.0}), "It") == "It is 1.00 for all 2."
    assert extremes(pd.Series({"a": 1.0}), "It") == "It is 1.00 for a."
    assert extremes(pd.Series({"a": float("nan")}), "It").startswith(FALLBACK)
