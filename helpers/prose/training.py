"""Sentences about training and accuracy."""

from __future__ import annotations

import pandas as pd

from helpers.prose.wording import counted, listed, percent, tissue_name


def learning(curves: pd.DataFrame) -> str:
    """Say how long the models learned and which epoch was kept."""
    epochs = curves.groupby("model")["epoch"].size()
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


def cross_validation(metrics: pd.DataFrame, recall: pd.DataFrame, folds: int) -> str:
    """Say what cross-validation finds over all samples, and which classes are hardest."""
    row = metrics.iloc[0]
    hardest = recall.sort_values(["recall", "tissue"]).head(3)
    names = [
        f"{tissue_name(t)} ({percent(r, 0)} of {n})"
        for t, r, n in zip(hardest["tissue"], hardest["recall"], hardest["n"], strict=True)
    ]
    perfect = int((recall["recall"] == 1).sum())
    return (
        f"{folds}-fold cross-validation predicts each of the {counted(int(row['n']), 'sample')} "
        f"once, by a model that has not seen it. Over the pooled predictions accuracy is "
        f"**{percent(row['accuracy'])}** and macro F1 {row['macro_f1']:.3f}. "
        f"{counted(perfect, 'class')} of {len(recall)} "
        f"{'is' if perfect == 1 else 'are'} recognised without a miss; lowest recall: "
        f"{listed(names)}."
    )


def confusions(confusion: pd.DataFrame) -> str:
    """Say which classes are taken for each other."""
    wrong = confusion[confusion["truth"] != confusion["predicted"]]
    if wrong.empty:
        return "No sample was taken for another class."
    total, worst = int(wrong["samples"].sum()), wrong.sort_values("samples").iloc[-1]
    return (
        f"{counted(total, 'sample')} {'was' if total == 1 else 'were'} taken for another class. "
        f"The most frequent confusion is {tissue_name(worst['truth'])} taken for "
        f"{tissue_name(worst['predicted'])} ({counted(int(worst['samples']), 'sample')})."
    )


def _range(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low}" if low == high else f"{low} to {high}"
