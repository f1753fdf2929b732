"""Figures of published results stand beside those of the run, and are told apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers.publish.elsewhere import show_elsewhere
from helpers.study import open_study
from helpers.study.verdicts.published import BUNDLE_COLUMNS

TABLE = pd.DataFrame({"bundle": ["real-quick", "reference-quick"], "value": [0.25, 0.75]})


def _bundles(**more: object) -> pd.DataFrame:
    base = dict.fromkeys(BUNDLE_COLUMNS, 0) | {
        "title": "Real tissues", "profile": "quick", "models": 20, "cnn_models": 0,
        "revision": "0123456789", "date": "2026-01-02",
    }  # fmt: skip
    rows = [
        base | {"bundle": "real-quick", "dataset": "real"} | more,
        base | {"bundle": "reference-quick", "dataset": "reference", "simulated": 1},
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def drawn() -> list[float]:
    return []


def _show(folder: Path, bundles: pd.DataFrame, drawn: list[float]) -> str:
    def draw(part: pd.DataFrame) -> plt.Figure:
        drawn.extend(part["value"])
        return plt.figure()

    study = open_study("smoke", workspace=folder / "ws")
    return show_elsewhere(study, "figure_9", TABLE, bundles, draw, caption="What it is.").markup


def test_real_samples_are_drawn_and_told_apart(tmp_path: Path, drawn: list[float]) -> None:
    text = _show(tmp_path, _bundles(), drawn)
    assert drawn == [0.25]
    assert "Real samples</b>, and not of this run: Real tissues" in text
    assert "2026-01-02, revision 01234567" in text
    assert "Simulated samples" not in text
    assert "have changed" not in text
    kept = pd.read_csv(tmp_path / "ws" / "figures" / "figure_9_real.csv")
    assert kept["value"].tolist() == [0.25]


def test_other_rules_are_told(tmp_path: Path, drawn: list[float]) -> None:
    assert "rules that have changed" in _show(tmp_path, _bundles(outdated=1), drawn)


@pytest.mark.parametrize("more", [{"simulated": 1}, {"dataset": "reference"}])
def test_nothing_is_shown_without_real_samples_of_another_run(
    tmp_path: Path, drawn: list[float], more: dict[str, object]
) -> None:
    assert _show(tmp_path, _bundles(**more), drawn) == ""
    assert drawn == []
