from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.prose import single_cells as prose


def markers(**ranks: float | None) -> pd.DataFrame:
    rows = [
        ("CD19+ B" if gene in ("MS4A1", "CD79A") else "CD14+ Monocyte", gene, rank is not None,
         np.nan if rank is None else rank, 9.0)
        for gene, rank in ranks.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["tissue", "gene", "measured", "rank", "rank_t"])


def test_markers_on_top_and_elsewhere_are_told() -> None:
    text = prose.markers(markers(MS4A1=30.0, CD79A=2.0, LYZ=700.0, S100A8=None), 20)
    assert "CD19+ B: CD79A is among the top 20 (ranks: CD79A 2 and MS4A1 30)" in text
    assert "CD14+ Monocyte: none is among the top 20 (ranks: LYZ 700)" in text
    assert "Of 4 entries in the table of markers, 1 cannot be found" in text


def test_nothing_measured_is_said() -> None:
    text = prose.markers(markers(MS4A1=None, CD79A=None, LYZ=1.0), 20)
    assert "None of MS4A1 and CD79A is measured for CD19+ B." in text


def chance(ours: int, plain: int) -> pd.DataFrame:
    row = {"tissue": "CD19+ B", "markers": 3, "expected": 0.1, "p": 1e-5}
    return pd.DataFrame(
        [row | {"ranking": "explanation", "hits": ours}, row | {"ranking": "t", "hits": plain}]
    )


def test_the_t_test_is_named_as_it_does() -> None:
    text = prose.against_chance(chance(3, 1))
    assert "3 of 3 measured markers" in text
    assert "(30 times as many)" in text
    assert "more than" in text
    assert "fewer than" in prose.against_chance(chance(1, 3))
    assert "as many as" in prose.against_chance(chance(2, 2))


def test_real_cells_are_said_to_be_real() -> None:
    types = pd.DataFrame({"class": ["a", "b"], "samples": [3, 4]})
    text = prose.what_we_ran("Cells", types, 765, 20, "another set")
    assert "**These cells are real**" in text
    assert "7 cells of 2 types" in text
    assert "2.6\u202f%" in prose.limits(765, 20, ["a note"])


def test_accuracy_and_agreement() -> None:
    recall = pd.DataFrame(
        {"tissue": ["all", "B", "T"], "n": [10, 4, 6], "recall": [0.8, 1, 0.6],
         "precision": [np.nan, 1, 1], "f1": [0.85, 1.0, 0.7]}
    )  # fmt: skip
    text = prose.accuracy(recall, 5)
    assert "80.0\u202f% of 10 cells" in text
    assert "right in 60.0\u202f%" in text
    assert "best F1 is that of B (1.00), the lowest that of T (0.70)" in text
    table = pd.DataFrame(
        {"tissue": ["B", "B", "T", "T"], "what": ["models", "halves"] * 2, "n": [1, 10] * 2,
         "overlap": [0.5, 0.9, 0.3, 0.7]}
    )  # fmt: skip
    text = prose.agreement(table, 20 / 765)
    assert "share 40\u202f%" in text
    assert "two halves of 10 models" in text
    assert "80\u202f%" in text
    assert "least on T (70\u202f%)" in text
