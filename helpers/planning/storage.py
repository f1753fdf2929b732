"""How many bytes the artefacts of a step take on a disk, for the plan of a run.

Almost all of a workspace are numbers of four bytes: expression, weights and scores. What the files
of other steps take was measured, and is small beside it wherever there is much.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from helpers import config
from helpers.baselines import BASELINES
from helpers.datasets.planted import EXPLAINED_CLASSES
from helpers.datasets.registry import DATASETS
from helpers.explain.explainers import explainers
from helpers.planning.pieces import Run
from helpers.planning.workload import on_planted_genes
from helpers.study.designs.families import FAMILIES
from helpers.study.faithfulness import ways
from helpers.study.faithfulness.data import OF_DATA
from helpers.study.faithfulness.students import STUDENTS
from helpers.study.ground_truth.baselines import RANKINGS
from helpers.study.ground_truth.conditions import conditions, scores_of
from helpers.study.ground_truth.known_genes import DATA
from helpers.study.ground_truth.networks import NETWORKS
from helpers.study.network_state.training import TRAINED as NORMS
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.study.reproducibility.unoptimised import UNOPTIMISED
from helpers.study.sensitivity.training import TRAINED as CHOICES

FLOAT = 4
"""Bytes of a number."""

OTHER, OTHER_GENES = 5e3, 12
"""Bytes of an artefact that is neither numbers of all genes nor a network: of its record and its
head, and for each gene. Measured on workspaces with 500, 6,000 and 19,000 genes."""

NAMES = 45
"""Bytes of a gene's name in a file of scores or expression, measured likewise."""

PAGE_BYTES, RENDERED_BYTES = 0.9e6, 2e6
"""Bytes of an executed notebook with the figures that it saves, and of its share of a rendered
book."""

CELLS = {"models/cells": 4.1e5, "scores/cells": 5.8e5, "data/single_cells": 2.3e6}
"""Bytes of what is made of the single cells that come with the package: no setting changes them."""

LAYERS = 4
"""Matrices in the file of the means of tissues."""


def _unoptimised(architecture: str) -> Callable[[Run], float]:
    """Keep every estimate of every sample by a few models."""

    def vectors(run: Run) -> float:
        chosen = run.settings
        return chosen.inter_models * chosen.replicates * run.samples(architecture)

    return vectors


def _optimised(size: str, architecture: str) -> Callable[[Run], float]:
    """Keep the mean estimate of every sample by every model."""
    return lambda run: getattr(run.settings, size) * run.samples(architecture)


def _tumours(run: Run) -> float:
    return min(run.size.cancers, run.tissues + 1) * run.settings.explained_samples


def _conditions(architecture: str) -> Callable[[Run], float]:
    """Keep the mean over samples of every class, under every condition."""
    return lambda run: len(conditions(architecture)) * _planted_classes(run)


def _averaged(run: Run) -> float:
    usable = sum(ways.usable(way, name) for way in ways.WAYS for name in explainers("mlp"))
    return usable * _planted_classes(run) * min(ways.SAMPLES, run.settings.explained_samples)


def _planted_classes(run: Run) -> int:
    """Count the classes with planted genes that are explained: of real samples one is halved."""
    return len(EXPLAINED_CLASSES) if run.dataset.simulated else 1


VECTORS: Mapping[str, Callable[[Run], float]] = {
    "data/expression": lambda run: run.size.samples,
    "data/tissues": lambda run: LAYERS * run.size.classes,
    **{step.step: _unoptimised(step.family.architecture) for step in UNOPTIMISED.values()},
    **{each.step: _optimised(each.family.size, each.family.architecture) for each in OPTIMA},
    "scores/tumours": _tumours,
    OF_DATA: lambda run: 4 * run.tissues,
}
"""Step → numbers for each gene that a member holds."""

PLANTED: Mapping[str, Callable[[Run], float]] = {
    DATA: lambda run: on_planted_genes(run).size.samples,
    **{scores_of(networks): _conditions(networks.family.architecture) for networks in NETWORKS},
    ways.SCORED: _averaged,
    # These have eight bytes each.
    RANKINGS: lambda run: 2 * (len(BASELINES) + 1) * _planted_classes(run),
}
"""The same of steps on data with planted genes, which have their own number of genes."""

TRAINED: Mapping[str, tuple[str, bool]] = {
    **{family.step: (family.architecture, False) for family in FAMILIES.values()},
    CHOICES: ("mlp", False),
    NORMS: ("mlp", False),
    **{networks.step: (networks.family.architecture, True) for networks in NETWORKS},
    STUDENTS: ("mlp", True),
}
"""Step that keeps networks → their architecture, and whether they know planted genes."""


def bytes_of(step: str, run: Run, parameters: Callable[[str], int]) -> float:
    """Estimate the bytes of one member of a step, or of its artefact if it has no members.

    Parameters
    ----------
    step
        Name of the step, without a protocol.
    run
        Settings, data set and size.
    parameters
        Counts the weights of a network of an architecture with the run's genes.
    """
    if step in CELLS:
        return CELLS[step]
    if step in VECTORS:
        return OTHER + (VECTORS[step](run) * FLOAT + NAMES) * run.size.genes
    genes = planted_genes(run)
    if step in PLANTED:
        return OTHER + (PLANTED[step](run) * FLOAT + NAMES) * genes
    if step in TRAINED:
        architecture, planted = TRAINED[step]
        # Nearly all weights of an MLP are those of genes; a CNN has as many, whatever their number.
        share = genes / run.size.genes if planted and architecture == "mlp" else 1.0
        return OTHER + parameters(architecture) * share * FLOAT
    return OTHER + OTHER_GENES * run.size.genes


def planted_genes(run: Run) -> int:
    """Count the genes of data with planted genes: a simulation always has all."""
    return _simulated_genes() if run.dataset.simulated else run.size.genes


@functools.cache
def _simulated_genes() -> int:
    return DATASETS["planted"].size(None, config.settings("paper")).genes
