"""Averaging networks and explaining the mean, or averaging explanations."""

from __future__ import annotations

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import style

WAYS = {
    "single": "one network",
    "explanations": "mean of explanations",
    "median": "median of explanations",
    "raw": "unscaled mean of explanations",
    "logits": "mean of logits, explained",
    "probabilities": "mean of probabilities, explained",
    "distilled": "distilled network, explained",
}
"""Ways to come from several networks to one explanation → their names for readers."""

MEASURES = {
    "overlap": "Alike: overlap of halves",
    "auprc": "Right: average precision",
    "area": "Faithful: area",
}


def averaged(table: pd.DataFrame) -> Figure:
    """Draw how alike, right and faithful each way is: a panel a measure, a mark an explainer.

    Parameters
    ----------
    table
        ``way``, ``explainer``, ``measure``, ``value``: one row each.
    """
    ways = [way for way in WAYS if way in set(table["way"])]
    place = {way: row for row, way in enumerate(ways)}
    with style.journal():
        figure, axes = plt.subplots(
            1, len(MEASURES), figsize=(style.WIDTH, 1.7 + 0.3 * len(ways)), sharey=True,
            layout="constrained",
        )  # fmt: skip
        for axis, (measure, title) in zip(axes, MEASURES.items(), strict=True):
            own = table[table["measure"] == measure]
            for name in style.EXPLAINERS:
                part = own[own["explainer"] == name]
                if len(part):
                    line = style.EXPLAINER_LINES[name]
                    axis.scatter(
                        part["value"], part["way"].map(place), color=line["color"],
                        marker=line["marker"], s=22, label=style.explainer_name(name), alpha=0.85,
                    )  # fmt: skip
            axis.grid(axis="y", lw=0.4, color="#dddddd")
            axis.set_xlabel(textwrap.fill(title, 18))
        axes[0].set_yticks(np.arange(len(ways)), [WAYS[way] for way in ways])
        axes[0].invert_yaxis()
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
        return figure
