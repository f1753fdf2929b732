"""Streams of random numbers: one number for each purpose, so that no two draws are alike."""

from __future__ import annotations

import numpy as np

REFERENCE_STREAM, EXPLANATION_STREAM = 1, 2
"""Keep the draws of references and of dropout masks apart from all others of a run."""


def derived_seed(seed: int, *parts: int) -> int:
    """Return a seed that depends on the run's seed and on what it is for."""
    return int(np.random.SeedSequence([seed, *parts]).generate_state(1)[0])


REFERENCE_CHOICE_STREAM = 4
"""Keeps the draw of each model's references apart from all others of a run."""


SUBSET_STREAM = 3
"""Keeps the draws of subsets apart from all others of a run."""


AGGREGATE_STREAM = 5
"""Keeps the draws of aggregates apart from all others of a run."""


IDENTITY_STREAM = 6
"""Keeps the references of this chapter apart from all others of a run."""


CHANCE_STREAM = 8
"""Keeps the draws of random lists apart from all others of a run."""


MASK_STREAM = 11
"""Keeps the draws of these masks apart from all others of a run."""


_HALVES_STREAM = 14


FIXED_STREAM, EXPECTED_STREAM, RELEASED_STREAM = 12, 13, 14
"""Keep the draws of these steps apart from all others of a run."""


STATE_STREAM = 15
"""Keeps the draws of batches, and of masks in them, apart from all others of a run."""
