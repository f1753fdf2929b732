"""Members of an ensemble, and the accuracy table."""

from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.errors import BadInputError, UnknownNameError
from helpers.models import TrainedModel
from helpers.training import accuracy_table, split, train_member

CHOICES: dict[str, Any] = {
    "seed": 0,
    "learning_rate": 0.001,
    "weight_decay": 0.001,
    "hyperparameter_spread": 0.2,
    "max_epochs": 15,
    "batch_size": 16,
}


@pytest.fixture(scope="module")
def adata() -> anndata.AnnData:
    generator = np.random.default_rng(0)
    tissue = generator.permutation(np.repeat(["lung", "liver", "Ovary"], [30, 20, 20]))
    high = np.array(["liver", "lung", "Ovary"])[np.arange(24) % 3] == tissue[:, None]
    x = (generator.random((70, 24)) + 4 * high).astype(np.float32)
    obs = pd.DataFrame({"tissue": pd.Categorical(tissue)}, index=[f"s{i}" for i in range(70)])
    return anndata.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(24)]))


@pytest.fixture(scope="module")
def sides(adata: anndata.AnnData) -> pd.Series:
    return split(adata.obs, seed=0)


@pytest.fixture(scope="module")
def member(adata: anndata.AnnData, sides: pd.Series) -> TrainedModel:
    return train_member(adata, sides, 2, **CHOICES)


def weights(trained: TrainedModel) -> bytes:
    return b"".join(t.numpy().tobytes() for t in trained.model.state_dict().values())


def test_member_tells_how_it_was_made(member: TrainedModel, adata: anndata.AnnData) -> None:
    assert member.classes == ("Ovary", "liver", "lung")
    assert member.genes == tuple(adata.var_names)
    assert member.index == 2
    assert 0.0008 <= member.hyperparameters["learning_rate"] <= 0.00125
    losses = [record["validation_loss"] for record in member.history]
    assert member.best_epoch == 1 + int(np.argmin(losses))


def test_members_differ_and_repeat(
    member: TrainedModel, adata: anndata.AnnData, sides: pd.Series
) -> None:
    again, other = (train_member(adata, sides, i, **CHOICES) for i in (2, 3))
    assert weights(again) == weights(member)
    assert weights(other) != weights(member)
    assert other.seed != member.seed
    assert other.hyperparameters != member.hyperparameters


def test_test_samples_play_no_part(
    member: TrainedModel, adata: anndata.AnnData, sides: pd.Series
) -> None:
    changed = adata.copy()
    changed.X[(sides == "test").to_numpy()] = 1e6
    assert weights(train_member(changed, sides, 2, **CHOICES)) == weights(member)


def test_the_split_is_matched_by_sample_name(
    member: TrainedModel, adata: anndata.AnnData, sides: pd.Series
) -> None:
    assert weights(train_member(adata, sides[::-1], 2, **CHOICES)) == weights(member)
    with pytest.raises(BadInputError, match=r"'s0' \(1 of 70"):
        train_member(adata, sides.drop("s0"), 2, **CHOICES)


def test_accuracy_table(member: TrainedModel, adata: anndata.AnnData, sides: pd.Series) -> None:
    # Samples with the label of another class are wrong, and these are known.
    mislabelled = adata.copy()
    test = np.flatnonzero(sides == "test")
    labels = adata.obs["tissue"].astype(str).to_numpy()
    labels[test[:2]] = ["liver" if label != "liver" else "lung" for label in labels[test[:2]]]
    mislabelled.obs["tissue"] = labels
    table = accuracy_table([member], mislabelled, sides)
    assert list(table.columns) == [
        "architecture",
        "model",
        "seed",
        "gene_order",
        "split",
        "accuracy",
    ]
    assert table["split"].tolist() == ["train", "validation", "test"]
    assert table["accuracy"].tolist() == pytest.approx([1, 1, 1 - 2 / len(test)])
    assert set(table["model"]) == {2}
    assert set(table["gene_order"]) == {"none"}


def test_other_genes_are_refused(
    member: TrainedModel, adata: anndata.AnnData, sides: pd.Series
) -> None:
    with pytest.raises(BadInputError, match="on 24 genes and the data has 23"):
        accuracy_table([member], adata[:, 1:].copy(), sides)
    swapped = adata[:, [0, 2, 1, *range(3, 24)]].copy()
    with pytest.raises(BadInputError, match=r"gene 'G1' where the data has 'G2' \(gene 2\)"):
        accuracy_table([member], swapped, sides)


def test_unknown_architecture(adata: anndata.AnnData, sides: pd.Series) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mlp'"):
        train_member(adata, sides, 0, architecture="mpl", **CHOICES)
