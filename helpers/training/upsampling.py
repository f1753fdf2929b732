"""Up-sampling, which makes all classes count the same in an epoch."""

from __future__ import annotations

import torch


def upsampled_epoch(labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Draw the samples of one epoch: as many of each class as the largest class has.

    Source: paper, "Model training". Every sample of a class
    of n samples comes up floor(largest / n) times or once more, and the order is random.

    Parameters
    ----------
    labels
        Class of each sample, on the CPU.
    generator
        Source of the draw, on the CPU.

    Returns
    -------
    torch.Tensor
        Positions in `labels`, classes × size of the largest class, int64.
    """
    counts = torch.bincount(labels)
    largest = int(counts.max())
    members = torch.argsort(labels, stable=True).split(counts.tolist())
    drawn: list[torch.Tensor] = []
    for samples in members:
        if len(samples):
            repeats, rest = divmod(largest, len(samples))
            extra = torch.randperm(len(samples), generator=generator)[:rest]
            drawn += [samples.repeat(repeats), samples[extra]]
    positions = torch.cat(drawn)
    return positions[torch.randperm(len(positions), generator=generator)]
