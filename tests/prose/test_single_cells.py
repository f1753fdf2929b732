from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
from said import said

from helpers.prose import single_cells as prose


def sentence(block: str, *given: object) -> str:
    """Return what chapter 14 says on what a function of the room found."""
    return said("14_single_cells", block, getattr(prose, block)(*given))


def markers(**ranks: float | None) -> pd.DataFrame:
    rows = [
        ("CD19+ B" if gene in ("MS4A1", "CD79A") else "CD14+ Monocyte", gene, rank is not None,
         np.nan if rank is None else rank, 9.0)
        for gene, rank in ranks.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["tissue", "gene", "measured", "rank", "rank_t"])


def test_markers_on_top_and_elsewhere_are_told() -> None:
    text = sentence("markers", markers(MS4A1=30.0, CD79A=2.0, LYZ=700.0, S100A8=None), 20)
    assert "CD19+ B: CD79A is among the top 20 (ranks: CD79A 2 and MS4A1 30)" in text
    assert "CD14+ Monocyte: none is among the top 20 (ranks: LYZ 700)" in text
    assert "Of 4 entries in the table of markers, 1 cannot be found" in text


def test_nothing_measured_is_said() -> None:
    text = sentence("markers", markers(MS4A1=None, CD79A=None, LYZ=1.0), 20)
    assert "None of MS4A1 and CD79A is measured for CD19+ B." in text


def chance(ours: int, plain: int) -> pd.DataFrame:
    row = {"tissue": "CD19+ B", "markers": 3, "top": 20, "expected": 0.1, "p": 1e-5}
    return pd.DataFrame(
        [row | {"ranking": "explanation", "hits": ours}, row | {"ranking": "t", "hits": plain}]
    )


def found(both: int, ours: int, plain: int) -> pd.DataFrame:
    """Markers that both rankings find, and that only one of them does."""
    rows = [(True, 1, 1)] * both + [(True, 20, 21)] * ours + [(True, 21, 20)] * plain
    table = pd.DataFrame([*rows, (False, None, None)], columns=["measured", "rank", "rank_t"])
    return table.astype({"rank": "Int64", "rank_t": "Int64"})


def test_the_t_test_is_named_as_it_does() -> None:
    text = sentence("against_chance", chance(3, 1), found(1, 2, 0))
    assert "3 of 3 measured markers" in text
    assert "(30 times as many)" in text
    assert "all other cells finds 1. Only the explanation finds 2 of them" in text
    # Two of two: 2 / 2² = 0.5, whichever is ahead.
    assert "only the t-test 0 (exact sign test, p = 0.5): too few to say" in text


def test_rankings_differ_only_where_the_sign_test_says_so() -> None:
    text = sentence("against_chance", chance(11, 5), found(5, 6, 0))
    assert "p = 0.031): the explanation finds more." in text
    assert "the t-test finds more." in sentence("against_chance", chance(1, 8), found(1, 0, 7))
    assert "too few to say" in sentence("against_chance", chance(21, 15), found(11, 10, 4))
    assert sentence("against_chance", chance(2, 2), found(2, 0, 0)).endswith(
        "find the same markers."
    )


def test_first_genes_that_are_lower_in_the_type_carry_an_arrow() -> None:
    table = pd.DataFrame(
        {"tissue": ["T", "B", "B", "B"], "gene": ["X", "AIF1", "MS4A1", "far"],
         "rank": [1, 2, 1, 3], "t": [1.0, -20.7, 30.0, -1.0]}
    )  # fmt: skip
    shown = prose.first_genes(table, 2)
    assert shown.to_dict("list") == {"tissue": ["B", "T"], "top genes": ["MS4A1, AIF1↓", "X"]}


def test_labels_are_checked_against_what_is_measured() -> None:
    labels = [prose.MONOCYTES] * 4 + [prose.DENDRITIC] * 3 + ["CD19+ B"]
    values = np.array([[1.0], [2.0], [3.0], [0], [1.0], [0], [0], [0]])
    cells = anndata.AnnData(
        values, obs=pd.DataFrame({"tissue": labels}, index=[f"c{i}" for i in range(8)]),
        var=pd.DataFrame(index=["FCGR3A"]),
    )  # fmt: skip
    limits = prose.limits(765, 20, ["a note"])
    text = said("14_single_cells", "limits", prose.label_check(cells) | limits)
    assert "2.6\u202f%" in text
    assert text.endswith("not 100.\n\n- a note")
    assert "found in 75\u202f% of the cells that are called CD14+ Monocyte" in text
    assert "(and in 25\u202f% of the others)" in text
    assert "38\u202f% of all cells are called Dendritic" in text
    assert said("14_single_cells", "limits", prose.label_check(cells[7:]) | limits).startswith(
        "The"
    )


def test_real_cells_are_said_to_be_real() -> None:
    types = pd.DataFrame({"class": ["a", "b"], "samples": [3, 4]})
    text = sentence("what_we_ran", "Cells", types, 765, 20, "another set")
    assert "These cells are real" in text
    assert "7 cells of 2 types" in text


def test_accuracy_and_agreement() -> None:
    recall = pd.DataFrame(
        {"tissue": ["all", "B", "T"], "n": [10, 4, 6], "recall": [0.8, 1, 0.6],
         "precision": [np.nan, 1, 1], "f1": [0.85, 1.0, 0.7]}
    )  # fmt: skip
    text = sentence("accuracy", recall, 5)
    assert "80.0\u202f% of 10 cells" in text
    assert "right in 60.0\u202f%" in text
    assert "best F1 is that of B (1.00), the lowest that of T (0.70)" in text
    table = pd.DataFrame(
        {"tissue": ["B", "B", "T", "T"], "what": ["models", "halves"] * 2, "n": [1, 10] * 2,
         "overlap": [0.5, 0.9, 0.3, 0.7]}
    )  # fmt: skip
    text = sentence("agreement", table, 20 / 765)
    assert "share 40\u202f%" in text
    assert "two halves of 10 models" in text
    assert "80\u202f%" in text
    assert "least on T (70\u202f%)" in text
    tied = sentence("agreement", table.assign(overlap=[0.5, 0.7, 0.3, 0.7]), 20 / 765)
    assert "least on B and T (70\u202f% each)" in tied
