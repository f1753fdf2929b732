"""Figures of the chapters on optimisation: curves over n, references, aggregation (Figure 2)."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers.figures import style

_STAGES = {
    "unoptimised": style.COLOURS[7],
    "optimised": style.COLOURS[0],
    "aggregated": style.COLOURS[3],
}
_STAGE_NAMES = {
    "unoptimised": "not optimised",
    "optimised": "optimised",
    "aggregated": "optimised, models aggregated",
}
# Aggregates that share more of their models are drawn on a grey ground.
_MOST_SHARED = 1 / 3
# Size of the symbol of a saturated curve, larger than any other.
_MARK = 8
# Points between a panel and its title: room for the paper's value.
_TITLE_PAD = 15


def curves(
    summary: pd.DataFrame,
    saturation: pd.DataFrame | None = None,
    paper: pd.DataFrame | None = None,
    *,
    of: str = "estimates",
) -> Figure:
    """Draw agreement by the number of estimates, a line an explainer (Figures 2A–D, S2–S6).

    Parameters
    ----------
    summary
        What `helpers.stability.curve_summary` gave, of one optimisation, with one kind of
        reference an explainer: panels are metrics (rows) and architectures (columns). Lines are
        medians, bands the quartiles.
    saturation
        What `helpers.stability.saturation` gave for these curves: large symbols mark where
        they saturate, if they gain anything and do.
    paper
        The paper's saturation points, ``architecture``, ``explainer`` and ``n``: dashed lines.
    of
        What n counts, for the label of the axis.
    """
    metrics, architectures = _in_order(summary["metric"]), _in_order(summary["architecture"])
    shown = _present(summary)
    rows = 1 if len(architectures) == 1 else len(metrics)
    columns = len(metrics) if len(architectures) == 1 else len(architectures)
    panels = [(metric, architecture) for metric in metrics for architecture in architectures]
    with style.journal():
        figure, axes = plt.subplots(
            rows, columns, figsize=(style.WIDTH, 2.5 * rows + 0.7), layout="constrained",
            squeeze=False, sharex="col",
        )  # fmt: skip
        for axis, (metric, architecture) in zip(axes.flat, panels, strict=True):
            part = _panel(summary, metric, architecture)
            _shade_overlapping(axis, part)
            for explainer in shown:
                line = part[part["explainer"] == explainer]
                _line(axis, line, style.EXPLAINER_LINES[explainer])
            if saturation is not None:
                _mark_saturation(axis, _panel(saturation, metric, architecture))
            _finish(axis, part, metric, of)
            axis.set_title(architecture.upper(), pad=_TITLE_PAD)
            if paper is not None:
                _mark_paper(axis, paper[paper["architecture"] == architecture], shown)
        for axis in axes[:-1].flat:
            axis.set_xlabel("")
        handles = [
            _handle(style.explainer_name(name), **style.EXPLAINER_LINES[name]) for name in shown
        ]
        if saturation is not None and _any_marked(axes):
            handles.append(_saturation_handle())
        figure.legend(handles=handles, loc="outside lower center", ncols=4)
        return figure


def references_compared(
    summary: pd.DataFrame, paper: pd.DataFrame | None = None, *, of: str = "references"
) -> Figure:
    """Draw agreement by the number of references, a line a kind (Figures S4, S5).

    Parameters
    ----------
    summary
        What `helpers.stability.curve_summary` gave, of one architecture and one optimisation
        with references: panels are metrics (rows) and explainers (columns).
    paper
        The paper's saturation points, ``explainer`` and ``n``: dashed lines.
    of
        What n counts, for the label of the axis.
    """
    part = summary[summary["reference"] != "none"]
    if part.empty:
        return style.nothing_to_show("There is no such curve.")
    metrics, shown = _in_order(part["metric"]), _present(part)
    kinds = [kind for kind in style.REFERENCES if kind in set(part["reference"])]
    looks = {
        kind: {"color": entry.colour, "marker": entry.marker, "ls": "-", "lw": 1.6}
        for kind, entry in style.REFERENCE_KINDS.items()
    }
    with style.journal():
        figure, axes = plt.subplots(
            len(metrics), len(shown), figsize=(style.WIDTH, 2.1 * len(metrics) + 0.5),
            layout="constrained", squeeze=False, sharex=True, sharey="row",
        )  # fmt: skip
        for row, metric in zip(axes, metrics, strict=True):
            for axis, explainer in zip(row, shown, strict=True):
                own = part[(part["explainer"] == explainer) & (part["metric"] == metric)]
                for kind in kinds:
                    _line(axis, own[own["reference"] == kind], looks[kind])
                _finish(axis, own, metric, of)
                if paper is not None:
                    _mark_paper(axis, paper[paper["explainer"] == explainer], [explainer])
                if axis in axes[0]:
                    axis.set_title(style.explainer_name(explainer), pad=_TITLE_PAD)
                if axis not in axes[:, 0]:
                    axis.set_ylabel("")
                if axis not in axes[-1]:
                    axis.set_xlabel("")
        handles = [_handle(f"{kind} reference", **looks[kind]) for kind in kinds]
        figure.legend(handles=handles, loc="outside upper center", ncols=len(kinds))
        return figure


def with_and_without(staged: pd.DataFrame) -> Figure:
    """Draw agreement without optimisation, optimised, and with models aggregated (2E, 2F, S7).

    Parameters
    ----------
    staged
        What `helpers.stability.stages` gave: panels are metrics (rows) and architectures
        (columns).
    """
    metrics, architectures = _in_order(staged["metric"]), _in_order(staged["architecture"])
    shown = [stage for stage in _STAGES if stage in set(staged["stage"])]
    widths = [len(_present(staged[staged["architecture"] == name])) for name in architectures]
    with style.journal():
        figure, axes = plt.subplots(
            len(metrics), len(architectures), figsize=(style.WIDTH, 2.3 * len(metrics) + 0.8),
            layout="constrained", squeeze=False, sharex="col", sharey="row",
            width_ratios=widths,
        )  # fmt: skip
        for row, metric in zip(axes, metrics, strict=True):
            for axis, architecture in zip(row, architectures, strict=True):
                part = _panel(staged, metric, architecture)
                sns.boxplot(
                    part, x="explainer", y="value", order=_present(part), hue="stage",
                    hue_order=shown, palette=_STAGES, ax=axis, width=0.8, gap=0.15, fliersize=0,
                    linewidth=0.8, whis=(5, 95), legend=False, saturation=1,
                )  # fmt: skip
                lowest = min(0.0, float(part["value"].min()))
                axis.set(xlabel="", ylabel=style.metric_name(metric), ylim=(lowest - 0.03, 1.03))
                axis.grid(axis="y", color="#e6e6e6", lw=0.6)
                axis.set_axisbelow(True)
                names = style.explainer_names(_present(part))
                axis.set_xticks(range(len(names)), names)
                axis.tick_params(axis="x", rotation=40)
                plt.setp(axis.get_xticklabels(), ha="right", rotation_mode="anchor")
                if axis in axes[0]:
                    axis.set_title(architecture.upper())
                if axis not in axes[:, 0]:
                    axis.set_ylabel("")
        handles = [Patch(facecolor=_STAGES[name], label=_STAGE_NAMES[name]) for name in shown]
        figure.legend(handles=handles, loc="outside upper center", ncols=len(shown))
        return figure


def _panel(table: pd.DataFrame, metric: str, architecture: str) -> pd.DataFrame:
    return table[(table["metric"] == metric) & (table["architecture"] == architecture)]


def _in_order(values: pd.Series) -> list[str]:
    """Return what occurs, in order of first mention."""
    return [str(value) for value in dict.fromkeys(values)]


def _present(table: pd.DataFrame) -> list[str]:
    found = set(table["explainer"])
    return [name for name in style.EXPLAINERS if name in found]


def _line(axis: Axes, points: pd.DataFrame, look: dict[str, Any]) -> None:
    axis.fill_between(
        points["n"], points["q25"], points["q75"], color=look["color"], alpha=0.12, lw=0
    )
    axis.plot(points["n"], points["median"], ms=3.5, mec="white", mew=0.3, **look)


def _mark_saturation(axis: Axes, points: pd.DataFrame) -> None:
    # A curve that gains nothing is flat from n = 1 on: that is no place where it saturates.
    marked = points["saturated"] & (points["gain"] > points["tolerance"])
    for explainer, own in points[marked].groupby("explainer"):
        look = style.EXPLAINER_LINES[str(explainer)]
        axis.plot(
            own["n_saturated"], own["level"], marker=look["marker"], color=look["color"], ms=_MARK,
            mec="black", mew=1.1, ls="none", zorder=5,
        )  # fmt: skip


def _any_marked(axes: np.ndarray) -> bool:
    return any(line.get_markersize() == _MARK for axis in axes.flat for line in axis.lines)


def _mark_paper(axis: Axes, points: pd.DataFrame, shown: list[str]) -> None:
    """Mark the paper's n; name the explainer where it holds for one of several."""
    right = axis.get_xlim()[1]
    points = points[points["explainer"].isin(shown) & (points["n"] <= right)]
    for n, of in points.groupby("n"):
        alone = len(of) == 1 and len(shown) > 1
        name = str(of["explainer"].iloc[0])
        place = float(str(n))
        axis.axvline(place, color=style.PAPER, ls=(0, (5, 3)), lw=1, zorder=1)
        # Above the panel, where no line can be; to the left of lines near its right edge.
        axis.annotate(
            f"paper{', ' + name if alone else ''}: {n}", (place, 1), (0, 2), fontsize=7.5,
            xycoords=("data", "axes fraction"), textcoords="offset points", color=style.PAPER,
            ha="right" if place > 0.7 * right else "center", va="bottom",
        )  # fmt: skip


