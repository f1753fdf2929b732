"""Areas beside those of random genes, on curves made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.faithfulness.summary import areas, curve_rows, gains, mean_curves

NAMES = [
    ("ranked", "Saliency", "absolute"), ("matched", "Saliency", "absolute"),
    ("t_test", "t_test", "absolute"), ("random", "random", "none"), ("random", "random", "none"),
]  # fmt: skip
SIZES = [1, 10]


def found(levels: list[float], way: float = 4.0) -> np.ndarray:
    """Make curves that are at one share of the way all along, down from and up to `way`."""
    flat = np.repeat(np.array(levels)[:, None], 2, axis=1)
    up = np.concatenate([np.zeros((5, 1)), flat, np.ones((5, 1))], axis=1) * way
    return np.stack([np.stack([way - up, up]), np.stack([1 - up / 4, up / 4])])


def test_explainers_are_held_against_random_and_like_genes_of_the_same_sample() -> None:
    tables = []
    for number, levels in enumerate(([0.8, 0.3, 0.6, 0.1, 0.2], [0.9, 0.3, 0.6, 0.2, 0.2])):
        rows = curve_rows(found(levels), NAMES, SIZES)
        tables.append(rows.assign(architecture="mlp", model=number, tissue="lung", sample="s"))
    curves = pd.concat(tables, ignore_index=True)
    assert len(mean_curves(curves)) == 4 * 2 * 2
    table = gains(areas(curves)).set_index(["explainer", "change"])
    for change in ("deletion", "insertion"):
        row = table.loc[("Saliency", change)]
        assert row["area"] == pytest.approx(0.85)
        assert row["over_random"] == pytest.approx(0.85 - 0.175)
        assert row["over_matched"] == pytest.approx(0.55)
        test = table.loc[("t_test", change)]
        assert test["over_random"] == pytest.approx(0.6 - 0.175)
        assert np.isnan(test["over_matched"])


def test_samples_of_which_nothing_is_known_are_left_out() -> None:
    rows = curve_rows(found([0.8, 0.3, 0.6, 0.1, 0.2], way=0.0), NAMES, SIZES)
    assert rows["share"].isna().all()
    assert rows["probability"].notna().all()
    table = areas(rows.assign(architecture="mlp", model=0, tissue="lung", sample="s"))
    assert gains(table).empty
