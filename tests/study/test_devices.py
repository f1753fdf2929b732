"""Steps compute on the device that was chosen, and make what they make on the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import xarray
from pretend_device import OnDevice, choose, pretended_device

from helpers.models.files import TrainedModel
from helpers.study import Study
from helpers.study.catalogue import STEPS
from helpers.training import Hyperparameters, Regime, cross_validation, ensemble
from helpers.workflow.step import Context

# Steps that read networks and compute with them: one of each kind, and all that use parts of
# a network themselves.
COMPUTING = (
    "tables/accuracy",
    "scores/unoptimised_mlp",
    "scores/unoptimised_cnn",
    "agreement/modes",
    "curves/smoothgrad_mlp",
    "curves/repeats_cnn",
    "curves/references_mlp",
    "curves/references_cnn",
    "curves/smoothgrad_cnn",
    "scores/optimised_mlp",
    "scores/optimised_cnn",
    "tables/identities",
    "tables/tumour_top_genes",
    "choices/agreement",
    "choices/smoothgrad",
    "choices/masks",
    "tables/sensitivity_gradcampp",
    "tables/fixed_masks",
    "tables/expected_overlap",
    "tables/released_deepliftshap",
)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    with pretended_device() as device:
        choose(monkeypatch, device)
        yield device


def _make(study: Study, name: str) -> Any:
    step = study.step(name)
    context = Context(study, step)
    if step.members is None:
        return step.make(context)
    return step.make(context, study.members(name)[0])


@pytest.mark.parametrize("name", COMPUTING)
def test_steps_make_the_same_on_the_device(
    tiny_study: Study, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for needed in STEPS[name].inputs:
        tiny_study.ensure(needed)
    expected = _make(tiny_study, name)
    with pretended_device() as device:
        choose(monkeypatch, device)
        found = _make(tiny_study, name)
    if isinstance(expected, xarray.DataArray):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    else:
        # Where two genes nearly tie, rounding may swap their ranks among the tiny data's 150.
        pd.testing.assert_frame_equal(found, expected, rtol=1e-4, atol=5e-4)


def test_networks_are_read_onto_the_device(tiny_study: Study, device: torch.device) -> None:
    network = tiny_study.member("models/mlp", tiny_study.members("models/mlp")[0]).model
    assert all(isinstance(parameter, OnDevice) for parameter in network.parameters())


def test_folds_are_predicted_on_the_device(
    tiny_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = tiny_study.member("models/mlp", tiny_study.members("models/mlp")[0])
    adata = tiny_study.get("data/expression")
    folds = pd.Series(np.arange(adata.n_obs) % 2, index=adata.obs_names)
    seen = []

    def predict(model: TrainedModel, x: np.ndarray) -> np.ndarray:
        seen.extend(model.model.parameters())
        return ensemble.predict(model, x)

    monkeypatch.setattr(cross_validation, "fit", lambda *_, **__: trained)
    monkeypatch.setattr(cross_validation, "predict", predict)
    with pretended_device() as device:
        cross_validation.train_fold(
            adata, folds, 0, regime=Regime(Hyperparameters(0.001, 0.001), 1, 8), seed=0,
            device=device,
        )  # fmt: skip
    assert seen
    assert all(isinstance(parameter, OnDevice) for parameter in seen)
