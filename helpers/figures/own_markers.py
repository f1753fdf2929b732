"""The user's own marker genes: how high every ranking puts them."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.baselines import BASELINES
from helpers.figures import naming, style

DIFFERENTIAL = "Wilcoxon (all samples)"
"""Differential expression, beside explainers and baselines."""

MOST_NAMED = 6
"""Markers of a class that are named in the figure, at most."""


def own_markers(table: pd.DataFrame, top: int) -> Figure:
    """Draw the rank of every marker by every explainer, baseline and by differential expression.

    Parameters
    ----------
    table
        ``markers.csv``: architecture, explainer, class, gene, rank, differential_rank.
    top
        Genes in a list of top genes: a line stands there.
    """
    classes = list(dict.fromkeys(table["class"]))
    networks = table[table["architecture"] != "none"]
    rows = [
        (name, architecture)
        for architecture in dict.fromkeys(networks["architecture"])
        for name in style.EXPLAINERS
        if name in set(networks.loc[networks["architecture"] == architecture, "explainer"])
    ]
    rows += [(name, "none") for name in BASELINES if name in set(table["explainer"])]
    labels = [_label(*row) for row in rows] + [DIFFERENTIAL]
    titles = naming.one_line(classes, 22)
    with style.journal():
        figure, axes = plt.subplots(
            1, len(classes), figsize=(style.WIDTH, 1.1 + 0.19 * len(labels)), sharey=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, name, title in zip(axes[0], classes, titles, strict=True):
            own = table[table["class"] == name]
            for place, (explainer, architecture) in enumerate(rows):
                chosen = (own["explainer"] == explainer) & (own["architecture"] == architecture)
                _points(
                    axis, own.loc[chosen, "rank"], place, style.COLOURS[int(architecture != "mlp")]
                )
            once = own.drop_duplicates("gene")
            _points(axis, once["differential_rank"], len(rows), style.COLOURS[3])
            if len(once) <= MOST_NAMED:
                for gene, rank in zip(once["gene"], once["differential_rank"], strict=True):
                    axis.annotate(
                        naming.one_line([gene], 10)[0], (rank, len(rows)), (0, -9),
                        textcoords="offset points", ha="center", fontsize=6.5,
                    )  # fmt: skip
            axis.axvline(top + 0.5, color=style.PAPER, lw=0.8, ls=":")
            axis.set(xscale="log", xlabel="Rank of the marker", title=title)
        axes[0, 0].set_yticks(range(len(labels)), labels)
        axes[0, 0].set_ylim(len(labels) - 0.2, -0.6)
        return figure


def _label(explainer: str, architecture: str) -> str:
    if architecture == "none":
        return BASELINES[explainer].title
    return f"{style.explainer_name(explainer)} ({style.ARCHITECTURES[architecture]})"


def _points(axis: plt.Axes, ranks: pd.Series, place: int, colour: str) -> None:
    axis.scatter(ranks, np.full(len(ranks), place), s=14, color=colour, alpha=0.7, zorder=3, lw=0)
