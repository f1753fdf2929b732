"""Figures of chapter 14: single cells."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from helpers.figures import naming, style

_MODELS, _HALVES = style.COLOURS[7], style.COLOURS[0]


def recalls(table: pd.DataFrame) -> Figure:
    """Draw the share of each cell type that cross-validation finds.

    Parameters
    ----------
    table
        ``cell_recall.csv``.
    """
    types = table[table["tissue"] != "all"].sort_values("n", kind="stable")
    names = naming.one_line(types["tissue"], 34)
    labels = [f"{name} (n = {n})" for name, n in zip(names, types["n"], strict=True)]
    places = np.arange(len(types))
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH * 0.85, 0.8 + 0.24 * len(types)), layout="constrained"
        )
        axis.hlines(places, types["recall"], types["precision"], color="#bbbbbb", lw=1, zorder=0)
        for column, colour, marker in (
            ("recall", style.COLOURS[0], "o"),
            ("precision", style.COLOURS[1], "D"),
        ):
            axis.scatter(types[column], places, color=colour, marker=marker, s=32, label=column)
        axis.set_yticks(places, labels)
        axis.set(xlabel="Recall and precision in cross-validation", xlim=(0, 1.03))
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.legend(loc="outside upper center", ncols=2)
        return figure


def marker_ranks(markers: pd.DataFrame, genes: int, top: int) -> Figure:
    """Draw where known markers stand among all genes, by the explanation and by a t-test.

    Parameters
    ----------
    markers
        ``cell_markers.csv``.
    genes
        Genes measured.
    top
        Length of the lists of top genes: a line is drawn there.
    """
    shown = markers[markers["measured"].astype(bool)].iloc[::-1]
    if shown.empty:
        return style.nothing_to_show("No known marker is among the genes measured.")
    places, ticks, bounds, place = [], [], [], 0.0
    for number, tissue in enumerate(shown["tissue"]):
        if number and tissue != shown["tissue"].iloc[number - 1]:
            bounds.append(place + 0.2)
            place += 0.4
        places.append(place)
        ticks.append(place)
        place += 1
    with style.journal():
        figure, axis = plt.subplots(figsize=(style.WIDTH, 0.9 + 0.17 * place), layout="constrained")
        axis.axvspan(0.8, top + 0.5, color="#eef3f8", zorder=0)
        axis.hlines(np.array(bounds) - 0.7, 0.8, genes * 1.1, color="#dddddd", lw=0.8, zorder=0)
        axis.scatter(
            shown["rank_t"].astype(float), places, s=26, facecolor="none",
            edgecolor=style.COLOURS[1], marker="D", label="t-test", zorder=2,
        )  # fmt: skip
        axis.scatter(
            shown["rank"].astype(float), places, s=28, color=style.COLOURS[0],
            label="explanation, all models", zorder=3,
        )  # fmt: skip
        axis.set_yticks(ticks, naming.one_line(shown["gene"], 20), fontsize=7.5)
        middle = pd.Series(places, index=shown["tissue"]).groupby(level=0).mean()
        for tissue, height in middle.items():
            axis.annotate(
                naming.label(tissue, 24), (1.01, height), xycoords=("axes fraction", "data"),
                va="center", fontsize=7.5,
            )  # fmt: skip
        axis.set(xscale="log", xlim=(0.8, genes * 1.1), ylim=(-0.8, place - 0.2))
        axis.set_xlabel(f"Rank among {genes:,} genes (shaded: first {top})")
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
        figure.legend(loc="outside upper center", ncols=2)
        return figure


def agreement(table: pd.DataFrame, top: int, chance: float) -> Figure:
    """Draw how many top genes single models share, and halves of the ensemble.

    Parameters
    ----------
    table
        ``cell_agreement.csv``.
    top
        Length of the lists.
    chance
        Overlap of two random lists.
    """
    types = sorted(table["tissue"].unique())
    names = {
        "models": "two single models",
        "halves": f"two halves of {table.loc[table['what'] == 'halves', 'n'].max()} models",
    }
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH, 1.0 + 0.34 * len(types)), layout="constrained"
        )
        sns.stripplot(
            table.assign(what=table["what"].map(names)), x="overlap", y="tissue", hue="what",
            order=types, hue_order=list(names.values()), palette=[_MODELS, _HALVES], dodge=True,
            size=2.5, alpha=0.5, jitter=0.12, legend=False, ax=axis,
        )  # fmt: skip
        for shift, kind, colour in ((-0.2, "models", _MODELS), (0.2, "halves", _HALVES)):
            medians = table[table["what"] == kind].groupby("tissue")["overlap"].median()
            axis.scatter(
                medians[types], np.arange(len(types)) + shift, marker="|", s=130, lw=2.5,
                color=colour, label=f"{names[kind]} (bar: median)", zorder=3,
            )  # fmt: skip
        axis.set_yticks(range(len(types)), naming.one_line(types, 34))
        axis.axvline(chance, color=style.PAPER, ls=":", lw=1)
        axis.set(xlabel=f"Overlap of top {top} genes (dotted: chance)", ylabel="", xlim=(0, 1.02))
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.legend(loc="outside upper center", ncols=2)
        return figure
