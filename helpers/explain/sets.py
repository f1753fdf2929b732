"""Sets of estimates: a pool is made once, and many sets of it are combined (Figure 2)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import Tensor, from_numpy, nn

from helpers.errors import BadInputError, one_of
from helpers.explain.captum.estimates import Task, estimates_of, parts, training_steps
from helpers.explain.checks import check_noise, checked_inputs, checked_members
from helpers.explain.cnn.sets import Pool, can_be_noisy, can_share_sets, explain_shared_sets
from helpers.explain.explainers import EXPLAINERS, Options, quiet_captum
from helpers.explain.explanation import COMBINATIONS, ENGINES, GRADCAMPP_TARGETS
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import MODES, explanation_mode
from helpers.explain.network.tracing import predicted
from helpers.models import CNN


def explain_sets(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    members: npt.ArrayLike,
    references: npt.ArrayLike | None = None,
    noise_sd: float = 0.0,
    combine: str = "signed_mean",
    mode: str = "dropout",
    integration_steps: int = 50,
    gradcampp_target: str = "own",
    layer: str | None = None,
    seed: int,
    batch_rows: int | None = None,
    engine: str = "captum",
) -> npt.NDArray[np.floating]:
    """Make a pool of estimates once, and combine many sets of them (paper, Figure 2).

    With means, memory depends on the number of sets and not on that of estimates.

    Parameters
    ----------
    model, x, target, explainer, mode, integration_steps, gradcampp_target, layer, batch_rows
        See `explain`.
    members
        Sets × estimates, true where an estimate is a member of a set.
    references
        Estimates × genes, log2(TPM + 1), for explainers that need them: estimate k of every
        sample uses row k.
    noise_sd
        SmoothGrad (Smilkov et al. 2017): standard deviation of the normal noise that is added
        to the sample, anew for every estimate.
    combine
        As for `explain`: mean, or median of absolute values, of a set's estimates.
    seed
        Same seed, same arguments, same bytes.
    engine
        ``"exact"``: where means are asked for, CNNs are explained by `explain_shared_sets`, which
        computes once what estimates have in common; with noise, only by DeepLIFT. All else, and
        everything with ``"captum"``, goes through Captum, estimate by estimate.

    Returns
    -------
    numpy.ndarray
        Sets × samples × genes.

    Raises
    ------
    UnknownNameError
        As `explain`.
    BadInputError
        As `explain`, and if a set is empty, the noise is negative, or there are not as many
        references as estimates.
    """
    entry = EXPLAINERS[one_of("explainer", explainer, EXPLAINERS)]
    one_of("explanation mode", mode, MODES)
    one_of("combination of estimates", combine, COMBINATIONS)
    one_of("GuidedGradCam++ target", gradcampp_target, GRADCAMPP_TARGETS)
    chosen = checked_members(members)
    estimates = chosen.shape[1]
    check_noise(noise_sd)
    counts = {"replicates": 1, "integration_steps": integration_steps}
    if batch_rows is not None:
        counts["batch_rows"] = batch_rows
    checked = checked_inputs(model, entry, x, target, references, layer, counts)
    pool = None if checked.pools is None else checked.pools[0]
    if pool is not None and len(pool) != estimates:
        raise BadInputError(
            f"Each of the {estimates} estimates needs a reference of its own, but there are "
            f"{len(pool)} references."
        )
    classes = checked.target
    if entry.chooses_class and gradcampp_target == "predicted":
        classes = predicted(model, checked.samples, checked.rows)
    training = mode == "training"
    means = combine == "signed_mean" and not training
    if (
        one_of("engine", engine, ENGINES) == "exact"
        and means
        and isinstance(model, CNN)
        and can_share_sets(explainer, checked.layer)
        and (noise_sd == 0 or can_be_noisy(explainer))
    ):
        weights = chosen.to(checked.samples.dtype) / chosen.sum(dim=1, keepdim=True)
        return explain_shared_sets(
            model,
            checked.samples,
            classes,
            Pool(weights, pool, noise_sd),
            explainer=explainer,
            mode=mode,
            steps=integration_steps,
            rows=checked.rows,
            seed=seed,
        )
    rows = training_steps(integration_steps, checked.rows) if training else checked.rows
    task = Task(
        model=model,
        explainer=entry,
        estimates=estimates,
        training=training,
        batch_rows=checked.rows,
        options=Options(integration_steps, rows, checked.layer),
        noise_sd=noise_sd,
    )
    with explanation_mode(model, mode, seed), channels_last(model), quiet_captum():
        return _SET_MAKERS[combine](task, checked.samples, classes, pool, chosen).numpy()


def _means_of_sets(
    task: Task, x: Tensor, target: Tensor, pool: Tensor | None, members: Tensor
) -> Tensor:
    """Add each estimate to the sets that it is a member of, as the estimates come."""
    weights = members.to(x.dtype) / members.sum(dim=1, keepdim=True)
    total = x.new_zeros((len(members), *x.shape))
    for estimate, row, scores in estimates_of(task, x, target, pool):
        for sample in row.unique().tolist():
            own = row == sample
            total[:, sample] += weights[:, estimate[own]] @ scores[own]
    return total


def _medians_of_sets(
    task: Task, x: Tensor, target: Tensor, pool: Tensor | None, members: Tensor
) -> Tensor:
    """Take the median over each set of absolute values, as many samples at once as one batch."""
    result = x.new_empty((len(members), *x.shape))
    for part in parts(len(x), max(2, task.batch_rows // task.estimates)):
        stack = x.new_empty((task.estimates, len(part), x.shape[1]))
        for estimate, row, scores in estimates_of(task, x[part], target[part], pool):
            stack[estimate, row] = scores.abs()
        for number, chosen in enumerate(members):
            result[number, part] = from_numpy(np.median(stack[chosen].numpy(), axis=0))
    return result


_SET_MAKERS = {"signed_mean": _means_of_sets, "absolute_median": _medians_of_sets}
