"""Figures of the chapter on the network's state: the same twice, and true to their tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.figures import network_state as figures
from helpers.study.network_state.states import STATES
from helpers.study.network_state.statistics import CHANGES

TITLES = {"between_tissues": "Shared", "tissue_specific": "Specific"}
NAMES = ("Saliency", "DeepLift")
GROUP = ("Saliency", "GuidedBackprop")
RNG = np.random.default_rng(0)


def measured(values: float | None = None) -> pd.DataFrame:
    rows = [
        {"state": state.name, "mode": state.mode, "combine": state.combine, "batch": state.batch,
         "company": state.company, "explainer": explainer, "statistic": statistic,
         "value": RNG.random() if values is None else values}
        for state, explainer, statistic in product(STATES, NAMES, TITLES)
    ]  # fmt: skip
    return pd.DataFrame(rows)


SIZES = pd.DataFrame(
    [
        {"company": company, "samples": size, "explainer": explainer, "statistic": statistic,
         "value": RNG.random()}
        for company, size, explainer, statistic in product(
            figures.COMPANY, (2, 8, 32), NAMES, TITLES
        )
    ]
)  # fmt: skip
EFFECTS = pd.DataFrame(
    [
        {"change": change.title, "explainer": explainer, "statistic": statistic, "effect": 0.2,
         "ci_low": 0.1, "ci_high": 0.3}
        for change, explainer, statistic in product(CHANGES, NAMES, TITLES)
    ]
)  # fmt: skip
NORMS = pd.DataFrame(
    [
        {"norm": norm, "mode": mode, "explainer": explainer, "value": 0.4}
        for norm, mode, explainer in product(figures.NORMS, ("dropout", "training"), GROUP)
    ]
)
BATCH = pd.DataFrame(
    {"batch": ["one tissue"] * 3, "sample": [1, 2, 3], "fixed": [0.8] * 3, "through": [0.0] * 3}
)

DRAWN: dict[str, Callable[[], Figure]] = {
    "states": lambda: figures.states(measured(0.5), TITLES, NAMES),
    "unknown": lambda: figures.states(measured(np.nan), TITLES, NAMES),
    "sizes": lambda: figures.batch_sizes(SIZES, TITLES, NAMES),
    "no_sizes": lambda: figures.batch_sizes(SIZES.iloc[:0], TITLES, NAMES),
    "effects": lambda: figures.effects(EFFECTS, TITLES, NAMES),
    "norms": lambda: figures.norms(NORMS, "Shared", GROUP),
    "no_norms": lambda: figures.norms(NORMS.iloc[:0], "Shared", GROUP),
    "gradients": lambda: figures.shares_of_gradient(BATCH),
}


@pytest.mark.parametrize("name", DRAWN)
def test_figures_are_drawn_twice_the_same(name: str) -> None:
    pictures = []
    for _ in range(2):
        figure, out = DRAWN[name](), io.BytesIO()
        figure.savefig(out, format="png", dpi=40)
        pictures.append(out.getvalue())
        plt.close(figure)
    assert pictures[0] == pictures[1]


def test_points_stand_where_their_state_does() -> None:
    table = measured()
    figure = figures.states(table, TITLES, NAMES)
    line = figure.axes[0].lines[0]
    own = table[(table["statistic"] == "between_tissues") & (table["explainer"] == "Saliency")]
    np.testing.assert_allclose(line.get_xdata(), own["value"])
    np.testing.assert_array_equal(line.get_ydata(), range(len(STATES)))
    assert len(figure.axes[0].get_yticklabels()) == len(STATES)
    plt.close(figure)


def test_effects_have_their_intervals() -> None:
    figure = figures.effects(EFFECTS, TITLES, NAMES)
    (bars,) = figure.axes[0].containers[0].lines[2]
    ends = np.array([segment[:, 0] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends, [[0.1, 0.3]] * len(CHANGES))
    plt.close(figure)
