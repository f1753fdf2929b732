"""Where disagreement comes from, and how many networks it takes to agree."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import StrMethodFormatter

from helpers.faithfulness.recommendation import expected_overlap
from helpers.figures import style

NAMES = {
    "model": "model",
    "gene_order": "order of genes",
    "mask": "dropout mask",
    "reference": "reference",
    "noise": "noise copy",
    "sample": "sample",
    "together": "several together",
}
"""Sources of disagreement → their names for readers, in the order of bars."""

_COLOURS = dict(
    zip(NAMES, [style.COLOURS[k] for k in (0, 5, 1, 2, 4, 7)] + ["#dddddd"], strict=True)
)


def sources(table: pd.DataFrame) -> Figure:
    """Draw the shares of the variance of scores as stacked bars: a bar an explainer.

    Parameters
    ----------
    table
        ``sources.csv``; of one architecture. A panel without and one with SmoothGrad's noise.
    """
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    kinds = [flag for flag in (False, True) if flag in set(table["smoothgrad"].astype(bool))]
    if not names:
        return style.nothing_to_show("There are no such networks in this run.")
    with style.journal():
        figure, axes = plt.subplots(
            1, len(kinds), figsize=(style.WIDTH, 1.5 + 0.3 * len(names)), sharey=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, noisy in zip(axes[0], kinds, strict=True):
            own = table[table["smoothgrad"].astype(bool) == noisy]
            wide = own.pivot_table(index="explainer", columns="source", values="share").loc[names]
            left = np.zeros(len(names))
            for source in (name for name in NAMES if name in wide):
                widths = wide[source].fillna(0).to_numpy()
                axis.barh(names, widths, left=left, color=_COLOURS[source], label=NAMES[source])
                left += widths
            axis.set(xlim=(0, 1), xlabel="Share of the variance of scores",
                     title="SmoothGrad's noise" if noisy else "One estimate, no noise")  # fmt: skip
        axes[0, 0].set_yticks(np.arange(len(names)), style.explainer_names(names))
        axes[0, 0].invert_yaxis()
        found = {
            label: handle
            for axis in axes[0]
            for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
        }
        shown = [label for label in NAMES.values() if label in found]
        figure.legend([found[label] for label in shown], shown, loc="outside lower center", ncols=4)
        return figure


def needed(measured: pd.DataFrame, table: pd.DataFrame, aim: float) -> Figure:
    """Draw the overlap of means over n networks, measured (marks) and as expected (lines).

    Parameters
    ----------
    measured
        ``explainer``, ``n``, ``value``: mean overlap of means that share no network; of one
        architecture.
    table
        ``networks_needed.csv``, of the same.
    aim
        Overlap asked for: a dotted line.
    """
    known = table.dropna(subset="fitted")
    names = [name for name in style.EXPLAINERS if name in set(known["explainer"])]
    if not names:
        return style.nothing_to_show("No overlap of means was measured.")
    with style.journal():
        figure, axis = plt.subplots(figsize=(style.WIDTH, 3.4), layout="constrained")
        for name in names:
            row = known[known["explainer"] == name].iloc[0]
            line = style.EXPLAINER_LINES[name]
            own = measured[measured["explainer"] == name]
            axis.plot(own["n"], own["value"], ls="", marker=line["marker"], color=line["color"],
                      ms=4.5, label=style.explainer_name(name))  # fmt: skip
            sizes = np.geomspace(1, max(2.0, float(row["models"])), 60)
            values = expected_overlap(row["fitted"], row["largest"], sizes)
            axis.plot(sizes, values, color=line["color"], ls=line["ls"], lw=1)
        axis.axhline(aim, color=style.PAPER, ls=":", lw=1)
        axis.set(xscale="log", ylim=(0, 1.02), xlabel="Networks averaged",
                 ylabel="Overlap of top genes")  # fmt: skip
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        figure.legend(loc="outside right center")
        return figure


QUESTIONS = {
    "reproduces": "reproduces",
    "right": "is right",
    "faithful": "is faithful",
    "foretold": "foretells",
}
"""Columns of the table of explainers and questions → how readers read them."""


def recommendation(table: pd.DataFrame) -> Figure:
    """Draw explainers × questions: the number, coloured from the worst to the best of a column.

    Parameters
    ----------
    table
        ``recommendation.csv``; of one architecture. What is chosen is framed.
    """
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    own = table.set_index("explainer").loc[names]
    columns = [name for name in QUESTIONS if own[name].notna().any()]
    if not columns:
        return style.nothing_to_show("No question has an answer in this run.")
    values = own[columns].astype(float)
    low, high = values.min(), values.max()
    shades = (values - low) / (high - low).where(high > low, 1.0)
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH, 1.2 + 0.3 * len(names)), layout="constrained"
        )
        sns.heatmap(
            shades, ax=axis, cmap="Blues", vmin=-0.2, vmax=1.3, annot=values, fmt=".2f", cbar=False,
            linewidths=0.6,
        )  # fmt: skip
        axis.set_xticks(np.arange(len(columns)) + 0.5, [QUESTIONS[name] for name in columns])
        axis.set_yticks(np.arange(len(names)) + 0.5, style.explainer_names(names), rotation=0)
        axis.set(xlabel="", ylabel="")
        for place in np.flatnonzero(own["chosen"].astype(bool)).tolist():
            axis.add_patch(
                Rectangle((0, place), len(columns), 1, fill=False, ec=style.COLOURS[1], lw=2)
            )
        return figure
