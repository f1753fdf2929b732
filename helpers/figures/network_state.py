"""Figures of the chapter on the network's state: states, batches, effects, and norms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from helpers.figures import style

COMPANY = {
    "one tissue": {"ls": "-", "marker": "o"},
    "mixed": {"ls": ":", "marker": "s"},
}
"""Batches of one tissue, and mixed ones."""

NORMS = {"batch": "BatchNorm", "layer": "LayerNorm", "none": "no norm"}

_COMBINED = {"signed_mean": "mean", "absolute_median": "median of |score|"}
_MODES = {"eval": "evaluation", "dropout": "dropout on", "training": "training"}


def state_label(row: Mapping[str, object]) -> str:
    """Return a state as it stands on an axis: ``training, mixed 256, mean``."""
    shared = f", {row['company']}, {row['batch']}" if row["batch"] else ""
    return f"{_MODES[str(row['mode'])]}{shared}: {_COMBINED[str(row['combine'])]}"


def states(table: pd.DataFrame, statistics: Mapping[str, str], explainers: Sequence[str]) -> Figure:
    """Draw what was measured in every state of the network, a point for each explainer.

    Parameters
    ----------
    table
        ``state_statistics.csv``, the rows of all models together.
    statistics
        Statistic → its name on the axis; a panel each.
    explainers
        Those to draw, in the order of the legend.
    """
    order = table.drop_duplicates("state")
    places = {row["state"]: place for place, row in enumerate(order.to_dict("records"))}
    names = [state_label({str(k): v for k, v in row.items()}) for row in order.to_dict("records")]
    with style.journal():
        figure, axes = plt.subplots(
            1, len(statistics), figsize=(style.WIDTH, 1.1 + 0.24 * len(places)),
            layout="constrained", squeeze=False, sharey=True,
        )  # fmt: skip
        for axis, (statistic, title) in zip(axes[0], statistics.items(), strict=True):
            _bands(axis, order["mode"].tolist())
            for explainer in explainers:
                own = table[(table["statistic"] == statistic) & (table["explainer"] == explainer)]
                axis.plot(
                    own["value"], own["state"].map(places), ls="", ms=5, alpha=0.85,
                    **_point(explainer),
                )  # fmt: skip
            axis.set_xlabel(title)
            axis.set_xlim(-0.04, 1.04)
            axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes[0, 0].set_yticks(range(len(names)), names)
        axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
        figure.legend(_handles(explainers), explainers, loc="outside upper center", ncols=3)
        return figure


def _bands(axis: Axes, modes: list[str]) -> None:
    """Shade the rows of training mode, in which samples of a batch are coupled."""
    coupled = [place for place, mode in enumerate(modes) if mode == "training"]
    if coupled:
        axis.axhspan(coupled[0] - 0.5, coupled[-1] + 0.5, color="#f2f2f2", zorder=0)


def _point(explainer: str) -> dict[str, object]:
    line = style.EXPLAINER_LINES.get(explainer, {"marker": "o", "color": "k"})
    return {"marker": line["marker"], "color": line["color"]}


def _handles(explainers: Sequence[str]) -> list[plt.Line2D]:
    return [plt.Line2D([], [], ls="", **_point(name)) for name in explainers]  # type: ignore[arg-type]


def batch_sizes(
    table: pd.DataFrame, statistics: Mapping[str, str], explainers: Sequence[str]
) -> Figure:
    """Draw what changes with the size of the batch, for one tissue and mixed.

    Parameters
    ----------
    table
        ``batch_sizes.csv``, the rows of all models together.
    statistics
        Statistic → its name on the axis; a row of panels each.
    explainers
        A column of panels each.
    """
    with style.journal():
        figure, axes = plt.subplots(
            len(statistics), len(explainers),
            figsize=(style.WIDTH, 1.9 * len(statistics) + 0.5), layout="constrained",
            squeeze=False, sharex=True, sharey=True,
        )  # fmt: skip
        for row, (statistic, title) in zip(axes, statistics.items(), strict=True):
            for axis, explainer in zip(row, explainers, strict=True):
                own = table[(table["statistic"] == statistic) & (table["explainer"] == explainer)]
                for company, look in COMPANY.items():
                    part = own[own["company"] == company].sort_values("samples")
                    colour = style.EXPLAINER_LINES[explainer]["color"]
                    axis.plot(part["samples"], part["value"], color=colour, ms=4, **look)
                axis.set_xscale("log", base=2)
                axis.set_ylim(-0.04, 1.04)
            row[0].set_ylabel(title)
        for axis, explainer in zip(axes[0], explainers, strict=True):
            axis.set_title(explainer)
        ticks = [2, 8, 32, 128]
        for axis in axes[-1]:
            axis.set_xticks(ticks, [str(tick) for tick in ticks])
            axis.set_xlabel("Samples in the batch")
        handles = [plt.Line2D([], [], color="#444444", **look) for look in COMPANY.values()]  # type: ignore[arg-type]
        names = ["batches of one tissue", "mixed batches"]
        figure.legend(handles, names, loc="outside upper center", ncols=2)
        return figure


def effects(
    table: pd.DataFrame, statistics: Mapping[str, str], explainers: Sequence[str]
) -> Figure:
    """Draw the effect of every factor, with its interval over models.

    Parameters
    ----------
    table
        ``state_effects.csv``.
    statistics
        Statistic → its name on the axis; a panel each.
    explainers
        Those to draw, in the order of the legend.
    """
    changes = list(dict.fromkeys(table["change"]))
    step = 0.8 / len(explainers)
    with style.journal():
        figure, axes = plt.subplots(
            1, len(statistics), figsize=(style.WIDTH, 1.2 + 0.62 * len(changes)),
            layout="constrained", squeeze=False, sharey=True, sharex=True,
        )  # fmt: skip
        for axis, (statistic, title) in zip(axes[0], statistics.items(), strict=True):
            axis.axvline(0, color="#888888", lw=0.8)
            for shift, explainer in enumerate(explainers):
                own = table[(table["statistic"] == statistic) & (table["explainer"] == explainer)]
                own = own.set_index("change").reindex(changes)
                y = np.arange(len(changes)) - 0.4 + step * (shift + 0.5)
                spread = [own["effect"] - own["ci_low"], own["ci_high"] - own["effect"]]
                axis.errorbar(
                    own["effect"], y, xerr=np.abs(spread), ls="", ms=4, lw=1, **_point(explainer)
                )
            for place in range(1, len(changes)):
                axis.axhline(place - 0.5, color="#dddddd", lw=0.8)
            axis.set_xlabel(title)
        axes[0, 0].set_yticks(range(len(changes)), [_wrapped(change) for change in changes])
        axes[0, 0].set_ylim(len(changes) - 0.5, -0.5)
        figure.legend(_handles(explainers), explainers, loc="outside upper center", ncols=3)
        return figure


def _wrapped(text: str) -> str:
    head, _, tail = text.partition(", in place of ")
    return f"{head}\n(was: {tail})"


def norms(table: pd.DataFrame, title: str, explainers: Sequence[str]) -> Figure:
    """Draw what group III's lists share between tissues, with every norm and in both modes.

    Parameters
    ----------
    table
        ``norms.csv``, one statistic, the rows of all models together.
    title
        Name of the statistic on the axis.
    explainers
        A panel each.
    """
    modes = ("dropout", "training")
    width = 0.8 / len(modes)
    with style.journal():
        figure, axes = plt.subplots(
            1, len(explainers), figsize=(style.WIDTH, 2.4), layout="constrained", squeeze=False,
            sharey=True,
        )  # fmt: skip
        for axis, explainer in zip(axes[0], explainers, strict=True):
            for shift, mode in enumerate(modes):
                own = table[(table["explainer"] == explainer) & (table["mode"] == mode)]
                values = own.set_index("norm")["value"].reindex(list(NORMS))
                x = np.arange(len(NORMS)) - 0.4 + width * (shift + 0.5)
                axis.bar(x, values, width * 0.92, color=style.MODES[mode], label=_MODES[mode])
            axis.set_xticks(range(len(NORMS)), list(NORMS.values()))
            axis.set_title(explainer)
            axis.set_ylim(0, 1)
            axis.yaxis.set_major_formatter(PercentFormatter(1))
        axes[0, 0].set_ylabel(title)
        handles, names = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=len(modes))
        return figure


def shares_of_gradient(rows: pd.DataFrame) -> Figure:
    """Draw what a batch leaves of the gradients of one hidden unit, sample by sample.

    Parameters
    ----------
    rows
        ``batch`` (a name), ``sample``, ``fixed`` and ``through`` (the gradient with fixed
        statistics and with the batch's own).
    """
    names = list(dict.fromkeys(rows["batch"]))
    with style.journal():
        figure, axes = plt.subplots(
            1, len(names), figsize=(style.WIDTH, 2.3), layout="constrained", squeeze=False,
            sharey=True,
        )  # fmt: skip
        for axis, name in zip(axes[0], names, strict=True):
            own = rows[rows["batch"] == name]
            axis.axhline(0, color="#888888", lw=0.8)
            axis.plot(own["sample"], own["fixed"], ls="", marker="o", color=style.MODES["eval"],
                      label="mean and spread fixed")  # fmt: skip
            axis.plot(own["sample"], own["through"], ls="", marker="D",
                      color=style.MODES["training"], label="of the batch")  # fmt: skip
            axis.set_title(name)
            axis.set_xlabel("Sample")
            axis.set_xticks(own["sample"].tolist())
        axes[0, 0].set_ylabel("Gradient at the hidden unit")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure
