"""From the coefficients of all estimates of a pool to combined scores of genes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.explain.mlp.genes import TOGETHER, Work, absolute, add_up, linear, products
from helpers.explain.mlp.medians import medians
from helpers.explain.mlp.threads import Run

# Noise of single estimates that is held at once: numbers, of which each has four or eight bytes.
HELD = 2**24


@dataclass(frozen=True)
class Made:
    """The estimates of some samples, all but the products with W₁.

    Attributes
    ----------
    first
        W₁, hidden × genes.
    g
        Coefficients of the hidden units, estimates × samples × hidden.
    x
        Samples × genes.
    references
        What samples are compared with, 1 or estimates × genes; None: nothing.
    noise
        What was added to the samples, estimates × samples × genes; None: nothing.
    absolute, times_input
        As the explainer's `GateRule` has them.
    """

    first: Tensor
    g: Tensor
    x: Tensor
    references: Tensor | None
    noise: Tensor | None
    absolute: bool
    times_input: bool

    @property
    def one_factor(self) -> Tensor | None:
        """What all estimates are multiplied by, samples × genes; None: 1.

        The sample, or its difference from the only reference; not what estimates have of their own.
        """
        if not self.times_input:
            return None
        if self.references is not None and len(self.references) == 1:
            return self.x - self.references
        return self.x

    @property
    def own_references(self) -> Tensor | None:
        """References where each estimate has one of its own."""
        several = self.times_input and self.references is not None and len(self.references) > 1
        return self.references if several else None

    @property
    def own_noise(self) -> Tensor | None:
        """Noise where scores are multiplied by it."""
        return self.noise if self.times_input else None

    def factor(self, genes: slice) -> Tensor:
        """Return what each estimate is multiplied by: estimates × samples (or 1) × some genes."""
        one = self.one_factor
        assert one is not None
        total = one[None, :, genes]
        if self.own_noise is not None:
            total = total + self.own_noise[..., genes]
        if self.own_references is not None:
            total = total - self.own_references[:, None, genes]
        return total


def combine_estimates(made: Made, members: Tensor, combine: str, result: Tensor, run: Run) -> None:
    """Combine estimates in sets.

    Parameters
    ----------
    made
        The estimates.
    members
        Sets × estimates, true for a member.
    combine
        ``"signed_mean"``, or ``"absolute_median"``: the median of absolute values.
    result
        What is filled, sets × samples × genes; contiguous.
    run
        What works on strips of genes.
    """
    genes = made.first.shape[1]
    # A GPU is better off with all genes at once.
    width = TOGETHER if made.first.device.type == "cpu" else genes
    if combine == "absolute_median":
        add_up([_median(made, members, result)], genes, run, width)
        return
    result.zero_()
    add_up(_means(made, members, result), genes, run, width)


def _median(made: Made, members: Tensor, result: Tensor) -> Work:
    if made.own_noise is not None or made.own_references is not None:
        return medians(made.first, made.g, made.factor, members, result)
    # |factor| is the same for all estimates, and so can wait for the median of the rest.
    write = medians(made.first, made.g, None, members, result)
    one = made.one_factor
    if one is None:
        return write
    factor = one

    def write_and_multiply(genes: slice) -> None:
        write(genes)
        result[..., genes] *= factor[:, genes].abs()

    return write_and_multiply


def _means(made: Made, members: Tensor, result: Tensor) -> list[Work]:
    first, g = made.first, made.g
    share = members.to(g) / members.sum(dim=1, keepdim=True)
    if made.absolute:
        return [absolute(first, g, share, result)]
    works = [linear(first, torch.tensordot(share, g, dims=1), made.one_factor, result)]
    references, noise = made.own_references, made.own_noise
    if references is not None or noise is not None:
        works.append(products(first, g, references, noise, share, result))
    return works
