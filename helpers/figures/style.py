"""The one look of all figures."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib import font_manager
from matplotlib.figure import Figure

from helpers.explain.explainers import EXPLAINERS as ENTRIES
from helpers.explain.references import REFERENCES as REFERENCE_KINDS
from helpers.figures.naming import drawn

WIDTH = 7.2
"""Width of a page's text in inches."""

EXPLAINERS = tuple(
    sorted(
        ENTRIES,
        key=lambda name: (
            ENTRIES[name].needs_layer,
            ENTRIES[name].needs_reference,
            ENTRIES[name].times_input,
        ),
    )
)
"""Explainers in the order of every axis: gradients first, then those with a reference."""

EXPLAINER_LINES: dict[str, dict[str, Any]] = {
    name: {
        "color": ENTRIES[name].line.colour,
        "marker": ENTRIES[name].line.marker,
        "ls": ENTRIES[name].line.style,
        "lw": ENTRIES[name].line.width,
    }
    for name in EXPLAINERS
}
"""Explainers as lines, as their entries say: told apart by colour and by marker."""

COLOURS = sns.color_palette("colorblind", 8).as_hex()

DESIGNS = {"intra_model": COLOURS[0], "inter_model": COLOURS[1], "gene_order": COLOURS[2]}
DESIGN_NAMES = {
    "intra_model": "same model",
    "inter_model": "different models",
    "gene_order": "different gene orders",
}
REFERENCES = {name: kind.colour for name, kind in REFERENCE_KINDS.items()}
STATUSES = {"normal": COLOURS[0], "cancer": COLOURS[3]}
ARCHITECTURE_COLOURS = {"mlp": COLOURS[0], "cnn": COLOURS[1]}
MARKERS = {"mlp": "o", "cnn": "D"}
MODES = {"eval": COLOURS[7], "dropout": COLOURS[0], "training": COLOURS[3]}
MODE_NAMES = {
    "eval": "all layers as in prediction",
    "dropout": "dropout on",
    "training": "all layers as in training",
}
SIDES = {"train": COLOURS[7], "validation": COLOURS[1], "test": COLOURS[0]}
ARCHITECTURES = {"cnn": "CNN", "mlp": "MLP"}
AGGREGATION = {False: COLOURS[7], True: COLOURS[0]}
AGGREGATION_NAMES = {False: "without aggregation", True: "aggregated"}
GROUP_COLOURS = {"I": COLOURS[1], "II": COLOURS[2], "III": COLOURS[4]}
"""The paper's groups of explainer and architecture."""
PAPER = "#444444"
"""Colour of lines that mark a value of the paper."""

_RC: Any = {
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "figure.dpi": 110,
    "font.size": 9,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "savefig.bbox": "tight",
    # Without a fixed salt and date the same figure would be other bytes in every run.
    "svg.hashsalt": "book",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


FONT = "DejaVu Sans"
"""Comes with matplotlib."""

_OTHER_FONTS = (
    # Chinese, Japanese
    ("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans JP", "Noto Sans SC",
     "Source Han Sans", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
     "IPAexGothic", "IPAGothic", "VL Gothic", "Hiragino Sans", "PingFang SC", "Yu Gothic",
     "Microsoft YaHei", "MS Gothic", "SimHei", "Arial Unicode MS"),
    # Korean
    ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo",
     "UnDotum"),
    # Scripts of India and its neighbours
    ("Noto Sans Devanagari", "Lohit Devanagari", "Mangal", "Nirmala UI", "Kohinoor Devanagari"),
    ("Noto Sans Bengali", "Lohit Bengali"),
    ("Noto Sans Tamil", "Lohit Tamil"),
    ("Noto Sans Thai", "Loma", "Leelawadee UI", "Thonburi"),
    ("Noto Sans Ethiopic", "Abyssinica SIL", "Ebrima"),
    # Signs, and what is left
    ("Noto Emoji", "Symbola", "Segoe UI Symbol", "Apple Symbols"),
    ("FreeSans", "Unifont"),
)  # fmt: skip
"""Fonts for characters that `FONT` lacks: of each row, the first that is installed."""


@functools.cache
def fonts() -> list[str]:
    """Return the fonts in which a character is looked for, one after the other."""
    installed = set(font_manager.get_font_names())
    found = (next((name for name in row if name in installed), None) for row in _OTHER_FONTS)
    return [FONT, *(name for name in found if name)]


@contextmanager
def journal() -> Iterator[None]:
    """Draw in the book's style within this context; the same data give the same figure.

    Settings of the user's, such as those of a matplotlibrc, do not count here.
    """
    # Seaborn jitters points by NumPy's global generator and offers no other.
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        look = {**sns.axes_style("ticks"), **_RC, "font.family": fonts()}
        with mpl.style.context(["default", look]):
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


_LINE = 100
"""Letters in a line across a figure."""


def nothing_to_show(why: str) -> Figure:
    """Draw a figure that says in its place why it is empty."""
    with journal():
        figure, axis = plt.subplots(figsize=(WIDTH, 1.0), layout="constrained")
        text = "\n".join(textwrap.wrap(drawn(why), _LINE))
        axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes)
        axis.axis("off")
        return figure


def explainer_name(explainer: str) -> str:
    """Return an explainer's name as it stands on an axis; what is none, as it is."""
    return ENTRIES[explainer].title if explainer in ENTRIES else explainer


def explainer_names(explainers: Iterable[str]) -> list[str]:
    """Return the names of several."""
    return [explainer_name(name) for name in explainers]


def metric_name(metric: str) -> str:
    """Return a metric's name as it stands on an axis."""
    if metric.startswith("top"):
        return f"Overlap of top {metric.removeprefix('top')}"
    return "Spearman correlation"


def with_size(title: str, number: int, noun: str) -> str:
    """Return a title with what a panel shows: ``liver (n = 1 sample)``, ``MLP (n = 4 tissues)``."""
    return f"{title} (n = {number} {noun if number == 1 else noun + 's'})"


def combination_label(name: str) -> str:
    """Return a combination as in the paper: ``mlp:DeepLift:aggregated`` as DeepLift, MLP-Agg."""
    architecture, explainer, how = name.split(":")
    suffix = "-Agg" if how == "aggregated" else ""
    known = ARCHITECTURES.get(architecture, architecture.upper())
    return f"{explainer_name(explainer)}, {known}{suffix}"
