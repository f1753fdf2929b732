"""Random genes of like expression: the t-test's ranking, shuffled among genes alike."""

from __future__ import annotations

import numpy as np

from helpers.baselines.entry import Baseline, OneVsRest, Scores
from helpers.baselines.methods.welch_t import t_of

ALIKE = 200
"""Genes of neighbouring mean expression among which scores are shuffled."""


def score(question: OneVsRest) -> Scores:
    """Shuffle t among genes of like mean expression: what is left is how expression is spread."""
    generator = np.random.default_rng(question.seed)
    t = t_of(*question.sides)
    order = np.argsort(question.x.mean(axis=0, dtype=np.float64), kind="stable")
    shuffled = np.empty(len(t))
    for part in np.array_split(order, max(1, len(order) // ALIKE)):
        shuffled[part] = t[generator.permutation(part)]
    return shuffled


BASELINE = Baseline(
    name="MatchedRandom", title="random genes of like expression", score=score, signed=True, place=7
)
