"""How much of a truth is found, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from helpers.correctness.aggregates import (
    Ranking,
    alike_means,
    disjoint_means,
    measured_means,
    strata_of_means,
)
from helpers.correctness.oracle import oracle
from helpers.correctness.recovery import Truth, average_precision, by_stratum, recovery
from helpers.errors import BadInputError

GENES = [f"G{i}" for i in range(20)]
TABLE = pd.DataFrame(
    {
        "tissue": ["liver"] * 6 + ["lung"],
        "gene": ["G0", "G1", "G2", "G3", "G4", "G5", "G9"],
        "stratum": ["strong", "strong", "pair", "pair", "decoy", "decoy", "strong"],
        "effect": 1.0,
        "bundle": [0, 1, 0, 0, 0, 1, 0],
    }
)


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: any(positive for _, positive in rows)
    )
)
def test_average_precision_is_scikit_learns_ties_included(rows: list[tuple[int, bool]]) -> None:
    scores, positive = (np.array(column) for column in zip(*rows, strict=True))
    for by, key in (("absolute", np.abs(scores)), ("signed", scores)):
        expected = average_precision_score(positive, key)
        assert average_precision(scores.astype(float), positive, by) == pytest.approx(expected)


def test_what_has_no_precision_is_refused() -> None:
    with pytest.raises(BadInputError, match="there is none"):
        average_precision(np.ones(3), np.zeros(3, dtype=bool))
    with pytest.raises(BadInputError, match="gene 1 "):
        average_precision(np.array([1, np.nan]), np.array([True, False]))


def test_recall_and_decoys_are_counted_by_hand() -> None:
    truth = Truth(TABLE, "liver", GENES)
    scores = np.zeros(20)
    scores[[0, 2, 4, 7]] = [4, -3, 2, 1]
    assert recovery(scores, truth, 4) == {
        "auprc": pytest.approx(average_precision_score(truth.positive, np.abs(scores))),
        "recall": 0.5,
        "decoys": 0.25,
    }
    found = by_stratum(scores, truth, 4).set_index("stratum")
    assert found.loc["strong"].tolist() == [2, 0.5, 0.5]
    # One gene of the pair is enough for its bundle.
    assert found.loc["pair"].tolist() == [2, 0.5, 1.0]
    assert found.loc["decoy"].tolist() == [2, 0.5, 0.5]


def test_a_truth_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInputError, match="Class 'heart' has no planted gene"):
        Truth(TABLE, "heart", GENES)
    with pytest.raises(BadInputError, match="Class 'liver' has no planted gene"):
        Truth(TABLE[TABLE["stratum"] == "decoy"], "liver", GENES)
    with pytest.raises(BadInputError, match="The planted gene 'G5' of class 'liver' is not among"):
        Truth(TABLE, "liver", GENES[:5])


RANKING = Ranking(4, "absolute", "unit")


def test_means_share_no_model_and_the_last_is_of_all() -> None:
    scores = np.abs(np.random.default_rng(0).normal(size=(5, 20)))
    raw = dict(disjoint_means(scores, (1, 2, 9), 3, scale="raw"))
    assert {n: len(means) for n, means in raw.items()} == {1: 5, 2: 2, 5: 1}
    np.testing.assert_allclose(raw[5][0], scores.mean(axis=0))
    np.testing.assert_allclose(np.sort(raw[1], axis=0), np.sort(scores, axis=0))
    pairs = {(i, j): (scores[i] + scores[j]) / 2 for i in range(5) for j in range(i)}
    used = [pair for mean in raw[2] for pair, value in pairs.items() if np.allclose(mean, value)]
    assert len(used) == 2
    assert not set(used[0]) & set(used[1])
    # On one scale a model with large scores counts no more than the others.
    scaled = dict(disjoint_means(scores * np.array([[1e3], [1], [1], [1], [1]]), (1,), 3))
    np.testing.assert_allclose(scaled[5], dict(disjoint_means(scores, (1,), 3))[5])


def test_noise_averages_out_and_means_become_more_right_and_more_alike() -> None:
    rng = np.random.default_rng(0)
    truth = Truth(TABLE, "liver", GENES)
    scores = truth.positive * 1.0 + rng.normal(0, 0.8, size=(64, 20))
    means = disjoint_means(scores, (1, 4, 16), 0, scale="raw")
    right = measured_means(means, truth, RANKING).groupby("n")["auprc"].mean()
    alike = alike_means(means, RANKING).set_index("n")["overlap"]
    assert right.is_monotonic_increasing
    assert alike.is_monotonic_increasing
    assert right[64] > right[1] + 0.2
    assert 64 not in alike.index
    strata = strata_of_means(means, truth, RANKING)
    assert sorted(strata["n"].unique()) == [1, 64]


def test_the_oracle_holds_laboratories_apart() -> None:
    rng = np.random.default_rng(0)
    inside = np.arange(200) < 60
    laboratories = np.where(rng.random(200) < np.where(inside, 0.8, 0.2), "a", "b")
    x = rng.normal(size=(200, 5))
    x[inside, 0] += 1
    x[laboratories == "a", 1] += 3
    scores = oracle(x, inside, laboratories, np.ones(5))
    assert scores.argmax() == 0
    assert abs(scores[1]) < 3
    # Standard normal under no effect: a t-statistic with the variance known.
    many = oracle(rng.normal(size=(200, 4000)), inside, laboratories, np.ones(4000))
    assert many.std() == pytest.approx(1, abs=0.05)
    with pytest.raises(BadInputError, match="cannot be told apart"):
        oracle(x, inside, np.where(inside, "a", "b"), np.ones(5))
