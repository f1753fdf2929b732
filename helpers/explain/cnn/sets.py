"""Sets of estimates for CNNs: all that estimates have in common is computed once.

Without noise, the estimates of a sample differ in their masks and references only. The masks come
after the convolutions (see `shared_forward`), so what comes before them is needed once for a
sample and once for a reference. Where scores are linear in the gradients (or multipliers) of the
feature maps, estimates with one reference are combined before these are carried back to the genes:
once for a set, or once for all sets that weigh them in the same proportions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from helpers.devices import device_of
from helpers.explain.cnn import deep_lift as lift
from helpers.explain.cnn.gradients import (
    RULES,
    can_share,
    convolve,
    draw_masks,
    gradients_of,
    scores_of,
)
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import explanation_mode
from helpers.models import CNN

_LIFTED = ("DeepLift", "DeepLiftShap")


def can_share_sets(explainer: str, layer: str) -> bool:
    """Tell whether sets of estimates are made here with this explainer (looking at this layer)."""
    return explainer in (*_LIFTED, "IntegratedGradients") or can_share(explainer, layer)


def can_be_noisy(explainer: str) -> bool:
    """Tell whether anything is shared where each estimate has a noisy sample of its own."""
    return explainer in _LIFTED


def is_linear(explainer: str) -> bool:
    """Tell whether estimates with one reference can be combined before they reach the genes."""
    return explainer in (*_LIFTED, "IntegratedGradients") or RULES[explainer].linear


@dataclass(frozen=True)
class WeightedSets:
    """The estimates of every sample, and the sets of them.

    Attributes
    ----------
    weights
        Sets × estimates: weight of each estimate in each set's mean.
    references
        Estimates × genes, or None.
    noise_sd
        Standard deviation of SmoothGrad's noise, of all genes or of each, for explainers that
        `can_be_noisy`; None: none.
    """

    weights: Tensor
    references: Tensor | None
    noise_sd: Tensor | None = None


def explain_shared_sets(
    model: CNN,
    x: Tensor,
    target: Tensor,
    pool: WeightedSets,
    *,
    explainer: str,
    mode: str,
    steps: int,
    rows: int,
    seed: int,
    masks: npt.ArrayLike | None = None,
) -> npt.NDArray[np.floating]:
    """Compute what `explain_sets` computes, with means, for CNNs.

    For the same masks and references scores are Captum's, up to rounding.

    Parameters
    ----------
    model
        Left as it was.
    x, target
        Samples × genes, and class index of each, found good.
    pool
        Estimates and sets.
    explainer, mode
        See `explain`; no mode ``"training"``.
    steps
        Steps of IntegratedGradients.
    rows
        Rows that go through the network at once.
    seed
        Of the masks; each sample has a generator of its own.
    masks
        In place of drawn ones: factors of the feature maps, samples × estimates × masks × maps.
        Masks of an estimate: two (sample and reference) for DeepLIFT, one for each step of
        IntegratedGradients, else as in `explain_shared`.

    Returns
    -------
    numpy.ndarray
        Sets × samples × genes.
    """
    shape = (pool.weights.shape[1], _masks_each(explainer, steps), model.norm.num_features)
    given = None if masks is None else np.broadcast_to(np.asarray(masks), (len(x), *shape))
    probability = model.dropout.p if mode == "dropout" else 0.0
    result = x.new_zeros((len(pool.weights), *x.shape))
    device = device_of(model)
    with explanation_mode(model, "eval", seed), channels_last(model):
        for i in range(len(x)):
            own = draw_masks(shape, probability, [seed, i]) if given is None else given[i]
            sample = x[i : i + 1].to(device)
            some = torch.as_tensor(np.array(own)).to(sample)
            one = target[i : i + 1].to(device)
            if pool.noise_sd is not None:
                parts = _noisy(model, sample, one, pool, rows, some, [seed, i])
            else:
                parts = _parts(model, sample, one, pool, explainer, steps, rows, some)
            for weights, scores in parts:
                result[:, i] += weights @ scores.to(result.device)
    return result.numpy()


def _masks_each(explainer: str, steps: int) -> int:
    """Return how many masks an estimate has."""
    if explainer == "IntegratedGradients":
        return steps
    if explainer in _LIFTED:
        return 2
    return 1 if RULES[explainer].weigh is None else 2


def _parts(
    model: CNN,
    x: Tensor,
    target: Tensor,
    pool: WeightedSets,
    explainer: str,
    steps: int,
    rows: int,
    masks: Tensor,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield scores (parts × genes) of one sample with their weights (sets × parts)."""
    if explainer in _LIFTED:
        yield from _lifted(model, x, target, pool, rows, masks)
    elif explainer == "IntegratedGradients":
        yield from _integrated(model, x, target, pool, steps, rows, masks)
    else:
        yield from _plain(model, x, target, pool, explainer, masks)


