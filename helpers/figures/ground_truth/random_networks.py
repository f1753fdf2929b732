"""Figures of networks that know nothing: what they come to, and how explanations follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.claims.control import (
    FEWEST_SHUFFLES,
    HIDDEN,
    OUTPUT,
    SHUFFLED,
    SIGNIFICANT,
    TRUE,
    UNTRAINED,
)
from helpers.claims.judging import MET
from helpers.figures import style

MARKS = {
    TRUE: ("true labels", {"marker": "D", "ms": 7, "color": style.COLOURS[0]}),
    SHUFFLED: ("a shuffle of the labels", {"marker": "o", "ms": 4, "color": "#666666"}),
    OUTPUT: ("random output layer", {"marker": "s", "ms": 5, "color": style.COLOURS[1]}),
    HIDDEN: ("and random hidden layer", {"marker": "v", "ms": 6, "color": style.COLOURS[2]}),
    UNTRAINED: ("never trained", {"marker": "x", "ms": 6, "color": style.COLOURS[3]}),
}
"""Networks, and how they are marked."""

COLUMNS = 3

ANOTHER = "another"

STAGES = {
    ANOTHER: "another\ntrained\nnetwork",
    OUTPUT: "output\nlayer\nrandom",
    HIDDEN: "output and\nhidden layer\nrandom",
    UNTRAINED: "before\ntraining",
}
"""What a trained network is compared with, in the order of the axis."""

MODELS = {"one": "One network", "all": "All together"}


def know_nothing(judged: pd.DataFrame, control: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw the number of each statement on true labels beside those on networks without knowledge.

    Parameters
    ----------
    judged
        The table ``know_nothing``.
    control
        The table ``control``.
    names
        Statement → what is compared.
    """
    claims = [str(name) for name in control["claim"]]
    shown = judged.assign(value=judged["number"].fillna(judged["observed"]))
    if shown["value"].isna().all():
        return style.nothing_to_show("No statement can be tested in this run.")
    rows = -(-len(claims) // COLUMNS)
    summary = control.set_index("claim")
    with style.journal():
        figure, axes = plt.subplots(
            rows, COLUMNS, figsize=(style.WIDTH, 0.5 + 0.95 * rows), layout="constrained",
            squeeze=False,
        )  # fmt: skip
        for axis, claim in zip(axes.flat, claims, strict=False):
            _statement(axis, shown[shown["claim"] == claim], claim, names.get(claim, ""))
            _title(axis, claim, summary.loc[claim].to_dict())
        for axis in axes.flat[len(claims) :]:
            axis.set_visible(False)
        handles = [plt.Line2D([], [], ls="", **look) for _, look in MARKS.values()]
        names_of = [name for name, _ in MARKS.values()]
        figure.legend(handles, names_of, loc="outside upper center", ncols=3)
        return figure


def _statement(axis: Axes, rows: pd.DataFrame, claim: str, name: str) -> None:
    heights = {TRUE: 1.0, SHUFFLED: 0.0, OUTPUT: 0.5, HIDDEN: 0.5, UNTRAINED: 0.5}
    for kind, (_, look) in MARKS.items():
        values = rows.loc[rows["kind"] == kind, "value"].dropna().to_numpy(dtype=float)
        spread = np.linspace(-0.18, 0.18, len(values)) if len(values) > 1 else np.zeros(len(values))
        axis.plot(values, heights[kind] + spread, ls="", alpha=0.8, **look)
    axis.set_ylim(-0.4, 1.35)
    axis.set_yticks([])
    if rows["value"].isna().all():
        axis.set_xticks([])
    else:
        axis.margins(x=0.08)
        axis.locator_params(axis="x", nbins=4)
    axis.set_xlabel(name, fontsize=6.5, labelpad=1)
    axis.spines[["left", "right", "top"]].set_visible(False)


def _title(axis: Axes, claim: str, row: Mapping[Any, Any]) -> None:
    """Write the statement and its p-value; those without evidence are bold."""
    p = float(row["p"])
    without = p > SIGNIFICANT and row["shuffles"] >= FEWEST_SHUFFLES
    said = f"p = {p:.2f}" if p == p else "undefined"
    if row["supports"] == MET:
        said += f", met by {int(row['met'])}"
    arrow = {"larger": " →", "smaller": " ←"}.get(str(row["supports"]), "")
    axis.set_title(
        f"{claim}{arrow}  {said}", loc="left", fontsize=8.5,
        fontweight="bold" if without else "normal",
        color="#b04000" if without else "k",
    )  # fmt: skip


def cascade(table: pd.DataFrame, k: int) -> Figure:
    """Draw how like a trained network's explanation those of a random network are.

    Parameters
    ----------
    table
        The table ``cascade``.
    k
        Length of lists of top genes.
    """
    measures = {"overlap": f"Overlap of top {k}", "spearman": "Spearman, sizes of scores"}
    stages = [kind for kind in STAGES if kind in set(table["kind"])]
    with style.journal():
        figure, axes = plt.subplots(
            len(MODELS), len(measures), figsize=(style.WIDTH, 5.2), layout="constrained",
            sharex=True, sharey="col",
        )  # fmt: skip
        shown = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
        for row, (models, title) in zip(axes, MODELS.items(), strict=True):
            own = table[table["models"] == models]
            for axis, (measure, label) in zip(row, measures.items(), strict=True):
                _stages(axis, own, measure, stages, shown)
                axis.set_ylabel(f"{title}:\n{label}")
                axis.axhline(0, color="#bbbbbb", lw=0.8)
                axis.set_xticks(range(len(stages)), [STAGES[kind] for kind in stages], fontsize=7.5)
        lines = [plt.Line2D([], [], **style.EXPLAINER_LINES[name]) for name in shown]
        figure.legend(lines, style.explainer_names(shown), loc="outside upper center", ncols=3)
        return figure


def _stages(
    axis: Axes, table: pd.DataFrame, measure: str, stages: Sequence[str], explainers: Sequence[str]
) -> None:
    for explainer in explainers:
        own = table[table["explainer"] == explainer]
        means = own.groupby("kind")[measure].mean()
        line = style.EXPLAINER_LINES[explainer] | {"ms": 5}
        known = {place: float(means[kind]) for place, kind in enumerate(stages) if kind in means}
        # The yardstick is no step of the cascade.
        for part in (
            {k: v for k, v in known.items() if (stages[k] == ANOTHER) == apart}
            for apart in (True, False)
        ):
            axis.plot(list(part), list(part.values()), **line)
