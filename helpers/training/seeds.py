"""Seeds of training: they depend on the seed of the run and on the number of a model or fold.

What a model starts from and in which order it sees its samples has the seed of ``(run, model)``;
its hyperparameters, the folds and how samples are dealt to folds go on with a number of their own.
The split into training and test samples has the seed of the run itself.
"""

from __future__ import annotations

import numpy as np

HYPERPARAMETERS, FOLD, DEALING = 1, 2, 3


def derived_seed(seed: int, *key: int) -> int:
    """Return a 32-bit seed that depends on `seed` and on every number of `key`."""
    return int(np.random.SeedSequence([seed, *key]).generate_state(1)[0])
