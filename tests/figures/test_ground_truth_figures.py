from __future__ import annotations

import pandas as pd
from matplotlib import pyplot as plt

from helpers.datasets.truth import TITLES
from helpers.figures import ground_truth as figures


def test_both_curves_stand_in_one_panel_of_each_explainer() -> None:
    rows = [
        ("mlp", explainer, tissue, measure, n, n / 10 + shift)
        for explainer in ("Saliency", "DeepLift")
        for measure, shift, sizes in (("auprc", 0.2, (1, 2, 5)), ("overlap", 0.0, (1, 2)))
        for tissue in ("liver", "lung")
        for n in sizes
    ]
    columns = ["architecture", "explainer", "tissue", "measure", "n", "value"]
    figure = figures.right_or_alike(pd.DataFrame(rows, columns=columns), 0.9)
    panels = [axis for axis in figure.axes if axis.get_title()]
    assert [axis.get_title() for axis in panels] == ["Saliency", "DeepLift"]
    for axis in panels:
        means = {line.get_label(): line for line in axis.lines if line.get_label()[0] != "_"}
        right = means["right: average precision"]
        assert list(right.get_xdata()) == [1, 2, 5]
        assert [round(value, 2) for value in right.get_ydata()] == [0.3, 0.4, 0.7]
        assert list(means["alike: overlap of top genes"].get_xdata()) == [1, 2]
        assert any(set(line.get_ydata()) == {0.9} for line in axis.lines)
    plt.close(figure)


def test_every_ranking_has_a_row_and_every_class_a_panel() -> None:
    rows = [
        (kind, explainer, tissue, 0.5)
        for kind, explainer in (("together", "Saliency"), ("single", "Saliency"),
                                ("baseline", "WelchT"), ("baseline", "Oracle"))
        for tissue in ("liver", "lung")
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["kind", "explainer", "tissue", "auprc"])
    figure = figures.compared(table)
    assert [axis.get_title() for axis in figure.axes] == ["liver", "lung"]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["Saliency", "t-test (Welch)", "someone who knows the laboratories"]
    plt.close(figure)


def test_kinds_of_genes_stand_in_the_order_of_the_plan() -> None:
    rows = [
        (kind, explainer, stratum, share)
        for kind, explainer in (("together", "Saliency"), ("baseline", "WelchT"))
        for stratum, share in (("decoy", 0.25), ("strong_high", 1.0))
    ]
    table = pd.DataFrame(rows, columns=["kind", "explainer", "stratum", "recall"])
    axis = figures.strata(table, TITLES).axes[0]
    assert axis.get_xticklabels()[0].get_text() == TITLES["strong_high"]
    assert [text.get_text() for text in axis.texts] == ["100%", "25%"] * 2
    plt.close("all")


def test_conditions_are_drawn_for_one_network_and_for_all() -> None:
    rows = [
        ("Saliency", mode, optimisation, n, 0.5)
        for mode in ("eval", "dropout")
        for optimisation in ("none", "repeats")
        if (mode, optimisation) != ("eval", "repeats")
        for n in (1, 4)
    ]
    table = pd.DataFrame(rows, columns=["explainer", "mode", "optimisation", "n", "auprc"])
    figure = figures.conditions(table)
    assert [axis.get_title() for axis in figure.axes] == ["1 network", "4 networks"]
    labels = [text.get_text() for text in figure.axes[1].get_xticklabels()]
    assert labels == ["eval, one estimate", "dropout, one estimate", "dropout, repeats"]
    plt.close(figure)


def test_what_is_counted_has_a_panel_each_and_rankings_a_row() -> None:
    rows = [
        (measure, explainer, tissue, 0.5)
        for measure in ("specific", "terms")
        for explainer in ("Saliency", "WelchT")
        for tissue in ("liver", "lung")
    ]
    table = pd.DataFrame(rows, columns=["measure", "explainer", "tissue", "value"])
    figure = figures.beside(table, {"terms": "enriched terms", "specific": "specific", "x": "x"})
    assert [axis.get_xlabel() for axis in figure.axes] == ["enriched terms", "specific"]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["Saliency", "t-test (Welch)"]
    plt.close(figure)
    empty = figures.beside(table[:0], {"terms": "enriched terms"})
    assert "nothing to compare" in empty.axes[0].texts[0].get_text()
    plt.close(empty)
