from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers.errors import BadInputError, UnknownNameError
from helpers.stability import overlap_matrix

MATRICES = arrays.arrays(
    float,
    st.tuples(st.integers(1, 5), st.integers(1, 30)),
    elements=st.integers(-3, 3).map(float) | st.floats(-1e6, 1e6),
)


@settings(max_examples=50, deadline=None)
@given(MATRICES, st.integers(1, 30), st.sampled_from(["absolute", "signed"]))
def test_equals_python_sets(vectors, k, by):
    k = min(k, vectors.shape[1])
    keys = np.abs(vectors) if by == "absolute" else vectors
    sets = [set(sorted(range(len(key)), key=lambda i: -key[i])[:k]) for key in keys]
    observed = overlap_matrix(vectors, k, by)
    sizes = [set(np.abs(row) if by == "absolute" else row) for row in vectors]
    expected = [
        [len(a & b) / k if len(one) > 1 and len(other) > 1 else np.nan
         for b, other in zip(sets, sizes, strict=True)]
        for a, one in zip(sets, sizes, strict=True)
    ]  # fmt: skip
    np.testing.assert_allclose(observed, expected, atol=1e-15)


def test_identical_and_disjoint():
    vector = np.zeros(50)
    vector[:20] = np.arange(20, 0, -1)
    np.testing.assert_array_equal(overlap_matrix([vector, vector], 10), np.ones((2, 2)))
    np.testing.assert_array_equal(overlap_matrix([vector, vector[::-1]], 10), np.eye(2))


def test_vectors_without_a_first_gene_overlap_with_none():
    """All zeros, all of one value, and all of one size: a list of them would be one by name."""
    other = np.arange(6.0)
    for vector in (np.zeros(6), np.full(6, -2.0), np.array([1.0, -1, 1, -1, 1, -1])):
        found = overlap_matrix([vector, other, vector], 2)
        assert np.isnan(found[0]).all()
        assert np.isnan(found[:, 2]).all()
        assert found[1, 1] == 1
    signed = overlap_matrix([np.array([1.0, -1, 1, -1, 1, -1]), other], 2, "signed")
    assert np.isfinite(signed).all()


def test_sign_counts_only_when_asked():
    vectors = np.array([[5.0, 4.0, 0.0, 0.0], [-5.0, -4.0, 2.0, 1.0]])
    assert overlap_matrix(vectors, 2)[0, 1] == 1
    assert overlap_matrix(vectors, 2, "signed")[0, 1] == 0


@given(st.integers(0, 2**32 - 1))
def test_order_of_genes_does_not_matter_without_ties(seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(4, 40))
    order = rng.permutation(40)
    np.testing.assert_array_equal(
        overlap_matrix(vectors[:, order], 10), overlap_matrix(vectors, 10)
    )


def test_no_vectors():
    assert overlap_matrix(np.empty((0, 5)), 2).shape == (0, 0)


def test_bad_input():
    with pytest.raises(BadInputError, match="top 100 genes cannot be taken from 5"):
        overlap_matrix(np.ones((2, 5)))
    with pytest.raises(BadInputError, match="not a number"):
        overlap_matrix([[1.0, np.nan]], 1)
    with pytest.raises(BadInputError, match="Vectors × genes"):
        overlap_matrix(np.ones(5), 1)
    with pytest.raises(UnknownNameError, match="did you mean 'absolute'"):
        overlap_matrix(np.ones((2, 5)), 1, "abs")
