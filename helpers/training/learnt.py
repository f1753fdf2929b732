"""Whether networks have learnt: by more than chance, and as much as a linear model does.

Explainers explain any network, also one that learnt nothing; what they say of it is then about its
initial weights and about the data. So explanations are evidence only of networks that recognise
classes they have not seen the samples of.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

LEARNT = "learnt"
"""Table that says of each architecture whether its networks have learnt."""

OVER_CHANCE = 0.1
"""Balanced accuracy by which networks must exceed chance, at least."""

UNDER_LINEAR = 0.1
"""Balanced accuracy by which they may fall short of the logistic regression: one sample in ten."""

ERRORS = 2.0
"""Standard errors of the test samples that both margins are at least: what may be luck of the test
samples is neither learning nor a shortfall."""

LEARNT_COLUMNS = ["architecture", "models", "test_samples", "balanced_accuracy", "chance",
                  "linear", "over_chance", "beside_linear", "learnt"]  # fmt: skip


def learnt(accuracy: pd.DataFrame, split: pd.DataFrame, linear: pd.DataFrame) -> pd.DataFrame:
    """Judge of each architecture whether its networks have learnt.

    Balanced accuracy is the mean recall of classes, so that a class with many samples cannot hide
    that others are not recognised; chance is one over the number of classes.

    Parameters
    ----------
    accuracy
        What `helpers.training.accuracy_table` gave.
    split
        ``tissue``, ``split`` of each sample.
    linear
        A row with ``balanced_accuracy`` of the logistic regression, cross-validated.

    Returns
    -------
    pandas.DataFrame
        A row per architecture: architecture, models, test_samples, balanced_accuracy (of the median
        model on test samples), chance, linear (what the logistic regression has), over_chance and
        beside_linear (what is needed at least to be above the one and not below the other), learnt.
    """
    counts = split.loc[split["split"] == "test", "tissue"].astype(str).value_counts().to_numpy()
    chance = 1.0 / max(1, len(counts))
    level = float(linear["balanced_accuracy"].iloc[0])
    over = min(1.0, chance + max(OVER_CHANCE, ERRORS * _error(chance, counts)))
    beside = level - max(UNDER_LINEAR, ERRORS * _error(level, counts))
    test = accuracy[accuracy["split"] == "test"]
    rows = []
    for architecture, own in test.groupby("architecture", sort=False)["balanced_accuracy"]:
        found = float(own.median())
        rows.append(
            (architecture, len(own), int(counts.sum()), found, chance, level, over, beside,
             bool(found >= over and found >= beside))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=LEARNT_COLUMNS)


def _error(recall: float, counts: npt.NDArray[np.integer]) -> float:
    """Return the standard error of a mean recall, the same in all classes, by their samples."""
    return float(np.sqrt((recall * (1 - recall) / counts).sum()) / max(1, len(counts)))
