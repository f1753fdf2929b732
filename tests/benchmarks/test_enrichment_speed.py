"""100 genes against all terms of GO: at most a second.

Run with ``pytest tests/benchmarks/test_enrichment_speed.py -s`` to see the seconds.
"""

from __future__ import annotations

import numpy as np

from helpers.annotations import load_gene_sets
from helpers.biology.enrichment import background, enrich
from helpers.datasets.reference import reference_medians


def test_a_list_of_top_genes(benchmark) -> None:
    medians = reference_medians()
    prepared = [background(load_gene_sets(name), medians.index) for name in ("go_mf", "go_bp")]
    # Genes that are high in liver, which have more annotations than most.
    chosen = np.log2(medians["liver"] + 1).nlargest(100).index.tolist()
    assert sum(len(entry.library) for entry in prepared) == 10_905
    tables = benchmark.pedantic(
        lambda: [enrich(chosen, entry) for entry in prepared], rounds=3, iterations=1
    )
    assert sum(map(len, tables)) > 1000
    if benchmark.stats is not None:
        print(f"\n{benchmark.stats.stats.median:.3f} s")  # noqa: T201
        assert benchmark.stats.stats.median < 1
