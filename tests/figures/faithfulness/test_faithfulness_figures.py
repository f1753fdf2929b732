"""Figures of chapters 20 and 21 draw what the tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from helpers.figures import faithfulness as figures


def test_every_ranking_has_a_curve_in_both_panels() -> None:
    table = pd.DataFrame(
        [("mlp", kind, name, "absolute", change, genes, genes / 100, 0.5)
         for kind, name in (("ranked", "Saliency"), ("matched", "Saliency"), ("random", "random"),
                            ("t_test", "t_test"))
         for change in ("deletion", "insertion") for genes in (1, 10, 100)],
        columns=["architecture", "kind", "explainer", "by", "change", "genes", "share",
                 "probability"],
    )  # fmt: skip
    figure = figures.curves(table)
    for axis in figure.axes:
        assert [line.get_label() for line in axis.lines] == [
            "Saliency", "t-test", "genes of like expression", "random genes",
        ]  # fmt: skip
        assert all(list(line.get_ydata()) == [0.01, 0.1, 1.0] for line in axis.lines)
    plt.close(figure)
    assert (figures.curves(table.assign(share=np.nan))).axes[0].texts
    plt.close("all")


def test_areas_are_drawn_for_both_orders() -> None:
    table = pd.DataFrame({
        "architecture": "mlp", "explainer": ["DeepLift", "DeepLift", "t_test"],
        "by": ["absolute", "signed", "absolute"], "change": "deletion", "tissue": "lung",
        "sample": "s", "area": 0.3, "over_random": [0.2, 0.25, 0.1], "over_matched": 0.1,
    })  # fmt: skip
    figure = figures.areas(pd.concat([table, table.assign(change="insertion")]))
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["DeepLift", "t-test"]
    drawn = np.concatenate([c.get_offsets()[:, 0] for c in figure.axes[0].collections])
    # Each value, and the mean of each order.
    assert sorted(drawn.round(2)) == [0.1, 0.1, 0.2, 0.2, 0.25, 0.25]
    plt.close(figure)


def test_networks_trained_anew_have_a_line_a_ranking() -> None:
    table = pd.DataFrame(
        [(name, genes, 0.9 - genes / 1000, 0.8) for name in ("DeepLift", "t_test", "random")
         for genes in (10, 100)] + [("nothing", 0, 0.95, 0.9)],
        columns=["ranking", "genes", "recall", "probability"],
    )  # fmt: skip
    figure = figures.retrained(table)
    lines = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert set(lines) == {"DeepLift", "t-test", "random genes", "nothing removed"}
    assert np.allclose(lines["DeepLift"], [0.89, 0.8])
    assert set(lines["nothing removed"]) == {0.95}
    plt.close(figure)


def test_metrics_ways_and_sources_have_a_row_an_entry() -> None:
    metrics = pd.DataFrame({"explainer": ["Saliency", "DeepLift"], "unexplained": [0.4, np.nan],
                            "sensitivity": 0.1})  # fmt: skip
    figure = figures.metrics(metrics)
    assert len(figure.axes[0].get_yticks()) == 2
    assert (figures.metrics(metrics.iloc[:0])).axes[0].texts
    ways = pd.DataFrame({"way": ["single", "logits"], "explainer": "DeepLift",
                         "measure": "auprc", "value": [0.2, 0.4]})  # fmt: skip
    figure = figures.averaged(ways)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["one network", "mean of logits, explained"]
    assert figure.axes[1].collections[0].get_offsets()[:, 0].tolist() == [0.2, 0.4]
    plt.close("all")


def test_bars_of_sources_fill_the_whole() -> None:
    table = pd.DataFrame(
        [(noisy, source, share) for noisy in (False, True)
         for source, share in (("model", 0.6), ("mask", 0.3), ("together", 0.1))],
        columns=["smoothgrad", "source", "share"],
    ).assign(explainer="DeepLift")  # fmt: skip
    figure = figures.sources(table)
    assert len(figure.axes) == 2
    for axis in figure.axes:
        assert np.isclose(sum(bar.get_width() for bar in axis.patches), 1)
    plt.close(figure)
    assert (figures.sources(table.iloc[:0])).axes[0].texts
    plt.close("all")


def test_the_curve_ends_where_the_aim_is_reached_and_the_choice_is_framed() -> None:
    needed = pd.DataFrame({"explainer": ["DeepLift"], "fitted": 0.8, "largest": 10, "models": 40})
    measured = pd.DataFrame({"explainer": "DeepLift", "n": [1, 10], "value": [0.4, 0.81]})
    figure = figures.needed(measured, needed, 0.9)
    marks, line = figure.axes[0].lines[:2]
    assert list(marks.get_ydata()) == [0.4, 0.81]
    assert np.isclose(line.get_ydata()[-1], 0.9)
    assert (figures.needed(measured, needed.assign(fitted=np.nan), 0.9)).axes[0].texts
    table = pd.DataFrame({
        "explainer": ["Saliency", "DeepLift"], "reproduces": [0.6, 0.8], "right": [0.8, 0.7],
        "faithful": np.nan, "foretold": np.nan, "chosen": [False, True],
    })  # fmt: skip
    figure = figures.recommendation(table)
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.get_xticklabels()] == ["reproduces", "is right"]
    (frame,) = axis.patches
    assert frame.get_y() == 1
    plt.close("all")
