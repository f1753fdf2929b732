"""How right explanations are: by the number of networks, and by the way of explaining."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from helpers.figures import style

_RIGHT, _ALIKE = style.COLOURS[0], style.COLOURS[1]

_OPTIMISATIONS = {
    "none": "one estimate",
    "smoothgrad": "SmoothGrad",
    "repeats": "repeats",
    "references": "references",
}


def right_or_alike(curves: pd.DataFrame, baseline: float) -> Figure:
    """Draw how right and how alike means over n networks are: two lines an explainer.

    Parameters
    ----------
    curves
        ``right_or_alike.csv``; of one architecture.
    baseline
        Average precision of the t-test: a dotted line.
    """
    names = [name for name in style.EXPLAINERS if name in set(curves["explainer"])]
    if not names:
        return style.nothing_to_show("No such network was trained on planted genes in this run.")
    rows = -(-len(names) // 3)
    with style.journal():
        figure, axes = plt.subplots(
            rows, 3, figsize=(style.WIDTH, 0.6 + 2.0 * rows), sharex=True, sharey=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, name in zip(axes.flat, names, strict=False):
            own = curves[curves["explainer"] == name]
            for measure, colour, marker, label in (
                ("auprc", _RIGHT, "o", "right: average precision"),
                ("overlap", _ALIKE, "s", "alike: overlap of top genes"),
            ):
                part = own[own["measure"] == measure]
                for _, line in part.groupby("tissue"):
                    axis.plot(line["n"], line["value"], color=colour, lw=0.8, alpha=0.35)
                means = part.groupby("n")["value"].mean()
                axis.plot(means.index, means, marker=marker, color=colour, label=label, ms=4.5)
            axis.axhline(baseline, color=style.PAPER, ls=":", lw=1)
            axis.set_title(style.explainer_name(name))
        for axis in axes.flat[len(names) :]:
            axis.axis("off")
        sizes = sorted(curves["n"].unique())
        axes[0, 0].set(xscale="log", ylim=(0, 1.02))
        axes[0, 0].xaxis.set_major_locator(FixedLocator(sizes))
        axes[0, 0].xaxis.set_minor_locator(NullLocator())
        axes[0, 0].xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
        for axis in axes[-1]:
            axis.set_xlabel("Networks averaged")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure


def conditions(table: pd.DataFrame) -> Figure:
    """Draw average precision under every mode and optimisation, of one network and of all.

    Parameters
    ----------
    table
        ``right_by_condition.csv``; of one architecture.
    """
    sizes = sorted({int(table["n"].min()), int(table["n"].max())})
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    columns = [
        (mode, optimisation)
        for mode in style.MODE_NAMES
        for optimisation in _OPTIMISATIONS
        if len(table[(table["mode"] == mode) & (table["optimisation"] == optimisation)])
    ]
    with style.journal():
        figure, axes = plt.subplots(
            len(sizes), 1, figsize=(style.WIDTH, 1.6 + 1.9 * len(sizes)), sharex=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, n in zip(axes[:, 0], sizes, strict=True):
            own = table[table["n"] == n]
            wide = own.pivot_table(
                index="explainer", columns=["mode", "optimisation"], values="auprc"
            ).reindex(index=names, columns=pd.MultiIndex.from_tuples(columns))
            sns.heatmap(
                wide, ax=axis, cmap="Blues", vmin=0, vmax=1, annot=True, fmt=".2f",
                annot_kws={"size": 7.5}, cbar=False, linewidths=0.6,
            )  # fmt: skip
            axis.set_title(f"{n} network{'' if n == 1 else 's'}")
            axis.set_yticks(np.arange(len(names)) + 0.5, style.explainer_names(names), rotation=0)
            axis.set(xlabel="", ylabel="")
        axes[-1, 0].set_xticks(
            np.arange(len(columns)) + 0.5,
            [f"{mode}, {_OPTIMISATIONS[optimisation]}" for mode, optimisation in columns],
            rotation=35, ha="right",
        )  # fmt: skip
        return figure
