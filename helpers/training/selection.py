"""Which samples are explained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.errors import BadInputError, one_of

_ORDER = {"test": 0, "validation": 1, "train": 2}


def choose_samples(
    obs: pd.DataFrame, split: pd.Series, tissues: Sequence[str], n: int, *, seed: int
) -> pd.DataFrame:
    """Choose the samples of each tissue that are explained.

    Samples that no model was trained on come first: test, then validation, and
    training samples only when a tissue has too few of those.

    Parameters
    ----------
    obs
        Samples by name, with their class in column ``tissue``.
    split
        Side of each sample: ``test``, ``validation`` or ``train``.
    tissues
        Classes to explain.
    n
        Samples of each class.
    seed
        Seed of the draw within each side.

    Returns
    -------
    DataFrame
        Columns ``tissue``, ``sample``, ``split``; tissues in the order given.

    Raises
    ------
    UnknownNameError
        If a tissue is not a class of the data.
    BadInputError
        If a tissue has fewer than `n` samples, or is named twice.
    """
    classes = sorted(set(obs["tissue"].astype(str)))
    if len(set(tissues)) < len(tissues):
        raise BadInputError(f"A tissue is named twice in {', '.join(tissues)}: name each once.")
    chosen = []
    for tissue in tissues:
        one_of("tissue", tissue, classes)
        names = obs.index[obs["tissue"].astype(str) == tissue].to_numpy(dtype=str)
        if len(names) < n:
            raise BadInputError(
                f"Tissue {tissue!r} has {len(names)} samples, {n} are to be explained: "
                "lower the setting explained_samples or choose another tissue."
            )
        # Seeded by the tissue's own name: adding a tissue leaves the others' samples as they are.
        rng = np.random.default_rng([seed, *tissue.encode()])
        names = rng.permutation(names)
        sides = split.loc[names].map(_ORDER).to_numpy()
        kept = names[np.argsort(sides, kind="stable")[:n]]
        chosen.append(
            pd.DataFrame({"tissue": tissue, "sample": kept, "split": split.loc[kept].to_numpy()})
        )
    return pd.concat(chosen, ignore_index=True)


SAMPLE_COLUMNS = ["tissue", "sample", "split"]


def choose_at_most(split: pd.DataFrame, tissues: list[str], n: int, *, seed: int) -> pd.DataFrame:
    """Choose up to `n` samples of each class, those that no model was trained on first.

    Parameters
    ----------
    split
        ``sample``, ``tissue``, ``split``.
    tissues
        Classes; there may be none.
    n
        Samples of each; of a smaller class all.
    seed
        Seed of the draw.

    Returns
    -------
    pandas.DataFrame
        ``tissue``, ``sample``, ``split``.
    """
    sides = split.set_index("sample")
    sizes = sides["tissue"].astype(str).value_counts()
    parts = [
        choose_samples(sides, sides["split"], [tissue], min(n, int(sizes[tissue])), seed=seed)
        for tissue in tissues
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SAMPLE_COLUMNS)
