"""Rows added up in registers, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.explain.mlp.simd import ROW, add_rows, compiled, numbers_in_row


@compiled
def added(out, begin, rows, which, factors, start, stop):
    add_rows(out, begin, rows, which, factors, start, stop)


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    return request.param


@pytest.fixture
def rows(dtype):
    return np.random.default_rng(0).normal(size=(9, numbers_in_row(dtype))).astype(dtype)


def call(rows, which, factors, start, stop, *, begin=None):
    width = rows.shape[1]
    # What lies around the row must stay as it is.
    out = np.full(3 * width, 7, rows.dtype)
    begin = np.zeros(width, rows.dtype) if begin is None else begin
    arguments = (np.asarray(which, np.int32), np.asarray(factors, rows.dtype))
    added(out[width : 2 * width], begin, rows.ravel(), *arguments, start, stop)
    assert (out[:width] == 7).all()
    assert (out[2 * width :] == 7).all()
    return out[width : 2 * width]


def test_a_row_has_the_same_bytes_in_both_precisions(dtype):
    assert numbers_in_row(dtype) * np.dtype(dtype).itemsize == ROW


@pytest.mark.parametrize(("start", "stop"), [(0, 6), (2, 3), (1, 6)])
def test_adds_the_chosen_rows(rows, start, stop):
    which, factors = [8, 0, 3, 3, 1, 7], [0.5, -2, 1, 4, 0, 1e3]
    begin = np.linspace(-1, 1, rows.shape[1]).astype(rows.dtype)
    some = slice(start, stop)
    expected = begin + np.asarray(factors)[some] @ rows.astype("float64")[which[some]]
    observed = call(rows, which, factors, start, stop, begin=begin)
    tolerance = 10 * np.finfo(rows.dtype).eps * np.abs(expected).max()
    np.testing.assert_allclose(observed, expected, rtol=0, atol=tolerance)


def test_without_rows_it_is_what_it_begins_with(rows):
    begin = rows[4].copy()
    assert (call(rows, [1], [1], 0, 0, begin=begin) == begin).all()


def test_goes_on_adding_to_a_row(rows):
    out = rows[2].copy()
    added(out, out, rows.ravel(), np.array([5], np.int32), np.ones(1, rows.dtype), 0, 1)
    np.testing.assert_allclose(out, rows[2] + rows[5])
