"""The rule that chooses an explainer, on tables made by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from helpers.faithfulness.recommendation import (
    as_good_as_the_best,
    choose,
    enough_estimates,
    expected_overlap,
    models_of_enough,
)


def table(*rows: tuple[float | None, float | None, float | None, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["reproduces", "right", "faithful", "passes"])


def test_chosen_is_who_is_as_good_as_the_best_on_most_questions() -> None:
    found = table((0.80, 0.60, 0.30, 100), (0.79, 0.75, 0.30, 900), (0.50, 0.76, 0.10, 1))
    assert as_good_as_the_best(found).tolist() == [2, 3, 1]
    assert choose(found).tolist() == [False, True, False]


def test_of_equals_the_cheapest_is_chosen_and_then_the_first() -> None:
    found = table((0.8, 0.7, 0.3, 100), (0.8, 0.7, 0.3, 40), (0.8, 0.7, 0.3, 40))
    assert choose(found).tolist() == [False, True, False]


def test_nothing_is_chosen_by_one_question_alone() -> None:
    found = table((0.8, None, None, 100), (0.2, None, None, 40))
    assert not choose(found).any()
    assert not choose(table()).any()


def test_enough_estimates_leave_hardly_anything_to_save() -> None:
    enough = enough_estimates(1.0, 2.0)
    assert (1 + 2 / enough) <= 1.05
    assert (1 + 2 / (enough - 1)) > 1.05
    assert enough_estimates(1.0, 0.0) == 1
    assert math.isinf(enough_estimates(0.0, 1.0))


def test_with_fewer_estimates_it_takes_a_few_more_networks() -> None:
    need = {"between": 1.0, "within": 2.0, "models": 40.0, "estimates": 100}
    assert models_of_enough(need, 40) == 42
    assert models_of_enough(need, 1000) == 40
    assert math.isnan(models_of_enough(need | {"models": math.nan}, 40))


def test_what_is_not_shared_halves_with_four_times_the_networks() -> None:
    assert expected_overlap(0.8, 10, [10, 40]) == pytest.approx([0.8, 0.9])
