"""The table of steps: a new artefact of the study is one more entry."""

from __future__ import annotations

from helpers.study import (
    accuracy,
    agreement,
    baseline,
    cancer,
    cancer_lists,
    claims,
    consistency,
    cross_validation,
    curves,
    data,
    ensemble,
    expression_status,
    function,
    identities,
    modes,
    optimisation,
    optimised,
    shared_cancer,
    single_cells,
    specificity,
    top_genes,
    tumours,
)
from helpers.study.step import Step

_IN_ORDER = (
    data.STEPS,
    ensemble.STEPS,
    accuracy.STEPS,
    cross_validation.STEPS,
    baseline.STEPS,
    agreement.STEPS,
    modes.STEPS,
    curves.STEPS,
    optimisation.STEPS_BEFORE_OPTIMISED,
    optimised.STEPS,
    optimisation.STEPS,
    identities.STEPS,
    top_genes.STEPS,
    consistency.STEPS,
    expression_status.STEPS,
    specificity.STEPS,
    function.STEPS,
    cancer.STEPS,
    tumours.STEPS,
    cancer_lists.STEPS,
    shared_cancer.STEPS,
    single_cells.STEPS,
    claims.STEPS,
)

STEPS: dict[str, Step] = {step.name: step for steps in _IN_ORDER for step in steps}
