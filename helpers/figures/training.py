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

from helpers.figures import style


def learning_curves(curves: pd.DataFrame) -> Figure:
    """Draw loss and validation accuracy by epoch, a line for each model.

    Parameters
    ----------
    curves
        ``learning_curves.csv``.
    """
    panels = (
        ("train_loss", "Training loss (nats)"),
        ("validation_loss", "Validation loss (nats)"),
        ("validation_accuracy", "Validation accuracy"),
    )
    with style.journal():
        figure, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 2.5), layout="constrained")
        for axis, (column, label) in zip(axes, panels, strict=True):
            for _, curve in curves.groupby("model"):
                axis.plot(
                    curve["epoch"], curve[column], color=style.SIDES["test"], lw=0.8, alpha=0.5
                )
            best = curves[curves["best"]]
            axis.scatter(
                best["epoch"], best[column], s=14, color=style.SIDES["validation"], zorder=3
            )
            axis.set(xlabel="Epoch", ylabel=label)
            axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            if column.endswith("loss"):
                axis.set_yscale("log")
                axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
                axis.yaxis.set_minor_formatter(NullFormatter())
            else:
                axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        return figure


def accuracies(accuracy: pd.DataFrame, paper: dict[str, float]) -> Figure:
    """Draw the accuracy of each model on each side of the split, with the median marked.

    Parameters
    ----------
    accuracy
        ``accuracy.csv``.
    paper
        The paper's median accuracy of each architecture.
    """
    sides = list(style.SIDES)
    names = list(dict.fromkeys(accuracy["architecture"]))
    with style.journal():
        figure, axes = plt.subplots(
            1, len(names), figsize=(style.WIDTH * 0.62, 2.9), layout="constrained", squeeze=False
        )
        for axis, name in zip(axes[0], names, strict=True):
            part = accuracy[accuracy["architecture"] == name]
            sns.stripplot(
                part, x="split", y="accuracy", order=sides, hue="split", hue_order=sides,
                palette=style.SIDES, size=4.5, alpha=0.75, jitter=0.22, legend=False, ax=axis,
            )  # fmt: skip
            medians = part.groupby("split")["accuracy"].median()
            for position, side in enumerate(sides):
                axis.plot([position - 0.32, position + 0.32], [medians[side]] * 2, color="k", lw=2)
            axis.axhline(paper[name], color=style.PAPER, ls="--", lw=1)
            axis.annotate(
                f"paper: {paper[name]:.1%}", (0, paper[name]), (3, -10), fontsize=8,
                xycoords=("axes fraction", "data"), textcoords="offset points", color=style.PAPER,
            )  # fmt: skip
            models = part["model"].nunique()
            axis.set(xlabel="", ylabel="Accuracy", title=f"{name.upper()} (n = {models} models)")
            axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        return figure


def recalls(recall: pd.DataFrame, lowest: int = 20) -> Figure:
    """Draw the recall of the classes that cross-validation finds hardest.

    Parameters
    ----------
    recall
        ``recall.csv``.
    lowest
        How many classes to show.
    """
    part = recall.sort_values(["recall", "tissue"]).head(lowest)
    labels = [
        f"{style.class_name(t)} (n = {n})" for t, n in zip(part["tissue"], part["n"], strict=True)
    ]
    with style.journal():
        height = 0.7 + 0.19 * len(part)
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.75, height), layout="constrained")
        positions = np.arange(len(part))[::-1]
        axis.hlines(positions, 0, part["recall"], color="#bbbbbb", lw=1)
        axis.scatter(part["recall"], positions, color=style.SIDES["test"], s=26, zorder=3)
        axis.set_yticks(positions, labels)
        axis.set(xlabel="Recall in cross-validation (share of the class's samples)", xlim=(0, 1.03))
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        return figure


def confusions(confusion: pd.DataFrame, pairs: int = 15) -> Figure:
    """Draw the pairs of classes that are confused most often.

    Parameters
    ----------
    confusion
        ``confusion.csv``: truth, predicted, samples.
    pairs
        How many pairs to show.
    """
    wrong = confusion[confusion["truth"] != confusion["predicted"]]
    part = wrong.sort_values(["samples", "truth"], ascending=[False, True]).head(pairs)
    labels = [
        f"{style.class_name(t)} → {style.class_name(p)}"
        for t, p in zip(part["truth"], part["predicted"], strict=True)
    ]
    with style.journal():
        height = 0.7 + 0.19 * max(len(part), 3)
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.85, height), layout="constrained")
        axis.barh(np.arange(len(part))[::-1], part["samples"], color=style.STATUSES["cancer"])
        axis.set_yticks(np.arange(len(part))[::-1], labels)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set(xlabel="Samples taken for another class (true → predicted)")
        return figure
