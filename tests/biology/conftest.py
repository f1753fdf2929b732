from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def expression() -> pd.DataFrame:
    """Genes × tissues, mean TPM: 600 genes, skewed as real ones are."""
    rng = np.random.default_rng(0)
    level = rng.gamma(0.5, 60, size=(600, 1)) * rng.lognormal(0, 1, size=(600, 4))
    level[rng.random(level.shape) < 0.1] = 0
    tissues = ["liver", "lung", "ovary", "pancreas"]
    return pd.DataFrame(level, [f"G{i}" for i in range(600)], tissues).rename_axis("gene")


@pytest.fixture
def make_lists() -> Callable[..., pd.DataFrame]:
    """Make a table of top genes from (architecture, explainer, aggregated, tissue) → genes."""

    def make(lists: dict[tuple, list[str]]) -> pd.DataFrame:
        rows = [
            (*key, rank, gene, 1 / rank)
            for key, genes in lists.items()
            for rank, gene in enumerate(genes, 1)
        ]
        keys = ["architecture", "explainer", "aggregated", "tissue"]
        return pd.DataFrame(rows, columns=[*keys, "rank", "gene", "score"])

    return make
