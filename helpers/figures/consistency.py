"""Figures of the chapter on consistency: who shares top genes with whom (Figures 3 and S8)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from helpers.figures import style
from helpers.stability import overlap_square

FEW_GENES = 5
"""A share of fewer genes than this, in the median over samples, is drawn hollow."""

_CLUSTERS = ("#555555", "#bbbbbb")
"""Shades of neighbouring clusters in turn."""


def figure_3(square: pd.DataFrame, groups: pd.DataFrame, chance: float, tissues: int) -> Figure:
    """Draw Figure 3 of the paper: the overlap of top genes between all combinations, clustered.

    Parameters
    ----------
    square
        What `helpers.stability.overlap_square` gave.
    groups
        ``combination``, ``cluster``, ``paper_group`` in the order of the dendrogram: the table
        of `helpers.stability.Groups`.
    chance
        Overlap of two random lists.
    tissues
        Number of tissues that the overlap is a mean over.
    """
    names = groups["combination"].tolist()
    values = square.loc[names, names].to_numpy()
    count = len(names)
    side = min(0.155 * count + 0.6, 4.5)
    with style.journal():
        figure, (bars, axis) = plt.subplots(
            1, 2, figsize=(side + 2.7, side + 1.75), layout="constrained",
            width_ratios=[0.055 * side, side],
        )  # fmt: skip
        image = axis.imshow(values, cmap="viridis", vmin=0, vmax=1, aspect="auto")
        edges = np.flatnonzero(np.diff(groups["cluster"])) + 0.5
        axis.hlines(edges, -0.5, count - 0.5, color="w", lw=1.2)
        axis.vlines(edges, -0.5, count - 0.5, color="w", lw=1.2)
        labels = [style.combination_label(name) for name in names]
        size = 7 if count > 20 else 8
        axis.set_xticks(range(count), labels, rotation=90, fontsize=size)
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        axis.tick_params(length=2)
        _group_bars(bars, groups, labels, size)
        bar = figure.colorbar(image, ax=axis, shrink=0.6, aspect=18, pad=0.03)
        bar.set_label(f"Overlap of top genes (mean of\n{tissues} tissues; chance: {chance:.1%})")
        bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        present = [name for name in style.GROUP_COLOURS if name in set(groups["paper_group"])]
        handles = [plt.Rectangle((0, 0), 1, 1, color=style.GROUP_COLOURS[name]) for name in present]
        names = [f"the paper's group {name}" for name in present]
        handles += [plt.Rectangle((0, 0), 1, 1, color=_CLUSTERS[0])]
        names += [f"clusters found ({groups['cluster'].nunique()})"]
        figure.legend(handles, names, loc="outside upper center", ncols=len(names))
        return figure


def relations(table: pd.DataFrame, chance: float) -> Figure:
    """Draw the mean overlap of each kind of pair, a point for each tissue.

    Parameters
    ----------
    table
        What `helpers.stability.relations` gave.
    chance
        Overlap of two random lists.
    """
    titles = list(dict.fromkeys(table["title"]))
    tissues = table["tissue"].nunique()
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH, 0.8 + 0.3 * len(titles)), layout="constrained"
        )
        for place, title in enumerate(titles[::-1]):
            part = table[table["title"] == title]
            axis.plot(
                part["overlap"], [place] * len(part), "o", ms=5, alpha=0.6, color=style.COLOURS[0]
            )
            middle = part["overlap"].median()
            axis.plot([middle] * 2, [place - 0.28, place + 0.28], color="k", lw=2)
        pairs = table.drop_duplicates("title").set_index("title")["pairs"]
        labels = [f"{title} ({pairs[title]})" for title in titles[::-1]]
        axis.set_yticks(range(len(titles)), labels)
        axis.axvline(chance, color=style.PAPER, ls="--", lw=1, label=f"chance, {chance:.1%}")
        axis.set(xlim=(-0.02, 1.02), ylim=(-0.6, len(titles) - 0.4))
        figure.supxlabel(
            f"Overlap of top genes (a point for each of {tissues} tissues; line: median)",
            fontsize=9,
        )
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.legend(loc="lower right")
        return figure


def figure_s8(table: pd.DataFrame, chance: float) -> Figure:
    """Draw Figure S8: genes that replicates share, and their share in the aggregated list.

    Points that stand on fewer than `FEW_GENES` genes are hollow.

    Parameters
    ----------
    table
        What `helpers.stability.shared_by_replicates` gave, of any explainers.
    chance
        Overlap of two random lists.
    """
    if table.empty:
        return style.nothing_to_show(
            "Too few models: those that are not compared here make no aggregated list."
        )
    names = [name for name in style.ARCHITECTURES if name in set(table["architecture"])]
    if not names:
        return style.nothing_to_show("There are too few models to leave those compared out.")
    with style.journal():
        figure, axes = plt.subplots(
            1, len(names), figsize=(style.WIDTH, 3.6), layout="constrained", squeeze=False,
            sharey=True,
        )  # fmt: skip
        for axis, name in zip(axes[0], names, strict=True):
            part = table[table["architecture"] == name]
            _shared_lines(axis, part)
            axis.axhline(chance, color=style.PAPER, ls="--", lw=1, label="chance")
            samples = part["sample"].nunique()
            axis.set_title(style.with_size(style.ARCHITECTURES[name], samples, "sample"))
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
            axis.set_ylim(-0.03, 1.03)
            axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.supxlabel(
            "Replicates that share the genes (1: genes of single replicates)", fontsize=9
        )
        axes[0, 0].set_ylabel("Share in the aggregated list\n(median of samples)")
        shown: dict[str, Artist] = {}
        for axis in axes[0]:
            handles, labels = axis.get_legend_handles_labels()
            shown |= dict(zip(labels, handles, strict=True))
        order = [label for label in (*style.EXPLAINERS, "chance") if label in shown]
        names = style.explainer_names(order)
        figure.legend([shown[label] for label in order], names, loc="outside upper center", ncols=5)
        return figure


def _group_bars(axis: Axes, groups: pd.DataFrame, labels: list[str], size: float) -> None:
    """Draw the paper's group and the cluster of each row, and its name."""
    for row, (cluster, group) in enumerate(
        zip(groups["cluster"], groups["paper_group"], strict=True)
    ):
        axis.barh(row, 1, 1, left=0, color=style.GROUP_COLOURS.get(group, "none"))
        axis.barh(row, 0.8, 1, left=1.2, color=_CLUSTERS[cluster % 2])
    axis.set(xlim=(0, 2), ylim=(len(groups) - 0.5, -0.5))
    axis.set_xticks([])
    axis.set_yticks(range(len(groups)), labels, fontsize=size)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)


