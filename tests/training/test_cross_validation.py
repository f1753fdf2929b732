"""Folds are predicted unseen, and the metrics are sklearn's and hand counts'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, classification_report

from helpers.training import (
    Hyperparameters,
    Regime,
    confusion,
    folds,
    metrics,
    per_class,
    train_fold,
)

REGIME = Regime(Hyperparameters(0.001, 0.001), max_epochs=15, batch_size=16)
CHOICES: dict[str, Any] = {"seed": 0, "regime": REGIME}


def expression() -> anndata.AnnData:
    generator = np.random.default_rng(0)
    tissue = generator.permutation(np.repeat(["lung", "liver"], [30, 20]))
    high = (np.arange(12) % 2 == 0) == (tissue == "lung")[:, None]
    x = (generator.random((50, 12)) + 4 * high).astype(np.float32)
    obs = pd.DataFrame({"tissue": tissue}, index=[f"s{i}" for i in range(50)])
    return anndata.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(12)]))


def table(truth: str, predicted: str) -> pd.DataFrame:
    return pd.DataFrame({"truth": list(truth), "predicted": list(predicted)})


def test_every_sample_is_predicted_once() -> None:
    adata = expression()
    fold = folds(adata.obs, 3, 0)
    parts = [train_fold(adata, fold, k, **CHOICES) for k in range(3)]
    pooled = pd.concat(parts)
    assert list(pooled.columns) == ["sample", "fold", "truth", "predicted", "probability"]
    assert sorted(pooled["sample"]) == sorted(adata.obs_names)
    assert (fold[pooled["sample"]].to_numpy() == pooled["fold"]).all()
    assert (adata.obs["tissue"][pooled["sample"]].to_numpy() == pooled["truth"]).all()
    assert metrics(pooled)["accuracy"] == 1.0
    assert pooled["probability"].between(0.5, 1).all()
    pd.testing.assert_frame_equal(train_fold(adata, fold, 1, **CHOICES), parts[1])


def test_the_predicted_fold_plays_no_part_in_training() -> None:
    adata = expression()
    fold = folds(adata.obs, 3, 0)
    before = train_fold(adata, fold, 0, **CHOICES)
    first, *others = np.flatnonzero(fold == 0)
    adata.X[others] = 1e6
    after = train_fold(adata, fold, 0, **CHOICES)
    assert after["sample"][0] == adata.obs_names[first]
    assert after["probability"][0] == pytest.approx(before["probability"][0], rel=1e-5)


def test_a_fold_with_a_cnn() -> None:
    adata = expression()
    fold = folds(adata.obs, 3, 0)
    predicted = train_fold(
        adata,
        fold,
        0,
        architecture="cnn",
        options={"channels": (8, 8, 8), "side": 8},
        gene_order="random-1",
        regime=replace(REGIME, hyperparameters=Hyperparameters(0.01, 0.001), schedule="one_cycle"),
        seed=0,
    )
    assert (predicted["truth"] == predicted["predicted"]).all()


def test_metrics_counted_by_hand() -> None:
    predictions = table("aaaabbbbcc", "aaabbbbbaa")
    assert metrics(predictions) == pytest.approx(
        {
            "n": 10,
            "classes": 3,
            "accuracy": 0.7,
            "balanced_accuracy": (3 / 4 + 1 + 0) / 3,
            "macro_f1": (6 / 9 + 8 / 9 + 0) / 3,
        }
    )
    each = per_class(predictions).set_index("tissue")
    assert list(each.columns) == ["n", "recall", "precision", "f1"]
    assert each["n"].to_dict() == {"a": 4, "b": 4, "c": 2}
    assert list(each.loc["a"]) == pytest.approx([4, 3 / 4, 3 / 5, 6 / 9])
    assert list(each.loc["c"]) == [2, 0, 0, 0]
    counts = confusion(predictions)
    assert counts.loc["a", "b"] == 1
    assert counts.loc["c", "a"] == 2
    assert counts.loc["b", "a"] == 0
    assert counts.index.name == "truth"
    assert counts.to_numpy().sum() == 10


def test_metrics_equal_sklearns_report() -> None:
    generator = np.random.default_rng(0)
    truth = generator.choice(list("abcde"), 300)
    predicted = np.where(generator.random(300) < 0.7, truth, generator.choice(list("abcde"), 300))
    predictions = pd.DataFrame({"truth": truth, "predicted": predicted})
    report = classification_report(truth, predicted, output_dict=True)
    assert metrics(predictions)["accuracy"] == accuracy_score(truth, predicted)
    assert metrics(predictions)["macro_f1"] == pytest.approx(report["macro avg"]["f1-score"])
    for row in per_class(predictions).itertuples():
        expected = report[row.tissue]
        assert (row.recall, row.precision, row.f1, row.n) == pytest.approx(
            (expected["recall"], expected["precision"], expected["f1-score"], expected["support"])
        )
