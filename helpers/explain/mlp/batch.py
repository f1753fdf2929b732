"""Explaining MLPs in training mode, as the paper's released scripts do, without Captum.

There the network is never switched to evaluation, so that BatchNorm takes the statistics of the
batch and passes gradients through them (see `coupling`), and dropout is on. What one sample's
scores are then depends on the samples that share its batch. Only a few of these need scores: the
others are sent through the hidden layer, and no further.

The running statistics of BatchNorm, which the scripts change with every pass, are not read in
training mode: a pass leaves its mark on them, and no later pass in that mode sees it. So nothing
is lost by leaving them as they are, as this engine does. (Evaluation does read them: a network
that was explained in training mode and then evaluated has changed.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.errors import BadInputError, one_of
from helpers.explain.checks import check_batch, checked_inputs, checked_members, checked_rows
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.mlp.accumulation import HELD, Made, combine_estimates
from helpers.explain.mlp.coupling import TrainingLayer, alone, along_path, beside_references
from helpers.explain.mlp.engine import PRECISIONS, check_alike, given_array
from helpers.explain.mlp.gates import GateRule
from helpers.explain.mlp.passes import PassMasks, PassNoise
from helpers.explain.mlp.threads import Run, in_turn, workers
from helpers.explain.network.tracing import Trace
from helpers.explain.settings import ExplanationSettings

# Estimates times rows times units that are worked on at once.
_TOGETHER = 2**18


def explain_batch(
    models: Sequence[nn.Module],
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    members: npt.ArrayLike,
    rows: npt.ArrayLike | None = None,
    references: npt.ArrayLike | None = None,
    seed: int | Sequence[int],
    masks: npt.ArrayLike | None = None,
    noise: npt.ArrayLike | None = None,
    precision: str = "float32",
    threads: int | None = None,
    **settings: Any,
) -> npt.NDArray[np.floating]:
    """Explain some samples of a batch in mode ``"training"``, for MLPs, in closed form.

    Each estimate is one pass of the whole batch. For the same masks, references and noise the
    scores are those of Captum's call on the network in training mode, up to rounding; masks are
    drawn from generators of their own. Time goes with estimates × explained samples × hidden
    units × genes; the rest of the batch costs one product with the first layer's weights.

    Parameters
    ----------
    models
        MLPs for the same genes and classes, all on one device. Nothing in them is changed, the
        running statistics of BatchNorm included.
    x
        The batch, samples × genes, log2(TPM + 1): two samples or more. Which samples share it is
        for the caller to say; the released scripts take up to 256 of one tissue.
    target
        Class index of each sample of the batch, or one for all.
    explainer
        A key of `EXPLAINERS`.
    members
        Sets × estimates, true where an estimate is a member of a set.
    rows
        Numbers of the samples whose scores are wanted, in the order wanted; None: all.
    references
        For explainers that need them: 1 × genes, or estimates × genes, where estimate k compares
        every sample with row k, as in the scripts.
    seed
        Same seed, same arguments, same bytes.
    masks
        In place of drawn ones: factors of the hidden units (0 or 1/(1 − p)) that broadcast to
        models × estimates × passed × hidden. What is passed are the samples; for DeepLift and
        DeepLiftShap the samples and then the copies of the reference, twice as many; for
        IntegratedGradients steps × samples.
    noise
        In place of drawn noise: what is added, broadcast to models × estimates × samples × genes.
    precision
        Type of products with genes, and of what is returned: ``"float32"`` or ``"float64"``.
    threads
        Models, or for fewer models genes, that are worked on at once; None: as many as PyTorch
        uses. The result does not depend on it. On a GPU always one.
    **settings
        Fields of `ExplanationSettings`: ``combine``; ``noise_sd``, with which noise is added to
        every sample of the batch; ``integration_steps``, which are all in one batch; and

        ``shap_copies``. Captum's DeepLiftShap, given a reference that is copied over a batch of n,
        as the scripts do, pairs every sample with every copy. Pairs of a sample differ only in
        their dropout masks, so that its scores are DeepLift's with the mean of n masks. True: so
        here. False: with one mask, which makes it DeepLift. Others are ignored.

    Returns
    -------
    numpy.ndarray
        Models × sets × rows × genes.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, setting, choice of a setting or precision.
    BadInputError
        As `explain_sets`, and if the batch has one sample only, a network is no MLP, or masks or
        noise have another shape. Nothing has been computed then.
    """
    entry = EXPLAINERS[one_of("explainer", explainer, EXPLAINERS)]
    how = ExplanationSettings.of(settings)
    dtype = PRECISIONS[one_of("precision", precision, PRECISIONS)]
    chosen = checked_members(members)
    threads = torch.get_num_threads() if threads is None else threads
    layers = [TrainingLayer.of(model, dtype) for model in models]
    check_alike([(layer.first, layer.second) for layer in layers])
    device, (units, genes) = device_of(models[0]), layers[0].first.shape
    known = Trace(len(layers[0].second), {}, 1) if np.shape(x)[-1:] == (genes,) else None
    counts = {"replicates": 1, "threads": threads, **how.counts}
    checked = checked_inputs(models[0], entry, x, target, references, None, counts, known)
    check_batch(len(checked.samples))
    how.check_genes(genes)
    pool = None if checked.pools is None else checked.pools[0]
    estimates = chosen.shape[1]
    if pool is not None and len(pool) not in {1, estimates}:
        raise BadInputError(
            f"Parameter 'references' must hold 1 reference or one for each of the {estimates} "
            f"estimates, but it holds {len(pool)}."
        )
    rule = entry.need_mlp()
    path = rule.path
    samples = np.asarray(x)
    passed = (2 if pool is not None and not path else 1) * len(samples)
    batch = _Batch(
        rule=rule,
        x=torch.as_tensor(np.array(samples)).to(dtype).to(device),
        target=checked.target,
        rows=checked_rows(rows, len(samples)),
        pool=None if pool is None else pool.to(dtype).to(device),
        members=chosen,
        combine=how.combine,
        steps=how.integration_steps if path else None,
        copies=len(samples) if how.shap_copies and entry.captum_over_references else 1,
        passed=passed,
        masks=given_array(
            masks,
            "masks",
            (len(models), estimates, *((how.integration_steps,) if path else ()), passed, units),
        ),
        noise=given_array(noise, "noise", (len(models), estimates, *samples.shape)),
        noise_sd=torch.as_tensor(how.noise_sd).double() if how.noisy else None,
        seed=tuple(int(part) for part in np.atleast_1d(seed)),
    )
    result = np.empty((len(models), len(chosen), len(batch.rows), genes), dtype=precision)
    # A GPU is shared by all that it computes at once: threads would only wait for it.
    with workers(threads if device.type == "cpu" else 1) as run:
        # Few models are explained in turn, and the threads share the genes of each.
        over_models, over_genes = (run, in_turn) if len(models) >= threads else (in_turn, run)

        def explain(number: int) -> None:
            _explain_model(batch, number, layers[number], result[number], over_genes)

        over_models(explain, range(len(models)))
    return result


@dataclass(frozen=True)
class _Batch:
    """All that is the same for every model; see `explain_batch`."""

    rule: GateRule
    x: Tensor
    target: Tensor
    rows: Tensor
    pool: Tensor | None
    members: Tensor
    combine: str
    steps: int | None
    copies: int
    passed: int
    masks: npt.NDArray[np.generic] | None
    noise: npt.NDArray[np.generic] | None
    noise_sd: Tensor | None
    seed: tuple[int, ...]

    @property
    def estimates(self) -> int:
        """Number of passes of the batch."""
        return self.members.shape[1]

    def masks_of(self, model: int, probability: float) -> PassMasks:
        """Make a model's masks."""
        bits = np.random.PCG64(np.random.SeedSequence([*self.seed, model, 0]))
        return PassMasks(None if self.masks is None else self.masks[model], probability, bits)

    def noise_of(self, model: int, layer: TrainingLayer) -> PassNoise | None:
        """Make a model's noise; None if there is none."""
        if self.noise is None and self.noise_sd is None:
            return None
        given = None if self.noise is None else self.noise[model]
        return PassNoise(given, self.noise_sd, [*self.seed, model, 1], layer)


