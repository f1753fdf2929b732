"""Log fold change: the difference of mean log2(TPM + 1), whatever the spread."""

from __future__ import annotations

from helpers.baselines.entry import Baseline, OneVsRest, Scores


def score(question: OneVsRest) -> Scores:
    """Subtract the mean of the rest from that of the class."""
    first, second = question.sides
    return first.mean - second.mean


BASELINE = Baseline(
    name="LogFoldChange", title="log fold change", score=score, signed=True, place=2
)
