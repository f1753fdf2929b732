"""All pairs of 20 vectors × 19,000 genes: at once, and in a loop over pairs.

Run with ``pytest tests/benchmarks/test_stability_speed.py -s`` to see the ratios.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from helpers.stability import overlap_matrix, spearman_matrix

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
