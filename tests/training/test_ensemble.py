"""Members of an ensemble, and the accuracy table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
import torch

from helpers.errors import BadInputError, UnknownNameError
from helpers.models import TrainedModel, gene_order, load_model, save_model
from helpers.training import (
    Hyperparameters,
    Regime,
    accuracy_table,
    probabilities,
    split,
    train_member,
)

CHOICES: dict[str, Any] = {
    "seed": 0,
    "regime": Regime(Hyperparameters(0.001, 0.001), max_epochs=15, batch_size=16),
    "hyperparameter_spread": 0.2,
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
        "balanced_accuracy",
    ]
    assert table["split"].tolist() == ["train", "validation", "test"]
    assert table["accuracy"].tolist() == pytest.approx([1, 1, 1 - 2 / len(test)])
    right = labels[test] == adata.obs["tissue"].astype(str).to_numpy()[test]
    recalls = [right[labels[test] == name].mean() for name in np.unique(labels[test])]
    assert table["balanced_accuracy"].tolist() == pytest.approx([1, 1, np.mean(recalls)])
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


CNN_CHOICES: dict[str, Any] = {
    **CHOICES,
    "architecture": "cnn",
    "options": {"channels": [8, 8, 8], "side": 16},
    "regime": Regime(
        Hyperparameters(0.01, 0.001),
        max_epochs=10,
        batch_size=16,
        schedule="one_cycle",
        precision="float32_channels_last",
    ),
}


@pytest.fixture(scope="module")
def cnns(adata: anndata.AnnData, sides: pd.Series) -> list[TrainedModel]:
    """Two CNNs with one random order, and one with another."""
    orders = ("random-7", "random-7", "random-8")
    return [
        train_member(adata, sides, index, gene_order=order, **CNN_CHOICES)
        for index, order in enumerate(orders)
    ]


def test_cnns_learn_and_tell_their_gene_order(
    cnns: list[TrainedModel], adata: anndata.AnnData, sides: pd.Series
) -> None:
    for trained, seed in zip(cnns, (7, 7, 8), strict=True):
        expected = gene_order("random", adata.var_names, seed=seed)
        assert np.array_equal(trained.model.get_buffer("grid.order"), expected)
        assert trained.options == {"channels": (8, 8, 8), "side": 16}
        assert trained.hyperparameters["schedule"] == "one_cycle"
        assert trained.hyperparameters["precision"] == "float32_channels_last"
    assert not torch.equal(*(m.model.get_parameter("conv1.weight") for m in cnns[:2]))
    table = accuracy_table(cnns, adata, sides)
    assert table["gene_order"].tolist() == 3 * ["random-7"] + 3 * ["random-7"] + 3 * ["random-8"]
    assert (table["accuracy"] == 1.0).all()


def test_a_cnn_repeats_to_the_last_bit(
    cnns: list[TrainedModel], adata: anndata.AnnData, sides: pd.Series
) -> None:
    again = train_member(adata, sides, 0, gene_order="random-7", **CNN_CHOICES)
    assert weights(again) == weights(cnns[0])
    assert again.history == cnns[0].history


def test_a_cnn_from_a_file_predicts_the_same(
    cnns: list[TrainedModel], adata: anndata.AnnData, tmp_path: Path
) -> None:
    save_model(tmp_path / "cnn", cnns[2])
    loaded = load_model(tmp_path / "cnn")
    assert np.array_equal(
        probabilities(loaded.model, adata.X), probabilities(cnns[2].model, adata.X)
    )
    assert loaded.options == cnns[2].options
    assert loaded.hyperparameters == cnns[2].hyperparameters
    save_model(tmp_path / "again", loaded)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "cnn").read_bytes()


def test_a_cnns_precision_is_recorded(adata: anndata.AnnData, sides: pd.Series) -> None:
    short = replace(CNN_CHOICES["regime"], precision="float32", max_epochs=1)
    trained = train_member(adata, sides, 0, **{**CNN_CHOICES, "regime": short})
    assert trained.hyperparameters["precision"] == "float32"
    assert trained.hyperparameters["gene_order"] == "given"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"gene_order": "random"}, UnknownNameError, r"no gene order 'random'.*random-<number>"),
        ({"gene_order": "genomic"}, BadInputError, "chromosome of every gene"),
        ({"options": {"side": 4}}, BadInputError, "4 × 4 is too small for 24 genes"),
        ({"options": {"chanels": [8, 8, 8]}}, UnknownNameError, "did you mean 'channels'"),
        ({"options": {"order": [0]}}, UnknownNameError, "no cnn option 'order'"),
        ({"architecture": "mlp", "options": {}, "gene_order": "random-1"}, BadInputError, "'mlp'"),
    ],
)
def test_bad_choices_are_refused_before_training(
    changes: dict[str, Any],
    error: type[Exception],
    words: str,
    adata: anndata.AnnData,
    sides: pd.Series,
) -> None:
    epochs: list[Any] = []
    with pytest.raises(error, match=words):
        train_member(adata, sides, 0, on_epoch=epochs.append, **{**CNN_CHOICES, **changes})
    assert not epochs
