"""Figures of networks that know nothing: every network is drawn where its number is."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.claims.control import (
    HIDDEN,
    JUDGED_COLUMNS,
    OUTPUT,
    SHUFFLED,
    TRUE,
    UNTRAINED,
    summary,
)
from helpers.claims.judging import LARGER, MET, SMALLER
from helpers.figures.ground_truth import random_networks as controls

SUPPORTS = {"E4": LARGER, "E14": SMALLER, "K7": MET, "G4": LARGER}


def judged() -> pd.DataFrame:
    rows = []
    for number, claim in enumerate(SUPPORTS):
        for kind, value in ((TRUE, 0.9), (OUTPUT, 0.3), (HIDDEN, 0.2), (UNTRAINED, 0.1)):
            known = float("nan") if claim in ("K7", "G4") else value + number
            seen = float("nan") if claim == "G4" else value + number
            rows.append((claim, kind, 0, "partly", seen, known, ""))
        for i in range(20):
            value = 0.4 + number + i / 100
            known = float("nan") if claim in ("K7", "G4") else value
            seen = float("nan") if claim == "G4" else value
            rows.append((claim, SHUFFLED, i, "reproduced" if i < 3 else "partly", seen, known, ""))
    return pd.DataFrame(rows, columns=JUDGED_COLUMNS)


def panels() -> dict[str, plt.Axes]:
    table = judged()
    figure = controls.know_nothing(table, summary(table, SUPPORTS, 5), {"E4": "share in liver"})
    shown = [axis for axis in figure.axes if axis.get_visible()]
    return {axis.get_title(loc="left").split()[0]: axis for axis in shown}


def test_every_network_has_its_mark_and_a_statement_without_a_number_its_observed_one() -> None:
    found = panels()
    assert list(found) == list(SUPPORTS)
    for number, claim in enumerate(("E4", "E14", "K7")):
        lines = {line.get_marker(): line for line in found[claim].lines}
        assert lines["D"].get_xdata() == pytest.approx([0.9 + number])
        assert sorted(lines["o"].get_xdata()) == pytest.approx(
            [0.4 + number + i / 100 for i in range(20)]
        )
        assert lines["x"].get_xdata() == pytest.approx([0.1 + number])
        assert lines["s"].get_xdata() == pytest.approx([0.3 + number])
    assert all(len(line.get_xdata()) == 0 for line in found["G4"].lines)
    assert found["E4"].get_xlabel() == "share in liver"
    plt.close("all")


def test_titles_say_which_way_and_how_sure_and_mark_what_carries_no_evidence() -> None:
    found = {name: axis.get_title(loc="left") for name, axis in panels().items()}
    # E14 is larger than all shuffles, and small numbers speak for it.
    assert found["E4"] == "E4 →  p = 0.05"
    assert found["E14"] == "E14 ←  p = 1.00"
    assert found["K7"] == "K7  p = 0.19, met by 3"
    assert found["G4"] == "G4 →  undefined"
    weights = {name: axis.title for name, axis in panels().items()}
    assert set(weights) == set(SUPPORTS)
    bold = {name for name, axis in panels().items() if axis._left_title.get_fontweight() == "bold"}
    assert bold == {"E14", "K7"}
    plt.close("all")


def test_the_cascade_has_a_line_for_each_explainer_and_gaps_where_nothing_was_compared() -> None:
    rows = [
        (kind, explainer, tissue, models, value / 2, value)
        for models in ("one", "all")
        for kind, value in (("another", 0.8), (OUTPUT, 0.4), (HIDDEN, 0.2), (UNTRAINED, 0.1))
        for explainer in ("DeepLift", "Saliency")
        for tissue in ("liver", "lung")
        if not (models == "all" and kind == "another")
    ]
    table = pd.DataFrame(
        rows, columns=["kind", "explainer", "tissue", "models", "spearman", "overlap"]
    )
    figure = controls.cascade(table, 100)
    first, _, below, _ = figure.axes
    lines = [line for line in first.lines if len(line.get_xdata()) > 2]
    assert len(lines) == 2
    np.testing.assert_allclose(lines[0].get_ydata(), [0.4, 0.2, 0.1])
    # Another network stands by itself: it is no step of the cascade.
    apart = [line for line in first.lines if len(line.get_xdata()) == 1]
    assert [line.get_ydata()[0] for line in apart] == pytest.approx([0.8, 0.8])
    assert [len(line.get_xdata()) for line in below.lines if len(line.get_xdata()) > 2] == [3, 3]
    assert first.get_ylabel() == "One network:\nOverlap of top 100"
    plt.close("all")
