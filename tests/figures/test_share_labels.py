"""Labels of the panels of shares fit beside them, however few panels there are."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers.figures import shares


@pytest.mark.parametrize("tissues", [["liver"], ["liver", "lung", "ovary"]])
def test_a_long_label_is_not_cut_off(tissues: list[str]) -> None:
    table = pd.DataFrame(
        [("mlp", name, aggregated, tissue, 0.4, 0.1)
         for name in ("Saliency", "DeepLift") for aggregated in (False, True)
         for tissue in tissues],
        columns=["architecture", "explainer", "aggregated", "tissue", "share", "chance"],
    )  # fmt: skip
    label = "Tissue-enhanced (any group) genes among the first 100 top genes"
    figure = shares.panels(table, tissues, label)
    figure.draw_without_rendering()
    drawn = figure._supylabel.get_window_extent()
    assert figure._supylabel.get_text().replace("\n", " ") == label
    assert drawn.y0 >= 0
    assert drawn.y1 <= figure.bbox.height
    plt.close(figure)
