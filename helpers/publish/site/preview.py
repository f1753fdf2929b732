"""The picture that a link to the book shows in messages and posts."""

from __future__ import annotations

import textwrap

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

SIZE = (12.0, 6.3)
"""Inches, at 100 dots each: what those who show previews ask for."""

GROUND, INK, ACCENT = "#ffffff", "#1b1f24", "#0067a3"


def preview(title: str, about: str, data: str) -> Figure:
    """Draw the book's title, what it is, and what it was computed from.

    Parameters
    ----------
    title
        Title of the book.
    about
        What it is, in a sentence.
    data
        The samples of this run, in a few words.
    """
    figure = Figure(figsize=SIZE, dpi=100, facecolor=GROUND)
    figure.text(0.06, 0.86, textwrap.fill(title, 26), size=46, weight="bold", color=INK, va="top")
    figure.text(0.06, 0.38, textwrap.fill(about, 52), size=24, color=INK, va="top")
    figure.text(0.06, 0.08, textwrap.shorten(data, 80, placeholder=" …"), size=18, color=ACCENT)
    # A bar at the foot, the colour of what was reproduced.
    figure.add_artist(Rectangle((0, 0), 1, 0.03, transform=figure.transFigure, color=ACCENT))
    return figure
