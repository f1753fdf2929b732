"""Training goes to the GPU where there is one; networks know where they are."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from helpers.devices import device, device_of, whole_float32
from helpers.models import MLP, load_model, save_model
from helpers.models.files import TrainedModel


def settings() -> tuple[bool, bool, bool]:
    cudnn = torch.backends.cudnn
    return cudnn.enabled, cudnn.deterministic, cudnn.allow_tf32


def test_a_gpu_rounds_nothing_in_the_context_and_as_before_after_it() -> None:
    before = settings()
    with pytest.raises(KeyError), whole_float32(torch.device("cuda")):
        assert settings() == (True, True, False)
        raise KeyError
    assert settings() == before
    with whole_float32(torch.device("cpu")):
        assert settings() == before


def test_networks_without_weights_are_on_the_cpu() -> None:
    assert device_of(nn.ReLU()) == torch.device("cpu")
    assert device_of(nn.Linear(2, 2, device="meta")) == torch.device("meta")


def test_models_are_read_onto_a_device(tmp_path) -> None:
    trained = TrainedModel("mlp", MLP(3, 2), ("A", "B", "C"), ("a", "b"), {}, 0, (), 1)
    save_model(tmp_path / "model", trained)
    assert device_of(load_model(tmp_path / "model").model) == torch.device("cpu")
    assert device_of(load_model(tmp_path / "model", "meta").model) == torch.device("meta")


@pytest.mark.parametrize(("available", "kind"), [(True, "cuda"), (False, "cpu")])
def test_device(available: bool, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert device().type == kind
