"""The table of steps: a new artefact of the study is one more entry."""

from __future__ import annotations

from helpers.study import (
    accuracy,
    agreement,
    baseline,
    claims,
    cross_validation,
    data,
    ensemble,
    modes,
    top_genes,
)
from helpers.study.step import Step

STEPS: dict[str, Step] = {
    step.name: step
    for module in (
        data,
        ensemble,
        accuracy,
        cross_validation,
        baseline,
        agreement,
        modes,
        top_genes,
        claims,
    )
    for step in module.STEPS
}
