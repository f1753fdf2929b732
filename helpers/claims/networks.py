"""Statements that say nothing where there are no CNNs, or none of the protocol's own."""

from __future__ import annotations

ABOUT_CNN_TRAINING = ("T2", "T4", "T5")
"""Statements about how accurate CNNs are."""

ABOUT_CNNS = frozenset(
    {
        *ABOUT_CNN_TRAINING,
        *("B1", "B2", "B4", "B5", "B6"),
        *("O3", "O5", "O7", "O10", "O11", "O15", "O17"),
        *("C1", "C2", "C3", "C5", "C6"),
        *("E2", "E3", "E5", "E6", "E7", "E8", "E9", "E11", "E12", "E13"),
        *("G1", "G9", "G10"),
    }
)
"""Statements that cannot be judged without CNNs. Of O1, O4, O9 and O14 the half about MLPs can."""
