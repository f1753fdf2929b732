"""Figures of the chapter on expression status (Figures 4A, S9 and S10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import shares, style
from helpers.stability.groups import PAPER_MEMBERS


def figure_s9(table: pd.DataFrame, column: str = "spearman") -> Figure:
    """Draw Figure S9: the correlation of scores with expression, a point for each tissue.

    Parameters
    ----------
    table
        What `helpers.biology.expression_correlation` gave, averaged over models.
    column
        ``"spearman"`` (of signed scores) or ``"spearman_absolute"``.
    """
    names = [name for name in style.ARCHITECTURES if name in set(table["architecture"])]
    kind = "absolute scores" if column == "spearman_absolute" else "scores"
    tissues = table["tissue"].nunique()
    with style.journal():
        figure, axes = plt.subplots(
            1, len(names), figsize=(style.WIDTH, 3.1), layout="constrained", squeeze=False,
            sharex=True,
        )  # fmt: skip
        for axis, name in zip(axes[0], names, strict=True):
            part = table[table["architecture"] == name]
            order = [e for e in style.EXPLAINERS if e in set(part["explainer"])][::-1]
            places = part["explainer"].map({e: i for i, e in enumerate(order)})
            for aggregated, shift in ((False, 0.17), (True, -0.17)):
                chosen = part["aggregated"] == aggregated
                axis.scatter(
                    part.loc[chosen, column], places[chosen] + shift, s=20, alpha=0.75, lw=0,
                    color=style.AGGREGATION[aggregated], marker="o" if aggregated else "s",
                )  # fmt: skip
            axis.hlines(np.arange(len(order) - 1) + 0.5, -1.05, 1.05, color="#dddddd", lw=0.6)
            axis.axvline(0, color=style.PAPER, ls="--", lw=1)
            axis.set_yticks(range(len(order)), style.explainer_names(order))
            axis.set(xlim=(-1.05, 1.05), ylim=(-0.55, len(order) - 0.45))
            axis.set_title(style.with_size(style.ARCHITECTURES[name], tissues, "tissue"))
        figure.supxlabel(f"Spearman correlation of {kind} with mean expression", fontsize=9)
        handles = [
            plt.Line2D([], [], ls="", marker=marker, ms=5, color=style.AGGREGATION[aggregated])
            for aggregated, marker in ((False, "s"), (True, "o"))
        ]
        figure.legend(
            handles, list(style.AGGREGATION_NAMES.values()), loc="outside upper center", ncols=2
        )
        return figure


def figure_4a(
    table: pd.DataFrame, tissues: Sequence[str], groups: Mapping[str, str] = PAPER_MEMBERS
) -> Figure:
    """Draw Figure 4A (one tissue) or S10: top genes among the highest expressed ones.

    Parameters
    ----------
    table
        What `helpers.biology.over_representation` gave for the highest expressed genes.
    tissues
        Tissues to show.
    groups
        Combination → group that it is in.
    """
    k = int(table["size"].max())
    # Genes of the same expression would be the highest expressed ones again.
    part = shares.of_sets(table).drop(columns="chance_matched", errors="ignore")
    return shares.panels(part, tissues, f"Top {k} genes among the {k} highest expressed", groups)