def _plain(
    model: CNN, x: Tensor, target: Tensor, pool: WeightedSets, explainer: str, masks: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """Explain without references: one forward pass."""
    rule = RULES[explainer]
    of = convolve(model, x, rule.guided)
    gradients = gradients_of(model, rule, of, target, masks[:, :, None])
    mixed = mixtures(pool.weights) if rule.linear else apart(pool.weights)
    for share, weights in zip(mixed.shares, mixed.weights.T, strict=True):
        mean = torch.tensordot(share.to(gradients), gradients, dims=1)
        yield weights[:, None], scores_of(model, rule, of, mean)


def _integrated(
    model: CNN, x: Tensor, target: Tensor, pool: WeightedSets, steps: int, rows: int, masks: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """Integrate gradients from each reference: a forward pass of all steps for each."""
    assert pool.references is not None
    nodes, step_weights = np.polynomial.legendre.leggauss(steps)
    rule = RULES["InputXGradient"]
    # Captum rounds both to single precision, whatever the network's type.
    places = torch.tensor((1 + nodes) / 2, dtype=torch.float32).to(x)[:, None]
    lengths = torch.tensor(step_weights / 2, dtype=torch.float32).to(x)[:, None]
    for some in runs(pool.references):
        reference = pool.references[some.start].to(x)
        mixed = mixtures(pool.weights[:, some])
        totals = x.new_zeros((len(mixed.shares), x.shape[1]))
        for part in torch.arange(steps).split(rows):
            of = convolve(model, reference + places[part] * (x - reference), guided=False)
            own = masks[some][:, None, part]
            gradients = gradients_of(model, rule, of, target.expand(len(part)), own)[:, 0]
            for total, share in zip(totals, mixed.shares.to(x), strict=True):
                mean = torch.tensordot(share, gradients, dims=1)
                total += of.backward(lengths[part] * mean).sum(dim=0)
        yield mixed.weights, totals * (x - reference)


def _lifted(
    model: CNN, x: Tensor, target: Tensor, pool: WeightedSets, rows: int, masks: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """Apply DeepLIFT against each reference."""
    assert pool.references is not None
    weights_of_class = model.output.weight[target]
    with torch.no_grad():
        sample = lift.pass_through(model, x)
        groups = runs(pool.references)
        for start in range(0, len(groups), rows):
            chosen = groups[start : start + rows]
            first = torch.stack([pool.references[some.start] for some in chosen])
            references = lift.pass_through(model, first.to(x))
            pairs, multipliers, weights = [], [], []
            for number, some in enumerate(chosen):
                features = (sample.features, references.features[number])
                both = lift.head_multipliers(
                    model,
                    features,
                    (masks[some, 0], masks[some, 1]),
                    weights_of_class,
                    sample.area,
                )
                mixed = mixtures(pool.weights[:, some])
                shares = mixed.shares.to(x)
                pairs += [number] * len(shares)
                multipliers.append((shares @ both[0], shares @ both[1]))
                weights.append(mixed.weights)
            firsts, seconds = (torch.cat(part) for part in zip(*multipliers, strict=True))
            every = torch.tensor(pairs).to(x.device)
            together = torch.cat(weights, dim=1)
            for part in torch.arange(len(pairs)).split(rows):
                at = every[part]
                scores = lift.contributions(
                    model, sample, references.of(at), (firsts[part], seconds[part])
                )
                yield together[:, part], scores


def _noisy(
    model: CNN,
    x: Tensor,
    target: Tensor,
    pool: WeightedSets,
    rows: int,
    masks: Tensor,
    seed: list[int],
) -> Iterator[tuple[Tensor, Tensor]]:
    """Apply DeepLIFT to noisy copies of a sample; a single reference passes once."""
    assert pool.references is not None
    assert pool.noise_sd is not None
    state = np.random.SeedSequence([*seed, 1]).generate_state(1, np.uint64)[0] >> 1
    generator = torch.Generator().manual_seed(int(state))
    alone = len(runs(pool.references)) == 1
    with torch.no_grad():
        one = lift.pass_through(model, pool.references[:1].to(x)) if alone else None
        for part in torch.arange(pool.weights.shape[1]).split(rows):
            noise = torch.randn((len(part), x.shape[1]), generator=generator).to(x)
            sample = lift.pass_through(model, x + pool.noise_sd.to(x) * noise)
            reference = one or lift.pass_through(model, pool.references[part].to(x))
            multipliers = lift.head_multipliers(
                model,
                (sample.features, reference.features),
                (masks[part, 0], masks[part, 1]),
                model.output.weight[target],
                sample.area,
            )
            yield pool.weights[:, part], lift.contributions(model, sample, reference, multipliers)


@dataclass(frozen=True)
class Mixtures:
    """Means of estimates from which the means of all sets follow.

    Attributes
    ----------
    shares
        Mixtures × estimates.
    weights
        Sets × mixtures: ``weights @ shares`` are the weights of the estimates in the sets.
    """

    shares: Tensor
    weights: Tensor


def mixtures(weights: Tensor) -> Mixtures:
    """Find the fewest mixtures: one for sets of the same proportions, or each estimate apart."""
    totals = weights.sum(dim=1)
    used = totals > 0
    shares, which = torch.unique(weights[used] / totals[used, None], dim=0, return_inverse=True)
    if len(shares) >= weights.shape[1]:
        return apart(weights)
    found = weights.new_zeros((len(weights), len(shares)))
    found[used, which] = totals[used]
    return Mixtures(shares, found)


def apart(weights: Tensor) -> Mixtures:
    """Take each estimate by itself."""
    return Mixtures(torch.eye(weights.shape[1], dtype=weights.dtype), weights)


def runs(references: Tensor) -> list[slice]:
    """Find the runs of equal rows."""
    changes = (references[1:] != references[:-1]).any(dim=1).nonzero()[:, 0] + 1
    ends = [0, *changes.tolist(), len(references)]
    return [slice(start, end) for start, end in pairwise(ends)]
