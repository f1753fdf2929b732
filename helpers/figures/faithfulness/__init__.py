"""Figures of chapters 20 and 21: faithfulness, sources of disagreement, what to use."""

from helpers.figures.faithfulness.removal import areas, curves, metrics, retrained
from helpers.figures.faithfulness.sources import needed, recommendation, sources
from helpers.figures.faithfulness.ways import averaged

__all__ = [
    "areas",
    "averaged",
    "curves",
    "metrics",
    "needed",
    "recommendation",
    "retrained",
    "sources",
]
