from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from helpers.figures import single_cells as figures


def test_markers_that_are_measured_are_drawn_once_per_ranking() -> None:
    table = pd.DataFrame(
        {"tissue": ["B", "B", "T"], "gene": ["MS4A1", "CD19", "CD3D"],
         "measured": [True, False, True], "rank": [1, np.nan, 30], "rank_t": [5, np.nan, 2]}
    )  # fmt: skip
    figure = figures.marker_ranks(table, 765, 20)
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["CD3D", "MS4A1"]
    plain, ours = (scatter.get_offsets()[:, 0].tolist() for scatter in axis.collections[-2:])
    assert (plain, ours) == ([2, 5], [30, 1])
    plt.close(figure)
    empty = figures.marker_ranks(table[~table["measured"]], 765, 20)
    assert "No known marker" in empty.axes[0].texts[0].get_text()
    plt.close(empty)


def test_recall_and_agreement_show_every_type() -> None:
    recall = pd.DataFrame(
        {"tissue": ["all", "B", "T"], "n": [10, 4, 6], "recall": [0.8, 1, 0.6],
         "precision": [np.nan, 1, 0.9], "f1": [0.85, 1.0, 0.7]}
    )  # fmt: skip
    figure = figures.recalls(recall)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["B (n = 4)", "T (n = 6)"]
    plt.close(figure)
    table = pd.DataFrame(
        {"tissue": ["B"] * 4 + ["T"] * 4, "what": ["models", "models", "halves", "halves"] * 2,
         "n": [1, 1, 10, 10] * 2, "overlap": np.linspace(0.2, 0.9, 8)}
    )  # fmt: skip
    figure = figures.agreement(table, 20, 0.026)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["B", "T"]
    plt.close(figure)