def _explain_model(
    batch: _Batch, number: int, layer: TrainingLayer, result: npt.NDArray[np.generic], run: Run
) -> None:
    """Explain with one model; `result` is filled, sets × rows × genes."""
    noise = batch.noise_of(number, layer)
    g = _coefficients(batch, number, layer, noise).to(layer.first)
    multiplying = noise if batch.rule.times_input else None
    genes = batch.x.shape[1]
    size = len(batch.rows)
    if multiplying is not None:
        size = max(1, HELD // (batch.estimates * genes))
    for some in torch.arange(len(batch.rows)).split(size):
        rows = batch.rows[some]
        made = Made(
            first=layer.first,
            g=g[:, some],
            x=batch.x[rows],
            references=batch.pool,
            noise=None if multiplying is None else multiplying.of(batch.estimates, rows),
            absolute=batch.rule.absolute,
            times_input=batch.rule.times_input,
        )
        scores = batch.x.new_empty(len(batch.members), len(rows), genes)
        combine_estimates(made, batch.members, batch.combine, scores, run)
        result[:, some.numpy()] = scores.cpu().numpy()


def _coefficients(
    batch: _Batch, number: int, layer: TrainingLayer, noise: PassNoise | None
) -> Tensor:
    """Compute c for all estimates: estimates × rows × hidden."""
    # BatchNorm takes off what all rows share: without it, single precision loses less.
    centre = batch.x.mean(dim=0)
    z = layer.reach(batch.x - centre)
    references = None if batch.pool is None else layer.reach(batch.pool - centre)
    weights, gate = layer.second[batch.target], batch.rule.gate
    masks = batch.masks_of(number, layer.dropout)
    units = z.shape[1]
    found = z.new_empty(batch.estimates, len(batch.rows), units)
    size = 1 if batch.steps else max(1, _TOGETHER // (batch.passed * units))
    for some in torch.arange(batch.estimates).split(size):
        ends = z[None]
        if noise is not None:
            ends = z + noise.reach_hidden(some, len(z), batch.rows)
        if references is None:
            factors = masks.of(some, batch.passed, units, 1)
            found[some] = alone(layer, ends, weights, factors, gate, batch.rows)
            continue
        starts = references if len(references) == 1 else references[some]
        if batch.steps is None:
            factors = masks.of(some, batch.passed, units, batch.copies)
            found[some] = beside_references(
                layer, ends, starts[:, None], weights, factors, gate, batch.rows
            )
            continue
        of_steps, scale = masks.of_steps(int(some), batch.steps, units)
        found[some] = along_path(
            layer, ends[0], starts[0], weights * scale, of_steps, batch.steps, batch.rows
        )
    return found
