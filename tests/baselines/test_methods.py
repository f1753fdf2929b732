"""Baselines against scipy, scikit-learn and hand-made data, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.feature_selection import f_classif

from helpers.baselines import BASELINES, OneVsRest
from helpers.baselines.methods.welch_t import welch_t
from helpers.errors import BadInputError

GENES = 60


@pytest.fixture
def question() -> OneVsRest:
    """Class of 12 among 50 samples: gene 3 is up, gene 5 down, gene 7 high everywhere."""
    rng = np.random.default_rng(0)
    x = rng.normal(4, 0.5, size=(50, GENES)).astype(np.float32)
    inside = np.arange(50) < 12
    x[inside, 3] += 3
    x[inside, 5] -= 3
    x[:, 7] += 6
    return OneVsRest("liver", x, inside, x[:4], seed=1)


def test_t_is_scipys_and_zero_where_nothing_varies() -> None:
    x = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)
    x[:, 4] = 1
    inside = np.arange(30) < 11
    expected = stats.ttest_ind(x[inside, :4].astype(float), x[~inside, :4], equal_var=False)
    found = welch_t(x, inside)
    np.testing.assert_allclose(found[:4], expected.statistic, rtol=1e-6)
    assert found[4] == 0


def test_f_is_scikit_learns(question: OneVsRest) -> None:
    expected = f_classif(question.x.astype(float), question.inside)[0]
    np.testing.assert_allclose(BASELINES["AnovaF"].score(question), expected, rtol=1e-6)


@pytest.mark.parametrize("name", sorted(set(BASELINES) - {"MeanExpression", "MatchedRandom"}))
def test_what_differs_is_found_with_its_sign(name: str, question: OneVsRest) -> None:
    scores = BASELINES[name].score(question)
    assert scores.shape == (GENES,)
    assert set(np.argsort(-np.abs(scores))[:2]) == {3, 5}
    assert scores[3] > 0
    if name == "LogisticContributions":
        # Little of a gene speaks for the class where it is low there.
        assert scores[5] > 0
    elif BASELINES[name].signed:
        assert scores[5] < 0
    else:
        assert (scores >= 0).all()


def test_mean_expression_sees_what_is_high_everywhere(question: OneVsRest) -> None:
    scores = BASELINES["MeanExpression"].score(question)
    assert scores.argmax() == 7
    np.testing.assert_allclose(scores, question.x[:12].astype(float).mean(axis=0))


def test_random_genes_are_the_t_tests_scores_among_genes_alike() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(np.linspace(0, 10, 1000), 0.3, size=(40, 1000)).astype(np.float32)
    inside = np.arange(40) < 15
    x[inside, 900:] += 4
    question = OneVsRest("liver", x, inside, x[:2], seed=3)
    t, random = (BASELINES[name].score(question) for name in ("WelchT", "MatchedRandom"))
    np.testing.assert_allclose(np.sort(t), np.sort(random))
    assert (t != random).mean() > 0.9
    # Where expression is high, scores stay high: they are shuffled among genes alike.
    assert np.abs(random[800:]).mean() > 3 * np.abs(random[:800]).mean()
    np.testing.assert_array_equal(random, BASELINES["MatchedRandom"].score(question))


def ask(**changes: Any) -> OneVsRest:
    x = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    given: dict[str, Any] = {"name": "liver", "x": x, "inside": np.arange(6) < 3, "explained": x}
    return OneVsRest(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inside": np.arange(6) < 1}, "Class 'liver' has one training sample, and a baseline"),
        ({"inside": np.arange(6) < 0}, "Class 'liver' has no training samples"),
        ({"inside": np.arange(6) < 5}, "The rest beside class 'liver' has one training sample"),
        ({"x": np.ones((6, 4))}, r"every gene has the same value in all samples \(zero variance"),
        ({"x": np.full((6, 4), np.nan)}, "values that are not numbers"),
        ({"explained": np.ones((2, 3))}, "of the same genes"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        ask(**changes)


@pytest.mark.parametrize("name", BASELINES)
def test_a_gene_that_does_not_vary_has_a_number(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    x[:, 2] = 1
    scores = BASELINES[name].score(OneVsRest("liver", x, np.arange(8) < 4, x[:2]))
    assert np.isfinite(scores).all()
    if name not in ("MeanExpression", "MatchedRandom"):
        assert scores[2] == 0
