"""Pairs of 20 vectors × 19,000 genes at once and in a loop; the curves of one explainer.

Run with ``pytest tests/benchmarks/test_stability_speed.py -s`` to see the ratios.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
import xarray
from scipy.stats import spearmanr

from helpers.stability import (
    Comparison,
    aggregation_curve,
    curve,
    draw_aggregates,
    overlap_matrix,
    spearman_matrix,
)

VECTORS, GENES, TOP = 20, 19_000, 100


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Scores that agree somewhat, as those of different models do."""
    rng = np.random.default_rng(0)
    return rng.normal(size=GENES) + rng.normal(size=(VECTORS, GENES))


def spearman_loop(vectors: np.ndarray) -> np.ndarray:
    return np.array([spearmanr(a, b).statistic for a, b in combinations(vectors, 2)])


def overlap_loop(vectors: np.ndarray) -> np.ndarray:
    shared = []
    for a, b in combinations(vectors, 2):
        top_a = set(np.argsort(-np.abs(a), kind="stable")[:TOP].tolist())
        top_b = set(np.argsort(-np.abs(b), kind="stable")[:TOP].tolist())
        shared.append(len(top_a & top_b) / TOP)
    return np.array(shared)


def overlaps(vectors: np.ndarray) -> np.ndarray:
    return overlap_matrix(vectors, TOP)


@pytest.mark.parametrize(
    ("at_once", "loop"),
    [(spearman_matrix, spearman_loop), (overlaps, overlap_loop)],
    ids=["spearman", "overlap"],
)
def test_all_pairs(
    benchmark,
    vectors: np.ndarray,
    at_once: Callable[[np.ndarray], np.ndarray],
    loop: Callable[[np.ndarray], np.ndarray],
) -> None:
    start = time.perf_counter()
    expected = loop(vectors)
    loop_seconds = time.perf_counter() - start
    start = time.perf_counter()
    matrix = benchmark.pedantic(at_once, (vectors,), rounds=5, iterations=1)
    seconds = (time.perf_counter() - start) / 5
    if benchmark.stats is not None:
        seconds = benchmark.stats.stats.median
    np.testing.assert_allclose(matrix[np.triu_indices(VECTORS, 1)], expected, atol=1e-12)
    ratio = loop_seconds / seconds
    benchmark.extra_info["ratio to a loop over pairs"] = ratio
    print(f"\n{at_once.__name__}: {seconds:.4f} s, loop {loop_seconds:.3f} s, {ratio:.1f} ×")  # noqa: T201
    assert seconds < loop_seconds


SIZES = [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60]
SAMPLES = 20


def made(models: int, sets: int = 0) -> xarray.DataArray:
    """Scores with a common part, as float32."""
    rng = np.random.default_rng(0)
    dims = ("model", "set", "sample", "gene") if sets else ("model", "sample", "gene")
    sizes = {"model": models, "set": sets, "sample": SAMPLES, "gene": GENES}
    values = rng.standard_normal([sizes[name] for name in dims], dtype=np.float32)
    values += rng.standard_normal((SAMPLES, GENES), dtype=np.float32)
    coords = {"sample": range(SAMPLES), "tissue": ("sample", ["liver"] * SAMPLES)}
    return xarray.DataArray(values, dims=dims, coords=coords)


@pytest.mark.slow
def test_curve_of_one_explainer(benchmark) -> None:
    scores = made(5, len(SIZES)).assign_coords(n=("set", SIZES))
    comparison = Comparison("mlp", optimisation="repeats")
    table = benchmark.pedantic(
        curve, (scores, comparison), {"explainer": "Saliency"}, rounds=1, iterations=1
    )
    assert len(table) == len(SIZES) * SAMPLES * 2 * 10
    if benchmark.stats is not None:
        assert benchmark.stats.stats.median < 6


@pytest.mark.slow
def test_aggregation_of_twenty_models(benchmark) -> None:
    scores, aggregates = made(20), draw_aggregates(20, range(1, 21), 0)
    run = (scores, aggregates, Comparison("mlp"))
    table = benchmark.pedantic(
        aggregation_curve, run, {"explainer": "Saliency"}, rounds=1, iterations=1
    )
    assert set(table["n"]) == set(range(1, 21))
    if benchmark.stats is not None:
        assert benchmark.stats.stats.median < 6
