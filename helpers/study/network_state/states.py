"""The states in which networks explain, and the batches that samples share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.intp]

SAME, MIXED = "one tissue", "mixed"
"""Who shares a batch with an explained sample: samples of its own tissue, or of any class."""

FULL = 256
"""Samples in a full batch, as in the released scripts; fewer where a tissue has fewer."""

MODES = ("eval", "dropout", "training")
COMBINATIONS = ("signed_mean", "absolute_median")


@dataclass(frozen=True)
class State:
    """The network's mode, how estimates are combined, and who shares a batch.

    Attributes
    ----------
    mode
        ``eval``, ``dropout`` or ``training``.
    combine
        ``signed_mean`` or ``absolute_median``.
    batch
        Samples in a batch. It has no effect unless the mode is ``training``: 0 then.
    company
        `SAME` or `MIXED`; empty where the batch has no effect.
    """

    mode: str
    combine: str
    batch: int = 0
    company: str = ""

    @property
    def name(self) -> str:
        """Its name in tables."""
        shared = f", batch of {self.batch}, {self.company}" if self.batch else ""
        return f"{self.mode}, {self.combine}{shared}"


TRAINING_BATCHES = ((4, SAME), (FULL, SAME), (FULL, MIXED))
"""Sizes and company of the batches that are crossed with the ways of combining."""

STATES = tuple(
    State(mode, combine, *shared)
    for mode in MODES
    for combine in COMBINATIONS
    for shared in (TRAINING_BATCHES if mode == "training" else ((0, ""),))
)
"""The factorial design: every mode with every combination, in training mode with every batch."""

RELEASED = State("training", "absolute_median", FULL, SAME)
"""What the released scripts do."""

TEXT = State("dropout", "signed_mean")
"""What the paper's text says."""


def batches(
    explained: Places, others: Places, size: int, rng: np.random.Generator
) -> Iterator[tuple[Places, int]]:
    """Put explained samples into batches, together with others.

    Parameters
    ----------
    explained
        Places of the samples that are explained.
    others
        Places of the samples that may fill a batch; none of the explained.
    size
        Samples in a batch, at least two. Where there are not enough, the batch is smaller.
    rng
        Draws which of the others fill it.

    Yields
    ------
    Places of the batch's samples, the explained first, and how many of them are explained. At most
    half of a batch is explained, so that its statistics are mostly those of other samples.
    """
    step = max(1, size // 2)
    for first in range(0, len(explained), step):
        own = explained[first : first + step]
        wanted = min(size - len(own), len(others))
        company = rng.choice(others, wanted, replace=False) if wanted else others[:0]
        yield np.concatenate([own, company]).astype(np.intp), len(own)
