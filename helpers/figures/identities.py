"""Figures of the chapter on identities: which explainers say the same."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from scipy.cluster import hierarchy

from helpers.figures import style


def explainer_tree(linkage: pd.DataFrame, names: Sequence[str], title: str = "") -> Figure:
    """Draw the tree of explainers.

    Parameters
    ----------
    linkage
        What `helpers.stability.identities.explainer_linkage` gave.
    names
        Explainers by their numbers in it (`helpers.stability.identities.explainer_names`).
    title
        Such as the architecture.
    """
    if linkage.empty:
        return style.nothing_to_show("There are no explainers to compare.")
    matrix = linkage[["left", "right", "height", "size"]].to_numpy(float)
    with style.journal():
        height = 0.9 + 0.27 * len(names)
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.75, height), layout="constrained")
        with plt.rc_context({"lines.linewidth": 1.4}):
            hierarchy.dendrogram(
                matrix, labels=style.explainer_names(names), orientation="left", ax=axis,
                leaf_font_size=8.5, color_threshold=0, above_threshold_color="#333333",
            )  # fmt: skip
        axis.set(xlabel="Distance (1 − mean Spearman correlation)", title=title)
        axis.spines["left"].set_visible(False)
        axis.spines["right"].set_visible(False)
        largest = max(float(matrix[:, 2].max()), 1e-6)
        axis.set_xlim(largest * 1.05, -largest * 0.01)
        return figure
