"""Figures of chapter 01: how models are trained and how good they are."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import (
    LogLocator,
    MaxNLocator,
    NullFormatter,
    PercentFormatter,
    StrMethodFormatter,
)

from helpers.figures import naming, style


def learning_curves(curves: pd.DataFrame) -> Figure:
    """Draw loss and validation accuracy by epoch, a line for each model.

    Parameters
    ----------
    curves
        Rows of ``learning_curves.csv`` of one architecture.
    """
    panels = (
        ("train_loss", "Training loss (nats)"),
        ("validation_loss", "Validation loss (nats)"),
        ("validation_accuracy", "Validation accuracy"),
    )
    with style.journal():
        figure, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 2.5), layout="constrained")
        for axis, (column, label) in zip(axes, panels, strict=True):
            for _, curve in curves.groupby(["gene_order", "model"]):
                axis.plot(
                    curve["epoch"], curve[column], color=style.SIDES["test"], lw=0.8, alpha=0.5
                )
            best = curves[curves["best"]]
            axis.scatter(
                best["epoch"], best[column], s=14, color=style.SIDES["validation"], zorder=3
            )
            axis.set(xlabel="Epoch", ylabel=label)
            if len(curves):
                # Whole epochs, also where there is one only.
                axis.set_xlim(0.5, curves["epoch"].max() + 0.5)
            axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            if column.endswith("loss"):
                axis.set_yscale("log")
                axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
                axis.yaxis.set_minor_formatter(NullFormatter())
            else:
                axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        return figure


def layers(table: pd.DataFrame) -> Figure:
    """Draw a network layer by layer: how many values come out, and in which shape.

    Parameters
    ----------
    table
        What `helpers.models.layers.layer_table` gave.
    """
    positions = np.arange(len(table))[::-1]
    weighted = table["weights"] > 0
    with style.journal():
        height = 0.9 + 0.21 * len(table)
        figure, axis = plt.subplots(figsize=(style.WIDTH, height), layout="constrained")
        colours = np.where(weighted, style.COLOURS[0], style.COLOURS[7])
        axis.barh(positions, table["values"], color=colours, height=0.72)
        for position, row in zip(positions, table.to_dict("records"), strict=True):
            weights = f", {row['weights']:,} weights" if row["weights"] else ""
            axis.annotate(
                f"{row['shape']}{weights}", (row["values"], position), (4, 0),
                va="center", fontsize=8, textcoords="offset points",
            )  # fmt: skip
        axis.set_yticks(positions, table["kind"])
        axis.set_xscale("log")
        axis.set_xlim(1, 60 * table["values"].max())
        axis.set(xlabel="Values that come out of the layer, per sample (log scale)")
        handles = [plt.Rectangle((0, 0), 1, 1, color=style.COLOURS[i]) for i in (0, 7)]
        names = ["layer with weights", "layer without weights"]
        figure.legend(handles, names, loc="outside upper center", ncols=2)
        return figure


def accuracies(accuracy: pd.DataFrame, paper: dict[str, float]) -> Figure:
    """Draw the accuracy of each model on each side of the split, with the median marked.

    Parameters
    ----------
    accuracy
        ``accuracy.csv`` with the column ``group``: a panel for each architecture and group.
    paper
        The paper's median accuracy of each architecture.
    """
    sides = list(style.SIDES)
    panels = list(accuracy.groupby(["architecture", "group"], sort=False))
    with style.journal():
        figure, axes = plt.subplots(
            1, len(panels), figsize=(min(style.WIDTH, 0.8 + 2.2 * len(panels)), 3.0),
            layout="constrained", squeeze=False, sharey=True,
        )  # fmt: skip
        for axis, (key, part) in zip(axes[0], panels, strict=True):
            name, group = (str(word) for word in key)
            sns.stripplot(
                part, x="split", y="accuracy", order=sides, hue="split", hue_order=sides,
                palette=style.SIDES, size=4.5, alpha=0.75, jitter=0.22, legend=False, ax=axis,
            )  # fmt: skip
            medians = part.groupby("split")["accuracy"].median()
            for position, side in enumerate(sides):
                axis.plot([position - 0.32, position + 0.32], [medians[side]] * 2, color="k", lw=2)
            value = paper[name]
            axis.axhline(value, color=style.PAPER, ls="--", lw=1)
            axis.annotate(
                f"paper: {value:.1%}", (0, value), (3, -10), fontsize=8,
                xycoords=("axes fraction", "data"), textcoords="offset points", color=style.PAPER,
            )  # fmt: skip
            models = part.drop_duplicates(["model", "gene_order"]).shape[0]
            order = "" if group == "any order" else f"{group}\n"
            axis.set(xlabel="", ylabel="Accuracy")
            axis.set_title(f"{name.upper()}, {order}{models} models")
            axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        return figure


def recalls(recall: pd.DataFrame, lowest: int = 20) -> Figure:
    """Draw the recall of the classes that cross-validation finds hardest.

    Parameters
    ----------
    recall
        ``recall.csv``.
    lowest
        How many classes to show: those with the lowest mean over the architectures.
    """
    # Architectures may be tested on different numbers of folds.
    means = recall.groupby("tissue", as_index=False).agg({"recall": "mean", "n": "max"})
    shown = pd.DataFrame(means).sort_values(["recall", "tissue"]).head(lowest)
    names = naming.one_line(shown["tissue"], 36)
    ticks = [f"{name} (n = {n})" for name, n in zip(names, shown["n"], strict=True)]
    positions = pd.Series(np.arange(len(shown))[::-1], index=shown["tissue"])
    part = recall[recall["tissue"].isin(shown["tissue"])]
    with style.journal():
        height = 0.9 + 0.2 * len(shown)
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.8, height), layout="constrained")
        axis.hlines(positions, 0, 1, color="#dddddd", lw=0.8, zorder=0)
        for name, rows in part.groupby("architecture", sort=False):
            axis.scatter(
                rows["recall"], positions[rows["tissue"]], s=30, alpha=0.85, zorder=3,
                color=style.ARCHITECTURE_COLOURS[str(name)], marker=style.MARKERS[str(name)],
                label=str(name).upper(),
            )  # fmt: skip
        axis.set_yticks(positions, ticks)
        axis.set(xlabel="Recall in cross-validation (share of the class's samples)", xlim=(0, 1.03))
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.legend(loc="outside upper center", ncols=part["architecture"].nunique())
        return figure


def confusions(confusion: pd.DataFrame, pairs: int = 15) -> Figure:
    """Draw the pairs of classes that are confused most often.

    Parameters
    ----------
    confusion
        ``confusion.csv``: truth, predicted, samples, architecture.
    pairs
        How many pairs to show: those with the most samples over the architectures.
    """
    wrong = confusion[confusion["truth"] != confusion["predicted"]]
    sums = wrong.groupby(["truth", "predicted"])["samples"].sum().sort_values(kind="stable")
    shown = sums.tail(pairs).index
    taken = [naming.one_line([pair[side] for pair in shown], 26) for side in (0, 1)]
    ticks = [f"{truth} → {predicted}" for truth, predicted in zip(*taken, strict=True)]
    names = list(dict.fromkeys(confusion["architecture"]))
    width = 0.8 / len(names)
    with style.journal():
        height = 0.9 + 0.24 * max(len(shown), 3)
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.9, height), layout="constrained")
        for number, name in enumerate(names):
            rows = wrong[wrong["architecture"] == name].set_index(["truth", "predicted"])["samples"]
            offset = width * ((len(names) - 1) / 2 - number)
            axis.barh(
                np.arange(len(shown)) + offset, rows.reindex(shown).fillna(0), height=width,
                color=style.ARCHITECTURE_COLOURS[name], label=name.upper(),
            )  # fmt: skip
        axis.set_yticks(np.arange(len(shown)), ticks)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set(xlabel="Samples taken for another class (true → predicted)")
        figure.legend(loc="outside upper center", ncols=len(names))
        return figure
