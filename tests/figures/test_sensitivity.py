"""Figures of the audit: the same twice, and true to their tables."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.config import settings
from helpers.figures import sensitivity, style
from helpers.figures.verdicts import claims
from helpers.study.designs.choices import option_names

NAMES = option_names(settings("quick"))
MLPS = ("Saliency", "InputXGradient", "DeepLift")
RNG = np.random.default_rng(0)

NUMBERS = pd.DataFrame(
    [
        {"choice": choice, "option": option, "statistic": statistic, "explainer": explainer,
         "value": RNG.random()}
        for choice, option in list(NAMES)[:6]
        for statistic in ("a", "b")
        for explainer in MLPS
    ]
)  # fmt: skip
VERDICTS = pd.DataFrame(
    [
        ("mode", "dropout", "B3", "reproduced", True),
        ("mode", "dropout", "E4", "partly", True),
        ("mode", "eval", "B3", "not_reproduced", False),
        ("mode", "eval", "E4", "partly", True),
        ("smoothgrad", "one", "O1", "not_testable", True),
    ],
    columns=["choice", "option", "claim", "verdict", "holds"],
)
LEVELS = pd.DataFrame([[0.2, 0.5, 0.9], [0.3, 0.6, 0.95]], index=list(MLPS[1:]), columns=[1, 5, 50])
RUN = pd.DataFrame({"masks": [1.0, 40.0], "value": [0.2, 0.9]}, index=list(MLPS[1:]))
EXPECTED = pd.DataFrame(
    [("A", "B", "liver", 0.5, -0.2), ("A", "C", "liver", 0.25, 0.4), ("B", "C", "liver", 0.9, 0.9)],
    columns=["a", "b", "tissue", "overlap", "spearman"],
)
RELEASED = pd.DataFrame(
    [
        (variant, n, design, metric, f"s{s}", RNG.random())
        for variant, n in (("DeepLift, one estimate", 1), ("DeepLiftShap", 20))
        for design in ("intra_model", "inter_model")
        for metric in ("spearman", "top100")
        for s in range(3)
    ],
    columns=["variant", "n", "design", "metric", "sample", "value"],
)
SMOOTHED = pd.DataFrame(
    [
        (option, explainer, design, metric, f"s{s}", RNG.random())
        for option, designs in (
            ("none", ("intra_model",)),
            ("product", ("intra_model", "inter_model")),
            ("both", ("between_options",)),
        )
        for explainer in ("GuidedGradCam", "GuidedGradCam++")
        for design in designs
        for metric in ("spearman", "top100")
        for s in range(3)
    ],
    columns=["option", "explainer", "design", "metric", "sample", "value"],
)
WAYS = {"product": "product", "both": "the two ways"}

FIGURES: dict[str, Callable[[], Figure]] = {
    "numbers": lambda: sensitivity.option_numbers(NUMBERS, {"a": "A", "b": "B"}, NAMES),
    "verdicts": lambda: sensitivity.verdict_grid(VERDICTS, NAMES),
    "masks": lambda: sensitivity.equal_masks(LEVELS, RUN, "Spearman"),
    "expected": lambda: sensitivity.expected_overlap(EXPECTED),
    "released": lambda: sensitivity.released(RELEASED),
    "smoothed": lambda: sensitivity.smoothed_cams(SMOOTHED, WAYS),
}


def rendered(make: Callable[[], Figure]) -> bytes:
    figure, buffer = make(), io.BytesIO()
    with style.journal():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_table_gives_the_same_figure(name: str) -> None:
    assert rendered(FIGURES[name]) == rendered(FIGURES[name])


def place_of(figure: Figure, option: str) -> int:
    """Find the row of an option: its label, below the heading of its choice."""
    heading, _, label = option.partition(": ")
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    return labels.index(label, labels.index(heading))


def test_every_number_is_drawn_in_its_row_and_panel() -> None:
    figure = FIGURES["numbers"]()
    for axis, statistic in zip(figure.axes, ("a", "b"), strict=True):
        drawn = sorted(
            (line.get_ydata()[0], line.get_xdata()[0])
            for line in axis.lines
            if line.get_linestyle() == "None"
        )
        rows = NUMBERS[NUMBERS["statistic"] == statistic]
        wanted = sorted(
            (place_of(figure, NAMES[row["choice"], row["option"]]), row["value"])
            for row in rows.to_dict("records")
        )
        assert np.array(drawn) == pytest.approx(np.array(wanted))
    plt.close(figure)


def test_a_changed_verdict_has_a_frame_and_its_colour() -> None:
    figure = FIGURES["verdicts"]()
    (axis,) = figure.axes
    cells = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    assert len(cells) == len(VERDICTS)
    framed = [cell for cell in cells if cell.get_linewidth() > 0]
    assert len(framed) == 1
    assert framed[0].get_facecolor()[:3] == pytest.approx(
        to_rgb(claims.VERDICTS["not_reproduced"][2])
    )
    assert sorted(text.get_text() for text in axis.texts) == sorted("RPNP–")
    plt.close(figure)


def test_rings_stand_where_explainers_are_as_run() -> None:
    figure = FIGURES["masks"]()
    (axis,) = figure.axes
    rings = [line for line in axis.lines if line.get_markersize() == 12]
    found = sorted((line.get_xdata()[0], line.get_ydata()[0]) for line in rings)
    assert found == [(1.0, 0.2), (40.0, 0.9)]
    plt.close(figure)


def test_each_way_to_smooth_has_its_row_and_its_samples() -> None:
    figure = sensitivity.smoothed_cams(SMOOTHED, WAYS)
    for axis, metric in zip(figure.axes, ("spearman", "top100"), strict=True):
        dots = [line for line in axis.lines if line.get_marker() == "o"]
        drawn = sorted(float(value) for line in dots for value in line.get_xdata())
        wanted = SMOOTHED[(SMOOTHED["metric"] == metric) & (SMOOTHED["option"] != "none")]
        assert drawn == pytest.approx(sorted(wanted["value"]))
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names[0] == "GuidedGradCam:\nproduct"
    assert len(names) == 4
    plt.close(figure)
