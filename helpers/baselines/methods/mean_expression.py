"""Mean expression: which genes a class has much of, whatever the others have."""

from __future__ import annotations

from helpers.baselines.entry import Baseline, OneVsRest, Scores


def score(question: OneVsRest) -> Scores:
    """Average log2(TPM + 1) over the samples of the class."""
    return question.sides[0].mean


BASELINE = Baseline(
    name="MeanExpression", title="mean expression", score=score, signed=False, place=6
)
