"""What networks lose with the first genes of a ranking, and Captum's metrics."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from helpers.figures import style

_OTHERS = {
    "t_test": ("t-test", {"color": style.COLOURS[1], "ls": "-", "marker": "D"}),
    "matched": ("genes of like expression", {"color": style.COLOURS[7], "ls": "--", "marker": "x"}),
    "random": ("random genes", {"color": style.PAPER, "ls": ":", "marker": "."}),
    "nothing": ("nothing removed", {"color": style.PAPER, "ls": "-", "marker": ""}),
}
"""What stands beside explainers → its name for readers, and its line."""

_CHANGES = {"deletion": "Deletion", "insertion": "Insertion"}


def ranking_name(name: str) -> str:
    """Return the name of an explainer, or of what stands beside explainers, for readers."""
    return _OTHERS[name][0] if name in _OTHERS else style.explainer_name(name)


def _line(name: str) -> dict[str, object]:
    return _OTHERS[name][1] if name in _OTHERS else style.EXPLAINER_LINES[name]


def curves(table: pd.DataFrame) -> Figure:
    """Draw how far the output goes when genes are taken away, and put back: a line a ranking.

    Parameters
    ----------
    table
        ``faithfulness_curves.csv``; of one architecture and one order of each explainer.
    """
    known = table.dropna(subset="share")
    if known.empty:
        return style.nothing_to_show("No sample stands out from one without any genes.")
    names = [name for name in style.EXPLAINERS if name in set(known["explainer"])]
    with style.journal():
        figure, axes = plt.subplots(
            1, 2, figsize=(style.WIDTH, 3.4), sharey=True, layout="constrained"
        )
        for axis, (change, title) in zip(axes, _CHANGES.items(), strict=True):
            own = known[known["change"] == change]
            for name in names:
                part = own[(own["kind"] == "ranked") & (own["explainer"] == name)]
                axis.plot(part["genes"], part["share"], label=ranking_name(name), **_line(name))
            for kind in ("t_test", "matched", "random"):
                means = own[own["kind"] == kind].groupby("genes")["share"].mean()
                if len(means):
                    axis.plot(means.index, means, label=ranking_name(kind), **_line(kind))
            axis.set(xscale="log", xlabel="Genes", title=title)
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes[0].set_ylabel("Share of the way to the other end")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        return figure


def areas(table: pd.DataFrame) -> Figure:
    """Draw by how much explainers' areas exceed those of random genes, by the way of ranking.

    Parameters
    ----------
    table
        ``faithfulness.csv``; of one architecture.
    """
    known = table.dropna(subset="over_random")
    names = [*style.EXPLAINERS, "t_test"]
    names = [name for name in names if name in set(known["explainer"])]
    if not names:
        return style.nothing_to_show("No sample stands out from one without any genes.")
    with style.journal():
        figure, axes = plt.subplots(
            1, 2, figsize=(style.WIDTH, 1.4 + 0.27 * len(names)), sharey=True, layout="constrained"
        )
        for axis, (change, title) in zip(axes, _CHANGES.items(), strict=True):
            own = known[known["change"] == change]
            for place, (by, label) in enumerate(
                (("absolute", "ranked by size"), ("signed", "ranked by signed score"))
            ):
                part = own[own["by"] == by]
                _dots(axis, part, names, "over_random", style.COLOURS[place], label, place)
            axis.axvline(0, color=style.PAPER, lw=0.8, ls=":")
            axis.set(xlabel="Area above that of random genes", title=title)
        axes[0].set_yticks(np.arange(len(names)), [ranking_name(name) for name in names])
        axes[0].invert_yaxis()
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure


def _dots(
    axis: Axes, table: pd.DataFrame, names: list[str], column: str, colour: str, label: str,
    place: int = 0,
) -> None:  # fmt: skip
    """Draw values (small) and their mean (large), a row a name."""
    rows = table["explainer"].map({name: row for row, name in enumerate(names)}) + 0.22 * place
    axis.scatter(table[column], rows, color=colour, s=8, alpha=0.3)
    means = table.groupby("explainer")[column].mean()
    at = means.index.map({name: row for row, name in enumerate(names)}) + 0.22 * place
    axis.scatter(means, at, color=colour, s=28, label=label, marker="oD"[place], zorder=3)


def retrained(table: pd.DataFrame) -> Figure:
    """Draw what MLPs trained anew can do without the first genes: a line a ranking.

    Parameters
    ----------
    table
        ``retrained.csv``.
    """
    order = [*style.EXPLAINERS, "t_test", "matched", "random"]
    names = [name for name in order if name in set(table["ranking"])]
    with style.journal():
        figure, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.3), layout="constrained")
        titles = {"recall": "Share named rightly", "probability": "Probability of the own class"}
        for axis, (measure, title) in zip(axes, titles.items(), strict=True):
            means = table.groupby(["ranking", "genes"])[measure].mean()
            for name in names:
                own = means[name]
                axis.plot(own.index, own, label=ranking_name(name), **_line(name))
            axis.axhline(
                means["nothing"].iloc[0], label=ranking_name("nothing"), **_line("nothing"), lw=0.8
            )
            axis.set(xscale="log", ylim=(-0.02, 1.02), title=title,
                     xlabel="Genes removed for each tissue")  # fmt: skip
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        return figure


def metrics(table: pd.DataFrame) -> Figure:
    """Draw infidelity and max-sensitivity of explainers: a panel a metric.

    Parameters
    ----------
    table
        ``faithfulness_metrics.csv``; of one architecture.
    """
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    if not names:
        return style.nothing_to_show("There are no such networks in this run.")
    with style.journal():
        figure, axes = plt.subplots(
            1, 2, figsize=(style.WIDTH, 1.2 + 0.27 * len(names)), sharey=True, layout="constrained"
        )
        titles = {"unexplained": "Share not foretold (infidelity)",
                  "sensitivity": "Max-sensitivity"}  # fmt: skip
        for axis, (column, title) in zip(axes, titles.items(), strict=True):
            own = table.dropna(subset=column)
            _dots(axis, own, names, column, style.COLOURS[0], "mean")
            axis.set(xlabel=title, xlim=(0, None))
        axes[0].set_yticks(np.arange(len(names)), [ranking_name(name) for name in names])
        axes[0].invert_yaxis()
        return figure
