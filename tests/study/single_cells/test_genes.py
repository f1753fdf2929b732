"""Steps of the chapter on single cells, on models that have learnt little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.study import Study, open_study
from helpers.study.single_cells.genes import HALVES, TOP


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study("smoke", workspace=tmp_path_factory.mktemp("cells"), models=4)


def test_cells_are_independent_of_the_data_set_of_the_run(study: Study, tmp_path: Path) -> None:
    steps = ("data/single_cells", "tables/cell_split", "scores/cells", "tables/cell_markers")
    other = open_study(
        "smoke", "rnaseqdb", "/nowhere", tmp_path, models=4, samples_per_class=7, min_class_size=5
    )
    for name in steps:
        assert other.files(name) == study.files(name)
        assert "data/expression" not in study.upstream(name)


def test_every_cell_is_predicted_once_and_better_than_by_chance(study: Study) -> None:
    recall = study.get("tables/cell_recall").set_index("tissue")
    assert recall.loc["all", "n"] == recall.drop("all")["n"].sum() == 692
    largest = recall.drop("all")["n"].max() / 692
    assert recall.loc["all", "recall"] > largest + 0.2


def test_b_cells_are_told_by_their_markers(study: Study) -> None:
    markers = study.get("tables/cell_markers").set_index(["tissue", "gene"])
    best = markers.loc[[("CD19+ B", "MS4A1"), ("CD19+ B", "CD79A")], "rank"].min()
    assert best <= TOP
    genes = study.get("tables/cell_genes")
    for _, part in genes.groupby("tissue"):
        assert sorted(part["rank"]) == list(range(1, 766))
        assert (np.diff(part.sort_values("rank")["score"].abs()) <= 1e-12).all()


def test_halves_have_no_model_in_common(study: Study) -> None:
    table = study.get("tables/cell_agreement")
    counts = table.groupby(["what", "n"]).size() / table["tissue"].nunique()
    assert counts.to_dict() == {("models", 1): 6, ("halves", 2): HALVES}
    assert table["overlap"].between(0, 1).all()
    # Were models shared, halves would agree far better than single models do.
    assert table.groupby("what")["overlap"].mean().diff().abs().iloc[-1] < 0.3
