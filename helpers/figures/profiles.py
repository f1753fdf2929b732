"""Figures on the top genes of several tissues (Figures 4B and 4C)."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import naming, style
from helpers.stability.combinations import combination_names
from helpers.stability.groups import PAPER_MEMBERS

MOST_UPRIGHT = 6
"""Names of tissues that fit below an axis side by side; more are set aslant."""


def figure_4b(table: pd.DataFrame, limit: float = 3.0, measure: str = "TPM") -> Figure:
    """Draw Figure 4B: expression of the top genes of several tissues, a panel for each group.

    Parameters
    ----------
    table
        What `helpers.biology.expression_profiles` gave.
    limit
        z-scores beyond this are drawn in the colour of the limit.
    measure
        What expression is.
    """
    labels = list(dict.fromkeys(table["group"]))
    tissues = list(dict.fromkeys(table["tissue"]))
    short = naming.one_line(tissues, 18)
    with style.journal():
        figure, axes = plt.subplots(
            1, len(labels), figsize=(style.WIDTH, 4.4), layout="constrained", squeeze=False
        )
        for axis, label in zip(axes[0], labels, strict=True):
            part = table[table["group"] == label]
            genes = part.drop_duplicates("gene")
            wide = part.pivot(index="gene", columns="tissue", values="z")
            values = wide.loc[genes["gene"], tissues].to_numpy()
            image = axis.imshow(
                values, cmap="vlag", vmin=-limit, vmax=limit, aspect="auto", interpolation="none"
            )
            counts = genes["listed_in"].value_counts().reindex(tissues, fill_value=0)
            ends = counts.cumsum().to_numpy()
            axis.hlines(ends[:-1] - 0.5, -0.5, len(tissues) - 0.5, color="k", lw=0.8)
            names = [
                _fitting(name, count, len(genes)) for name, count in zip(short, counts, strict=True)
            ]
            axis.set_yticks(
                ends - counts.to_numpy() / 2 - 0.5, names, rotation=90, va="center", fontsize=8,
                multialignment="center",
            )  # fmt: skip
            axis.set_xticks(
                range(len(tissues)), short, rotation=40, ha="right", rotation_mode="anchor"
            )  # fmt: skip
            name = style.combination_label(part["combination"].iloc[0])
            axis.set_title(f"Group {label}: {len(genes)} genes\n{name}")
            axis.tick_params(length=0)
        axes[0, 0].set_ylabel("Top genes, by the first tissue that lists them")
        bar = figure.colorbar(image, ax=axes, shrink=0.5, aspect=22, pad=0.01, extend="both")
        bar.set_label(f"Mean expression, z-score of log2({measure} + 1)")
        return figure


def figure_4c(table: pd.DataFrame, combinations: Mapping[str, str]) -> Figure:
    """Draw Figure 4C: the share of top genes that every two tissues have in common.

    Parameters
    ----------
    table
        What `helpers.biology.tissue_overlap` gave.
    combinations
        Label → name of the combination to show.
    """
    names = combination_names(table)
    shown = {label: name for label, name in combinations.items() if name in set(names)}
    if not shown:
        return style.nothing_to_show(
            "No two tissues were explained, so there is no pair to compare."
        )
    tissues = list(dict.fromkeys([*table["a"], *table["b"]]))
    ticks = naming.one_line(tissues, 18)
    with style.journal():
        figure, axes = plt.subplots(
            1, len(shown), figsize=(style.WIDTH, 2.9), layout="constrained", squeeze=False
        )
        for number, (label, name) in enumerate(shown.items()):
            axis, part = axes[0, number], table[names == name]
            square = np.full((len(tissues),) * 2, np.nan)
            for row in part.itertuples(index=False):
                i, j = sorted((tissues.index(row.a), tissues.index(row.b)), reverse=True)
                square[i, j] = row.overlap
            sns.heatmap(
                square[1:, :-1], cmap="viridis", vmin=0, vmax=1, annot=True, fmt=".0%", cbar=False,
                square=True, linewidths=1, annot_kws={"fontsize": 8}, ax=axis,
                mask=np.isnan(square[1:, :-1]),
            )  # fmt: skip
            axis.set_xticklabels(ticks[:-1], rotation=40, ha="right", rotation_mode="anchor")
            axis.set_yticklabels(ticks[1:] if number == 0 else [], rotation=0)
            axis.tick_params(length=0)
            axis.set_title(f"Group {label}\n{style.combination_label(name)}")
        return figure


def distinct_genes(table: pd.DataFrame, groups: Mapping[str, str] = PAPER_MEMBERS) -> Figure:
    """Draw how many different genes the lists of all tissues hold, by combination.

    Parameters
    ----------
    table
        What `helpers.biology.distinct_genes` gave.
    groups
        Combination → group that it is in.
    """
    ordered = table.sort_values("distinct").reset_index(drop=True)
    names = combination_names(ordered)
    own = [groups.get(name, "") for name in names]
    listed, tissues = int(ordered["listed"].max()), int(ordered["tissues"].max())
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH * 0.85, 0.9 + 0.165 * len(ordered)), layout="constrained"
        )
        colours = [style.GROUP_COLOURS.get(group, style.COLOURS[7]) for group in own]
        axis.barh(range(len(ordered)), ordered["distinct"], color=colours, height=0.75)
        axis.axvline(listed, color=style.PAPER, ls="--", lw=1)
        axis.set_yticks(
            range(len(ordered)), [style.combination_label(name) for name in names], fontsize=7.5
        )
        axis.set(ylim=(-0.6, len(ordered) - 0.4), xlim=(0, listed * 1.03))
        axis.set_xlabel(f"Different top genes of {tissues} tissues (dashed: if none were shared)")
        present = [name for name in style.GROUP_COLOURS if name in own]
        handles = [plt.Rectangle((0, 0), 1, 1, color=style.GROUP_COLOURS[name]) for name in present]
        handles.append(plt.Rectangle((0, 0), 1, 1, color=style.COLOURS[7]))
        labels = [*(f"group {name}" for name in present), "in no group"]
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
        return figure


def tau(table: pd.DataFrame, background: pd.Series, combinations: Mapping[str, str]) -> Figure:
    """Draw the tissue specificity of the top genes of each group, beside all genes.

    Parameters
    ----------
    table
        What `helpers.biology.tau_of_top_genes` gave.
    background
        tau of all measured genes.
    combinations
        Label → name of the combination to show.
    """
    shown = {
        label: table.loc[table["combination"] == name]
        for label, name in combinations.items()
        if name in set(table["combination"])
    }
    tissues = list(dict.fromkeys(table["tissue"]))
    palette = dict(zip(shown, (style.GROUP_COLOURS[label] for label in shown), strict=True))
    rows = pd.concat([part.assign(label=label) for label, part in shown.items()])
    with style.journal():
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.9, 2.9), layout="constrained")
        sns.boxplot(
            rows, x="tissue", y="tau", order=tissues, hue="label", hue_order=list(shown),
            palette=palette, saturation=1, fliersize=1.5, linewidth=0.8, gap=0.12, width=0.75,
            whis=(5, 95), legend=False, ax=axis,
        )  # fmt: skip
        middle = background.median()
        axis.axhline(middle, color=style.PAPER, ls="--", lw=1)
        k = len(rows) // (len(shown) * len(tissues))
        many = len(tissues) > MOST_UPRIGHT
        ticks = naming.wrapped(tissues, 24 if many else 66 // len(tissues), 1 if many else 3)
        axis.set_xticks(range(len(tissues)), ticks)
        if many:
            axis.set_xticks(range(len(tissues)), ticks, rotation=40, ha="right",
                            rotation_mode="anchor")  # fmt: skip
        axis.set(xlabel="", ylim=(-0.03, 1.03), ylabel=f"Tissue specificity tau\n(top {k} genes)")
        handles: list[Line2D | plt.Rectangle] = [
            plt.Rectangle((0, 0), 1, 1, color=palette[label]) for label in shown
        ]
        labels = [f"{label}: {style.combination_label(combinations[label])}" for label in shown]
        handles.append(Line2D([], [], color=style.PAPER, ls="--", lw=1))
        labels.append(f"median of {background.notna().sum():,} genes")
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure


def _fitting(name: str, count: int, genes: int) -> str:
    """Return the label of a tissue's block of genes, in one line or two, as its height holds."""
    for label in (f"{name} ({count})", f"{name}\n({count})", name):
        # Inches: a heatmap is about 3.4 high, a letter about 0.068 wide.
        if 0.068 * max(map(naming.columns, label.split("\n"))) < 3.4 * count / genes:
            return label
    return ""
