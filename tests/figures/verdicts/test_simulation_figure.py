"""The figure of simulated and real samples: a panel a measure, a mark a source."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.verdicts.simulation import KINDS, simulated_and_real
from helpers.results.measures import COLUMNS, INTRA_OVERLAP, MEASURES, ZEROS, quantile_rows


def _sides() -> pd.DataFrame:
    parts = [
        quantile_rows(measure, values, "things").assign(
            explainer=explainer, source=source, simulated=source == "this run"
        )
        for source, shift in (("this run", 0.0), ("real-quick", 0.4))
        for measure, explainer in (
            (ZEROS, "all"), (INTRA_OVERLAP, "all"), (INTRA_OVERLAP, "Saliency"),
            (INTRA_OVERLAP, "DeepLift"),
        )
        for values in ([0.1 + shift, 0.2 + shift, 0.3 + shift],)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[[*COLUMNS, "source", "simulated"]]


def test_each_median_is_drawn_where_it_is() -> None:
    figure = simulated_and_real(_sides())
    shown = {axis.get_title(loc="left"): axis for axis in figure.axes if axis.get_visible()}
    assert list(shown) == [MEASURES[ZEROS].title, MEASURES[INTRA_OVERLAP].title]
    for title, marks in ((MEASURES[ZEROS].title, 2), (MEASURES[INTRA_OVERLAP].title, 4)):
        dots = [line for line in shown[title].lines if line.get_marker() == "o"]
        found = {(round(float(np.asarray(d.get_xdata())[0]), 6), d.get_color()) for d in dots}
        assert len(dots) == marks
        assert found == {(0.2, KINDS[True][1]), (0.6, KINDS[False][1])}
    assert len(shown[MEASURES[INTRA_OVERLAP].title].get_yticks()) == 2
    plt.close(figure)


def test_nothing_is_said_to_be_nothing() -> None:
    figure = simulated_and_real(_sides().iloc[:0])
    assert "nothing to compare" in figure.axes[0].texts[0].get_text()
    plt.close(figure)
