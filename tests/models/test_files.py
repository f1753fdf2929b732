"""Trained models survive the disk, and damaged files are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from helpers.errors import BadInputError, MissingInputError
from helpers.models import CNN, MLP, TrainedModel, load_model, save_model


def trained(genes: int = 40, classes: int = 3) -> TrainedModel:
    with torch.random.fork_rng([]):
        torch.manual_seed(3)
        model = MLP(genes, classes)
        model(torch.rand(8, genes))
    return TrainedModel(
        architecture="mlp",
        model=model.eval(),
        genes=tuple(f"GENE{i}" for i in range(genes)),
        classes=tuple(f"tissue {i} – ü" for i in range(classes)),
        hyperparameters={"learning_rate": 0.1 + 0.2, "batch_size": 256},
        seed=4294967295,
        history=({"epoch": 1, "validation_loss": 1 / 3},),
        best_epoch=1,
        index=7,
    )


def trained_cnn() -> TrainedModel:
    options = {"channels": (2, 3, 4), "side": 16}
    with torch.random.fork_rng([]):
        torch.manual_seed(3)
        model = CNN(40, 3, order=torch.randperm(40), **options)
        model(torch.rand(8, 40))
    base = vars(trained()) | {"architecture": "cnn", "model": model.eval(), "options": options}
    return TrainedModel(**base)


@pytest.mark.parametrize("make", [trained, trained_cnn])
def test_round_trip_is_bit_identical(tmp_path: Path, make: Callable[[], TrainedModel]) -> None:
    path, before = tmp_path / "model.safetensors", make()
    save_model(path, before)
    after = load_model(path)
    x = torch.rand(5, 40)
    assert torch.equal(before.model(x), after.model(x))
    for name in set(vars(before)) - {"model"}:
        assert getattr(after, name) == getattr(before, name)
    assert not after.model.training
    assert all(parameter.requires_grad for parameter in after.model.parameters())


def test_real_size_and_only_that_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, trained(genes=19_241, classes=82))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_size < 11e6
    assert len(load_model(path).genes) == 19_241


def test_equal_models_make_equal_files(tmp_path: Path) -> None:
    save_model(tmp_path / "first", trained())
    for _ in range(8):
        save_model(tmp_path / "again", load_model(tmp_path / "first"))
        assert (tmp_path / "again").read_bytes() == (tmp_path / "first").read_bytes()


def test_a_cnns_gene_order_is_saved(tmp_path: Path) -> None:
    before = trained_cnn()
    save_model(tmp_path / "cnn", before)
    after = load_model(tmp_path / "cnn").model
    assert torch.equal(after.grid.order, before.model.grid.order)
    assert after.grid.order.tolist() != list(range(40))


def test_files_from_before_there_were_options(tmp_path: Path) -> None:
    path = tmp_path / "old"
    save_model(path, trained())
    with safetensors.safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["trained_model"])
    del header["options"]
    weights = safetensors.torch.load_file(path)
    safetensors.torch.save_file(weights, path, metadata={"trained_model": json.dumps(header)})
    assert load_model(path).options == {}


@pytest.mark.parametrize("options", [{}, {"side": 4}, {"channels": 3}, {"colour": "red"}], ids=str)
def test_options_that_do_not_fit_the_weights(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "odd.safetensors"
    save_model(path, TrainedModel(**{**vars(trained_cnn()), "options": options}))
    with pytest.raises(BadInputError, match=r"odd\.safetensors .*train again"):
        load_model(path)


def test_loading_leaves_the_random_state(tmp_path: Path) -> None:
    save_model(tmp_path / "model", trained())
    before = torch.random.get_rng_state()
    load_model(tmp_path / "model")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_replacing_the_file_does_not_change_a_loaded_model(tmp_path: Path) -> None:
    path = tmp_path / "model"
    save_model(path, trained())
    loaded = load_model(path)
    before = loaded.model.state_dict()["hidden.weight"].clone()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\0" * (size // 2))
    assert torch.equal(loaded.model.state_dict()["hidden.weight"], before)


@pytest.mark.parametrize("keep", [0, 5, 200, 5_000, -1])
def test_truncated_file_is_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.safetensors"
    save_model(path, trained())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadInputError, match=r"cut\.safetensors .*train again"):
        load_model(path)


@pytest.mark.parametrize(
    "metadata",
    [None, {"other": "{}"}, {"trained_model": "{"}, {"trained_model": "[]"}],
    ids=["none", "foreign", "not-json", "no-fields"],
)
def test_foreign_file_is_named(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    path = tmp_path / "foreign.safetensors"
    safetensors.torch.save_file({"weight": torch.zeros(2)}, path, metadata=metadata)
    with pytest.raises(BadInputError, match=r"foreign\.safetensors"):
        load_model(path)


def test_weights_that_do_not_fit_the_genes(tmp_path: Path) -> None:
    path, good = tmp_path / "odd.safetensors", trained()
    save_model(path, TrainedModel(**{**vars(good), "genes": good.genes[:-1]}))
    with pytest.raises(BadInputError, match=r"odd\.safetensors"):
        load_model(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="absent"):
        load_model(tmp_path / "absent")
