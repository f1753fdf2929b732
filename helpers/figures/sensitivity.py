"""Figures of the audit: what changes with a choice, masks, and group II."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import style
from helpers.figures.verdicts.claims import VERDICTS

ACROSS = {"between_options": "one way against the other"}
"""In place of a design: the same model, noise and masks under two options."""


@dataclass(frozen=True)
class _Rows:
    """Where options stand: one below the other, each choice under a heading of its own."""

    places: dict[tuple[str, str], int]
    labels: list[str]
    headings: list[int]

    @classmethod
    def of(cls, table: pd.DataFrame, options: Mapping[tuple[str, str], str]) -> _Rows:
        """Place the options that `table` has, in the order of `options`."""
        present = set(zip(table["choice"], table["option"], strict=True))
        places: dict[tuple[str, str], int] = {}
        labels: list[str] = []
        headings: list[int] = []
        before = ""
        for key, name in options.items():
            if key not in present:
                continue
            heading, _, label = name.partition(": ")
            if heading != before:
                headings.append(len(labels))
                labels.append(heading)
                before = heading
            places[key] = len(labels)
            labels.append(label)
        return cls(places, labels, headings)

    def draw(self, axis: Axes) -> None:
        """Write the labels, and a line above every heading but the first."""
        axis.set_yticks(range(len(self.labels)), self.labels)
        axis.set_ylim(len(self.labels) - 0.5, -0.5)
        for place in self.headings:
            axis.get_yticklabels()[place].set_fontweight("bold")
        self.separate(axis)

    def separate(self, axis: Axes) -> None:
        """Draw the line above every heading but the first."""
        for place in self.headings[1:]:
            axis.axhline(place - 0.5, color="#cccccc", lw=0.8)


def option_numbers(
    table: pd.DataFrame, statistics: Mapping[str, str], options: Mapping[tuple[str, str], str]
) -> Figure:
    """Draw the ledger's numbers under every option, a point for each explainer.

    Parameters
    ----------
    table
        ``choices.csv``, MLPs.
    statistics
        Statistic → its name on the axis; a panel each.
    options
        (Choice, option) → its name, in the order of the rows; those without a row in `table`
        are left out.
    """
    rows = _Rows.of(table, options)
    with style.journal():
        figure, axes = plt.subplots(
            1, len(statistics), figsize=(style.WIDTH, 1.2 + 0.2 * len(rows.labels)),
            layout="constrained",
            squeeze=False, sharey=True,
        )  # fmt: skip
        for axis, (statistic, name) in zip(axes[0], statistics.items(), strict=True):
            _numbers(axis, table[table["statistic"] == statistic], rows)
            axis.set_xlabel(name)
            axis.set_xlim(-0.03, 1.03)
        rows.draw(axes[0, 0])
        shown = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
        handles = [
            plt.Line2D([], [], ls="", marker=style.EXPLAINER_LINES[name]["marker"],
                       color=style.EXPLAINER_LINES[name]["color"])
            for name in shown
        ]  # fmt: skip
        names = style.explainer_names(shown)
        figure.legend(handles, names, loc="outside upper center", ncols=3)
        return figure


def _numbers(axis: Axes, table: pd.DataFrame, rows: _Rows) -> None:
    rows.separate(axis)
    for (choice, option), place in rows.places.items():
        own = table[(table["choice"] == choice) & (table["option"] == option)]
        for row in own.to_dict("records"):
            line = style.EXPLAINER_LINES.get(row["explainer"], {"marker": "o", "color": "k"})
            axis.plot(row["value"], place, ls="", marker=line["marker"], color=line["color"],
                      ms=4.5, alpha=0.8)  # fmt: skip


def verdict_grid(table: pd.DataFrame, options: Mapping[tuple[str, str], str]) -> Figure:
    """Draw the verdict of each statement under every option; a frame marks what changes.

    Parameters
    ----------
    table
        ``sensitivity_verdicts.csv``.
    options
        (Choice, option) → its name, in the order of the rows.
    """
    rows = _Rows.of(table, options)
    claims = list(dict.fromkeys(table["claim"]))
    cells = {(row["choice"], row["option"], row["claim"]): row for row in table.to_dict("records")}
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH, 1.1 + 0.21 * len(rows.labels)), layout="constrained"
        )
        for (choice, option), y in rows.places.items():
            for x, claim in enumerate(claims):
                row = cells.get((choice, option, claim))
                if row is None:
                    continue
                _, letter, colour, text = VERDICTS[row["verdict"]]
                changed = not row["holds"]
                axis.add_patch(
                    plt.Rectangle(
                        (x - 0.42, y - 0.4), 0.84, 0.8, facecolor=colour,
                        edgecolor="k" if changed else "none", lw=2 if changed else 0,
                    )
                )  # fmt: skip
                axis.text(x, y, letter, ha="center", va="center", fontsize=8, color=text,
                          weight="bold" if changed else "normal")  # fmt: skip
        rows.draw(axis)
        axis.set_xlim(-0.5, len(claims) - 0.5)
        axis.set_xticks(range(len(claims)), claims)
        axis.xaxis.tick_top()
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        used = [name for name in VERDICTS if name in set(table["verdict"])]
        handles = [plt.Rectangle((0, 0), 1, 1, color=VERDICTS[name][2]) for name in used]
        handles.append(plt.Rectangle((0, 0), 1, 1, facecolor="w", edgecolor="k", lw=2))
        names = [f"{VERDICTS[name][1]}: {VERDICTS[name][0]}" for name in used]
        figure.legend(
            handles, [*names, "differs from the default"], loc="outside lower center", ncols=3
        )
        return figure


def equal_masks(levels: pd.DataFrame, run: pd.DataFrame, measure: str) -> Figure:
    """Draw the agreement of replicates against the number of masks that each averages.

    Parameters
    ----------
    levels
        What `helpers.stability.masks.at_equal_masks` gave.
    run
        What `helpers.stability.masks.as_run` gave.
    measure
        Name of the measure of agreement.
    """
    with style.journal():
        figure, axis = plt.subplots(figsize=(style.WIDTH * 0.9, 3.7), layout="constrained")
        for explainer, line in style.EXPLAINER_LINES.items():
            if explainer not in levels.index:
                continue
            name = style.explainer_name(explainer)
            axis.plot(levels.columns, levels.loc[explainer], ms=4, label=name, **line)
            if explainer in run.index:
                axis.plot(
                    *run.loc[explainer, ["masks", "value"]].to_numpy(float), ls="", ms=12,
                    marker=line["marker"], markerfacecolor="none", markeredgecolor=line["color"],
                    markeredgewidth=1.6,
                )  # fmt: skip
        axis.plot([], [], ls="", marker="o", ms=11, mfc="none", mec="k", label="as run in Figure 1")
        axis.set_xscale("log")
        axis.set_xticks(list(levels.columns), [f"{size:g}" for size in levels.columns])
        axis.minorticks_off()
        axis.set(xlabel="Dropout masks averaged in each replicate", ylabel=measure)
        figure.legend(loc="outside upper center", ncols=4)
        return figure


def expected_overlap(table: pd.DataFrame) -> Figure:
    """Draw overlap and rank correlation of every two explainers when no mask is left to chance.

    Parameters
    ----------
    table
        ``a``, ``b``, ``tissue``, ``overlap``, ``spearman``.
    """
    names = list(dict.fromkeys([*table["a"], *table["b"]]))
    tissues = table["tissue"].nunique()
    panels = {"overlap": "Overlap of top genes", "spearman": "Spearman correlation"}
    with style.journal():
        figure, axes = plt.subplots(
            1, 2, figsize=(style.WIDTH, 3.5), layout="constrained", sharey=True
        )
        for axis, (column, title) in zip(axes, panels.items(), strict=True):
            means = table.groupby(["a", "b"])[column].mean().reset_index()
            square = np.eye(len(names))
            for row in means.to_dict("records"):
                i, j = names.index(row["a"]), names.index(row["b"])
                square[i, j] = square[j, i] = row[column]
            axis.imshow(square, cmap="viridis", vmin=min(0.0, square.min()), vmax=1)
            for i, j in np.ndindex(square.shape):
                light = square[i, j] > 0.6
                axis.text(j, i, f"{square[i, j]:.2f}", ha="center", va="center", fontsize=7.5,
                          color="k" if light else "w")  # fmt: skip
            axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
            axis.set_yticks(range(len(names)), names)
            axis.set_title(title)
            axis.spines[:].set_visible(False)
            axis.tick_params(length=0)
        figure.supxlabel(f"Mean of {tissues} tissues", fontsize=9)
        return figure


def released(table: pd.DataFrame) -> Figure:
    """Draw the agreement of replicates of DeepLift and DeepLiftShap, a point for each sample.

    Parameters
    ----------
    table
        ``variant``, ``n``, ``design``, ``metric``, ``sample``, ``value``.
    """
    sizes = table.drop_duplicates("variant").set_index("variant")["n"]
    names = {name: f"{name} (n = {sizes[name]})" for name in sizes.index}
    return _agreement(table, names, style.DESIGN_NAMES)


def smoothed_cams(table: pd.DataFrame, options: Mapping[str, str]) -> Figure:
    """Draw agreement under both ways to smooth two factors, and between the two ways.

    Parameters
    ----------
    table
        ``sensitivity_smoothed_cams.csv``: ``option``, ``explainer``, ``design``, ``metric``,
        ``sample``, ``value``.
    options
        Option → its name, in the order of the rows of each explainer.
    """
    rows = table[table["option"].isin(options)]
    if rows.empty:
        return style.nothing_to_show("There is nothing to compare.")
    variants = rows["explainer"] + ": " + rows["option"].map(options)
    names = {
        f"{explainer}: {option}": f"{style.explainer_name(explainer)}:\n{option}"
        for explainer in dict.fromkeys(rows["explainer"])
        for option in options.values()
    }
    known = {**style.DESIGN_NAMES, **ACROSS}
    return _agreement(rows.assign(variant=variants), names, known)


def _agreement(table: pd.DataFrame, names: Mapping[str, str], designs: Mapping[str, str]) -> Figure:
    """Draw a panel for each measure and a row for each variant: points of samples, and medians."""
    metrics = list(dict.fromkeys(table["metric"]))
    shown = [name for name in designs if name in set(table["design"])]
    colours = {**style.DESIGNS, **dict.fromkeys(ACROSS, style.COLOURS[2])}
    with style.journal():
        figure, axes = plt.subplots(
            1, len(metrics), figsize=(style.WIDTH, 0.9 + 0.42 * len(names)), layout="constrained",
            sharey=True, squeeze=False,
        )  # fmt: skip
        for axis, metric in zip(axes[0], metrics, strict=True):
            for place, variant in enumerate(names):
                own = table[(table["variant"] == variant) & (table["metric"] == metric)]
                present = [name for name in shown if name in set(own["design"])]
                for number, design in enumerate(present):
                    values = own.loc[own["design"] == design, "value"].dropna()
                    at = place + 0.3 * (number - (len(present) - 1) / 2)
                    axis.plot(values, [at] * len(values), "o", ms=4, alpha=0.5,
                              color=colours[design])  # fmt: skip
                    if len(values):
                        middle = [values.median()] * 2
                        axis.plot(middle, [at - 0.13, at + 0.13], color="k", lw=2)
            axis.set_xlabel(_measure(metric))
            axis.set_xlim(-0.03, 1.03)
        axes[0, 0].set_yticks(range(len(names)), list(names.values()))
        axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
        handles = [plt.Line2D([], [], ls="", marker="o", color=colours[name]) for name in shown]
        texts = [designs[name] for name in shown]
        figure.legend(handles, texts, loc="outside upper center", ncols=len(shown))
        return figure


def _measure(metric: str) -> str:
    """Return the name of a measure of agreement."""
    return "Spearman correlation" if metric == "spearman" else f"Top-{metric[3:]} overlap"
