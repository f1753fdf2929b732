"""Figures on tissue-specific and housekeeping genes (Figures 4D, 4E, S11 and S12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.biology.specificity import ENHANCED, SPECIFIC_GROUPS
from helpers.figures import naming, shares, style
from helpers.stability.groups import PAPER_MEMBERS

GROUP_NAMES = {
    ENHANCED: "tissue-enhanced (any group)",
    "tissue_enriched": "tissue-enriched",
    "group_enriched": "group-enriched",
    "tissue_enhanced": "tissue-enhanced",
    "tissue_specific": "tissue-specific",
}
"""Genes that are tissue-enhanced, TissueEnrich's groups, and their union, as figures write them."""

_GROUP_COLOURS = dict(zip(SPECIFIC_GROUPS, (style.COLOURS[0], style.COLOURS[2], style.COLOURS[1]),
                          strict=False))  # fmt: skip


def figure_4d(
    table: pd.DataFrame,
    tissues: Sequence[str],
    chosen: str = ENHANCED,
    groups: Mapping[str, str] = PAPER_MEMBERS,
) -> Figure:
    """Draw Figure 4D (one tissue) or S11A: top genes that are specific to the tissue.

    Parameters
    ----------
    table
        What `helpers.biology.over_representation` gave.
    tissues
        Tissues to show.
    chosen
        A key of `GROUP_NAMES`.
    groups
        Combination → group that it is in.
    """
    part = shares.of_sets(table[table["set"] == chosen])
    label = f"{GROUP_NAMES[chosen].capitalize()} among {part['size'].max()} top genes"
    return shares.panels(part, tissues, label, groups)


def figure_4e(
    table: pd.DataFrame,
    tissues: Sequence[str],
    chosen: str,
    groups: Mapping[str, str] = PAPER_MEMBERS,
) -> Figure:
    """Draw Figure 4E (one tissue) or S12: top genes that are housekeeping genes.

    Parameters
    ----------
    table
        What `helpers.biology.over_representation` gave.
    tissues
        Tissues to show.
    chosen
        Name of the set of housekeeping genes.
    groups
        Combination → group that it is in.
    """
    part = shares.of_sets(table[table["set"] == chosen])
    label = f"Housekeeping genes among {part['size'].max()} top genes"
    return shares.panels(part, tissues, label, groups)


def figure_s11b(counts: pd.DataFrame, tissues: Sequence[str] | None = None) -> Figure:
    """Draw Figure S11B: the number of tissue-specific genes of each tissue.

    Parameters
    ----------
    counts
        What `helpers.biology.specific_counts` gave.
    tissues
        Tissues to show; by default all.
    """
    wide = counts.pivot(index="tissue", columns="group", values="genes")
    groups = [name for name in SPECIFIC_GROUPS if name in wide.columns]
    wide = wide.loc[list(tissues)] if tissues is not None else wide
    wide = wide.loc[wide.sum(axis=1).sort_values(kind="stable").index, groups]
    blocks = 2 if len(wide) > 40 else 1
    ticks = dict(
        zip(wide.index, naming.one_line(wide.index, 26 if blocks > 1 else 34), strict=True)
    )
    parts = np.array_split(np.arange(len(wide))[::-1], blocks)
    with style.journal():
        height = 0.9 + 0.155 * len(parts[0])
        figure, axes = plt.subplots(
            1, blocks, figsize=(style.WIDTH if blocks > 1 else style.WIDTH * 0.75, height),
            layout="constrained", squeeze=False, sharex=True,
        )  # fmt: skip
        for axis, rows in zip(axes[0], parts, strict=True):
            part = wide.iloc[rows]
            places = len(parts[0]) - 1 - np.arange(len(part))
            left = np.zeros(len(part))
            for group in groups:
                axis.barh(places, part[group], 0.75, left=left, color=_GROUP_COLOURS[group], lw=0)
                left += part[group].to_numpy()
            axis.set_yticks(places, [ticks[name] for name in part.index], fontsize=7)
            axis.set_ylim(-0.7, len(parts[0]) - 0.3)
            axis.set_xlabel("Tissue-specific genes")
        handles = [plt.Rectangle((0, 0), 1, 1, color=_GROUP_COLOURS[group]) for group in groups]
        labels = [GROUP_NAMES[group] for group in groups]
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
        return figure
