"""Figures of what top genes do: enriched terms, transcription factors and cofactors."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import naming, style

TERM_WIDTH = 46
"""Characters of a term's name in a line."""
STRONGEST = 10.0
"""-log10 of the false discovery rate from which all dots have the darkest colour."""

COMBINATIONS = {
    ("mlp", True): ("MLP, aggregated", style.COLOURS[0], "o"),
    ("mlp", False): ("MLP, one model", style.COLOURS[1], "s"),
    ("cnn", True): ("CNN, aggregated", style.COLOURS[2], "^"),
    ("cnn", False): ("CNN, one model", style.COLOURS[4], "v"),
}
"""Architecture and aggregated → name, colour and marker."""

SET_NAMES = {"transcription_factors": "Transcription factors", "cofactors": "Cofactors"}


def enriched_terms(
    go: pd.DataFrame, *, along: str = "tissue", terms: int = 5, alpha: float = 0.05
) -> Figure:
    """Draw the most enriched terms of each tissue, or each explainer, as dots.

    Parameters
    ----------
    go
        Rows of ``go.csv`` of one ontology and, but for `along`, one combination of architecture,
        explainer, aggregated and tissue.
    along
        ``"tissue"`` or ``"explainer"``: what stands side by side.
    terms
        Terms to choose for each column among those kept as not redundant: those of the smallest
        false discovery rate, whatever the order of the table. A dot stands wherever such a term
        is enriched.
    alpha
        False discovery rate up to which a term is enriched.
    """
    if go.empty:
        return style.nothing_to_show("No gene set holds any of these top genes.")
    columns = list(dict.fromkeys(go[along]))
    enriched = go[go["fdr"] <= alpha]
    # Tables list one ontology after the other; the strongest terms may be anywhere.
    strongest = enriched[enriched["reduced"]].sort_values(["fdr", "p"], kind="stable")
    chosen = [strongest[strongest[along] == name]["term_id"].head(terms) for name in columns]
    order = list(dict.fromkeys(term for column in chosen for term in column))
    shown = enriched[enriched["term_id"].isin(order)]
    names = dict(zip(shown["term_id"], shown["term"], strict=True))
    labels = naming.wrapped([names[term] for term in order], TERM_WIDTH)
    lines = sum(label.count("\n") + 1 for label in labels)
    with style.journal():
        figure, axis = plt.subplots(
            figsize=(style.WIDTH, 1.5 + 0.1 * len(order) + 0.15 * lines), layout="constrained"
        )
        dots = axis.scatter(
            [columns.index(name) for name in shown[along]],
            [order.index(term) for term in shown["term_id"]],
            s=_area(shown["overlap"]),
            c=-np.log10(shown["fdr"].astype(float).clip(lower=1e-300)),
            norm=Normalize(-np.log10(alpha), STRONGEST), cmap="viridis_r", lw=0.5,
            edgecolor="#333333", zorder=3,
        )  # fmt: skip
        counts = enriched.groupby(along)["term_id"].size()
        aslant = along == "explainer" or len(columns) > 5
        short = naming.one_line(columns, 18) if aslant else naming.wrapped(columns, 12)
        ticks = [
            f"{text} ({counts.get(name, 0)})" for name, text in zip(columns, short, strict=True)
        ]
        axis.set_xticks(range(len(columns)), ticks, fontsize=8)
        if aslant:
            axis.set_xticks(range(len(columns)), ticks, rotation=30, ha="right")
        axis.set_xlabel(f"{along.capitalize()} (enriched terms)")
        axis.set_yticks(range(len(order)), labels, fontsize=7.5)
        axis.set(xlim=(-0.6, len(columns) - 0.4), ylim=(len(order) - 0.4, -0.6))
        axis.grid(color="#dddddd", lw=0.6)
        if not order:
            axis.text(0.5, 0.5, "no enriched term", transform=axis.transAxes, ha="center")
            axis.set_yticks([])
            return figure
        bar = figure.colorbar(dots, ax=axis, shrink=min(1.0, 1.3 / figure.get_figheight()),
                              aspect=10, extend="max")  # fmt: skip
        bar.set_label("-log10(FDR)", fontsize=8.5)
        sizes = sorted({int(shown["overlap"].min()), int(shown["overlap"].max())})
        handles = [plt.scatter([], [], s=_area(pd.Series([n])), c="#999999", lw=0) for n in sizes]
        figure.legend(handles, [f"{n} genes" for n in sizes], loc="outside upper center",
                      ncols=len(sizes))  # fmt: skip
        return figure


