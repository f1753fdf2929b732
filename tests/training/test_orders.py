"""Models are grouped by how they read genes."""

from __future__ import annotations

import pandas as pd

from helpers.training.orders import order_groups


def test_models_of_one_order_are_told_from_those_of_different_orders() -> None:
    rows = [("mlp", 0, "none"), ("mlp", 1, "none"), ("cnn", 0, "given"), ("cnn", 1, "given")]
    rows += [("cnn", 0, "random-0"), ("cnn", 1, "random-1")]
    table = pd.DataFrame(rows, columns=["architecture", "model", "gene_order"])
    both_sides = pd.concat([table, table], ignore_index=True)
    expected = ["any order"] * 2 + ["one order"] * 2 + ["different orders"] * 2
    assert order_groups(both_sides).tolist() == expected * 2
