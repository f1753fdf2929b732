"""Scores → how well explanations agree."""

from helpers.stability.overlap import overlap_matrix
from helpers.stability.ranks import spearman_matrix
from helpers.stability.reproducibility import (
    REPRODUCIBILITY_COLUMNS,
    Comparison,
    compare,
    summarise,
)

__all__ = [
    "REPRODUCIBILITY_COLUMNS",
    "Comparison",
    "compare",
    "overlap_matrix",
    "spearman_matrix",
    "summarise",
]
