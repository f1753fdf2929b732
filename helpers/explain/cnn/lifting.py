"""DeepLIFT of many references, masks or noisy copies of a sample, for CNNs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.explain.cnn import deep_lift as lift
from helpers.explain.cnn.rules import CnnRule, OneSample
from helpers.explain.cnn.weighted import mixtures, runs


@dataclass(frozen=True)
class LiftRule(CnnRule):
    """DeepLIFT's rules, see `helpers.explain.cnn.deep_lift`."""

    noisy = True

    def masks_each(self, steps: int) -> int:
        """Return two: of the sample and of the reference."""
        return 2

    def parts(self, one: OneSample) -> Iterator[tuple[Tensor, Tensor]]:
        """Apply DeepLIFT against each reference."""
        assert one.sets.references is not None
        model, x = one.model, one.x
        with torch.no_grad():
            sample = lift.pass_through(model, x)
            groups = runs(one.sets.references)
            for start in range(0, len(groups), one.rows):
                chosen = groups[start : start + one.rows]
                first = torch.stack([one.sets.references[some.start] for some in chosen])
                references = lift.pass_through(model, first.to(x))
                pairs, multipliers, weights = _multipliers(one, chosen, sample, references)
                for part in torch.arange(len(pairs)).split(one.rows):
                    first_part, second_part = (of[part] for of in multipliers)
                    scores = lift.contributions(
                        model, sample, references.of(pairs[part]), (first_part, second_part)
                    )
                    yield weights[:, part], scores

    def noisy_parts(self, one: OneSample) -> Iterator[tuple[Tensor, Tensor]]:
        """Apply DeepLIFT to noisy copies of a sample; a single reference passes once."""
        assert one.sets.references is not None
        assert one.sets.noise_sd is not None
        model, x, target = one.model, one.x, one.target
        alone = len(runs(one.sets.references)) == 1
        with torch.no_grad():
            only = lift.pass_through(model, one.sets.references[:1].to(x)) if alone else None
            for part in torch.arange(one.sets.weights.shape[1]).split(one.rows):
                noise = torch.randn((len(part), x.shape[1]), generator=one.noise).to(x)
                sample = lift.pass_through(model, x + one.sets.noise_sd.to(x) * noise)
                reference = only or lift.pass_through(model, one.sets.references[part].to(x))
                multipliers = lift.head_multipliers(
                    model,
                    (sample.features, reference.features),
                    (one.masks[part, 0], one.masks[part, 1]),
                    model.output.weight[target],
                    sample.area,
                )
                scores = lift.contributions(model, sample, reference, multipliers)
                yield one.sets.weights[:, part], scores


def _multipliers(
    one: OneSample, groups: list[slice], sample: lift.Passed, references: lift.Passed
) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
    """Make the multipliers of the feature maps, for as few means of estimates as will do.

    Parameters
    ----------
    one
        The sample and its estimates.
    groups
        Estimates that have the same reference.
    sample, references
        What the convolutions make of the sample, and of the reference of each group.

    Returns
    -------
    torch.Tensor, tuple of torch.Tensor, torch.Tensor
        Of each mean: its reference's number, the multipliers of sample and reference, and its
        weights, sets × means.
    """
    pairs, firsts, seconds, weights = [], [], [], []
    for number, some in enumerate(groups):
        first, second = lift.head_multipliers(
            one.model,
            (sample.features, references.features[number]),
            (one.masks[some, 0], one.masks[some, 1]),
            one.model.output.weight[one.target],
            sample.area,
        )
        mixed = mixtures(one.sets.weights[:, some])
        shares = mixed.shares.to(one.x)
        pairs += [number] * len(shares)
        firsts.append(shares @ first)
        seconds.append(shares @ second)
        weights.append(mixed.weights)
    every = torch.tensor(pairs).to(one.x.device)
    return every, (torch.cat(firsts), torch.cat(seconds)), torch.cat(weights, dim=1)
