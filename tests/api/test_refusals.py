"""What cannot be explained ends in one sentence that says how to mend it."""

from __future__ import annotations

import copy

import anndata
import numpy as np
import pytest
import torch
from torch import nn

from helpers.api import explain_network
from helpers.errors import BadInputError

NAMED = {"class_column": "tissue"}


def refused(models: object, adata: anndata.AnnData, **told: object) -> str:
    with pytest.raises(BadInputError) as caught:
        explain_network(models, adata, **{**NAMED, **told})
    text = str(caught.value)
    assert caught.value.exit_code == 2
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_no_network(trained) -> None:
    model, adata = trained
    assert "load_state_dict" in refused(dict(model.state_dict()), adata)
    assert "type str" in refused("model.pt", adata)
    assert "one at least" in refused([], adata)
    assert "Network 1 (counted from 0)" in refused([model, None], adata)
    assert "no weights" in refused(nn.ReLU(), adata)


def test_on_another_device(trained) -> None:
    model, adata = trained
    split = copy.deepcopy(model)
    split[0].to("meta")
    assert "several devices (cpu, meta)" in refused(split, adata)
    assert "model.to('cpu')" in refused(copy.deepcopy(model).to("meta"), adata)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_in_half_precision(dtype: torch.dtype, trained) -> None:
    model, adata = trained
    assert "model.float()" in refused(copy.deepcopy(model).to(dtype), adata)
    assert "model.to(...)" in refused([model, copy.deepcopy(model).double()], adata)


def test_without_relu(trained) -> None:
    _, adata = trained
    torch.manual_seed(0)
    bent = nn.Sequential(nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 3))
    text = refused(bent, adata)
    assert "no ReLU, but layer '1' (Tanh)" in text
    assert "engine='captum'" in text
    assert "nothing that bends" in refused(nn.Sequential(nn.Linear(12, 3)), adata)
    found = explain_network(
        bent, adata, target="output 1", engine="captum", explainer="IntegratedGradients"
    )
    assert found.data.attrs["engine"] == "captum"


def test_another_number_of_genes(trained) -> None:
    model, adata = trained
    assert "samples of 10 genes (it takes 12)" in refused(model, adata[:, :10])
    text = refused(model, adata[:, :10], genes=list(adata.var_names))
    assert "2 of 12 genes that these samples do not have (GAPDH, B2M)" in text


def test_genes_in_another_order_are_put_right(trained) -> None:
    model, adata = trained
    found = explain_network(model, adata[:, ::-1], genes=list(adata.var_names), **NAMED)
    assert found.data["score"].equals(explain_network(model, adata, **NAMED).data["score"])


def test_classes_in_another_order(trained) -> None:
    model, adata = trained
    text = refused(model, adata, classes=["liver", "heart", "kidney"])
    assert "in another order than the network's outputs" in text
    assert "target='predicted'" in text
    assert "does not have (liver)" in refused(model, adata, classes=["heart", "kidney", "lung"])
    assert "3 outputs, but 'classes' names 2" in refused(model, adata, classes=["heart", "liver"])
    assert "twice" in refused(model, adata, classes=["heart", "heart", "liver"])
    assert "has 2 classes" in refused(model, adata[:20].copy())


def test_a_network_that_learnt_nothing_is_explained(trained) -> None:
    # Its predictions fit no order of the classes, so that none can be wrong.
    model, adata = trained
    blank = copy.deepcopy(model)
    nn.init.zeros_(blank[-1].weight)
    assert explain_network(blank, adata, explainer="Saliency", **NAMED).data["score"].max() == 0


def test_outputs_that_are_no_logits(trained) -> None:
    _, adata = trained

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(12, 3)

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.layer(x), x

    assert "returns tuple" in refused(Two(), adata)


def test_samples_that_are_none(trained) -> None:
    model, adata = trained
    wrong = adata.copy()
    wrong.X[3, 2] = np.nan
    assert "gene 'MYL7' of sample 'sample 3'" in refused(model, wrong)
    assert "type ndarray" in refused(model, adata.X)
    assert "nothing to explain" in refused(model, adata[:0])
    nameless = adata.copy()
    nameless.obs.loc["sample 4", "tissue"] = np.nan
    assert "Sample 'sample 4' has no class" in refused(model, nameless)
    twice = anndata.AnnData(adata.X, obs=adata.obs, var=adata.var.rename({"ALB": "ACTB"}))
    assert "'ACTB' occurs twice" in refused(model, twice)
