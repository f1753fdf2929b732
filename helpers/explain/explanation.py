"""Explaining samples: which estimates are made, and how they are combined.

An *estimate* is one run of an explainer on one sample: one set of dropout masks and, for
explainers that need one, one reference. An *explanation* of a sample combines n estimates
(n is the column of that name in ``reproducibility.csv``). *Replicates* are explanations of
the same sample by the same model, made independently of each other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.errors import BadInputError, one_of
from helpers.explain.checks import check_batch, checked_inputs, checked_members, checked_rows
from helpers.explain.engine_table import engine_for
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.network.tracing import predicted
from helpers.explain.request import EstimatePool, Question, architecture_of
from helpers.explain.settings import ExplanationSettings


def explain(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    references: npt.ArrayLike | None = None,
    rows: npt.ArrayLike | None = None,
    replicates: int = 1,
    repeats: int = 1,
    seed: int,
    **settings: Any,
) -> npt.NDArray[np.floating]:
    """Score how much each gene contributes to the model's output for a class.

    Parameters
    ----------
    model
        Network from samples × genes to logits (samples × classes). Left as it was.
    x
        Samples × genes, log2(TPM + 1). In mode ``"training"`` they are one batch, of two or more,
        and what a sample's scores are depends on the others.
    target
        Class index of each sample, or one for all; in the paper a sample's own class.
    explainer
        A key of `EXPLAINERS`.
    references
        For explainers that need them, log2(TPM + 1): references × genes, of which every
        explanation uses all; or replicates × references × genes, where replicate r uses
        ``references[r]`` (``pool[:5, None]`` gives five replicates one reference each).
        Estimate k of an explanation uses its k-th reference. Ignored by the others.
    rows
        Numbers of the samples whose scores are wanted; None: all.
    replicates
        Independent explanations of each sample.
    repeats
        Estimates in each explanation by an explainer that needs no reference. For the others
        it is the number of references, and this is ignored.
    seed
        Same seed, same arguments, same bytes.
    **settings
        Fields of `ExplanationSettings`, such as ``mode="eval"``, where they differ from the
        defaults there.

    Returns
    -------
    numpy.ndarray
        Replicates × rows × genes, in the model's floating-point type.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, setting, choice of a setting or layer.
    BadInputError
        If the arrays do not fit together or to the model, hold values that are not finite, or
        if a count is below one, the references are missing, the explainer does not support the
        model's architecture, or a batch in mode ``"training"`` has one sample only. Nothing has
        been computed then. Also if the scores of DeepLift, DeepLiftShap or IntegratedGradients do
        not add up to what they explain; the message names the layer that is the reason.
    """
    chosen = ExplanationSettings.of(settings)
    counts = {"replicates": replicates, "repeats": repeats}
    pool = _pool(model, x, target, explainer, references, rows, counts, None, seed, chosen)
    return engine_for(pool.question).explain(pool)


def explain_sets(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    members: npt.ArrayLike,
    references: npt.ArrayLike | None = None,
    rows: npt.ArrayLike | None = None,
    seed: int,
    **settings: Any,
) -> npt.NDArray[np.floating]:
    """Make a pool of estimates once, and combine many sets of them (paper, Figure 2).

    Parameters
    ----------
    model, x, target, explainer, rows, **settings
        See `explain`.
    members
        Sets × estimates, true where an estimate is a member of a set.
    references
        Estimates × genes, log2(TPM + 1), for explainers that need them: estimate k of every
        sample uses row k.
    seed
        Same seed, same arguments, same bytes.

    Returns
    -------
    numpy.ndarray
        Sets × rows × genes.

    Raises
    ------
    UnknownNameError
        As `explain`.
    BadInputError
        As `explain`, and if a set is empty, the noise is negative, or there are not as many
        references as estimates.
    """
    chosen = ExplanationSettings.of(settings)
    sets = checked_members(members)
    counts = {"replicates": 1, "repeats": sets.shape[1]}
    pool = _pool(model, x, target, explainer, references, rows, counts, sets, seed, chosen)
    return engine_for(pool.question).explain(pool)


def _pool(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    explainer: str,
    references: npt.ArrayLike | None,
    rows: npt.ArrayLike | None,
    counts: dict[str, int],
    members: Tensor | None,
    seed: int,
    settings: ExplanationSettings,
) -> EstimatePool:
    """Check everything, and put it together."""
    entry = EXPLAINERS[one_of("explainer", explainer, EXPLAINERS)]
    checked = checked_inputs(
        model, entry, x, target, references, settings.layer, counts | settings.counts
    )
    samples, classes, pools = checked.samples, checked.target, checked.pools
    settings.check_genes(samples.shape[1])
    wanted = checked_rows(rows, len(samples))
    estimates = counts["repeats"]
    if pools is not None and members is None:
        estimates = pools.shape[1]
    elif pools is not None and pools.shape[1] != estimates:
        raise BadInputError(
            f"Each of the {estimates} estimates needs a reference of its own, but there are "
            f"{pools.shape[1]} references."
        )
    if settings.training:
        check_batch(len(samples))
    else:
        samples, classes, wanted = samples[wanted], classes[wanted], torch.arange(len(wanted))
    copied = entry.captum_over_references and settings.deepliftshap == "one_reference"
    if pools is not None and copied:
        pools = pools[:, :1].expand_as(pools)
        if not settings.training:
            entry = replace(entry, captum_over_references=None)
    if entry.chooses_class and settings.gradcampp_target == "predicted":
        classes = predicted(model, samples, checked.rows)
    return EstimatePool(
        model=model,
        x=samples,
        target=classes,
        rows=wanted,
        references=pools,
        replicates=counts["replicates"],
        estimates=estimates,
        members=members,
        layer=checked.layer,
        pass_rows=checked.batch_rows if settings.training else checked.rows,
        seed=seed,
        question=Question(architecture_of(model), entry, settings, members is not None),
    )
