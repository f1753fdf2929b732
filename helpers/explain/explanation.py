"""Explaining samples: which estimates are made, and how they are combined.

An *estimate* is one run of an explainer on one sample: one set of dropout masks and, for
explainers that need one, one reference. An *explanation* of a sample combines n estimates
(n is the column of that name in ``reproducibility.csv``). *Replicates* are explanations of
the same sample by the same model, made independently of each other.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.errors import BadInputError, one_of
from helpers.explain.captum.estimates import Task, estimates_of, parts, training_steps
from helpers.explain.checks import checked_inputs
from helpers.explain.cnn.gradients import can_share, explain_shared
from helpers.explain.explainers import EXPLAINERS, Attribute, Options, quiet_captum
from helpers.explain.mlp.engine import explain_exact
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import MODES, explanation_mode
from helpers.explain.network.tracing import predicted
from helpers.models import CNN

COMBINATIONS = ("signed_mean", "absolute_median")
DEEPLIFTSHAP = ("mean_over_references", "one_reference")
GRADCAMPP_TARGETS = ("own", "predicted")
ENGINES = ("captum", "exact")


def explain(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    references: npt.ArrayLike | None = None,
    replicates: int = 1,
    repeats: int = 1,
    combine: str = "signed_mean",
    mode: str = "dropout",
    integration_steps: int = 50,
    deepliftshap: str = "mean_over_references",
    gradcampp_target: str = "own",
    layer: str | None = None,
    seed: int,
    batch_rows: int | None = None,
    engine: str = "captum",
) -> npt.NDArray[np.floating]:
    """Score how much each gene contributes to the model's output for a class.

    Parameters
    ----------
    model
        Network from samples × genes to logits (samples × classes). Left as it was.
    x
        Samples × genes, log2(TPM + 1).
    target
        Class index of each sample, or one for all; in the paper a sample's own class.
    explainer
        A key of `EXPLAINERS`.
    references
        For explainers that need them, log2(TPM + 1): references × genes, of which every
        explanation uses all; or replicates × references × genes, where replicate r uses
        ``references[r]`` (``pool[:5, None]`` gives five replicates one reference each).
        Estimate k of an explanation uses its k-th reference. Ignored by the others.
    replicates
        Independent explanations of each sample.
    repeats
        Estimates in each explanation by an explainer that needs no reference. For the others
        it is the number of references, and this is ignored.
    combine
        ``"signed_mean"``: mean of the estimates (paper); ``"absolute_median"``: median of
        their absolute values (released scripts).
    mode
        See `explanation_mode`.
    integration_steps
        Steps of IntegratedGradients.
    deepliftshap
        ``"mean_over_references"``: DeepLIFT averaged over the references (paper);
        ``"one_reference"``: all estimates use an explanation's first reference (released
        scripts, which copy one reference over the batch). Ignored by other explainers.
    gradcampp_target
        ``"own"``: GuidedGradCam++ explains `target` (paper); ``"predicted"``: it explains the
        class that the network predicts in evaluation mode (released scripts). Ignored by other
        explainers.
    layer
        Name of the layer whose feature maps GuidedGradCam and GuidedGradCam++ look at; None:
        the last convolution. Ignored by other explainers.
    seed
        Same seed, same arguments, same bytes.
    batch_rows
        Rows that go through the network at once, which bounds the memory whatever the
        number of estimates; None: 256, or fewer where the network's layers are large. With
        random masks (and BatchNorm, in mode ``"training"``) scores depend on it as they do on
        the seed. Ignored by the exact engine.
    engine
        ``"captum"``, or ``"exact"``, for modes ``"dropout"`` and ``"eval"``: the same quantities,
        faster, with other masks drawn from the same seed. MLPs are explained by `explain_exact`,
        which integrates IntegratedGradients exactly, with one mask for all of a path. For CNNs,
        estimates share the pass through the convolutions (see `shared_forward`), except with
        explainers that need references and with another `layer` than the last convolution,
        which are left to Captum.

    Returns
    -------
    numpy.ndarray
        Replicates × samples × genes, in the model's floating-point type.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, mode, combination, layer, choice or engine.
    BadInputError
        If the arrays do not fit together or to the model, hold values that are not finite, or
        if a count is below one, the references are missing, or the explainer does not support
        the model's architecture. Nothing has been computed then.
    """
    entry = EXPLAINERS[one_of("explainer", explainer, EXPLAINERS)]
    one_of("explanation mode", mode, MODES)
    one_of("combination of estimates", combine, COMBINATIONS)
    one_of("DeepLiftShap choice", deepliftshap, DEEPLIFTSHAP)
    one_of("engine", engine, ENGINES)
    one_of("GuidedGradCam++ target", gradcampp_target, GRADCAMPP_TARGETS)
    counts = {"replicates": replicates, "repeats": repeats, "integration_steps": integration_steps}
    if batch_rows is not None:
        counts["batch_rows"] = batch_rows
    checked = checked_inputs(model, entry, x, target, references, layer, counts)
    samples, classes, pools = checked.samples, checked.target, checked.pools
    if pools is not None and entry.attribute_over_references and deepliftshap == "one_reference":
        pools = pools[:, :1].expand_as(pools)
        entry = replace(entry, attribute_over_references=None)
    if engine == "exact" and not isinstance(model, CNN):
        pool_arrays = None if pools is None else pools.numpy()
        return _explain_exactly(
            model, x, target, explainer, pool_arrays, replicates, repeats, combine, mode, seed
        )
    if entry.chooses_class and gradcampp_target == "predicted":
        classes = predicted(model, samples, checked.rows)
    training = mode == "training"
    if engine == "exact" and training:
        raise BadInputError(
            "Engine 'exact' cannot explain in mode 'training', in which BatchNorm depends on the "
            "batch: choose engine 'captum', or mode 'dropout' or 'eval'."
        )
    if engine == "exact" and isinstance(model, CNN) and can_share(explainer, checked.layer):
        return explain_shared(
            model,
            samples,
            classes,
            explainer=explainer,
            replicates=replicates,
            repeats=repeats,
            combine=combine,
            mode=mode,
            rows=checked.rows,
            seed=seed,
        )
    task = Task(
        model=model,
        explainer=entry,
        estimates=repeats if pools is None else pools.shape[1],
        training=training,
        batch_rows=checked.rows,
        options=Options(
            integration_steps,
            training_steps(integration_steps, checked.rows) if training else checked.rows,
            checked.layer,
        ),
    )
    result = np.empty((replicates, *samples.shape), dtype=samples.numpy().dtype)
    with explanation_mode(model, mode, seed), channels_last(model), quiet_captum():
        for replicate in range(replicates):
            pool = None if pools is None else pools[replicate % len(pools)]
            result[replicate] = _MAKERS[combine](task, samples, classes, pool).numpy()
    return result


def _explain_exactly(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    explainer: str,
    pools: npt.NDArray[np.floating] | None,
    replicates: int,
    repeats: int,
    combine: str,
    mode: str,
    seed: int,
) -> npt.NDArray[np.floating]:
    """Explain with the exact engine, in the precision of the model."""
    exactly = partial(
        explain_exact,
        [model],
        explainer=explainer,
        mode=mode,
        precision=str(next(model.parameters()).dtype).removeprefix("torch."),
    )
    if combine == "signed_mean":
        return exactly(
            x, target, references=pools, replicates=replicates, repeats=repeats, seed=seed
        )[0]
    # Of a median each estimate must be known: one sample's at a time, as replicates.
    samples = np.asarray(x)
    classes = np.broadcast_to(np.asarray(target), len(samples))
    result = []
    for replicate in range(replicates):
        pool = None if pools is None else pools[replicate % len(pools)][:, None]
        for sample, row in enumerate(samples):
            estimates = exactly(
                row[None],
                classes[sample],
                references=pool,
                replicates=repeats if pool is None else len(pool),
                seed=[seed, replicate, sample],
            )
            result.append(np.median(np.abs(estimates[0, :, 0]), axis=0))
    return np.stack(result).reshape(replicates, *samples.shape)


def _signed_mean(task: Task, x: Tensor, target: Tensor, pool: Tensor | None) -> Tensor:
    """Average the estimates as they come, so that memory does not grow with their number."""
    over = task.explainer.attribute_over_references
    # Captum's DeepLiftShap refuses a single reference, with which it is DeepLift: parts of
    # two at most could leave one over.
    if over is not None and pool is not None and task.estimates > 1 and task.chunk >= 3:
        return _mean_over_references(over, task, x, target, pool)
    total = torch.zeros_like(x)
    for _, row, scores in estimates_of(task, x, target, pool):
        total.index_add_(0, row, scores)
    return total / task.estimates


def _absolute_median(task: Task, x: Tensor, target: Tensor, pool: Tensor | None) -> Tensor:
    """Take the median of absolute values: a few samples at a time, with all their estimates."""
    result = torch.empty_like(x)
    # Two at least: BatchNorm in training mode needs batches of more than one.
    for part in parts(len(x), max(2, task.batch_rows // task.estimates)):
        stack = x.new_empty((task.estimates, len(part), x.shape[1]))
        for estimate, row, scores in estimates_of(task, x[part], target[part], pool):
            stack[estimate, row] = scores.abs()
        result[part] = torch.from_numpy(np.median(stack.numpy(), axis=0))
    return result


_MAKERS = {"signed_mean": _signed_mean, "absolute_median": _absolute_median}


def _mean_over_references(
    attribute: Attribute, task: Task, x: Tensor, target: Tensor, pool: Tensor
) -> Tensor:
    """Average over all references with an explainer that takes several of them at once."""
    result, device = torch.empty_like(x), device_of(task.model)
    references = parts(len(pool), task.chunk)
    for row in parts(len(x), max(1, task.chunk // len(references[0]))):
        inputs, classes = x[row].to(device), target[row].to(device)
        total = torch.zeros_like(inputs)
        for part in references:
            some = pool[part].to(device)
            mean = attribute(task.model, inputs, classes, some, task.options)
            total += mean * len(part)
        result[row] = (total / len(pool)).cpu()
    return result
