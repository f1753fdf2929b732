from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import REFERENCES, GeneStatistics, gene_statistics, make_references


def draws(mean: float, sd: float, cut: str, n: int = 4000) -> np.ndarray:
    """One gene's values: genes of equal mean and spread are independent of each other."""
    statistics = GeneStatistics(np.full(n, mean), np.full(n, sd))
    values = make_references("universal", 1, genes=n, statistics=statistics, cut=cut, seed=7)
    assert values.dtype == np.float32
    return values[0].astype(float)


def test_registry():
    assert list(REFERENCES) == ["zero", "normal", "universal", "specific"]
    assert [kind.random for kind in REFERENCES.values()] == [False, True, True, True]
    assert all(name == kind.name for name, kind in REFERENCES.items())


def test_zero():
    assert not make_references("zero", 3, genes=5, seed=0).any()


def test_normal_is_the_truncated_normal():
    values = make_references("normal", 4, genes=1000, seed=0)
    assert values.min() >= 0
    assert values.max() <= 1
    assert stats.kstest(values.ravel(), stats.truncnorm(0, 1).cdf).pvalue > 0.01


@pytest.mark.parametrize(("mean", "sd"), [(5.0, 1.0), (0.4, 0.9), (0.0, 0.3)])
def test_cut_to_one_standard_deviation_around_the_mean(mean, sd):
    normal = stats.truncnorm(-1, 1, loc=mean, scale=sd)
    values = draws(mean, sd, "mean_sd")
    assert values.max() <= np.float32(mean + sd)
    pvalue = stats.kstest(values, lambda v: normal.cdf(v) - normal.cdf(-v)).pvalue
    assert pvalue > 0.01


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.4, 0.9), (5.0, 1.0), (12.0, 0.2)])
def test_cut_to_between_zero_and_one_standard_deviation(mean, sd):
    """60 standard deviations into the tail (12, 0.2) the plain quantile function gives up."""
    oracle = stats.truncnorm(-mean / sd, (sd - mean) / sd, loc=mean, scale=sd)
    values = draws(mean, sd, "zero_sd")
    assert values.min() >= 0
    assert values.max() <= np.float32(sd)
    assert values.std() > 0
    assert stats.kstest(values, oracle.cdf).pvalue > 0.01


def test_far_tail_stays_within_bounds():
    values = draws(15.0, 1e-3, "zero_sd")
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert values.max() <= np.float32(1e-3)


def test_a_gene_that_does_not_vary():
    statistics = GeneStatistics(np.array([0.0, 3.0]), np.zeros(2))
    for cut, expected in (("mean_sd", [0, 3]), ("zero_sd", [0, 0])):
        values = make_references("universal", 2, genes=2, statistics=statistics, cut=cut, seed=0)
        np.testing.assert_array_equal(values, [expected, expected])


@pytest.mark.parametrize("kind", REFERENCES)
@pytest.mark.parametrize("cut", ["mean_sd", "zero_sd"])
def test_a_small_pool_is_the_beginning_of_a_large_one(kind, cut):
    expression = np.random.default_rng(0).gamma(1, 2, (30, 50))
    arguments = {"genes": 50, "expression": expression, "cut": cut, "seed": 9}
    arguments |= {"tissues": ["liver"] * 10 + ["lung"] * 20, "tissue": "lung"}
    large = make_references(kind, 40, **arguments)
    assert large.shape == (40, 50)
    assert large[:6].tobytes() == make_references(kind, 6, **arguments).tobytes()
    assert (len(np.unique(large, axis=0)) == 40) == REFERENCES[kind].random
    arguments["seed"] = 10
    assert np.array_equal(large, make_references(kind, 40, **arguments)) == (kind == "zero")


def test_specific_is_universal_over_one_tissue():
    expression = np.random.default_rng(0).gamma(1, 2, (30, 50))
    tissues = pd.Categorical(["liver"] * 10 + ["lung"] * 20)
    specific = make_references(
        "specific", 3, genes=50, expression=expression, tissues=tissues, tissue="lung", seed=1
    )
    universal = make_references("universal", 3, genes=50, expression=expression[10:], seed=1)
    np.testing.assert_array_equal(specific, universal)


@settings(max_examples=30)
@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 5)),
                     elements=st.floats(0, 20, width=32)))  # fmt: skip
def test_statistics_equal_numpys(expression):
    statistics = gene_statistics(pd.DataFrame(expression))
    double = expression.astype(float)
    np.testing.assert_allclose(statistics.mean, double.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(statistics.sd, double.std(axis=0), atol=1e-12)


def test_statistics_in_blocks_of_genes():
    expression = np.random.default_rng(0).random((4, 2500))
    np.testing.assert_allclose(gene_statistics(expression).sd, expression.std(axis=0))


NAN = np.array([[1.0, 2.0], [3.0, np.nan]])


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("universal", {}, "estimated from all samples: give 'expression'"),
        ("specific", {"expression": np.ones((2, 2))}, "from one tissue: give 'tissue'"),
        (
            "specific",
            {"expression": np.ones((2, 2)), "tissues": ["a"], "tissue": "a"},
            "tissue of each of the 2 samples",
        ),
        ("universal", {"expression": NAN}, "holds nan at sample 1, gene 1"),
        ("universal", {"expression": -np.ones((2, 2))}, "holds -1.0 at sample 0, gene 0"),
        ("universal", {"expression": np.ones((0, 2))}, "non-empty matrix"),
        ("universal", {"expression": np.ones((2, 3))}, "2 genes .* data with 3 genes"),
        ("zero", {"n": 0}, "n ≥ 1"),
        ("zero", {"genes": 0}, "genes ≥ 1"),
    ],
)
def test_bad_input(kind, changes, message):
    with pytest.raises(BadInputError, match=message):
        make_references(kind, **({"n": 2, "genes": 2, "seed": 0} | changes))


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="did you mean 'universal'"):
        make_references("universe", 2, genes=2, seed=0)
    with pytest.raises(UnknownNameError, match="did you mean 'zero_sd'"):
        make_references("zero", 2, genes=2, seed=0, cut="zero")
    with pytest.raises(UnknownNameError, match="no tissue 'Liver': did you mean 'liver'"):
        make_references(
            "specific", 2, genes=2, seed=0, expression=np.ones((1, 2)), tissues=["liver"],
            tissue="Liver",
        )  # fmt: skip
