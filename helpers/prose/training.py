"""Sentences about training and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from helpers.prose.wording import counted, listed, percent, tissue_name


def learning(curves: pd.DataFrame) -> str:
    """Say how long the models of one architecture learned and which epoch was kept."""
    epochs = curves.groupby(["gene_order", "model"])["epoch"].size()
    best = curves[curves["best"]]
    return (
        f"{counted(len(epochs), 'model')} trained for {_range(epochs)} epochs. The epoch kept, the "
        f"one with the lowest validation loss, was number {_range(best['epoch'])}; validation "
        f"accuracy there was {percent(best['validation_accuracy'].median())} (median)."
    )


def accuracy(table: pd.DataFrame, split: pd.DataFrame, paper: dict[str, float]) -> str:
    """Say how accurate the models are on samples they have not seen, beside the paper."""
    sizes = split["split"].value_counts()
    sentences = []
    for name, part in table[table["split"] == "test"].groupby("architecture", sort=False):
        found = part["accuracy"]
        sentences.append(
            f"On {counted(int(sizes['test']), 'test sample')} the {counted(len(found), 'model')} "
            f"({str(name).upper()}) reach a median accuracy of **{percent(found.median())}** "
            f"(lowest {percent(found.min())}, highest {percent(found.max())}). The paper reports "
            f"{percent(paper[str(name)])} on its own data."
        )
    sentences.append(
        f"Training used {counted(int(sizes['train']), 'sample')}; "
        f"{counted(int(sizes['validation']), 'validation sample')} chose the epoch."
    )
    return " ".join(sentences)


def shrunk(chosen: Any, complete: Any) -> str:
    """Say what a profile takes away from the paper's CNN.

    Parameters
    ----------
    chosen, complete
        The settings of the run, and those of the paper.
    """

    def channels(settings: Any) -> str:
        return "/".join(map(str, settings.cnn_channels))

    schedules = {"plateau": "cut when it stops improving", "one_cycle": "one rise and fall"}
    pairs = {
        "feature maps": (channels(chosen), channels(complete)),
        "epochs at most": (chosen.cnn_max_epochs, complete.cnn_max_epochs),
        "CNNs of different orders": (chosen.cnn_models, complete.cnn_models),
        "samples in a batch": (chosen.cnn_batch_size, complete.cnn_batch_size),
        "learning rate": (
            f"{chosen.learning_rate_cnn:g} ({schedules[chosen.cnn_schedule]})",
            f"{complete.learning_rate_cnn:g} ({schedules[complete.cnn_schedule]})",
        ),
    }
    changed = [f"{name} {a} instead of {b}" for name, (a, b) in pairs.items() if a != b]
    if not changed:
        return "The CNNs of this run are the paper's: nothing was shrunk."
    return (
        f"**Shrunk in this run**, so that it takes minutes: {listed(changed)}. All genes are kept."
    )


def gene_order(accuracy: pd.DataFrame) -> str:
    """Compare the accuracy of CNNs with one gene order and with different ones.

    Parameters
    ----------
    accuracy
        ``accuracy.csv`` with the column ``group``.
    """
    part = accuracy[(accuracy["split"] == "test") & (accuracy["architecture"] == "cnn")]
    groups = part.groupby("group")["accuracy"]
    means, sds, sizes = groups.mean(), groups.std(), groups.size()
    shared = part.loc[part["group"] == "one order", "gene_order"].nunique()
    titles = {
        "one order": "one gene order" if shared == 1 else f"{shared} shared gene orders",
        "different orders": "different gene orders",
    }
    texts = [
        f"{counted(int(sizes[name]), 'CNN')} with {title}: mean "
        f"{percent(means[name])}, standard deviation {100 * sds[name]:.1f} percentage points"
        for name, title in titles.items()
    ]
    gap = 100 * (means["different orders"] - means["one order"])
    return f"On test samples, {texts[0]}; {texts[1]}. The means differ by {gap:+.1f} points."


def shared_order(order: str, genes: Sequence[str]) -> str:
    """Say in which order the CNNs of one gene order read genes, and what lies side by side.

    Parameters
    ----------
    order
        The setting ``cnn_gene_order``.
    genes
        Symbols in the order of the data set.
    """
    if order.startswith("random"):
        return "The order that the CNNs of one order share is a random one as well."
    if order == "genomic":
        return (
            "The order that the CNNs of one order share is not random: it follows the genome, so "
            "that neighbours on a chromosome are seen together."
        )
    text = "The order that the CNNs of one order share is not random: it is that of the data set"
    if list(genes) != sorted(genes):
        return f"{text}, in which neighbours may have something in common."
    return (
        f"{text}, alphabetical by symbol. Genes of one family are named alike, so that they are "
        "often neighbours, and what convolutions see there can be biology."
    )


def sampling_error(accuracy: pd.DataFrame, split: pd.DataFrame) -> str:
    """Say how far accuracy is known, from the number of test samples alone.

    Parameters
    ----------
    accuracy, split
        ``accuracy.csv`` and ``split.csv``.
    """
    samples = int((split["split"] == "test").sum())
    medians = accuracy[accuracy["split"] == "test"].groupby("architecture", sort=False)["accuracy"]
    parts = [
        f"{100 * 1.96 * (p * (1 - p) / samples) ** 0.5:.1f} percentage points around "
        f"{percent(p)} ({str(name).upper()}s)"
        for name, p in medians.median().items()
    ]
    return (
        "**The intervals know nothing of the samples.** They are over models, all tested on the "
        f"same {counted(samples, 'sample')}. Other test samples would move an accuracy, with 95 % "
        f"probability, by up to {listed(parts)}, by the binomial distribution."
    )


def cross_validation(metrics: pd.DataFrame, recall: pd.DataFrame, folds: int) -> str:
    """Say what cross-validation finds over all samples, and which classes are hardest."""
    first = metrics.iloc[0]
    sentences = [
        f"{folds}-fold cross-validation predicts each of the {counted(int(first['n']), 'sample')} "
        "once, by a model that has not seen it."
    ]
    for row in metrics.to_dict("records"):
        part = recall[recall["architecture"] == row["architecture"]]
        hardest = part.sort_values(["recall", "tissue"]).head(3)
        names = [
            f"{tissue_name(t)} ({percent(r, 0)} of {n})"
            for t, r, n in zip(hardest["tissue"], hardest["recall"], hardest["n"], strict=True)
        ]
        perfect = int((part["recall"] == 1).sum())
        sentences.append(
            f"{str(row['architecture']).upper()}: over the pooled predictions accuracy is "
            f"**{percent(row['accuracy'])}** and macro F1 {row['macro_f1']:.3f}; "
            f"{counted(perfect, 'class')} of {len(part)} "
            f"{'is' if perfect == 1 else 'are'} recognised without a miss; lowest recall: "
            f"{listed(names)}."
        )
    return " ".join(sentences)


def confusions(confusion: pd.DataFrame) -> str:
    """Say which classes are taken for each other."""
    sentences = []
    for name, part in confusion.groupby("architecture", sort=False):
        wrong = part[part["truth"] != part["predicted"]]
        if wrong.empty:
            sentences.append(f"{str(name).upper()}s took no sample for another class.")
            continue
        total, worst = int(wrong["samples"].sum()), wrong.sort_values("samples").iloc[-1]
        sentences.append(
            f"{str(name).upper()}s took {counted(total, 'sample')} for another class, most often "
            f"{tissue_name(worst['truth'])} for {tissue_name(worst['predicted'])} "
            f"({counted(int(worst['samples']), 'sample')})."
        )
    return " ".join(sentences)


def _range(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low}" if low == high else f"{low} to {high}"
