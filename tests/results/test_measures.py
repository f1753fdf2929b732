"""What data sets are compared by, counted by hand."""

from __future__ import annotations

import pandas as pd

from helpers.results import measures
from helpers.results.measures import MEASURES

KEYS = ["architecture", "explainer", "design", "reference", "tissue", "sample", "metric", "value"]


def _medians(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    middle = table[table["quantile"] == 0.5]
    keys = zip(middle["measure"], middle["explainer"], strict=True)
    return dict(zip(keys, middle["value"], strict=True))


def test_agreement_is_the_median_over_samples_of_mlps_alone() -> None:
    pairs = [("s1", 0.1), ("s1", 0.3), ("s2", 0.6), ("s3", 0.8)]
    rows = [
        ("mlp", "Saliency", "intra_model", "none", "liver", sample, metric, value + shift)
        for metric, shift in (("spearman", 0.0), ("top100", 0.1))
        for sample, value in pairs
    ]
    rows += [
        ("cnn", "Saliency", "intra_model", "none", "liver", "s1", "spearman", 1.0),
        ("mlp", "DeepLift", "intra_model", "normal", "liver", "s1", "spearman", 1.0),
        ("mlp", "DeepLift", "inter_model", "zero", "liver", "s1", "spearman", 0.4),
    ]
    table = pd.DataFrame(rows, columns=KEYS)
    halves = table[table["design"] == "inter_model"].assign(value=0.9)
    found = _medians(measures.measured_agreement(table, halves))
    assert found[measures.INTRA_RANK, "Saliency"] == 0.6
    assert found[measures.INTRA_OVERLAP, measures.ALL] == 0.7
    assert found[measures.INTER_RANK, "DeepLift"] == 0.4
    assert found[measures.HALVES_RANK, "DeepLift"] == 0.9
    assert (measures.INTRA_RANK, "DeepLift") not in found


def test_shares_are_those_of_aggregated_mlps() -> None:
    columns = ["architecture", "explainer", "aggregated", "tissue", "set", "hits", "size"]
    rows = [
        ("mlp", "Saliency", True, "liver", "enhanced", 90, 100),
        ("mlp", "Saliency", False, "liver", "enhanced", 10, 100),
        ("mlp", "Saliency", True, "liver", "tissue_enriched", 20, 100),
        ("cnn", "Saliency", True, "liver", "enhanced", 30, 100),
    ]
    found = _medians(measures.measured_specificity(pd.DataFrame(rows, columns=columns)))
    assert set(found.values()) == {0.9}
    assert set(found) == {(measures.SPECIFIC, "Saliency"), (measures.SPECIFIC, measures.ALL)}


def test_accuracy_is_of_test_samples_and_classes_are_counted() -> None:
    accuracy = pd.DataFrame(
        [("mlp", "test", 0.8), ("mlp", "test", 0.9), ("mlp", "train", 1.0), ("cnn", "test", 0.1)],
        columns=["architecture", "split", "accuracy"],
    )
    learnt = pd.DataFrame({"architecture": ["mlp"], "test_samples": [40], "linear": [0.7]})
    found = measures.measured_accuracy(accuracy, learnt)
    assert _medians(found)[measures.LINEAR, measures.ALL] == 0.7
    assert abs(_medians(found)[measures.ACCURACY, measures.ALL] - 0.85) < 1e-12
    classes = pd.DataFrame({"class": ["a", "b", "c"], "status": ["normal", "cancer", "cancer"]})
    counted = _medians(measures.measured_classes(classes))
    assert list(counted.values()) == [3, 2]
    assert {name for name, _ in counted} <= set(MEASURES)
