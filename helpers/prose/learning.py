"""Facts on whether networks learnt, and on lists that were cut: what a page says on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.claims.constant_lists import constant_lists
from helpers.prose.writing.templates import Facts
from helpers.stability.overlap import list_length


def cautions(
    learnt: pd.DataFrame | None = None,
    top: int = 0,
    genes: int = 0,
    expression: pd.DataFrame | None = None,
) -> Facts:
    """Return what a reader has to know before anything else of a run.

    Parameters
    ----------
    learnt
        ``learnt.csv``; None on a page that networks have no part in.
    top
        The setting `top`; 0 on a page that has no lists.
    genes
        Number of measured genes.
    expression
        ``expression.csv``, which tells lists of scores that are all equal; None on a page that has
        no lists.

    Returns
    -------
    dict
        ``unlearnt``: of each architecture whose networks did not learn ``name``, ``models``,
        ``samples`` (of the test), ``found`` (balanced accuracy), ``chance``, ``linear`` (that of
        the logistic regression) and what is ``needed``; ``shortened``, None where lists are as long
        as asked for: ``asked``, ``used``, ``genes``; ``constant``: lists of scores that are all
        equal, as ``name`` and ``tissue``.
    """
    rows = [] if learnt is None else learnt[~learnt["learnt"].astype(bool)].to_dict("records")
    used = list_length(top, genes)
    equal = [] if expression is None else sorted(constant_lists(expression))
    cut = {"asked": top, "used": used, "genes": genes}
    return {
        "unlearnt": [
            {
                "name": str(row["architecture"]),
                "models": int(row["models"]),
                "samples": int(row["test_samples"]),
                "found": float(row["balanced_accuracy"]),
                "chance": float(row["chance"]),
                "linear": float(row["linear"]),
                "needed": float(max(row["over_chance"], row["beside_linear"])),
            }
            for row in rows
        ],
        "shortened": cut if top and used < top else None,
        "constant": [{"name": name, "tissue": tissue} for name, tissue in equal],
    }


def linear_baseline(linear: pd.DataFrame, metrics: pd.DataFrame) -> Facts:
    """Return how accurate a logistic regression is, beside the networks and chance.

    Parameters
    ----------
    linear, metrics
        ``linear_baseline.csv`` and ``cross_validation.csv``.

    Returns
    -------
    dict
        ``samples``, ``accuracy``, ``balanced`` accuracy, ``chance`` (of balanced accuracy),
        ``majority`` (accuracy of who always names the largest class); for each of
        ``architectures`` its ``name``, ``accuracy`` and ``balanced`` accuracy.
    """
    row = linear.iloc[0]
    return {
        "samples": int(row["n"]),
        "accuracy": float(row["accuracy"]),
        "balanced": float(row["balanced_accuracy"]),
        "chance": float(row["chance"]),
        "majority": float(row["majority"]),
        "architectures": [
            {
                "name": str(own["architecture"]),
                "accuracy": float(own["accuracy"]),
                "balanced": float(own["balanced_accuracy"]),
            }
            for own in metrics.to_dict("records")
        ],
    }


def steps(chosen: Any, models: Mapping[str, Mapping[str, Any]]) -> Facts:
    """Return where batches are smaller and epochs more than the settings say.

    Parameters
    ----------
    chosen
        Settings of the run.
    models
        By architecture, the trained models by number.

    Returns
    -------
    dict
        ``minimum``: steps of the optimiser that a network is trained for at least; ``changed``: of
        each architecture whose settings would give fewer ``name``, and ``batch`` and ``epochs`` as
        ``asked`` and ``used``.
    """
    asked = {
        "mlp": (chosen.batch_size, chosen.max_epochs),
        "cnn": (chosen.cnn_batch_size, chosen.cnn_max_epochs),
    }
    changed = []
    for name, own in models.items():
        for model in list(own.values())[:1]:
            used = tuple(int(model.hyperparameters[key]) for key in ("batch_size", "max_epochs"))
            if used != asked[name]:
                (batch, epochs), (own_batch, own_epochs) = asked[name], used
                changed.append(
                    {
                        "name": name,
                        "batch": {"asked": batch, "used": own_batch},
                        "epochs": {"asked": epochs, "used": own_epochs},
                    }
                )
    return {"minimum": int(chosen.minimum_steps), "changed": changed}
