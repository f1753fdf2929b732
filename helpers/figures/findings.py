"""The picture on the landing page: what the book found, in three panels."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import style

PANELS = {
    "repeats": (
        "Do two networks name the same genes?",
        "overlap of top genes",
        ("one explanation each", "aggregated"),
    ),
    "specific": (
        "Are these genes specific to the tissue?",
        "tissue-specific share of top genes",
        ("as the paper's text says", "as its scripts do"),
    ),
    "right": (
        "Are they the right genes? (planted truth)",
        "average precision",
        ("one network", "aggregated"),
    ),
}
"""Panel → title, what its axis measures, and what the two ends of an arrow are."""

_BEFORE, _AFTER = style.COLOURS[7], style.COLOURS[0]


def story(table: pd.DataFrame, t_test: float) -> Figure:
    """Draw three panels below each other, narrow enough for a phone: an arrow an explainer.

    Parameters
    ----------
    table
        ``panel``, ``explainer``, ``before``, ``after``; shares and agreement from 0 to 1.
    t_test
        Average precision of a t-test: a dotted line in the last panel; NaN for none.
    """
    shown = [name for name in PANELS if (table["panel"] == name).any()]
    if not shown:
        return style.nothing_to_show("This run has nothing to sum up.")
    rows = [int((table["panel"] == name).sum()) for name in shown]
    with style.journal():
        figure, axes = plt.subplots(
            len(shown), 1, figsize=(4.6, 0.34 * sum(rows) + 1.15 * len(shown)),
            layout="constrained", squeeze=False, height_ratios=rows, sharex=True,
        )  # fmt: skip
        for axis, name in zip(axes[:, 0], shown, strict=True):
            _arrows(axis, table[table["panel"] == name], name)
            if name == "right" and t_test == t_test:
                axis.axvline(t_test, color=style.PAPER, ls=":", lw=1)
                axis.annotate("a t-test", (t_test, 0.02), xycoords=("data", "axes fraction"),
                              xytext=(3, 0), textcoords="offset points", fontsize=7,
                              color=style.PAPER)  # fmt: skip
        return figure


def _arrows(axis: Axes, part: pd.DataFrame, name: str) -> None:
    title, label, ends = PANELS[name]
    order = [one for one in style.EXPLAINERS if one in set(part["explainer"])]
    rows = part.set_index("explainer").loc[order]
    for place, (before, after) in enumerate(zip(rows["before"], rows["after"], strict=True)):
        if before == before and after == after:
            axis.plot([before, after], [place, place], color=_AFTER, lw=1.2, alpha=0.5, zorder=1)
    places = range(len(order))
    axis.scatter(rows["before"], places, s=26, facecolor="white", edgecolor=_BEFORE, zorder=2)
    axis.scatter(rows["after"], places, s=26, color=_AFTER, zorder=3)
    axis.set_yticks(list(places), style.explainer_names(order))
    axis.set(ylim=(len(order) - 0.5, -0.5), xlim=(-0.02, 1.02), xlabel=label)
    axis.tick_params(axis="x", labelbottom=True)
    axis.set_title(title, loc="left", pad=16)
    handles = [
        Line2D([], [], ls="", marker="o", mfc="white", mec=_BEFORE, label=ends[0]),
        Line2D([], [], ls="", marker="o", color=_AFTER, label=ends[1]),
    ]
    axis.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2,
                borderaxespad=0.1, handletextpad=0.2, fontsize=7)  # fmt: skip
