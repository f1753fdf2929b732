"""Share of each list of top genes that is in a set of genes: the panels of Figures 4A, D and E."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullFormatter, PercentFormatter, StrMethodFormatter

from helpers.figures import naming, style
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_MEMBERS

_LABELS = {"chance": "chance, all genes", "chance_matched": "chance, matched expression"}


_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
"""Of the axis of folds."""

LETTERS_IN_AN_INCH = 10
"""Of a label of nine points, upright or not: a longer one takes a second line."""


def panels(
    table: pd.DataFrame,
    tissues: Sequence[str],
    label: str,
    groups: Mapping[str, str] = PAPER_MEMBERS,
) -> Figure:
    """Draw a row of panels for each tissue, a panel for each architecture.

    Parameters
    ----------
    table
        ``architecture``, ``explainer``, ``aggregated``, ``tissue``, ``share`` (0 to 1; with
        several rows for a bar, such as one for each model, their mean), ``chance`` and
        optionally ``chance_matched``.
    tissues
        Tissues to show.
    label
        What the share is of, for the vertical axis.
    groups
        Combination → group that it is in.
    """
    shown = table[table["tissue"].isin(list(tissues))]
    present = set(shown["architecture"])
    architectures = [name for name in style.ARCHITECTURES if name in present]
    orders = {name: _explainers(shown, name) for name in architectures}
    heights = [name for name in ("share", "chance", "chance_matched") if name in shown.columns]
    highest = float(shown[heights].max().max())
    if not highest > 0:
        return style.nothing_to_show(f"{label}: none is in a list, and none could be by chance.")
    top = highest * 1.18 + 0.01
    names = dict(zip(tissues, naming.one_line(tissues, 30), strict=True))
    with style.journal():
        figure, axes = plt.subplots(
            len(tissues), len(architectures), squeeze=False, sharey=True, layout="constrained",
            figsize=(style.WIDTH, 1.35 * len(tissues) + 1.65),
            width_ratios=[len(order) for order in orders.values()],
        )  # fmt: skip
        for row, tissue in zip(axes, tissues, strict=True):
            for axis, name in zip(row, architectures, strict=True):
                chosen = (shown["tissue"] == tissue) & (shown["architecture"] == name)
                _bars(axis, shown[chosen], orders[name], groups)
                axis.set(ylim=(0, top), title=f"{names[tissue]}, {name.upper()}")
                axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
                axis.tick_params(axis="x", labelbottom=tissue == tissues[-1])
        room = int(LETTERS_IN_AN_INCH * figure.get_figheight())
        figure.supylabel(textwrap.fill(label, room), fontsize=9)
        _legend(figure, shown)
        return figure


def of_sets(table: pd.DataFrame) -> pd.DataFrame:
    """Rewrite a table of `helpers.biology.over_representation` as `panels` takes it."""
    renamed = table.assign(
        share=table["hits"] / table["size"], chance=table["expected"] / table["size"]
    )
    if "expected_matched" in table.columns:
        renamed["chance_matched"] = table["expected_matched"] / table["size"]
    return renamed


def folds(table: pd.DataFrame, tissue: str, label: str) -> Figure:
    """Draw the fold over chance of every combination in one tissue, with its 95 % interval.

    Parameters
    ----------
    table
        What `helpers.biology.over_representation.over_representation` gave, of one set.
    tissue
        Tissue to show.
    label
        What the set is, for the horizontal axis.
    """
    part = table[table["tissue"] == tissue].reset_index(drop=True)
    names = combination_names(part)
    rank = {name: i for i, name in enumerate(style.EXPLAINERS)}
    order = pd.DataFrame(
        {"a": part["architecture"], "b": ~part["aggregated"], "c": part["explainer"].map(rank)}
    )
    part = part.loc[order.sort_values(["a", "b", "c"]).index]
    places = np.arange(len(part))[::-1]
    values = part[["fold", "fold_low", "fold_high"]]
    values = values.where(np.isfinite(values))
    if values["fold"].isna().all():
        return style.nothing_to_show(
            f"{label}, {tissue}: no gene of the set is measured, so there is no fold over chance."
        )
    # No hits have no logarithm: they are drawn at the left edge.
    lowest = float(values[values > 0].min().min())
    left = max(min(0.25, lowest / 1.5 if lowest > 0 else 0.25), 0.02)
    clipped = values.clip(lower=left)
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH * 0.9, 0.9 + 0.17 * len(part)), layout="constrained"
        )
        colours = part["aggregated"].map(style.AGGREGATION).tolist()
        axis.hlines(places, clipped["fold_low"], clipped["fold_high"], colors=colours, lw=1.4)
        axis.scatter(clipped["fold"], places, color=colours, s=20, zorder=3)
        if "fold_matched" in part.columns:
            matched = part["fold_matched"].clip(lower=left)
            axis.scatter(matched, places, s=26, marker="D", fc="white", ec="k", lw=0.8, zorder=2.5)
        axis.axvline(1, color=style.PAPER, ls="--", lw=1)
        axis.set_xscale("log")
        axis.set_xlim(left, max(float(clipped.max().max()), 1.0) * 1.2)
        axis.xaxis.set_major_locator(FixedLocator(_TICKS))
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
        labels = [style.combination_label(name) for name in names.loc[part.index]]
        axis.set_yticks(places, labels, fontsize=7.5)
        axis.set_ylim(-0.7, len(part) - 0.3)
        axis.set_xlabel(naming.drawn(f"Fold over chance: {label}"))
        axis.set_title(naming.label(tissue, 60))
        _fold_legend(figure, part)
        return figure


def _explainers(table: pd.DataFrame, architecture: str) -> list[str]:
    found = set(table.loc[table["architecture"] == architecture, "explainer"])
    return [name for name in style.EXPLAINERS if name in found]


def _bars(axis: Axes, table: pd.DataFrame, order: Sequence[str], groups: Mapping[str, str]) -> None:
    for aggregated, shift in ((False, -0.2), (True, 0.2)):
        part = table[table["aggregated"] == aggregated]
        means = part.groupby("explainer")["share"].mean().reindex(list(order))
        places = np.arange(len(order)) + shift
        axis.bar(places, means, width=0.38, color=style.AGGREGATION[aggregated])
        heights = means
        if "chance_matched" in part.columns:
            matched = part.groupby("explainer")["chance_matched"].mean().reindex(list(order))
            axis.scatter(places, matched, marker="_", s=45, color="k", lw=1.4, zorder=3)
            # A group is named above both its bar and the mark of chance.
            heights = means.combine(matched, max)
        names = dict(zip(part["explainer"], combination_names(part), strict=True))
        for place, value, explainer in zip(places, heights, order, strict=True):
            group = groups.get(names.get(explainer, ""), "")
            if group:
                _mark(axis, place, value, group)
    if len(table):
        axis.axhline(table["chance"].mean(), color=style.PAPER, ls="--", lw=1)
    axis.set_xticks(
        range(len(order)), style.explainer_names(order), rotation=35, ha="right",
        rotation_mode="anchor",
    )  # fmt: skip
    axis.set_xlim(-0.6, len(order) - 0.4)


def _mark(axis: Axes, place: float, value: float, group: str) -> None:
    axis.annotate(
        group, (place, value), (0, 2), textcoords="offset points", ha="center", va="bottom",
        fontsize=7.5, weight="bold", color=style.PAPER,
    )  # fmt: skip


def _legend(figure: Figure, table: pd.DataFrame) -> None:
    handles: list[Line2D | plt.Rectangle] = [
        plt.Rectangle((0, 0), 1, 1, color=colour) for colour in style.AGGREGATION.values()
    ]
    names = list(style.AGGREGATION_NAMES.values())
    handles.append(Line2D([], [], color=style.PAPER, ls="--", lw=1))
    names.append(_LABELS["chance"])
    if "chance_matched" in table.columns:
        handles.append(Line2D([], [], color="k", marker="_", ls="", ms=8, mew=1.4))
        names.append(_LABELS["chance_matched"])
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), columnspacing=1.2)


def _fold_legend(figure: Figure, table: pd.DataFrame) -> None:
    shown = [how for how in style.AGGREGATION if (table["aggregated"] == how).any()]
    handles = [Line2D([], [], color=style.AGGREGATION[how], marker="o", ms=4.5) for how in shown]
    names = [style.AGGREGATION_NAMES[how] for how in shown]
    if "fold_matched" in table.columns:
        handles.append(Line2D([], [], ls="", marker="D", ms=5, mfc="white", mec="k"))
        names.append("against genes of matched expression")
    figure.legend(handles, names, loc="outside upper center", ncols=len(names))