def _shade_overlapping(axis: Axes, part: pd.DataFrame) -> None:
    """Put a grey ground from the first n at which aggregates share more than a third."""
    if "shared" not in part or not (part["shared"] > _MOST_SHARED).any():
        return
    n = np.sort(part["n"].unique())
    first = part.loc[part["shared"] > _MOST_SHARED, "n"].min()
    before = n[n < first]
    left = (first + before[-1]) / 2 if len(before) else first
    axis.axvspan(left, n[-1], color="#e9e9e9", lw=0, zorder=0)
    axis.annotate(
        "share over\na third", ((left + n[-1]) / 2, 0.03), fontsize=7.5, color=style.PAPER,
        xycoords=("data", "axes fraction"), ha="center", va="bottom",
    )  # fmt: skip


def _finish(axis: Axes, part: pd.DataFrame, metric: str, of: str) -> None:
    low = min(0.0, float(part["q25"].min()))
    axis.set(
        xlabel=f"n ({of})", ylabel=style.metric_name(metric), ylim=(low - 0.03, 1.03),
        xlim=(0, float(part["n"].max()) * 1.03),
    )  # fmt: skip
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.grid(color="#eeeeee", lw=0.6)
    axis.set_axisbelow(True)


def _handle(label: str, **look: Any) -> Line2D:
    return Line2D([], [], label=label, ms=5, mec="white", mew=0.3, **look)


def _saturation_handle() -> Line2D:
    return Line2D(
        [],
        [],
        ls="none",
        marker="o",
        mfc="white",
        mec="black",
        mew=1.1,
        ms=_MARK,
        label="saturated",
    )
