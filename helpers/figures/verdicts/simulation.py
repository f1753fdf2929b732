"""The figure of the chapter that holds simulated samples against real ones."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import style
from helpers.results.measures import ALL, MEASURES

KINDS = {True: ("simulated", style.COLOURS[1]), False: ("real", style.COLOURS[0])}

COLUMNS = 2


def simulated_and_real(sides: pd.DataFrame) -> Figure:
    """Draw each measure on simulated and on real samples: median, middle half, 5 to 95 %.

    Parameters
    ----------
    sides
        ``measure``, ``explainer``, ``quantile``, ``value``, ``source``, ``simulated``.
    """
    shown = [name for name in MEASURES if (sides["measure"] == name).any()]
    shown.sort(key=lambda name: MEASURES[name].by_explainer)
    if not shown:
        return style.nothing_to_show("There is nothing to compare in this run.")
    rows = [shown[start : start + COLUMNS] for start in range(0, len(shown), COLUMNS)]
    # High enough for the names of explainers, which are as high with one source as with two.
    high = max(0.11 * sides["source"].nunique(), 0.19)
    heights = [max(_places(sides, name) for name in row) * high + 0.55 for row in rows]
    with style.journal():
        figure, axes = plt.subplots(
            len(rows), COLUMNS, figsize=(style.WIDTH, sum(heights) + 0.4), layout="constrained",
            squeeze=False, height_ratios=heights,
        )  # fmt: skip
        for axis in axes.flat[len(shown) :]:
            axis.set_visible(False)
        for axis, name in zip(axes.flat, shown, strict=False):
            _measure(axis, sides[sides["measure"] == name], name)
        kinds = [KINDS[kind] for kind in KINDS if (sides["simulated"] == kind).any()]
        lines = [plt.Line2D([], [], color=colour, marker="o") for _, colour in kinds]
        figure.legend(
            lines, [name for name, _ in kinds], loc="outside upper center", ncols=len(kinds)
        )
        return figure


def _places(sides: pd.DataFrame, name: str) -> int:
    """Count the rows of a panel: explainers, or one."""
    names = set(sides.loc[sides["measure"] == name, "explainer"])
    return len(names - {ALL}) or 1


def _measure(axis: Axes, rows: pd.DataFrame, name: str) -> None:
    known = set(rows["explainer"])
    explainers = [each for each in style.EXPLAINERS if each in known] or [ALL]
    sources = list(dict.fromkeys(rows["source"]))
    for place, explainer in enumerate(explainers):
        for number, source in enumerate(sources):
            part = rows[(rows["explainer"] == explainer) & (rows["source"] == source)]
            if part.empty:
                continue
            levels = part.set_index("quantile")["value"]
            height = place + 0.6 * ((number + 0.5) / len(sources) - 0.5)
            _, colour = KINDS[bool(part["simulated"].iloc[0])]
            for ends, width in (((0.05, 0.95), 1.0), ((0.25, 0.75), 3.0)):
                if ends[0] in levels:
                    axis.plot(levels[list(ends)], [height] * 2, color=colour, lw=width)
            axis.plot(levels[0.5], height, "o", ms=4, color=colour, mec="white", mew=0.5)
    axis.set_title(MEASURES[name].title, loc="left", fontsize=8.5)
    axis.set_ylim(len(explainers) - 0.5, -0.5)
    named = explainers != [ALL]
    axis.set_yticks(range(len(explainers)) if named else [],
                    style.explainer_names(explainers) if named else [])  # fmt: skip
    axis.locator_params(axis="x", nbins=5)
