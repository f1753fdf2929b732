"""Figures on optimisation: the same twice, within the page, and true to their tables."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from helpers.explain import EXPLAINERS
from helpers.figures import identities, optimisation, style
from helpers.stability.curves import MOST_SHARED

RNG = np.random.default_rng(0)
SIZES = (1, 2, 5, 10, 20, 50)


def summary(optimisation_: str, references: tuple[str, ...] = ("zero",)) -> pd.DataFrame:
    rows = [
        (architecture, name, optimisation_, "inter_model", reference, metric, n,
         level, level - 0.05, level + 0.05, 20, n / 50 if optimisation_ == "aggregated" else 0.0)
        for architecture in ("cnn", "mlp")
        for name, entry in EXPLAINERS.items() if architecture in entry.architectures
        for reference in (references if entry.needs_reference else ("none",))
        for metric in ("spearman", "top100")
        for n in SIZES
        for level in [0.8 * n / (n + 3) + RNG.normal(0, 0.02)]
    ]  # fmt: skip
    columns = ["architecture", "explainer", "optimisation", "design", "reference", "metric", "n"]
    return pd.DataFrame(rows, columns=[*columns, "median", "q25", "q75", "samples", "shared"])


REPEATS, AGGREGATED = summary("repeats"), summary("aggregated")
REFERENCES = summary("references", tuple(style.REFERENCES))
SATURATION = (
    REPEATS[REPEATS["n"] == 20]
    .assign(
        n_saturated=20,
        level=lambda table: table["median"],
        saturated=True,
        gain=0.5,
        tolerance=0.01,
    )
    .reset_index(drop=True)
)
PAPER = pd.DataFrame(
    {"architecture": ["mlp", "mlp", "cnn"], "explainer": ["Saliency", "DeepLift", "Saliency"],
     "n": [40, 40, 20]}
)  # fmt: skip
STAGED = pd.concat(
    [
        REPEATS[REPEATS["n"] == n].assign(stage=stage, value=lambda table: table["median"])
        for n, stage in ((1, "unoptimised"), (5, "optimised"), (50, "aggregated"))
    ]
)
LINKAGE = pd.DataFrame(
    {"left": [0, 2], "right": [1, 3], "height": [1e-7, 0.5], "size": [2, 3]}
)  # fmt: skip


def one(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["architecture"] == "mlp"]


FIGURES: dict[str, Callable[[], Figure]] = {
    "repeats": lambda: optimisation.curves(REPEATS, SATURATION, PAPER, of="repeats"),
    "one_architecture": lambda: optimisation.curves(one(REPEATS), one(SATURATION)),
    "aggregated": lambda: optimisation.curves(AGGREGATED, of="models"),
    "references": lambda: optimisation.references_compared(one(REFERENCES), PAPER),
    "stages": lambda: optimisation.with_and_without(STAGED),
    "one_stage": lambda: optimisation.with_and_without(one(STAGED[STAGED["stage"] == "optimised"])),
    "tree": lambda: identities.explainer_tree(LINKAGE, ["A", "B", "C"], "MLP"),
}


def rendered(make: Callable[[], Figure]) -> bytes:
    figure, buffer = make(), io.BytesIO()
    with style.journal():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_data_give_the_same_bytes(name: str) -> None:
    assert rendered(FIGURES[name]) == rendered(FIGURES[name])


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_large_enough_and_inside_the_page(name: str) -> None:
    figure = FIGURES[name]()
    assert figure.get_figwidth() <= style.WIDTH
    figure.draw_without_rendering()
    for axis in figure.axes:
        ticks = [*axis.get_xticklabels(), *axis.get_yticklabels()]
        texts = [*axis.texts, axis.title, axis.xaxis.label, axis.yaxis.label]
        assert min(text.get_fontsize() for text in (*ticks, *texts)) >= 7
        for text in (text for text in texts if text.get_text()):
            box = text.get_window_extent()
            assert box.x0 >= -1, text
            assert box.x1 <= figure.bbox.x1 + 1, text
    plt.close(figure)


def test_every_explainer_looks_different() -> None:
    assert list(style.EXPLAINER_LINES) == list(style.EXPLAINERS)
    assert set(style.EXPLAINERS) == set(EXPLAINERS)
    looks = style.EXPLAINER_LINES.values()
    assert len({look["marker"] for look in looks}) == len({look["color"] for look in looks}) == 8


def test_lines_show_the_medians_of_their_panel() -> None:
    figure = FIGURES["repeats"]()
    expected = REPEATS.query(
        "architecture == 'mlp' and metric == 'top100' and explainer == 'Saliency'"
    )
    axis = figure.axes[3]
    colour = to_rgb(style.EXPLAINER_LINES["Saliency"]["color"])
    line = next(x for x in axis.lines if to_rgb(x.get_color()) == colour and len(x.get_xdata()) > 2)
    np.testing.assert_array_equal(line.get_xdata(), expected["n"])
    np.testing.assert_array_equal(line.get_ydata(), expected["median"])
    assert axis.get_title() == "MLP"
    assert axis.get_ylabel() == "Overlap of top 100"
    plt.close(figure)


def large_symbols(figure: Figure) -> int:
    return sum(line.get_markersize() == 8 for axis in figure.axes for line in axis.lines)


def test_only_curves_that_saturate_are_marked() -> None:
    figure = FIGURES["repeats"]()
    assert large_symbols(figure) == len(SATURATION)
    plt.close(figure)
    late = SATURATION.assign(saturated=SATURATION["explainer"] != "Saliency")
    figure = optimisation.curves(REPEATS, late)
    assert large_symbols(figure) == len(SATURATION) - 4
    assert "saturated" in legend(figure)
    plt.close(figure)
    flat = SATURATION.assign(gain=(SATURATION["explainer"] != "Saliency") * 0.5)
    figure = optimisation.curves(REPEATS, flat)
    assert large_symbols(figure) == len(SATURATION) - 4
    plt.close(figure)
    none = optimisation.curves(REPEATS, SATURATION.assign(saturated=False))
    assert "saturated" not in legend(none)
    plt.close(none)


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_papers_value_is_named_once_for_all_or_for_its_explainer() -> None:
    figure = FIGURES["repeats"]()
    texts = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert texts == [["paper, Saliency: 20"], ["paper: 40"]] * 2
    plt.close(figure)


def test_aggregates_of_the_same_models_are_on_grey() -> None:
    figure = FIGURES["aggregated"]()
    assert all(axis.texts[0].get_text() == "share over\na third" for axis in figure.axes)
    assert optimisation._MOST_SHARED == MOST_SHARED
    plt.close(figure)


def test_boxes_of_each_stage() -> None:
    figure = FIGURES["stages"]()
    assert [len(axis.patches) for axis in figure.axes] == [24, 18, 24, 18]
    plt.close(figure)
