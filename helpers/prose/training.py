"""Facts about training and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from helpers.prose.writing.templates import Facts


def learning(curves: pd.DataFrame) -> Facts:
    """Return how long the models of one architecture learned and which epoch was kept.

    Returns
    -------
    dict
        ``models``, and where there are any ``shortest`` and ``longest`` training in epochs; the
        ``first`` and ``last`` epoch that was kept; ``accuracy`` on validation samples there, the
        median.
    """
    epochs = curves.groupby(["gene_order", "model"])["epoch"].size()
    if not len(epochs):
        return {"models": 0}
    best = curves[curves["best"]]
    return {
        "models": len(epochs),
        "shortest": int(epochs.min()),
        "longest": int(epochs.max()),
        "first": int(best["epoch"].min()),
        "last": int(best["epoch"].max()),
        "accuracy": float(best["validation_accuracy"].median()),
    }


def accuracy(table: pd.DataFrame, split: pd.DataFrame, paper: dict[str, float]) -> Facts:
    """Return how accurate models are on samples they have not seen, beside the paper.

    Returns
    -------
    dict
        Samples by side (``train``, ``validation``, ``test``); for each of ``architectures`` its
        ``name``, ``models``, ``median``, ``lowest`` and ``highest`` accuracy, and the ``paper``'s.
    """
    sizes = split["split"].value_counts()
    test = table[table["split"] == "test"]
    return {side: int(sizes.get(side, 0)) for side in ("train", "validation", "test")} | {
        "architectures": [
            {
                "name": str(name),
                "models": len(found),
                "median": float(found.median()),
                "lowest": float(found.min()),
                "highest": float(found.max()),
                "paper": paper[str(name)],
            }
            for name, found in test.groupby("architecture", sort=False)["accuracy"]
        ]
    }


def shrunk(chosen: Any, complete: Any) -> Facts:
    """Return what a profile takes away from the paper's CNN.

    Parameters
    ----------
    chosen, complete
        The settings of the run, and those of the paper.

    Returns
    -------
    dict
        Whether there are ``cnns``; what differs (``changed``), as ``here`` and ``paper``:
        ``channels`` (feature maps of each layer), ``epochs``, ``models``, ``batch`` (samples),
        ``learning`` (``rate`` and ``schedule``); and ``genes``, how many are used at most (0: all).
    """
    pairs = {
        "channels": [list(settings.cnn_channels) for settings in (chosen, complete)],
        "epochs": [settings.cnn_max_epochs for settings in (chosen, complete)],
        "models": [settings.cnn_models for settings in (chosen, complete)],
        "batch": [settings.cnn_batch_size for settings in (chosen, complete)],
        "learning": [
            {"rate": settings.learning_rate_cnn, "schedule": settings.cnn_schedule}
            for settings in (chosen, complete)
        ],
    }
    differ = {name: {"here": a, "paper": b} for name, (a, b) in pairs.items() if a != b}
    return {"cnns": bool(chosen.cnn_models), "changed": differ, "genes": chosen.most_genes}


def gene_order(accuracy: pd.DataFrame) -> Facts:
    """Compare the accuracy of CNNs with one gene order and with different ones.

    Parameters
    ----------
    accuracy
        ``accuracy.csv`` with the column ``group``.

    Returns
    -------
    dict
        For ``one`` order and ``different`` orders ``models``, ``mean`` and ``sd`` (NaN of one
        model); ``gap``, the second mean minus the first.
    """
    part = accuracy[(accuracy["split"] == "test") & (accuracy["architecture"] == "cnn")]
    shared = part.loc[part["group"] == "one order", "gene_order"].nunique()
    facts = {
        name: {"models": len(own), "mean": float(own.mean()), "sd": float(own.std())}
        for name, group in (("one", "one order"), ("different", "different orders"))
        for own in [part.loc[part["group"] == group, "accuracy"]]
    }
    gap = facts["different"]["mean"] - facts["one"]["mean"]
    return {**facts, "orders": int(shared), "gap": gap}


def shared_order(order: str, genes: Sequence[str]) -> Facts:
    """Return in which order the CNNs of one gene order read genes.

    Parameters
    ----------
    order
        The setting ``cnn_gene_order``.
    genes
        Symbols in the order of the data set.

    Returns
    -------
    dict
        ``order``: ``"random"``, ``"genomic"``, ``"alphabetical"`` (that of the data set, by
        symbol) or ``"given"`` (another order of the data set).
    """
    if order.startswith("random"):
        return {"order": "random"}
    if order == "genomic":
        return {"order": "genomic"}
    return {"order": "alphabetical" if list(genes) == sorted(genes) else "given"}


def sampling_error(accuracy: pd.DataFrame, split: pd.DataFrame) -> Facts:
    """Return how far accuracy is known, from the number of test samples alone.

    Parameters
    ----------
    accuracy, split
        ``accuracy.csv`` and ``split.csv``.

    Returns
    -------
    dict
        ``samples``; for each of ``architectures`` its ``name``, ``accuracy`` (median) and
        ``error``, half a 95 % interval of the binomial distribution.
    """
    samples = int((split["split"] == "test").sum())
    test = accuracy[accuracy["split"] == "test"]
    medians = test.groupby("architecture", sort=False)["accuracy"].median()
    return {
        "samples": samples,
        "architectures": [
            {
                "name": str(name),
                "accuracy": float(p),
                "error": float(1.96 * (p * (1 - p) / samples) ** 0.5),
            }
            for name, p in medians.items()
        ],
    }


def cross_validation(metrics: pd.DataFrame, recall: pd.DataFrame, folds: int) -> Facts:
    """Return what cross-validation finds over all samples, and which classes are hardest.

    Returns
    -------
    dict
        ``folds``, ``samples``; for each of ``architectures`` its ``name``, ``tested`` (samples),
        ``accuracy``,
        ``macro_f1``, ``classes``, how many are ``perfect``, and the ``hardest`` three
        (``tissue``, ``recall``, ``n``).
    """
    found = []
    for row in metrics.to_dict("records"):
        part = recall[recall["architecture"] == row["architecture"]]
        hardest = part.sort_values(["recall", "tissue"]).head(3)
        found.append(
            {
                "name": str(row["architecture"]),
                "tested": int(row["n"]),
                "accuracy": float(row["accuracy"]),
                "macro_f1": float(row["macro_f1"]),
                "classes": len(part),
                "perfect": int((part["recall"] == 1).sum()),
                "hardest": hardest[["tissue", "recall", "n"]].to_dict("records"),
            }
        )
    return {"folds": folds, "samples": int(metrics["n"].max()), "architectures": found}


def confusions(confusion: pd.DataFrame) -> Facts:
    """Return which classes are taken for each other.

    Returns
    -------
    dict
        For each of ``architectures`` its ``name`` and how many samples are ``wrong``; where there
        are any, the most frequent pair: ``truth``, ``predicted``, ``samples``.
    """
    found: list[Facts] = []
    for name, part in confusion.groupby("architecture", sort=False):
        wrong = part[part["truth"] != part["predicted"]]
        facts: Facts = {"name": str(name), "wrong": int(wrong["samples"].sum())}
        if facts["wrong"]:
            worst = wrong.sort_values("samples").iloc[-1]
            facts |= {
                "truth": str(worst["truth"]),
                "predicted": str(worst["predicted"]),
                "samples": int(worst["samples"]),
            }
        found.append(facts)
    return {"architectures": found}
