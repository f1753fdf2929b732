"""19,000 genes in 60 samples: at once, and in a loop over genes.

Run with ``pytest tests/benchmarks/test_differential_speed.py -s`` to see the ratio.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import stats

from helpers.biology.differential import differential, mann_whitney

SAMPLES, GENES = 30, 19_000


def expression() -> tuple[np.ndarray, np.ndarray]:
    """Two groups of samples, log2(TPM + 1); many genes are not expressed in some samples."""
    rng = np.random.default_rng(0)
    tpm = rng.gamma(0.3, 30, size=(2 * SAMPLES, GENES))
    tpm[rng.uniform(size=tpm.shape) < 0.2] = 0
    values = np.log2(tpm + 1).astype(np.float32)
    return values[:SAMPLES], values[SAMPLES:]


def test_all_genes(benchmark) -> None:
    a, b = expression()
    some = slice(0, 2000)
    start = time.perf_counter()
    expected = np.array(
        [
            stats.mannwhitneyu(x, y).pvalue
            for x, y in zip(a[:, some].T.astype(float), b[:, some].T.astype(float), strict=True)
        ]
    )
    loop = (time.perf_counter() - start) * GENES / 2000
    names = [f"G{i}" for i in range(GENES)]
    benchmark.pedantic(differential, (a, b, names), rounds=5, iterations=1)
    np.testing.assert_allclose(mann_whitney(a, b)[some], expected, rtol=1e-12)
    if benchmark.stats is not None:
        seconds = benchmark.stats.stats.median
        print(f"\n{seconds:.3f} s, loop {loop:.1f} s, {loop / seconds:.0f} ×")  # noqa: T201
        assert seconds < 3
        assert loop / seconds > 20
