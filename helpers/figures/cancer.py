"""Figures of top genes in cancer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import naming, style

DIRECTIONS = {"down": style.COLOURS[0], "none": "#bbbbbb", "up": style.COLOURS[3]}
DIRECTION_NAMES = {"down": "lower in cancer", "none": "no difference", "up": "higher in cancer"}
SEGREGATION_LABELS = {"normal_only": "normal\nonly", "both": "both", "cancer_only": "cancer\nonly"}
ROLES = {"oncogene": style.COLOURS[3], "suppressor": style.COLOURS[0], "both": style.COLOURS[4],
         "unclear": "#777777"}  # fmt: skip
NO_PAIR = "No pair of a normal tissue and a cancer with enough samples."
_SMALLEST_P = 1e-300


def volcano(de: pd.DataFrame, highlighted: pd.DataFrame | None = None, *, fold: float = 3.0,
            fdr: float = 0.001) -> Figure:  # fmt: skip
    """Draw change against certainty for every gene, a panel for each pair.

    Parameters
    ----------
    de
        Rows of ``cancer_de.csv``; at most six pairs.
    highlighted
        Genes to name: ``cancer``, ``gene``.
    fold, fdr
        What makes a gene count as different: drawn as lines.
    """
    if de.empty:
        return style.nothing_to_show(NO_PAIR)
    named = pd.DataFrame(columns=["cancer", "gene"]) if highlighted is None else highlighted
    pairs = list(de.groupby(["normal", "cancer"], sort=False))
    columns = min(2, len(pairs))
    rows = -(-len(pairs) // columns)
    with style.journal():
        figure, axes = plt.subplots(
            rows, columns, figsize=(style.WIDTH, 2.7 * rows + 0.3), layout="constrained",
            squeeze=False,
        )  # fmt: skip
        for axis, (key, part) in zip(axes.flat, pairs, strict=False):
            normal, cancer = map(str, key)
            axis.margins(x=0.2)
            _cloud(axis, part, named[named["cancer"] == cancer]["gene"])
            for line in (-np.log2(fold), np.log2(fold)):
                axis.axvline(line, color=style.PAPER, lw=0.7, ls=":")
            axis.axhline(-np.log10(fdr), color=style.PAPER, lw=0.7, ls=":")
            first = part.iloc[0]
            sides = (
                f"{naming.label(normal, 34)} (n = {first['n_normal']})",
                f"{naming.label(cancer, 34)} (n = {first['n_cancer']})",
            )
            axis.set_title(_pair_title(" →", *sides, 48), fontsize=8.5)
        for axis in axes.flat[len(pairs) :]:
            axis.remove()
        figure.supxlabel("log2 of the change, cancer over normal", fontsize=9)
        figure.supylabel("-log10(FDR)", fontsize=9)
        _legend(figure, DIRECTIONS, DIRECTION_NAMES)
        return figure


def _cloud(axis: Axes, part: pd.DataFrame, highlighted: Collection[str]) -> None:
    height = -np.log10(part["fdr"].clip(lower=_SMALLEST_P))
    for way, colour in DIRECTIONS.items():
        chosen = part["direction"] == way
        axis.scatter(part.loc[chosen, "fold_change"], height[chosen], s=3, lw=0, alpha=0.5,
                     color=colour, rasterized=True)  # fmt: skip
    top = float(height.max())
    axis.set_ylim(-0.02 * top - 0.05, 1.12 * top + 0.05)
    named = part[part["gene"].isin(list(highlighted))].assign(height=height)
    axis.scatter(named["fold_change"], named["height"], s=20, facecolor="none", edgecolor="k",
                 lw=0.9, zorder=4)  # fmt: skip
    for side, ha, x in ((-1, "left", 0.02), (1, "right", 0.98)):
        own = named[np.sign(named["fold_change"]) == side].sort_values("height")
        places = _spread(own["height"].tolist(), 0.08 * top, 0.03 * top, 1.08 * top)
        for (_, row), place in zip(own.iterrows(), places, strict=True):
            axis.annotate(
                naming.label(row["gene"], 14), (row["fold_change"], row["height"]),
                xytext=(x, place), textcoords=axis.get_yaxis_transform(), fontsize=8,
                style="italic", ha=ha, va="center", zorder=5,
                arrowprops={"arrowstyle": "-", "lw": 0.6, "color": style.PAPER, "shrinkB": 2.5},
            )  # fmt: skip


def _pair_title(between: str, first: str, second: str, width: int) -> str:
    """Write two names in one line if they fit, else one below the other."""
    fits = naming.columns(f"{first}{between} {second}") <= width
    return f"{first}{between}{' ' if fits else chr(10)}{second}"


def _spread(heights: list[float], step: float, low: float, high: float) -> list[float]:
    """Move ascending heights apart by at least `step`, within bounds as far as they go."""
    places: list[float] = []
    for height in heights:
        places.append(max(height, places[-1] + step if places else low))
    # Those pushed beyond the top push the ones below them back.
    for number in range(len(places)):
        places[-1 - number] = min(places[-1 - number], high - number * step)
    return places


def shares_different(shares: pd.DataFrame) -> Figure:
    """Draw the share of top genes that differ between normal and cancer (paper, Figure 5A).

    Parameters
    ----------
    shares
        What `helpers.biology.cancer.share_different` gave, of one architecture; a panel for each
        pair, at most eight, a bar for each explainer and tissue.
    """
    if shares.empty:
        return style.nothing_to_show(NO_PAIR)
    pairs = list(shares.groupby(["normal", "cancer"], sort=False))
    explainers = [name for name in style.EXPLAINERS if name in set(shares["explainer"])]
    columns = min(4, len(pairs))
    rows = -(-len(pairs) // columns)
    with style.journal():
        figure, axes = plt.subplots(
            rows, columns, figsize=(style.WIDTH, (0.55 + 0.27 * len(explainers)) * rows + 0.8),
            layout="constrained", squeeze=False, sharey=True, sharex=True,
        )  # fmt: skip
        for axis, (key, part) in zip(axes.flat, pairs, strict=False):
            for side, (tissue, status) in enumerate(zip(key, style.STATUSES, strict=True)):
                own = part[part["tissue"] == tissue]
                places = np.array([explainers.index(name) for name in own["explainer"]])
                axis.barh(places + 0.38 * (side - 0.5), own["share"], height=0.36,
                          color=style.STATUSES[status])  # fmt: skip
            axis.axvline(part["chance"].iloc[0], color=style.PAPER, ls="--", lw=1)
            axis.set_yticks(range(len(explainers)), style.explainer_names(explainers))
            axis.set(xlim=(0, 1), ylim=(len(explainers) - 0.4, -0.6))
            axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
            first, second = (naming.label(name, 92 // columns) for name in key)
            axis.set_title(_pair_title(" /", first, second, 100 // columns), fontsize=8)
        for axis in axes.flat[len(pairs) :]:
            axis.remove()
        for axis in axes.flat[max(0, len(pairs) - columns) : len(pairs)]:
            axis.tick_params(labelbottom=True)
        figure.supxlabel("Top genes that differ between normal tissue and cancer, %", fontsize=9)
        names = {"normal": "top genes of the normal tissue", "cancer": "top genes of the cancer"}
        # Only sides that have bars: CNNs explain no cancer.
        drawn = [side for side in names if (shares["tissue"] == shares[side]).any()]
        handles = [plt.Rectangle((0, 0), 1, 1, color=style.STATUSES[side]) for side in drawn]
        line = Line2D([], [], color=style.PAPER, ls="--", lw=1)
        figure.legend([*handles, line], [*(names[side] for side in drawn), "all genes"],
                      loc="outside upper center", ncols=len(drawn) + 1)  # fmt: skip
        return figure


def segregation(summary: pd.DataFrame, explainers: Sequence[str]) -> Figure:
    """Draw which way top genes of normal tissue, of cancer and of both change (Figures 5B, S15).

    Parameters
    ----------
    summary
        What `helpers.biology.cancer.segregation_summary` gave, of one architecture and one value
        of aggregated.
    explainers
        Explainers to show, one a row of panels; a column for each pair, at most five.
    """
    if summary.empty:
        return style.nothing_to_show(NO_PAIR)
    pairs = list(dict.fromkeys(zip(summary["normal"], summary["cancer"], strict=True)))[:5]
    with style.journal():
        figure, axes = plt.subplots(
            len(explainers), len(pairs), layout="constrained", squeeze=False, sharex=True,
            sharey=True, figsize=(style.WIDTH, 1.75 * len(explainers) + 0.7),
        )  # fmt: skip
        for row, explainer in enumerate(explainers):
            for column, (normal, cancer) in enumerate(pairs):
                axis = axes[row, column]
                part = summary[
                    (summary["explainer"] == explainer)
                    & (summary["normal"] == normal)
                    & (summary["cancer"] == cancer)
                ].set_index("group")
                bottom = np.zeros(len(SEGREGATION_LABELS))
                for way, colour in DIRECTIONS.items():
                    counts = (
                        part[way]
                        .reindex(list(SEGREGATION_LABELS), fill_value=0)
                        .to_numpy(dtype=float)
                    )
                    axis.bar(
                        range(len(SEGREGATION_LABELS)),
                        counts,
                        bottom=bottom,
                        color=colour,
                        width=0.75,
                    )
                    bottom += counts
                axis.set_xticks(
                    range(len(SEGREGATION_LABELS)), list(SEGREGATION_LABELS.values()), fontsize=7.5
                )
                if row == 0:
                    names = (naming.label(name, 80 // len(pairs)) for name in (normal, cancer))
                    axis.set_title(" /\n".join(names), fontsize=8.5)
                if column == 0:
                    axis.set_ylabel(f"{style.explainer_name(explainer)}\ntop genes")
        axes[0, 0].set_ylim(0, 1.04 * summary["genes"].max())
        _legend(figure, DIRECTIONS, DIRECTION_NAMES)
        return figure


def shared_genes(shared: pd.DataFrame) -> Figure:
    """Draw which cancers share which top genes (paper, Figure 5C).

    Parameters
    ----------
    shared
        ``shared_cancer_genes.csv``. Genes stand in the order of the cancer in which most samples
        have them, those of one cancer before those of several.
    """
    if shared.empty:
        return style.nothing_to_show("No top gene is shared by samples of one cancer.")
    cancers = sorted(set(shared["cancer"]))
    best = shared.sort_values("samples", ascending=False, kind="stable").drop_duplicates("gene")
    order = best.sort_values(["cancer", "types", "samples"], ascending=[True, True, False])
    with style.journal():
        height = 4.6 + _room(cancers)
        figure, axis = plt.subplots(figsize=(style.WIDTH, height), layout="constrained")
        genes = order["gene"].tolist()
        _heat(figure, axis, shared, genes, cancers)
        axis.set_yticks([])
        axis.set_ylabel(f"{len(genes):,} shared top genes")
        return figure


def known_genes(shared: pd.DataFrame, *, most: int = 45) -> Figure:
    """Draw the oncogenes and suppressors among shared top genes (paper, Figure S16).

    Parameters
    ----------
    shared
        ``shared_cancer_genes.csv``.
    most
        Genes to show; those that most cancers share come first.
    """
    known = shared[shared["role"] != "none"]
    ordered = known.drop_duplicates("gene").sort_values(["types", "gene"], ascending=[False, True])
    genes = ordered["gene"].tolist()[:most]
    roles = dict(zip(ordered["gene"], ordered["role"], strict=True))
    part = known[known["gene"].isin(genes)]
    cancers = sorted(set(part["cancer"]))
    with style.journal():
        height = 1.4 + 0.15 * max(len(genes), 4) + _room(cancers)
        figure, axis = plt.subplots(figsize=(style.WIDTH, height), layout="constrained")
        if not genes:
            axis.text(0.5, 0.5, "no known cancer gene is shared", ha="center")
            axis.axis("off")
            return figure
        _heat(figure, axis, part, genes, cancers)
        axis.set_yticks(range(len(genes)), naming.one_line(genes, 20), fontsize=7.5, style="italic")
        for gene, label in zip(genes, axis.get_yticklabels(), strict=True):
            label.set_color(ROLES[roles[gene]])
        _legend(figure, {role: ROLES[role] for role in ROLES if role in set(part["role"])},
                {role: role for role in ROLES})  # fmt: skip
        return figure


def _heat(
    figure: Figure, axis: Axes, shared: pd.DataFrame, genes: list[str], cancers: list[str]
) -> None:
    """Draw genes × cancers; the colour says how many samples have the gene."""
    counts = shared.pivot_table(index="gene", columns="cancer", values="samples", observed=True)
    matrix = counts.reindex(index=genes, columns=cancers)
    fewest, most = int(shared["samples"].min()), int(shared["samples"].max())
    numbers = np.arange(fewest, most + 2)
    # Without the palest colours, which a white page would swallow.
    colours = ListedColormap(plt.get_cmap("viridis_r")(np.linspace(0.15, 1, len(numbers) - 1)))
    scale = BoundaryNorm(numbers - 0.5, colours.N)
    image = axis.imshow(matrix, aspect="auto", interpolation="none", cmap=colours, norm=scale)
    axis.set_xticks(range(len(cancers)), _short(cancers), rotation=90, fontsize=7.5)
    bar = figure.colorbar(image, ax=axis, fraction=0.03, aspect=25, shrink=0.6)
    step = -(-len(numbers) // 8)
    bar.set_ticks(numbers[:-1:step].tolist())
    bar.set_label("Samples that have the gene", fontsize=8.5)


def _short(cancers: list[str]) -> list[str]:
    return naming.one_line([cancer.removeprefix("TCGA_") for cancer in cancers], 22)


def _room(cancers: list[str]) -> float:
    """Return the inches that upright names longer than those of TCGA need below an axis."""
    return 0.065 * max(0, max(map(naming.columns, _short(cancers)), default=0) - 5)


def _legend(figure: Figure, colours: dict[str, str], names: dict[str, str]) -> None:
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in colours.values()]
    labels = [names[name] for name in colours]
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
