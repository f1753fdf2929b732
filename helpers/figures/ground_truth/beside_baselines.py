"""Rankings of all kinds beside each other: explainers, baselines, the oracle."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from helpers.baselines import BASELINES
from helpers.figures import naming, style

_KINDS = {
    "baseline": ("without a network", style.COLOURS[1], "D"),
    "single": ("single networks, mean", style.COLOURS[7], "o"),
    "together": ("all networks together", style.COLOURS[0], "o"),
    "shuffled": ("all networks, shuffled labels", style.COLOURS[3], "X"),
}
"""Kind of ranking → name for readers, colour, marker."""

_ORACLE = "someone who knows the laboratories"


def ranking_name(name: str) -> str:
    """Return the name of an explainer, a baseline or the oracle as it stands on an axis."""
    if name in BASELINES:
        return BASELINES[name].title
    return _ORACLE if name == "Oracle" else style.explainer_name(name)


def compared(table: pd.DataFrame) -> Figure:
    """Draw average precision of every ranking in every class, explainers beside baselines.

    Parameters
    ----------
    table
        ``right_compared.csv``; of one architecture and the baselines.
    """
    classes = list(dict.fromkeys(table["tissue"]))
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    order = [*names, *BASELINES, "Oracle"]
    order = [name for name in order if name in set(table["explainer"])]
    place = {name: number + (number >= len(names)) * 0.6 for number, name in enumerate(order)}
    with style.journal():
        figure, axes = plt.subplots(
            1, len(classes), figsize=(style.WIDTH, 1.0 + 0.2 * len(order)), sharey=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, tissue in zip(axes[0], classes, strict=True):
            own = table[table["tissue"] == tissue]
            for kind, (label, colour, marker) in _KINDS.items():
                part = own[own["kind"] == kind]
                axis.scatter(
                    part["auprc"], part["explainer"].map(place), color=colour, marker=marker, s=22,
                    label=label, zorder=3,
                )  # fmt: skip
            axis.grid(axis="y", lw=0.4, color="#dddddd")
            axis.set(title=naming.label(tissue, 22), xlim=(-0.04, 1.04), xlabel="Average precision")
        axes[0, 0].set_yticks(list(place.values()), [ranking_name(name) for name in place])
        axes[0, 0].invert_yaxis()
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure


def strata(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw which share of each kind of planted gene every ranking finds.

    Parameters
    ----------
    table
        ``found_by_stratum.csv``: explainers of all networks together, and baselines.
    titles
        Stratum → its name for readers, in order.
    """
    shown = table[table["kind"].isin(["together", "baseline"])]
    order = [name for name in (*style.EXPLAINERS, *BASELINES, "Oracle")
             if name in set(shown["explainer"])]  # fmt: skip
    columns = [name for name in titles if name in set(shown["stratum"])]
    wide = shown.pivot_table(index="explainer", columns="stratum", values="recall")
    wide = wide.loc[order, columns]
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH, 1.8 + 0.24 * len(order)), layout="constrained"
        )
        sns.heatmap(
            wide, ax=axis, cmap="Blues", vmin=0, vmax=1, annot=True, fmt=".0%",
            annot_kws={"size": 7.5}, cbar=False, linewidths=0.6,
        )  # fmt: skip
        axis.set_xticks(
            np.arange(len(columns)) + 0.5,
            [naming.label(titles[name], 36) for name in columns], rotation=35, ha="right",
        )  # fmt: skip
        axis.set_yticks(np.arange(len(order)) + 0.5, [ranking_name(n) for n in order], rotation=0)
        axis.set(xlabel="", ylabel="")
        return figure


def beside(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw what is counted among top genes of explainers and of baselines: a panel a measure.

    Parameters
    ----------
    table
        ``beside_baselines.csv``; of one architecture and the baselines.
    titles
        Measure → its name for readers, in order.
    """
    measures = [name for name in titles if name in set(table["measure"])]
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    order = [*names, *(name for name in BASELINES if name in set(table["explainer"]))]
    if not measures:
        return style.nothing_to_show("There is nothing to compare in this run.")
    place = {name: number + (number >= len(names)) * 0.6 for number, name in enumerate(order)}
    with style.journal():
        figure, axes = plt.subplots(
            1, len(measures), figsize=(style.WIDTH, 1.2 + 0.2 * len(order)), sharey=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, measure in zip(axes[0], measures, strict=True):
            own = table[table["measure"] == measure]
            for network, colour, marker in (
                (True, style.COLOURS[0], "o"),
                (False, style.COLOURS[1], "D"),
            ):
                part = own[own["explainer"].isin(names) == network]
                axis.scatter(
                    part["value"], part["explainer"].map(place), color=colour, s=9, alpha=0.5
                )
                means = part.groupby("explainer")["value"].mean()
                axis.scatter(
                    means, means.index.map(place), color=colour, marker=marker, s=26, zorder=3,
                    label="explainers" if network else "without a network",
                )  # fmt: skip
            axis.grid(axis="y", lw=0.4, color="#dddddd")
            axis.set_xlabel(textwrap.fill(titles[measure], 22))
        axes[0, 0].set_yticks(list(place.values()), [ranking_name(name) for name in place])
        axes[0, 0].invert_yaxis()
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure
