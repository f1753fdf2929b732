"""On how many folds each architecture is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.study import open_study


@pytest.mark.parametrize(
    ("asked", "tested"), [(0, ["0", "1", "2"]), (2, ["0", "1"]), (9, ["0", "1", "2"])]
)
def test_cnns_are_tested_on_as_many_folds_as_are_asked_for(
    asked: int, tested: list[str], tmp_path: Path
) -> None:
    study = open_study("smoke", workspace=tmp_path / "ws", untouched=True, folds=3, cnn_folds=asked)
    assert study.members("folds/cnn") == tested
    assert study.members("folds/mlp") == ["0", "1", "2"]
    assert study.key("folds/mlp") == open_study(
        "smoke", workspace=tmp_path / "ws", untouched=True, folds=3
    ).key("folds/mlp")


def test_a_study_without_cnns_has_no_folds_of_them(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path / "ws", untouched=True, cnn_models=0)
    assert study.members("folds/cnn") == []
