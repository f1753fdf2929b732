"""The picture of the ledger: one cell for each statement of the paper, coloured by verdict."""

from __future__ import annotations

from collections.abc import Sequence

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


def verdicts(ledger: pd.DataFrame, runs: Sequence[str]) -> Figure:
    """Draw the verdict on every statement, a panel for each run and a row for each section.

    Parameters
    ----------
    ledger
        ``run``, ``id``, ``verdict``: the ledgers of one run or several, in the paper's order.
    runs
        Values of ``run`` in the order of the panels, which are also their titles.
    """
    sections = ledger["id"].str[0]
    widest = int(sections.groupby(ledger["run"]).value_counts().max())
    with style.journal():
        figure, axes = plt.subplots(
            len(runs), 1, figsize=(style.WIDTH, len(runs) * (len(CHAPTERS) * 0.4 + 0.45) + 0.4),
            layout="constrained", squeeze=False,
        )  # fmt: skip
        for axis, name in zip(axes[:, 0], runs, strict=True):
            _panel(axis, ledger[ledger["run"] == name], widest)
            axis.set_title(naming.title(name, 88), loc="left")
        shown = [key for key in VERDICTS if (ledger["verdict"] == key).any()]
        handles = [Rectangle((0, 0), 1, 1, fc=VERDICTS[key][2], ec="#555555") for key in shown]
        labels = [f"{VERDICTS[key][1]}  {VERDICTS[key][0]}" for key in shown]
        figure.legend(handles, labels, loc="outside upper center", ncols=len(shown))
        return figure


def _panel(axis: Axes, ledger: pd.DataFrame, widest: int) -> None:
    names = list(CHAPTERS)
    for row, letter in enumerate(names):
        part = ledger[ledger["id"].str[0] == letter]
        for column, (name, verdict) in enumerate(zip(part["id"], part["verdict"], strict=True)):
            _, mark, colour, text = VERDICTS[verdict]
            axis.add_patch(Rectangle((column, row), 0.94, 0.9, fc=colour, ec="#555555", lw=0.6))
            axis.text(column + 0.47, row + 0.27, name, ha="center", va="center", fontsize=6.5,
                      color=text)  # fmt: skip
            axis.text(column + 0.47, row + 0.62, mark, ha="center", va="center", fontsize=9,
                      color=text, fontweight="bold")  # fmt: skip
    axis.set(xlim=(-0.1, widest), ylim=(len(names), -0.1))
    axis.set_yticks([row + 0.45 for row in range(len(names))], [_short(n) for n in names])
    axis.set_xticks([])
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)


def _short(letter: str) -> str:
    return CHAPTERS[letter].replace(" without ", "\nwithout ").replace(" of top", "\nof top")
