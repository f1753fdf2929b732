"""Figures of chapter 02: how far replicates of an explanation agree."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import naming, style


def figure_1(table: pd.DataFrame, tissues: Sequence[str]) -> Figure:
    """Draw Figure 1 of the paper: agreement of replicates, a block of panels a tissue.

    Parameters
    ----------
    table
        Rows of ``reproducibility.csv`` of one architecture; any designs and metrics.
    tissues
        Tissues to show.
    """
    if table.empty:
        return style.nothing_to_show("There is nothing to compare.")
    metrics = list(dict.fromkeys(table["metric"]))
    columns = min(len(tissues), 2)
    panels = [(metric, tissue) for tissue in tissues for metric in metrics]
    blocks = -(-len(tissues) // columns)
    names = dict(zip(tissues, naming.one_line(tissues, 52 // columns), strict=True))
    with style.journal():
        figure, axes = plt.subplots(
            len(metrics) * blocks, columns, figsize=(style.WIDTH, 2.3 * len(metrics) * blocks),
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for number, (metric, tissue) in enumerate(panels):
            block, column = divmod(number // len(metrics), columns)
            row = block * len(metrics) + metrics.index(metric)
            axis = axes[row, column]
            part = table[(table["metric"] == metric) & (table["tissue"] == tissue)]
            _boxes(axis, part, "explainer", _present(table), "design", style.DESIGNS)
            axis.set(xlabel="", ylabel=style.metric_name(metric) if column == 0 else "")
            if metric == metrics[0]:
                samples = part["sample"].nunique()
                axis.set_title(style.with_size(names[tissue], samples, "sample"))
            if metric != metrics[-1]:
                axis.tick_params(axis="x", labelbottom=False)
        for axis in axes.flat:
            if not axis.has_data():
                axis.remove()
        _legend(figure, table["design"], style.DESIGNS, style.DESIGN_NAMES)
        return figure


def modes(table: pd.DataFrame) -> Figure:
    """Draw agreement within one model by the mode of the network.

    Parameters
    ----------
    table
        ``modes.csv``: rows of ``reproducibility.csv`` with the column ``mode``.
    """
    if table.empty:
        return style.nothing_to_show("There is nothing to compare.")
    metrics = list(dict.fromkeys(table["metric"]))
    with style.journal():
        figure, axes = plt.subplots(
            len(metrics), 1, figsize=(style.WIDTH, 2.3 * len(metrics)), layout="constrained",
            squeeze=False, sharex=True,
        )  # fmt: skip
        for axis, metric in zip(axes[:, 0], metrics, strict=True):
            part = table[table["metric"] == metric]
            _boxes(axis, part, "explainer", _present(part), "mode", style.MODES)
            axis.set(xlabel="", ylabel=style.metric_name(metric))
        _legend(figure, table["mode"], style.MODES, style.MODE_NAMES)
        return figure


def reference_kinds(table: pd.DataFrame) -> Figure:
    """Draw agreement between models by the kind of reference, one reference each.

    Parameters
    ----------
    table
        Rows of ``reproducibility.csv`` of one architecture and design.
    """
    part = table[table["reference"] != "none"]
    metrics = list(dict.fromkeys(part["metric"]))
    with style.journal():
        figure, axes = plt.subplots(
            1, len(metrics), figsize=(style.WIDTH, 2.7), layout="constrained", squeeze=False
        )
        for axis, metric in zip(axes[0], metrics, strict=True):
            chosen = part[part["metric"] == metric]
            _boxes(axis, chosen, "explainer", _present(chosen), "reference", style.REFERENCES)
            axis.set(xlabel="", ylabel=style.metric_name(metric))
        names = {kind: f"{kind} reference" for kind in style.REFERENCES}
        _legend(figure, part["reference"], style.REFERENCES, names)
        return figure


def _present(table: pd.DataFrame) -> list[str]:
    found = set(table["explainer"])
    return [name for name in style.EXPLAINERS if name in found]


def _boxes(
    axis: Axes, table: pd.DataFrame, x: str, order: list[str], hue: str, palette: dict[str, str]
) -> None:
    """Draw a box over all pairs and a point for each sample's median.

    Scores that are all equal correlate with nothing: such pairs have no value.
    """
    table = table.dropna(subset=["value"])
    if table.empty:
        axis.text(0.5, 0.5, "no value", transform=axis.transAxes, ha="center", va="center")
        return
    hues = [name for name in palette if name in set(table[hue])]
    common = {"x": x, "y": "value", "order": order, "hue": hue, "hue_order": hues, "ax": axis}
    sns.boxplot(
        table, palette=palette, fliersize=0, linewidth=0.8, width=0.75, gap=0.12, legend=False,
        whis=(5, 95), boxprops={"alpha": 0.35}, **common,
    )  # fmt: skip
    medians = table.groupby([x, hue, "sample"], as_index=False)["value"].median()
    sns.stripplot(
        medians, palette=palette, dodge=len(hues) > 1, size=3.2, jitter=0.12, legend=False, **common
    )
    low = min(0.0, float(table["value"].min()))
    axis.set_ylim(low - 0.03, 1.03)
    axis.set_xticks(range(len(order)), style.explainer_names(order))
    axis.tick_params(axis="x", rotation=30)
    for label in axis.get_xticklabels():
        label.set_horizontalalignment("right")
        label.set_rotation_mode("anchor")


def _legend(
    figure: Figure, present: pd.Series, palette: dict[str, str], names: dict[str, str]
) -> None:
    shown = [name for name in palette if name in set(present)]
    handles = [plt.Rectangle((0, 0), 1, 1, color=palette[name], alpha=0.7) for name in shown]
    figure.legend(
        handles, [names[name] for name in shown], loc="outside upper center", ncols=len(shown)
    )
