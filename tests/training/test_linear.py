"""The logistic regression beside the networks."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from helpers.training import folds, linear, metrics
from helpers.training.linear import linear_predictions


def samples(labels: str = "true", *, classes: int = 4, each: int = 20) -> anndata.AnnData:
    rng = np.random.default_rng(0)
    own = np.repeat(np.arange(classes), each)
    x = rng.normal(5, 1, (len(own), 150))
    x[np.arange(len(own)), own] += 4
    if labels == "noise":
        own = rng.permutation(own)
    names = pd.Index([f"s{i}" for i in range(len(own))])
    obs = pd.DataFrame({"tissue": [f"c{k}" for k in own]}, index=names)
    return anndata.AnnData(x.astype(np.float32), obs=obs)


def test_it_recognises_what_can_be_told_apart_and_nothing_else() -> None:
    found = {}
    for labels in ("true", "noise"):
        adata = samples(labels)
        fold = folds(adata.obs, 5, seed=0)
        predicted = linear_predictions(adata, fold, seed=0)
        assert sorted(predicted["sample"]) == sorted(adata.obs_names)
        own = predicted.set_index("sample")
        assert (own["fold"] == fold.loc[own.index]).all()
        assert (own["truth"] == adata.obs.loc[own.index, "tissue"]).all()
        assert own["probability"].between(1 / 4, 1).all()
        found[labels] = metrics(predicted)["balanced_accuracy"]
    assert found["true"] > 0.9
    assert found["noise"] < 0.45


def test_it_is_a_logistic_regression_on_principal_components() -> None:
    """The same from the genes themselves, by scikit-learn alone."""
    adata = samples()
    fold = folds(adata.obs, 4, seed=1)
    found = linear_predictions(adata, fold, seed=0).set_index("sample")
    for number in range(4):
        train, test = adata[(fold != number).to_numpy()], adata[(fold == number).to_numpy()]
        pca = PCA().fit(train.X.astype(np.float64))
        x, others = pca.transform(train.X), pca.transform(test.X)
        length = np.sqrt((x**2).sum(axis=1).mean())
        model = LogisticRegression(C=linear.COST, class_weight="balanced", max_iter=5000)
        model.fit(x / length, train.obs["tissue"].to_numpy(dtype=str))
        wanted = model.predict_proba(others / length)
        assert (found.loc[test.obs_names, "predicted"] == model.classes_[wanted.argmax(1)]).all()
        assert found.loc[test.obs_names, "probability"].to_numpy() == pytest.approx(
            wanted.max(axis=1), abs=0.02
        )


def test_of_many_samples_some_of_each_class_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    adata = samples()
    monkeypatch.setattr(linear, "MOST_SAMPLES", 40)
    found = linear_predictions(adata, folds(adata.obs, 5, seed=0), seed=0)
    assert found.groupby(["truth", "fold"]).size().to_dict() == {
        (f"c{k}", fold): 2 for k in range(4) for fold in range(5)
    }


def test_samples_that_are_all_alike_are_guessed() -> None:
    adata = samples()
    adata.X[:] = 1
    found = linear_predictions(adata, folds(adata.obs, 5, seed=0), seed=0)
    assert len(found) == adata.n_obs
    assert np.isfinite(found["probability"]).all()
