"""The table of steps: a new artefact of the study is one more entry."""

from __future__ import annotations

from helpers.study.cancer import differential as cancer
from helpers.study.cancer import lists as cancer_lists
from helpers.study.cancer import shared_genes as shared_cancer
from helpers.study.cancer import tumours
from helpers.study.controls import lists as control_lists
from helpers.study.controls import plain_verdicts as control_verdicts
from helpers.study.faithfulness import data as faithfulness_data
from helpers.study.faithfulness import deletion, recommendation, retraining, sources, students, ways
from helpers.study.ground_truth import baselines as planted_baselines
from helpers.study.ground_truth import conditions as planted_conditions
from helpers.study.ground_truth import correctness, known_genes, plain_lists, summary_tables
from helpers.study.ground_truth import networks as planted_networks
from helpers.study.network_state import batch_curves, norms, terms
from helpers.study.network_state import lists as state_lists
from helpers.study.network_state import statistics as state_statistics
from helpers.study.network_state import training as state_training
from helpers.study.optimisation import aggregation as optimisation
from helpers.study.optimisation import at_optimum, curves, identities
from helpers.study.reproducibility import agreement, modes, unoptimised
from helpers.study.sensitivity import group_two, mask_counts
from helpers.study.sensitivity import lists as sensitivity_scores
from helpers.study.sensitivity import noise as sensitivity_noise
from helpers.study.sensitivity import smoothing as sensitivity_smoothing
from helpers.study.sensitivity import statistics as sensitivity_tables
from helpers.study.sensitivity import training as sensitivity_training
from helpers.study.sensitivity import verdicts as sensitivity_verdicts
from helpers.study.single_cells import genes as cell_genes
from helpers.study.single_cells import training as cell_training
from helpers.study.top_genes import (
    consistency,
    every_gene,
    expression_status,
    function,
    left_out,
    specificity,
)
from helpers.study.top_genes import lists as top_genes
from helpers.study.training import accuracy, cross_validation, data, ensemble, learning
from helpers.study.verdicts import claims, measures, other_runs, published
from helpers.workflow.step import Step

# A step's own module enters its fingerprint.
DECIDES_NO_NUMBER = True

_IN_ORDER = (
    data.STEPS,
    ensemble.STEPS,
    accuracy.STEPS,
    cross_validation.STEPS,
    learning.STEPS,
    unoptimised.STEPS,
    agreement.STEPS,
    modes.STEPS,
    curves.STEPS,
    optimisation.STEPS_BEFORE_OPTIMISED,
    at_optimum.STEPS,
    optimisation.STEPS,
    identities.STEPS,
    top_genes.STEPS,
    every_gene.STEPS,
    consistency.STEPS,
    expression_status.STEPS,
    specificity.STEPS,
    left_out.STEPS,
    function.STEPS,
    cancer.STEPS,
    tumours.STEPS,
    cancer_lists.STEPS,
    shared_cancer.STEPS,
    state_lists.STEPS,
    state_statistics.STEPS,
    terms.STEPS,
    batch_curves.STEPS,
    state_training.STEPS,
    norms.STEPS,
    cell_training.STEPS,
    cell_genes.STEPS,
    sensitivity_training.STEPS,
    control_lists.STEPS,
    control_verdicts.STEPS,
    claims.STEPS,
    other_runs.STEPS,
    measures.STEPS,
    published.STEPS,
    sensitivity_scores.STEPS,
    sensitivity_noise.STEPS,
    sensitivity_smoothing.STEPS,
    sensitivity_tables.STEPS,
    sensitivity_verdicts.STEPS,
    mask_counts.STEPS,
    group_two.STEPS,
    known_genes.STEPS,
    planted_networks.STEPS,
    planted_conditions.STEPS,
    correctness.STEPS,
    planted_baselines.STEPS,
    summary_tables.STEPS,
    plain_lists.STEPS,
    faithfulness_data.STEPS,
    deletion.STEPS,
    retraining.STEPS,
    sources.STEPS,
    students.STEPS,
    ways.STEPS,
    recommendation.STEPS,
)

STEPS: dict[str, Step] = {step.name: step for steps in _IN_ORDER for step in steps}


def catalogue() -> dict[str, Step]:
    """Return the steps by name, each after all that it reads: what the workflow is handed."""
    return STEPS
