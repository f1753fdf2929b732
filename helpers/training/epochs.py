"""What training batches hold: all classes equally often, and noise where the scripts add it."""

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


def add_noise(batch: torch.Tensor, fraction: float, generator: torch.Generator) -> torch.Tensor:
    """Add N(0, 1) to part of a batch and take absolute values there, in place.

    The paper's text has no such noise; the released scripts do, so it is a choice. They
    say that a fifth of the samples gets it; in effect it was four fifths.

    Parameters
    ----------
    batch
        Samples × genes, log2(TPM + 1), in random order: the first samples get the noise.
    fraction
        Share of the samples, from 0 to 1, rounded to whole samples.
    generator
        Source of the noise, on the device of `batch`.

    Returns
    -------
    torch.Tensor
        `batch` itself.
    """
    noisy = batch[: round(fraction * len(batch))]
    if len(noisy):
        noise = torch.empty_like(noisy).normal_(generator=generator)
        noisy.add_(noise).abs_()
    return batch
