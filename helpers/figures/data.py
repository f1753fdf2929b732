"""Figures of chapter 00: what the data look like."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import naming, style


def class_sizes(classes: pd.DataFrame) -> Figure:
    """Draw the number of samples in each class, normal and cancer told apart.

    Parameters
    ----------
    classes
        ``classes.csv``.
    """
    ordered = classes.sort_values(["status", "class"], ascending=[False, True])
    columns = 3 if len(ordered) > 40 else 1
    parts = np.array_split(np.arange(len(ordered)), columns)
    most = 22 if columns > 1 else 34
    names = dict(zip(ordered["class"], naming.one_line(ordered["class"], most), strict=True))
    with style.journal():
        height = 0.7 + 0.165 * len(parts[0])
        width = style.WIDTH if columns > 1 else style.WIDTH * 0.7
        figure, axes = plt.subplots(
            1, columns, figsize=(width, height), layout="constrained", squeeze=False, sharex=True
        )
        for axis, rows in zip(axes[0], parts, strict=True):
            part = ordered.iloc[rows]
            places = len(parts[0]) - 1 - np.arange(len(part))
            axis.barh(places, part["samples"], color=part["status"].map(style.STATUSES), height=0.7)
            axis.set_yticks(places, [names[name] for name in part["class"]], fontsize=7)
            axis.set_ylim(-0.7, len(parts[0]) - 0.3)
            axis.set_xlabel("Samples")
        handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in style.STATUSES.values()]
        figure.legend(handles, list(style.STATUSES), loc="outside upper center", ncols=2)
        return figure


def projection(points: pd.DataFrame, highlighted: list[str]) -> Figure:
    """Draw all samples on their first two principal components.

    Parameters
    ----------
    points
        ``projection.csv``: sample, tissue, status, pc1, pc2, share1, share2.
    highlighted
        Tissues to name in the figure.
    """
    with style.journal():
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.8, 3.9), layout="constrained")
        for status, colour in style.STATUSES.items():
            part = points[points["status"] == status]
            label = f"{status} (n = {len(part)})"
            axis.scatter(part["pc1"], part["pc2"], s=5, lw=0, alpha=0.45, color=colour, label=label,
                         rasterized=True)  # fmt: skip
        for tissue, name in zip(highlighted, naming.one_line(highlighted, 26), strict=True):
            centre = points.loc[points["tissue"] == tissue, ["pc1", "pc2"]].median()
            axis.annotate(
                name, (centre["pc1"], centre["pc2"]), fontsize=8.5,
                weight="bold", ha="center", va="center",
                bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "#888888", "alpha": 0.85},
            )  # fmt: skip
        shares = points.iloc[0]
        axis.set(
            xlabel=f"Principal component 1 ({shares['share1']:.0%} of variance)",
            ylabel=f"Principal component 2 ({shares['share2']:.0%} of variance)",
        )
        axis.legend(loc="best", markerscale=2.5)
        return figure


def spread(
    spreads: pd.DataFrame,
    measured: dict[float, float] | None = None,
    values: str = "log2(TPM + 1)",
) -> Figure:
    """Draw how much a gene varies within a tissue against how highly it is expressed.

    Parameters
    ----------
    spreads
        ``spread.csv``: tissue, mean (middle of the bin), sd (median of its genes), genes.
    measured
        Values measured on real samples to set beside it: mean expression → SD.
    values
        What a value of the matrix is.
    """
    tissues = list(dict.fromkeys(spreads["tissue"]))
    names = dict(zip(tissues, naming.legend(tissues, 30), strict=True))
    with style.journal():
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.6, 2.8), layout="constrained")
        axis.set_prop_cycle(color=style.COLOURS)
        for tissue, part in spreads.groupby("tissue", sort=False):
            axis.plot(part["mean"], part["sd"], marker="o", ms=3, lw=1, alpha=0.8,
                      label=names[tissue])  # fmt: skip
        if measured:
            axis.scatter(list(measured), list(measured.values()), marker="x", s=45, color="k",
                         zorder=4, label="measured on real samples")  # fmt: skip
        axis.set(
            xlabel=f"Mean expression of the gene, {values}",
            ylabel="SD within the tissue, log2 units",
            ylim=(0, None),
        )
        axis.legend(fontsize=7.5)
        return figure
