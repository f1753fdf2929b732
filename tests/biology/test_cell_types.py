from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.biology.cell_types import (
    KNOWN,
    SOURCES,
    marker_chance,
    marker_ranks,
    ranks,
)
from helpers.errors import BadInputError


def test_ranks_go_by_size_without_sign_and_ties_keep_their_order() -> None:
    assert ranks(np.array([0.5, -3.0, 3.0, 0.0])).tolist() == [3, 1, 2, 4]


@pytest.fixture
def genes() -> pd.DataFrame:
    names = ["MS4A1", "CD79A", *(f"G{i}" for i in range(98))]
    return pd.DataFrame(
        {"tissue": "CD19+ B", "gene": names, "rank": range(1, 101), "rank_t": range(100, 0, -1)}
    )


def test_markers_are_looked_up_and_counted(genes: pd.DataFrame) -> None:
    table = marker_ranks(genes).set_index("gene")
    assert list(table.index) == ["MS4A1", "CD79A", "CD79B"]
    assert set(table["source"]) == {"azimuth"}
    assert set(table["named"]) == {"B"}
    assert table.loc[["MS4A1", "CD79A"], "rank"].tolist() == [1, 2]
    assert not table.loc["CD79B", "measured"]
    assert pd.isna(table.loc["CD79B", "rank"])
    chance = marker_chance(marker_ranks(genes), 100, 10).set_index("ranking")
    ours, plain = chance.loc["explanation"], chance.loc["t"]
    assert (ours["markers"], ours["hits"], plain["hits"]) == (2, 2, 0)
    assert ours["expected"] == pytest.approx(0.2)
    # Both of 2 among 10 of 100, by counting: 10 · 9 / (100 · 99).
    assert ours["p"] == pytest.approx(90 / 9900)
    assert plain["p"] == pytest.approx(1)


def test_types_without_markers_and_tables_without_ranks(genes: pd.DataFrame) -> None:
    assert marker_ranks(genes.assign(tissue="odd")).empty
    assert marker_chance(marker_ranks(genes.assign(tissue="odd")), 100, 10).empty
    with pytest.raises(BadInputError, match="no column 'rank_t'"):
        marker_ranks(genes.drop(columns="rank_t"))


def test_every_marker_has_one_source_that_the_book_cites() -> None:
    cited = (Path(__file__).parents[2] / "book/references.bib").read_text(encoding="utf-8")
    pairs = [(known.tissue, gene) for known in KNOWN for gene in known.genes]
    assert len(pairs) == len(set(pairs))
    assert {known.source for known in KNOWN} == set(SOURCES)
    assert all(f"{{{source}," in cited for source in SOURCES)


def test_t_cells_and_no_others_are_known_by_cd3d() -> None:
    by_cd3d = {known.tissue for known in KNOWN if "CD3D" in known.genes}
    every = {known.tissue for known in KNOWN}
    assert by_cd3d == {tissue for tissue in every if tissue.startswith(("CD4+", "CD8+"))}
    assert len(by_cd3d) == 5
