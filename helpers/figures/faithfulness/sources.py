"""Where disagreement comes from, and how many networks it takes to agree."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import style

NAMES = {
    "model": "model",
    "gene_order": "order of genes",
    "mask": "dropout mask",
    "reference": "reference",
    "noise": "noise copy",
    "sample": "sample",
    "together": "several together",
}
"""Sources of disagreement → their names for readers, in the order of bars."""

_COLOURS = dict(
    zip(NAMES, [style.COLOURS[k] for k in (0, 5, 1, 2, 4, 7)] + ["#dddddd"], strict=True)
)


def sources(table: pd.DataFrame) -> Figure:
    """Draw the shares of the variance of scores as stacked bars: a bar an explainer.

    Parameters
    ----------
    table
        ``sources.csv``; of one architecture. A panel without and one with SmoothGrad's noise.
    """
    names = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    kinds = [flag for flag in (False, True) if flag in set(table["smoothgrad"].astype(bool))]
    if not names:
        return style.nothing_to_show("There are no such networks in this run.")
    with style.journal():
        figure, axes = plt.subplots(
            1, len(kinds), figsize=(style.WIDTH, 1.5 + 0.3 * len(names)), sharey=True,
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, noisy in zip(axes[0], kinds, strict=True):
            own = table[table["smoothgrad"].astype(bool) == noisy]
            wide = own.pivot_table(index="explainer", columns="source", values="share").loc[names]
            left = np.zeros(len(names))
            for source in (name for name in NAMES if name in wide):
                widths = wide[source].fillna(0).to_numpy()
                axis.barh(names, widths, left=left, color=_COLOURS[source], label=NAMES[source])
                left += widths
            axis.set(xlim=(0, 1), xlabel="Share of the variance of scores",
                     title="SmoothGrad's noise" if noisy else "One estimate, no noise")  # fmt: skip
        axes[0, 0].set_yticks(np.arange(len(names)), style.explainer_names(names))
        axes[0, 0].invert_yaxis()
        found = {
            label: handle
            for axis in axes[0]
            for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
        }
        shown = [label for label in NAMES.values() if label in found]
        figure.legend([found[label] for label in shown], shown, loc="outside lower center", ncols=4)
        return figure
