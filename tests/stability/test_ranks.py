from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import rankdata, spearmanr

from helpers.errors import BadInputError
from helpers.stability.ranks import average_ranks, spearman_matrix

MATRICES = arrays.arrays(
    float,
    st.tuples(st.integers(1, 5), st.integers(2, 30)),
    elements=st.integers(-3, 3).map(float) | st.floats(-1e6, 1e6),
)


@pytest.mark.filterwarnings("ignore:An input array is constant")
@settings(max_examples=40, deadline=None)
@given(MATRICES)
def test_equals_scipy(vectors):
    observed = spearman_matrix(vectors)
    for i, a in enumerate(vectors):
        for j, b in enumerate(vectors):
            expected = spearmanr(a, b).statistic
            np.testing.assert_allclose(observed[i, j], expected, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_order_of_genes_does_not_matter(vectors, random):
    order = list(range(vectors.shape[1]))
    random.shuffle(order)
    np.testing.assert_allclose(
        spearman_matrix(vectors[:, order]), spearman_matrix(vectors), atol=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(MATRICES)
def test_symmetric_and_in_range(vectors):
    matrix = spearman_matrix(vectors)
    np.testing.assert_array_equal(matrix, matrix.T)
    defined = matrix[~np.isnan(matrix)]
    assert ((defined >= -1) & (defined <= 1)).all()


def test_a_vector_agrees_with_itself_and_disagrees_with_its_opposite():
    vector = np.random.default_rng(0).normal(size=1000)
    matrix = spearman_matrix(np.stack([vector, np.exp(vector), -vector]))
    np.testing.assert_allclose(matrix, [[1, 1, -1], [1, 1, -1], [-1, -1, 1]], atol=1e-12)
    assert (np.diag(matrix) == 1).all()


def test_constant_vectors_have_no_correlation():
    matrix = spearman_matrix([[1, 1, 1], [1, 2, 3], [3, 2, 1]])
    assert np.isnan(matrix[0]).all()
    assert np.isnan(matrix[:, 0]).all()
    np.testing.assert_allclose(matrix[1:, 1:], [[1, -1], [-1, 1]])


def test_bad_input():
    with pytest.raises(BadInputError, match="gene 1 in vector 0"):
        spearman_matrix([[1.0, np.nan, 2.0]])
    for shape in [(3,), (2, 1), (2, 2, 2)]:
        with pytest.raises(BadInputError, match="at least two genes"):
            spearman_matrix(np.ones(shape))


@given(arrays.arrays(np.float32, (3, 20), elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0])))
def test_ranks_are_those_of_scipy(matrix):
    assert np.array_equal(average_ranks(matrix), rankdata(matrix, axis=-1))
