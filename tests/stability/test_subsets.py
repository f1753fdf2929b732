from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import BadInputError
from helpers.stability import disjoint_halves, draw_aggregates, draw_subsets

POOLS = st.integers(2, 30)


@given(POOLS, st.data())
def test_each_set_holds_n_distinct_estimates_of_equal_weight(pool, data):
    sizes = data.draw(st.lists(st.integers(1, pool), min_size=1, max_size=5, unique=True))
    draws = data.draw(st.integers(1, 4))
    found = draw_subsets(pool, sizes, draws, 3)
    assert found.weights.shape == (len(sizes) * draws, pool)
    assert found.n.tolist() == [n for n in sizes for _ in range(draws)]
    assert found.draw.tolist() == list(range(draws)) * len(sizes)
    for weights, n in zip(found.weights, found.n, strict=True):
        assert np.array_equal(np.sort(weights)[::-1][:n], np.full(n, 1 / n))
        assert np.count_nonzero(weights) == n


def test_the_product_with_scores_is_the_mean_of_the_set():
    scores = np.random.default_rng(0).normal(size=(50, 7))
    found = draw_subsets(50, [1, 20, 50], 1, 0)
    members = [np.flatnonzero(weights) for weights in found.weights]
    expected = [scores[chosen].mean(0) for chosen in members]
    np.testing.assert_allclose(found.weights @ scores, expected, atol=1e-15)


def test_a_curve_with_more_points_and_draws_keeps_the_sets_it_had():
    few, many = draw_subsets(20, [3, 7], 2, [5, 1]), draw_subsets(20, [1, 7, 3, 9], 4, [5, 1])
    for n in (3, 7):
        assert np.array_equal(many.weights[many.n == n][:2], few.weights[few.n == n])


def test_seeds_and_models_have_sets_of_their_own():
    one, again, other = (draw_subsets(2000, [10], 1, seed) for seed in ([0, 1], [0, 1], [0, 2]))
    assert one.weights.tobytes() == again.weights.tobytes()
    assert not np.array_equal(one.weights, other.weights)


def test_every_estimate_is_drawn_equally_often():
    found = draw_subsets(10, [3], 4000, 0)
    share = (found.weights > 0).mean(0)
    # Standard error sqrt(0.3 · 0.7 / 4000) = 0.0072.
    np.testing.assert_allclose(share, 0.3, atol=4 * 0.0072)


def test_the_papers_design_of_aggregates():
    found = draw_aggregates(60, range(1, 21), 0)
    counts = {n: int((found.n == n).sum()) for n in (1, 2, 7, 15, 16, 20)}
    assert counts == {1: 60, 2: 30, 7: 8, 15: 4, 16: 4, 20: 4}
    np.testing.assert_allclose(found.weights.sum(1), 1)


@given(st.integers(2, 40), st.data())
def test_as_many_aggregates_as_possible_have_no_model_in_common(models, data):
    size = data.draw(st.integers(1, models))
    found = draw_aggregates(models, [size], data.draw(st.integers(0, 5)))
    pieces = models // size
    assert len(found) == max(pieces, 4)
    first = found.weights[:pieces] > 0
    assert (first.sum(0) <= 1).all()
    assert (np.count_nonzero(found.weights, axis=1) == size).all()


def test_shared_counts_common_models():
    found = draw_aggregates(20, [5, 12, 20], 1)
    shared = found.shared()
    assert list(shared.columns) == ["n", "draw_a", "draw_b", "shared"]
    assert len(shared) == 3 * 6
    assert set(shared.loc[shared["n"] == 5, "shared"]) == {0.0}
    assert set(shared.loc[shared["n"] == 20, "shared"]) == {1.0}
    row = shared[shared["n"] == 12].iloc[4]
    sets = [set(np.flatnonzero(weights)) for weights in found.weights[found.n == 12]]
    expected = len(sets[int(row["draw_a"])] & sets[int(row["draw_b"])]) / 12
    assert row["shared"] == pytest.approx(expected)


@given(st.integers(2, 21), st.integers(1, 4))
def test_halves_are_disjoint_and_leave_at_most_one_model_out(models, halvings):
    found = disjoint_halves(models, halvings, 0)
    assert len(found) == 2 * halvings
    for cut in range(halvings):
        members = found.weights[2 * cut : 2 * cut + 2] > 0
        assert members.sum(0).max() == 1
        assert members.sum() == 2 * (models // 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: draw_subsets(50, [60], 1, 0), "A mean over 60 estimates cannot be drawn from 50"),
        (lambda: draw_subsets(50, [0], 1, 0), "n ≥ 1 only, but holds 0"),
        (lambda: draw_subsets(50, [], 1, 0), "at least one n"),
        (lambda: draw_subsets(50, [2, 2], 1, 0), "an n twice"),
        (lambda: draw_subsets(50, [2], 0, 0), "'draws' must be at least 1, but it is 0"),
        (lambda: draw_aggregates(1, [1], 0), "'models' must be at least 2, but it is 1"),
        (lambda: draw_aggregates(5, [6], 0), "A mean over 6 models cannot be drawn from 5"),
        (lambda: draw_aggregates(5, [2], 0, least=1), "'least' must be at least 2"),
        (lambda: disjoint_halves(1, 1, 0), "'models' must be at least 2"),
        (lambda: disjoint_halves(4, 0, 0), "'halvings' must be at least 1"),
    ],
)
def test_bad_designs_are_refused(make, message):
    with pytest.raises(BadInputError, match=message):
        make()
