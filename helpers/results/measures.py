"""What two data sets are compared by, and how it is measured in the tables of a run."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.biology.specificity import ENHANCED
from helpers.datasets.character import (
    BETWEEN,
    BY_CHANCE,
    CORRELATION,
    FIRST,
    FIRST_BY_CHANCE,
    FIVE,
    FIVE_BY_CHANCE,
    WITHIN,
    ZEROS,
    quantile_rows,
)

ALL = "all"
"""In place of an explainer: all of them, or what has none."""

COLUMNS = ["measure", "explainer", "quantile", "value", "n", "unit"]

CLASSES, CANCERS = "classes", "cancers"
ACCURACY, LINEAR = "accuracy", "linear_accuracy"
INTRA_RANK, INTRA_OVERLAP = "intra_spearman", "intra_overlap"
INTER_RANK, INTER_OVERLAP = "inter_spearman", "inter_overlap"
HALVES_RANK, HALVES_OVERLAP = "halves_spearman", "halves_overlap"
SPECIFIC = "specific"


@dataclass(frozen=True)
class Measure:
    """What is measured.

    Attributes
    ----------
    title
        For a panel and a row of a table.
    phrase
        For a sentence: "… is 0.3".
    by_explainer
        Whether explainers differ in it.
    whole
        Whether it counts whole things.
    """

    title: str
    phrase: str
    by_explainer: bool = False
    whole: bool = False


MEASURES = {
    CLASSES: Measure("Classes", "the number of classes", whole=True),
    CANCERS: Measure("Kinds of cancer", "the number of kinds of cancer", whole=True),
    WITHIN: Measure("Spread within classes (SD)", "the spread within classes"),
    BETWEEN: Measure("Spread between classes (SD)", "the spread between classes"),
    CORRELATION: Measure("Correlation of two genes", "the correlation of two genes"),
    BY_CHANCE: Measure("Correlation, shuffled", "the correlation of shuffled genes"),
    FIRST: Measure("Variance on first component", "the share of the first component"),
    FIRST_BY_CHANCE: Measure(
        "First component, shuffled", "the share of the first component of shuffled genes"
    ),
    FIVE: Measure("Variance on five components", "the share of five components"),
    FIVE_BY_CHANCE: Measure(
        "Five components, shuffled", "the share of five components of shuffled genes"
    ),
    ZEROS: Measure("Share of zeros", "the share of zeros"),
    ACCURACY: Measure("Test accuracy of MLPs", "the test accuracy of MLPs"),
    LINEAR: Measure(
        "Balanced accuracy of a linear model", "the balanced accuracy of a linear model"
    ),
    INTRA_RANK: Measure(
        "One MLP twice: Spearman", "the rank correlation of two estimates by one MLP", True
    ),
    INTRA_OVERLAP: Measure(
        "One MLP twice: top genes", "the overlap of two estimates by one MLP", True
    ),
    INTER_RANK: Measure("Two MLPs: Spearman", "the rank correlation between two MLPs", True),
    INTER_OVERLAP: Measure("Two MLPs: top genes", "the overlap between two MLPs", True),
    HALVES_RANK: Measure(
        "Two halves: Spearman", "the rank correlation of two halves of all MLPs", True
    ),
    HALVES_OVERLAP: Measure("Two halves: top genes", "the overlap of two halves of all MLPs", True),
    SPECIFIC: Measure("Tissue-specific top genes", "the share of tissue-specific top genes", True),
}
"""All measures, in the order of figure and table."""


def measured_classes(classes: pd.DataFrame) -> pd.DataFrame:
    """Count classes and kinds of cancer.

    Parameters
    ----------
    classes
        The table ``classes``.
    """
    counts = {CLASSES: len(classes), CANCERS: int((classes["status"] == "cancer").sum())}
    parts = [quantile_rows(name, [count], "classes", count) for name, count in counts.items()]
    return pd.concat(parts, ignore_index=True).assign(explainer=ALL)[COLUMNS]


def measured_accuracy(accuracy: pd.DataFrame, learnt: pd.DataFrame) -> pd.DataFrame:
    """Measure how often MLPs name test samples rightly, and a linear model.

    Parameters
    ----------
    accuracy, learnt
        The tables of these names.
    """
    mlps = accuracy[(accuracy["architecture"] == "mlp") & (accuracy["split"] == "test")]
    known = learnt[learnt["architecture"] == "mlp"]
    samples = int(known["test_samples"].sum())
    parts = [
        quantile_rows(ACCURACY, mlps["accuracy"], "MLPs"),
        quantile_rows(LINEAR, known["linear"], "test samples", samples),
    ]
    return pd.concat(parts, ignore_index=True).assign(explainer=ALL)[COLUMNS]


def measured_agreement(unoptimised: pd.DataFrame, halves: pd.DataFrame) -> pd.DataFrame:
    """Measure how far explanations of MLPs agree, by explainer and over all of them.

    Without a reference or with zero, a sample's median over pairs: pairs of one sample are no
    independent observations.

    Parameters
    ----------
    unoptimised, halves
        The tables of these names.
    """
    single = unoptimised[unoptimised["reference"].isin(["none", "zero"])]
    parts = [
        _by_explainer(rows, name, "samples")
        for table, design, names in (
            (single, "intra_model", (INTRA_RANK, INTRA_OVERLAP)),
            (single, "inter_model", (INTER_RANK, INTER_OVERLAP)),
            (halves, "inter_model", (HALVES_RANK, HALVES_OVERLAP)),
        )
        for rows, name in _of_metrics(table[table["design"] == design], names)
    ]
    return pd.concat(parts, ignore_index=True)


def _of_metrics(table: pd.DataFrame, names: tuple[str, str]) -> list[tuple[pd.DataFrame, str]]:
    """Return each sample's medians of both metrics, each with the name of its measure."""
    mlps = table[table["architecture"] == "mlp"]
    ranks = mlps["metric"] == "spearman"
    keys = ["explainer", "tissue", "sample"]
    return [
        (rows.groupby(keys, sort=False)["value"].median().reset_index(), name)
        for rows, name in zip((mlps[ranks], mlps[~ranks]), names, strict=True)
    ]


def measured_specificity(specificity: pd.DataFrame) -> pd.DataFrame:
    """Measure which share of top genes of aggregated MLPs is tissue-specific, by explainer.

    Parameters
    ----------
    specificity
        The table of this name.
    """
    own = specificity[
        (specificity["architecture"] == "mlp")
        & specificity["aggregated"].astype(bool)
        & (specificity["set"] == ENHANCED)
    ]
    return _by_explainer(own.assign(value=own["hits"] / own["size"]), SPECIFIC, "tissues")


def _by_explainer(table: pd.DataFrame, name: str, unit: str) -> pd.DataFrame:
    """Describe values over all explainers, and for each."""
    parts = [quantile_rows(name, table["value"], f"{unit} and explainers").assign(explainer=ALL)]
    parts += [
        quantile_rows(name, rows["value"], unit).assign(explainer=str(explainer))
        for explainer, rows in table.groupby("explainer", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS]
