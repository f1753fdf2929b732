"""The picture of the ledger: one cell for each statement of the paper, coloured by verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.claims.judging import (
    NOT_REPRODUCED,
    NOT_RUN,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
)
from helpers.claims.ledger import CHAPTERS
from helpers.figures import naming, style

VERDICTS = {
    REPRODUCED: ("reproduced", "R", "#0072b2", "white"),
    PARTLY: ("partly reproduced", "P", "#f0e442", "black"),
    NOT_REPRODUCED: ("not reproduced", "N", "#d55e00", "black"),
    NOT_TESTABLE: ("not testable", "–", "#b9b9b9", "black"),
    NOT_RUN: ("not run", "?", "white", "black"),
}
"""Name, mark, colour of the cell and of its text: a cell can be read without its colour."""


HEAD, BELOW, GAP = 0.9, 0.42, 0.2
"""Heights of a cell of the headline and of one under another protocol, and the space below them."""


def verdicts(ledger: pd.DataFrame, runs: Sequence[str]) -> Figure:
    """Draw the verdict on every statement, a panel for each run and a row for each section.

    Below the cells of the run's own protocol, which name the statements, lie those under the other
    protocols, a row each.

    Parameters
    ----------
    ledger
        ``run``, ``protocol``, ``id``, ``verdict``: the ledgers of one run or several, in the
        paper's order, the headline's protocol first.
    runs
        Values of ``run`` in the order of the panels, which are also their titles.
    """
    sections = ledger.drop_duplicates(["run", "id"])
    counts = sections.groupby("run")["id"].apply(lambda ids: ids.str[0].value_counts().max())
    protocols = list(dict.fromkeys(ledger["protocol"]))
    height = len(CHAPTERS) * _height(len(protocols)) * 0.44 + 0.45
    with style.journal():
        figure, axes = plt.subplots(
            len(runs), 1, figsize=(style.WIDTH, len(runs) * height + 0.4),
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, name in zip(axes[:, 0], runs, strict=True):
            _panel(axis, ledger[ledger["run"] == name], int(counts.max()))
            axis.set_title(naming.title(name, 88), loc="left")
        shown = [key for key in VERDICTS if (ledger["verdict"] == key).any()]
        handles = [Rectangle((0, 0), 1, 1, fc=VERDICTS[key][2], ec="#555555") for key in shown]
        labels = [f"{VERDICTS[key][1]}  {VERDICTS[key][0]}" for key in shown]
        figure.legend(handles, labels, loc="outside upper center", ncols=len(shown))
        return figure


def _height(protocols: int) -> float:
    """Return the height of a section's rows."""
    return HEAD + (protocols - 1) * BELOW + GAP


def _panel(axis: Axes, ledger: pd.DataFrame, widest: int) -> None:
    names, protocols = list(CHAPTERS), list(dict.fromkeys(ledger["protocol"]))
    height = _height(len(protocols))
    for row, letter in enumerate(names):
        part = ledger[ledger["id"].str[0] == letter]
        places = {name: place for place, name in enumerate(dict.fromkeys(part["id"]))}
        for protocol, name, verdict in zip(
            part["protocol"], part["id"], part["verdict"], strict=True
        ):
            below = protocols.index(protocol)
            top = row * height + (HEAD + (below - 1) * BELOW if below else 0)
            _cell(axis, places[name], top, "" if below else name, verdict)
        for below, protocol in enumerate(protocols[1:]):
            middle = row * height + HEAD + (below + 0.5) * BELOW
            axis.text(-0.15, middle, protocol, ha="right", va="center", fontsize=6)
    axis.set(xlim=(-0.1, widest), ylim=(len(names) * height, -0.1))
    axis.set_yticks([row * height + HEAD / 2 for row in range(len(names))],
                    [_short(name) for name in names])  # fmt: skip
    axis.set_xticks([])
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)


def _cell(axis: Axes, column: int, top: float, name: str, verdict: str) -> None:
    """Draw one verdict: with the statement's id above its mark, or the mark alone."""
    _, mark, colour, text = VERDICTS[verdict]
    height = HEAD if name else BELOW
    axis.add_patch(Rectangle((column, top), 0.94, height, fc=colour, ec="#555555", lw=0.6))
    how: dict[str, Any] = {"ha": "center", "va": "center", "color": text}
    if name:
        axis.text(column + 0.47, top + 0.27, name, fontsize=6.5, **how)
    place, size = (0.62, 9) if name else (BELOW / 2, 6.5)
    axis.text(column + 0.47, top + place, mark, fontsize=size, fontweight="bold", **how)


def _short(letter: str) -> str:
    return CHAPTERS[letter].replace(" without ", "\nwithout ").replace(" of top", "\nof top")
