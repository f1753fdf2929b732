"""One call explains any network, and says the same whoever explains."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from helpers.api import example_network, explain_network
from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import EXPLAINERS
from helpers.models import TrainedModel

OF_MLP = [name for name, entry in EXPLAINERS.items() if "mlp" in entry.architectures]
NAMED = {"class_column": "tissue"}


def gap(model, adata, **told) -> float:
    exact, captum = (explain_network(model, adata, engine=e, **told) for e in ("exact", "captum"))
    assert exact.data.attrs["engine"] != captum.data.attrs["engine"] == "captum"
    scores = exact.data["score"]
    return float(abs(scores - captum.data["score"]).max() / abs(scores).max())


@pytest.mark.parametrize("explainer", [name for name in OF_MLP if name != "IntegratedGradients"])
def test_the_exact_engine_is_captum_in_double_precision(explainer: str, trained) -> None:
    model, adata = trained
    assert gap(copy.deepcopy(model).double(), adata, explainer=explainer, **NAMED) < 1e-9


def test_captums_integral_tends_to_the_exact_engines(trained) -> None:
    model, adata = trained
    told = {"explainer": "IntegratedGradients", "n": 1, **NAMED}
    some = adata[::6]
    few, many = (
        gap(copy.deepcopy(model).double(), some, integration_steps=s, **told) for s in (20, 300)
    )
    assert many < 5e-3
    assert many < few / 4


def test_two_hidden_layers_and_others_take_the_same_call(trained) -> None:
    _, adata = trained
    adata = adata[::3]
    torch.manual_seed(0)
    deep = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))
    other = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3))
    engines = []
    for model in (deep, other):
        found = explain_network(
            model, adata, target="liver", classes=["a", "b", "liver"],
            explainer="IntegratedGradients", n=2, integration_steps=100,
        )  # fmt: skip
        assert found.data["score"].dims == ("sample", "gene")
        assert found.data["target"].to_numpy().tolist() == ["liver"] * 10
        engines.append(found.data.attrs["engine"])
    assert engines == ["stack", "captum"]
    with pytest.raises(BadInputError, match="engine='auto'"):
        explain_network(other, adata, target="output 0", engine="exact", explainer="Saliency")


def test_scores_that_do_not_add_up_are_refused_whoever_explains(trained) -> None:
    _, adata = trained
    other = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3))
    with pytest.raises(BadInputError, match="LayerNorm"):
        explain_network(other, adata, target="output 0")


def test_markers_are_found_and_nothing_is_changed(trained) -> None:
    model, adata = trained
    before, kept = copy.deepcopy(model.state_dict()), adata.copy()
    found = explain_network(model, adata, explainer="InputXGradient", **NAMED)
    first = found.top(3).groupby("class")["gene"].agg(set)
    assert first["liver"] == {"ALB", "APOA2", "CYP2E1"}
    assert first["heart"] == {"MYH6", "NPPA", "MYL7"}
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())
    np.testing.assert_array_equal(adata.X, kept.X)
    assert list(adata.layers) == list(adata.varm) == list(adata.uns) == []


def test_ensembles_are_means_on_one_scale(trained) -> None:
    model, adata = trained
    steep = copy.deepcopy(model)
    with torch.no_grad():
        steep[-1].weight *= 100
    one = explain_network(model, adata, **NAMED)
    both = explain_network([model, steep], adata, **NAMED)
    assert both.data.attrs["models"] == 2
    np.testing.assert_allclose(both.data["spread"], 0, atol=1e-6)
    liver = {"class": "liver"}
    shares = both.data["class_score"].sel(liver) / one.data["class_score"].sel(liver)
    np.testing.assert_allclose(shares, shares[0], rtol=1e-4)
    raw = explain_network([model, steep], adata, aggregate="raw", **NAMED)
    np.testing.assert_allclose(raw.data["score"], 50.5 * one.data["score"], rtol=1e-4, atol=1e-4)
    apart = explain_network([model, steep], adata, aggregate="none", **NAMED)
    np.testing.assert_allclose(
        apart.data["score"].sel(model=1), 100 * one.data["score"], rtol=1e-4, atol=1e-4
    )


def test_repeats_differ_with_dropout_only(trained) -> None:
    model, adata = trained
    told = {"explainer": "Saliency", **NAMED}
    still = explain_network(model, adata, n=7, **told)
    assert still.data.attrs["n"] == 1
    few, many = (explain_network(model, adata, n=n, mode="dropout", **told) for n in (1, 400))

    def far(found) -> float:
        return float(abs(found.data["score"] - still.data["score"]).mean())

    assert far(many) < far(few) / 3
    again = explain_network(model, adata, n=400, mode="dropout", **told)
    np.testing.assert_array_equal(again.data["score"], many.data["score"])


def test_references_are_of_a_kind_or_given(trained) -> None:
    model, adata = trained
    liver = adata[adata.obs["tissue"] == "liver"]
    found = {
        kind: explain_network(model, adata, references=kind, **NAMED)
        for kind in ("zero", "universal", "specific")
    }
    given = explain_network(model, adata, references=liver, **NAMED)
    assert [f.data.attrs["n"] for f in (*found.values(), given)] == [1, 20, 20, 10]
    # Compared with its own tissue, a liver sample is nothing special.
    own = found["specific"].data["score"].sel(sample="sample 25")
    assert abs(own).sum() < abs(found["universal"].data["score"].sel(sample="sample 25")).sum() / 3
    with pytest.raises(BadInputError, match="samples × 12 genes"):
        explain_network(model, adata, references=np.zeros((2, 5)), **NAMED)


def test_predicted_classes_need_no_column(trained) -> None:
    model, adata = trained
    plain = adata.copy()
    del plain.obs["tissue"]
    classes = ["heart", "kidney", "liver"]
    found = explain_network(model, plain, target="predicted", classes=classes)
    own = explain_network(model, adata, **NAMED)
    np.testing.assert_array_equal(found.data["score"], own.data["score"])
    with pytest.raises(BadInputError, match="class_column"):
        explain_network(model, plain)


def test_trained_models_bring_genes_and_classes(trained) -> None:
    model, adata = trained
    stored = TrainedModel(
        architecture="mlp", model=model, genes=tuple(adata.var_names),
        classes=("heart", "kidney", "liver"), hyperparameters={}, seed=0, history=(), best_epoch=1,
    )  # fmt: skip
    turned = explain_network(stored, adata[:, ::-1], **NAMED)
    plain = explain_network(model, adata, **NAMED)
    assert turned.data["score"].equals(plain.data["score"])


def test_samples_do_not_depend_on_the_seed_and_networks_do() -> None:
    (one, samples), (other, same) = (example_network(seed) for seed in (0, 1))
    np.testing.assert_array_equal(samples.X, same.X)
    assert not torch.equal(one[0].weight, other[0].weight)


def test_sparse_samples_and_layers_are_read(trained) -> None:
    model, adata = trained
    other = adata.copy()
    other.layers["log"], other.X = sparse.csr_matrix(adata.X), np.zeros_like(adata.X)
    found = explain_network(model, other, layer="log", **NAMED)
    assert found.data["score"].equals(explain_network(model, adata, **NAMED).data["score"])


def test_unknown_names_are_refused(trained) -> None:
    model, adata = trained
    for told in (
        {"explainer": "DeepLit"}, {"references": "uniform"}, {"class_column": "organ"},
        {"layer": "raw"}, {"aggregate": "mean"}, {"engine": "fast"}, {"target": "lung"},
        {"modus": "eval"},
    ):  # fmt: skip
        with pytest.raises(UnknownNameError, match=r"did you mean|Valid names"):
            explain_network(model, adata, **{**NAMED, **told})