def _shared_lines(axis: Axes, table: pd.DataFrame) -> None:
    for explainer, line in style.EXPLAINER_LINES.items():
        part = table[table["explainer"] == explainer]
        if part.empty:
            continue
        medians = part.groupby("shared_by")[["overlap", "genes"]].median()
        axis.plot(medians.index, medians["overlap"], ms=4.5, label=explainer, **line)
        few = medians[medians["genes"] < FEW_GENES]
        axis.plot(
            few.index, few["overlap"], ls="none", ms=4.5, marker=line["marker"], mfc="white",
            mec=line["color"], mew=1.1, zorder=3,
        )  # fmt: skip


def square_elsewhere(pairs: pd.DataFrame, groups: pd.DataFrame) -> Figure:
    """Draw Figure 3 from what a bundle of results keeps of it.

    Parameters
    ----------
    pairs
        ``bundle`` (one), ``a``, ``b``, ``overlap``: each two combinations once.
    groups
        ``bundle``, ``combination``, ``cluster``, ``paper_group``, ``chance``, ``tissues``; more
        rows may be there, of other bundles.
    """
    own = groups[groups["bundle"] == pairs["bundle"].iloc[0]]
    return figure_3(
        overlap_square(pairs), own, float(own["chance"].iloc[0]), int(own["tissues"].iloc[0])
    )