def _area(overlap: pd.Series) -> np.ndarray:
    """Turn hits into areas of dots, in points²."""
    return 12 + 7 * overlap.to_numpy(dtype=float)


def regulators(table: pd.DataFrame, tissues: list[str] | None = None) -> Figure:
    """Draw how many regulators top genes hold, against chance (paper, Figures 4F, S13, S14).

    Parameters
    ----------
    table
        Rows of ``regulators.csv`` of one source: a row of panels for each set.
    tissues
        Tissues to show, one a column; default: all, at most four.
    """
    if table["fold"].isna().all():
        return style.nothing_to_show("No regulator is among the measured genes.")
    chosen = list(dict.fromkeys(table["tissue"]))[:4] if tissues is None else tissues
    sets = [name for name in SET_NAMES if name in set(table["set"])]
    explainers = [name for name in style.EXPLAINERS if name in set(table["explainer"])]
    names = naming.wrapped(chosen, 60 // max(len(chosen), 1))
    with style.journal():
        height = (0.5 + 0.33 * len(explainers)) * len(sets) + 0.7
        figure, axes = plt.subplots(
            len(sets), len(chosen), figsize=(style.WIDTH, height), layout="constrained",
            squeeze=False, sharey=True, sharex="row",
        )  # fmt: skip
        for row, name in enumerate(sets):
            for column, tissue in enumerate(chosen):
                axis = axes[row, column]
                part = table[(table["set"] == name) & (table["tissue"] == tissue)]
                _folds(axis, part, explainers)
                axis.set_title(names[column])
                if column == 0:
                    axis.set_ylabel(SET_NAMES[name])
            longest = table.loc[table["set"] == name, "fold_high"].max()
            # A little below 0, or points there would be cut.
            # None of the genes may be measured, and then there is no fold.
            longest = longest if longest > 0 else 1.0
            axes[row, 0].set_xlim(-0.04 * longest, 1.02 * longest)
        figure.supxlabel("Fold over chance (95 % interval); filled: FDR ≤ 0.05", fontsize=9)
        present = set(zip(table["architecture"], table["aggregated"], strict=True))
        shown = [entry for key, entry in COMBINATIONS.items() if key in present]
        handles = [Line2D([], [], color=colour, marker=marker) for _, colour, marker in shown]
        figure.legend(
            handles, [name for name, *_ in shown], loc="outside upper center", ncols=len(shown)
        )
        return figure


def _folds(axis: Axes, table: pd.DataFrame, explainers: list[str]) -> None:
    """Draw one point and interval for each explainer and combination."""
    combinations = [
        key for key in COMBINATIONS
        if ((table["architecture"] == key[0]) & (table["aggregated"] == key[1])).any()
    ]  # fmt: skip
    axis.axvline(1, color=style.PAPER, lw=0.9, ls="--", zorder=1)
    for number, key in enumerate(combinations):
        _, colour, marker = COMBINATIONS[key]
        part = table[(table["architecture"] == key[0]) & (table["aggregated"] == key[1])]
        shift = 0.17 * (number - (len(combinations) - 1) / 2)
        places = np.array([explainers.index(name) for name in part["explainer"]]) + shift
        axis.hlines(places, part["fold_low"], part["fold_high"], color=colour, lw=1.2)
        sure = (part["fdr"] <= 0.05).to_numpy()
        axis.scatter(part["fold"], places, marker=marker, s=20, lw=1, edgecolor=colour, zorder=3,
                     c=[colour if certain else "white" for certain in sure])  # fmt: skip
    axis.set_yticks(range(len(explainers)), style.explainer_names(explainers))
    axis.set_ylim(len(explainers) - 0.4, -0.6)
