"""Both kinds of chance for 28 combinations × 4 tissues × 7 sets, with 1,000 matched draws each.

Run with ``pytest tests/benchmarks/test_biology_speed.py -s`` to see the seconds.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from helpers.biology import expression_bins, gene_set, over_representation, tissue_specificity

GENES, TISSUES, LISTS, SETS, DRAWS = 19_000, 4, 28, 7, 1000


def expression(tissues: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    tpm = rng.gamma(0.3, 120, (GENES, 1)) * rng.lognormal(0, 1.5, (GENES, tissues))
    return pd.DataFrame(tpm, [f"G{i}" for i in range(GENES)], [f"T{i}" for i in range(tissues)])


def by_drawing_genes(genes: np.ndarray, bins: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Hits of matched random genes in every set, gene by gene."""
    rng = np.random.default_rng(0)
    names, wanted = np.unique(bins[genes], return_counts=True)
    pools = [np.flatnonzero(bins == name) for name in names]
    hits = np.zeros((DRAWS, len(inside)))
    for draw in range(DRAWS):
        chosen = [rng.choice(p, n, replace=False) for p, n in zip(pools, wanted, strict=True)]
        hits[draw] = inside[:, np.concatenate(chosen)].sum(axis=1)
    return hits


def test_chance(benchmark) -> None:
    rng, table = np.random.default_rng(1), expression(TISSUES)
    parts = []
    for tissue in table.columns:
        weight = table[tissue].to_numpy() / table[tissue].sum()
        for number in range(LISTS):
            chosen = table.index[rng.choice(GENES, 100, replace=False, p=weight)]
            parts.append(pd.DataFrame({"tissue": tissue, "model": number, "gene": chosen}))
    lists = pd.concat(parts, ignore_index=True)
    sets = [rng.choice(GENES, 1500, replace=False) for _ in range(SETS)]
    named = pd.concat([gene_set(f"S{i}", table.index[genes]) for i, genes in enumerate(sets)])
    start = time.perf_counter()
    found = benchmark.pedantic(over_representation, (lists, named, table), rounds=1, iterations=1)
    seconds = time.perf_counter() - start

    inside = np.zeros((SETS, GENES), dtype=bool)
    for row, genes in zip(inside, sets, strict=True):
        row[genes] = True
    bins = expression_bins(table["T0"].to_numpy())
    start = time.perf_counter()
    hits = by_drawing_genes(table.index.get_indexer(pd.Index(parts[0]["gene"])), bins, inside)
    loop = (time.perf_counter() - start) * len(parts)
    np.testing.assert_allclose(found["expected_matched"][:SETS], hits.mean(axis=0), atol=0.5)
    print(f"\nchance: {seconds:.2f} s, drawing genes {loop:.0f} s, {loop / seconds:.0f} ×")  # noqa: T201
    assert seconds < loop / 3


def test_specificity_of_83_tissues(benchmark) -> None:
    table = expression(83)
    found = benchmark.pedantic(tissue_specificity, (table,), rounds=3, iterations=1)
    assert found["gene"].nunique() == GENES
