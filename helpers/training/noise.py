"""The noise that the paper's released scripts add while training."""

from __future__ import annotations

import torch


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
