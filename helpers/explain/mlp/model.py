"""Explaining with one MLP: which estimates are made at once, and what is summed where.

The score of one estimate is ``(x − r) ∘ W₁ᵀ g`` with g of as many numbers as there are hidden
units (see `hidden`). A weighted sum over estimates k is therefore
``x ∘ W₁ᵀ ḡ − Σₖ wₖ rₖ ∘ W₁ᵀ gₖ`` with ``ḡ = Σₖ wₖ gₖ``: only the second part, and only where
references differ, needs the scores of single estimates (see `genes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from helpers.explain.mlp import hidden
from helpers.explain.mlp.accumulation import HELD, Made, combine_estimates
from helpers.explain.mlp.gates import GateRule
from helpers.explain.mlp.genes import TOGETHER, Work, absolute, add_up, linear, products
from helpers.explain.mlp.hidden import HiddenLayer, Masks
from helpers.explain.mlp.threads import Run

# Estimates that are worked on at once.
_ESTIMATES = 64
# Rows of noisy copies of samples held at once.
_NOISY_ROWS = 64
# Units whose weights, with the scores of a few explanations, fit into a core's cache.
_UNITS, _FEW = 16, 32


@dataclass(frozen=True)
class MlpEstimates:
    """All that is the same for every model.

    Attributes
    ----------
    rule
        How scores follow from the hidden layer.
    steps
        Steps of the n-step rule of IntegratedGradients; None: its integral is exact.
    x, target
        Samples × genes, and the class of each.
    pools
        References: 1 or replicates × estimates × genes; None: the explainer needs none.
    replicates, estimates
        Number of replicates, and of estimates of each.
    combine
        ``"signed_mean"``, or ``"absolute_median"``: the median of absolute values.
    weights
        1 or models × sets × estimates: weights of the (one replicate's) estimates in each set.
        None: the replicates are the sets, and an estimate's weight in its own is 1/n. Of a median,
        weights only say which estimates are members: those whose weight is not 0.
    noise, noise_sd
        Given noise (models × replicates × estimates × samples × genes), or None and the
        standard deviation of what is drawn, of all genes or of each; None: nothing is.
    seed
        Of masks and noise; each model has generators of its own.
    """

    rule: GateRule
    steps: int | None
    x: Tensor
    target: Tensor
    pools: npt.NDArray[np.generic] | None
    replicates: int
    estimates: int
    combine: str
    weights: Tensor | None
    noise: npt.NDArray[np.generic] | None
    noise_sd: Tensor | None
    seed: int | Sequence[int]

    @cached_property
    def rows(self) -> Tensor:
        """Samples and, after these, baselines or a chunk's references; × genes."""
        if self.baselines is not None:
            return torch.cat([self.x, self.baselines[:, 0]])
        if self.pools is None:
            return self.x
        references = self.references(next(self.chunks()))
        assert references is not None
        return torch.cat([self.x, references])

    @cached_property
    def baselines(self) -> Tensor | None:
        """1 or replicates × 1 × genes: the only reference of each, None if there are more."""
        if self.pools is None:
            return None
        first = self.pools[:, 0]
        same = all(np.array_equal(self.pools[:, k], first) for k in range(1, self.estimates))
        return _tensor(first[:, None], self.x) if same else None

    @property
    def noisy(self) -> bool:
        """Whether every estimate has a sample of its own."""
        return self.noise is not None or self.noise_sd is not None

    @property
    def sets(self) -> int:
        """Number of explanations of each sample."""
        return self.replicates if self.weights is None else self.weights.shape[1]

    def generators(self, model: int) -> tuple[np.random.BitGenerator, torch.Generator | None]:
        """Make the generators of a model's masks and, if it is drawn, noise."""
        seed = [*np.atleast_1d(self.seed), model]
        masks = np.random.PCG64(np.random.SeedSequence([*seed, 0]))
        if self.noise_sd is None:
            return masks, None
        state = np.random.SeedSequence([*seed, 1]).generate_state(1, np.uint64)[0]
        # PyTorch draws normal numbers three times as fast as NumPy.
        return masks, torch.Generator().manual_seed(int(state >> 1))

    def chunks(self, replicate: int | None = None) -> Iterator[npt.NDArray[np.intp]]:
        """Yield the numbers of estimates, replicate by replicate, a few at a time.

        Of all replicates, or of one.
        """
        size = max(1, _NOISY_ROWS // len(self.x)) if self.noisy else _ESTIMATES
        first, last = 0, self.replicates * self.estimates
        if replicate is not None:
            first, last = replicate * self.estimates, (replicate + 1) * self.estimates
        for start in range(first, last, size):
            yield np.arange(start, min(start + size, last))

    def members(self, model: int) -> Tensor:
        """Tell which of a replicate's estimates are in which of its sets: sets × estimates."""
        if self.weights is None:
            return torch.ones(1, self.estimates, dtype=torch.bool)
        return (self.weights[model % len(self.weights)] != 0).cpu()

    def of_samples(self, some: Tensor) -> MlpEstimates:
        """Return the task for some of the samples."""
        noise = None if self.noise is None else self.noise[..., some.numpy(), :]
        return replace(self, x=self.x[some], target=self.target[some], noise=noise)

    def shares(self, model: int, estimates: npt.NDArray[np.intp]) -> tuple[slice, Tensor]:
        """Tell in which sets some estimates are, and their weights there: sets × estimates."""
        if self.weights is not None:
            mine = self.weights[model % len(self.weights)]
            return slice(None), mine[:, estimates[0] : estimates[-1] + 1]
        of = estimates // self.estimates
        sets = np.arange(of[0], of[-1] + 1)
        share = torch.as_tensor(sets[:, None] == of).to(self.x.dtype) / self.estimates
        return slice(int(of[0]), int(of[-1]) + 1), share.to(self.x.device)

    def references(self, estimates: npt.NDArray[np.intp]) -> Tensor | None:
        """Take the references of some estimates, estimates × genes."""
        if self.pools is None:
            return None
        pools = (estimates // self.estimates) % len(self.pools)
        within = estimates % self.estimates
        if pools[0] == pools[-1] and within[-1] - within[0] == len(within) - 1:
            return _tensor(self.pools[pools[0], within[0] : within[-1] + 1], self.x)
        return _tensor(self.pools[pools, within], self.x)

    def noise_of(
        self, model: int, estimates: npt.NDArray[np.intp], generator: torch.Generator | None
    ) -> Tensor | None:
        """Take or draw the noise of some estimates, estimates × samples × genes."""
        if self.noise is not None:
            where = (model, estimates // self.estimates, estimates % self.estimates)
            return _tensor(self.noise[where], self.x)
        if self.noise_sd is None:
            return None
        drawn = torch.randn((len(estimates), *self.x.shape), generator=generator)
        return drawn.mul_(self.noise_sd.float()).to(self.x.dtype).to(self.x.device)


def _tensor(array: npt.NDArray[np.generic], like: Tensor) -> Tensor:
    # PyTorch warns of arrays that it may not write to, such as views of a file.
    return torch.as_tensor(np.require(array, requirements=["W"])).to(like.dtype).to(like.device)


def explain_model(
    task: MlpEstimates,
    number: int,
    layer: HiddenLayer,
    masks: Masks,
    noise: torch.Generator | None,
    result: Tensor,
    run: Run,
) -> None:
    """Explain with one model.

    Parameters
    ----------
    task
        What is explained, and how.
    number, layer
        The model, and its number.
    masks
        Its dropout masks.
    noise
        What its noise is drawn with.
    result
        To be filled: sets × samples × genes.
    run
        What works on strips of genes.
    """
    if task.combine == "absolute_median":
        _explain_by_medians(task, number, layer, masks, noise, result, run)
        return
    if task.pools is None and not task.noisy and not task.rule.absolute:
        _explain_by_mean_masks(task, number, layer, masks, result)
        return
    result.zero_()
    first, genes = layer.first, layer.first.shape[1]
    # A GPU is better off with all genes at once.
    width = TOGETHER if first.device.type == "cpu" else genes
    passed = _passed(task, layer)
    means = task.x.new_zeros(len(result), *passed[0].shape[1:])
    works: list[Work] = []
    for estimates in task.chunks():
        add_up(works, genes, run, width)
        works = []
        drawn = task.noise_of(number, estimates, noise)
        references = task.references(estimates) if task.baselines is None else None
        g = _coefficients(task, layer, passed, drawn, references, masks, estimates)
        sets, share = task.shares(number, estimates)
        if task.rule.absolute:
            works = [absolute(first, g, share, result[sets])]
            continue
        means[sets] += torch.tensordot(share, g, dims=1)
        if task.rule.times_input and not (drawn is None and references is None):
            works = [products(first, g, references, drawn, share, result[sets])]
    if not task.rule.absolute:
        factor = task.x if task.baselines is None else task.x - task.baselines
        works.append(linear(first, means, factor if task.rule.times_input else None, result))
    # What is left is done in one go, so that weights are read only once more.
    add_up(works, genes, run, width)


def _explain_by_mean_masks(
    task: MlpEstimates, number: int, layer: HiddenLayer, masks: Masks, result: Tensor
) -> None:
    """Explain where estimates differ in their masks only, and scores are linear in these.

    A unit's weights are used twice, for its input and for its part of the scores. With few
    scores that takes less time than to read the weights, so they are read once, units by units.
    """
    weights = layer.second[task.target]
    if task.weights is None:
        means = masks.means(task.replicates, task.estimates, weights)
    else:
        means = task.x.new_zeros(len(result), *weights.shape)
        for estimates in task.chunks():
            sets, share = task.shares(number, estimates)
            some = masks.of(estimates, task.estimates, None, weights)
            some = some.expand(len(estimates), *weights.shape)
            means[sets] += torch.tensordot(share, some, dims=1)
    means = means * layer.scale
    scores = result.view(len(result) * len(task.x), -1)
    for units in _units(task, layer):
        inputs = layer.some_inputs(task.rows, units)
        g = task.rule.gate(inputs, None, weights[:, units]) * means[..., units]
        scores.addmm_(g.flatten(0, 1), layer.first[units], beta=int(units.start > 0))
    if task.rule.times_input:
        result *= task.x


def _units(task: MlpEstimates, layer: HiddenLayer) -> list[slice]:
    """Choose the units to work on at once: with few samples, as many as a core's cache holds."""
    few = task.x.device.type == "cpu" and max(len(task.rows), task.sets * len(task.x)) <= _FEW
    width = _UNITS if few else len(layer.scale)
    return [slice(start, start + width) for start in range(0, len(layer.scale), width)]


def _explain_by_medians(
    task: MlpEstimates,
    number: int,
    layer: HiddenLayer,
    masks: Masks,
    noise: torch.Generator | None,
    result: Tensor,
    run: Run,
) -> None:
    """Explain where the scores of every single estimate are needed, with all of them at hand."""
    held = task.estimates * task.x.shape[1] if task.rule.times_input and task.noisy else 1
    for some in torch.arange(len(task.x)).split(max(1, HELD // held)):
        part = task.of_samples(some)
        own = masks.of_samples(some)
        passed = _passed(part, layer)
        scores = result.new_empty(task.sets, len(some), task.x.shape[1])
        for replicate in range(task.replicates):
            found, added = [], []
            for estimates in part.chunks(replicate):
                drawn = part.noise_of(number, estimates, noise)
                references = part.references(estimates) if part.baselines is None else None
                found.append(_coefficients(part, layer, passed, drawn, references, own, estimates))
                added += [] if drawn is None or held == 1 else [drawn]
            pool = part.baselines
            if pool is None:
                pool = part.references(replicate * task.estimates + np.arange(task.estimates))
            else:
                pool = pool[replicate % len(pool)]
            made = Made(
                first=layer.first,
                g=torch.cat(found),
                x=part.x,
                references=pool,
                noise=torch.cat(added) if added else None,
                absolute=task.rule.absolute,
                times_input=task.rule.times_input,
            )
            sets = slice(None) if task.weights is not None else slice(replicate, replicate + 1)
            combine_estimates(made, part.members(number), task.combine, scores[sets], run)
        result[:, some.to(result.device)] = scores


def _passed(task: MlpEstimates, layer: HiddenLayer) -> tuple[Tensor, Tensor]:
    """Send samples, and what `MlpEstimates.rows` adds to these, to the inputs of the ReLUs."""
    rows = torch.cat([layer.some_inputs(task.rows, some) for some in _units(task, layer)], dim=1)
    return rows[None, : len(task.x)], rows[len(task.x) :, None]


def _coefficients(
    task: MlpEstimates,
    layer: HiddenLayer,
    passed: tuple[Tensor, Tensor],
    drawn: Tensor | None,
    references: Tensor | None,
    masks: Masks,
    estimates: npt.NDArray[np.intp],
) -> Tensor:
    """Compute g of some estimates, given their noise, and their references if these differ."""
    inputs, others = passed
    starts: Tensor | None = others
    if task.baselines is not None:
        starts = others[(estimates // task.estimates) % len(others)]
    elif references is not None:
        # Those of the first estimates have passed already.
        first = estimates[0] == 0
        starts = others[: len(estimates)] if first else layer.inputs(references)[:, None]
    ends = inputs if drawn is None else layer.inputs(task.x + drawn)
    return _multipliers(task, layer, ends, starts, masks, estimates)


def _multipliers(
    task: MlpEstimates,
    layer: HiddenLayer,
    inputs: Tensor,
    references: Tensor | None,
    masks: Masks,
    estimates: npt.NDArray[np.intp],
) -> Tensor:
    """Compute g: estimates × samples × hidden."""
    weights, repeats = layer.second[task.target], task.estimates
    if task.steps is None:
        g = task.rule.gate(inputs, references, weights) * layer.scale
        g = g * masks.of(estimates, repeats, None, weights)
        return g.expand(len(estimates), *weights.shape)
    assert references is not None

    def step_masks(step: int) -> Tensor:
        return masks.of(estimates, repeats, step, weights)

    return hidden.steps(inputs, references, weights, step_masks, task.steps) * layer.scale
