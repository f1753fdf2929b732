"""Batches of training mode: which samples share one, and what that does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import BadInputError
from helpers.explain.explanation import explain_sets
from helpers.models.files import TrainedModel
from helpers.models.mlp import MLP
from helpers.study.designs.combined_estimates import SetsOfEstimates, combined_sets
from helpers.study.designs.company import batches, describe_batches
from helpers.study.designs.joint_passes import explain_coupled
from helpers.study.designs.samples import Samples, class_indices, explained_samples
from helpers.study.designs.seeds import EXPLANATION_STREAM, derived_seed
from helpers.study.designs.single_estimates import explain_groups

GENES, TISSUES = 12, ("liver", "lung", "ovary")


@pytest.fixture(scope="module")
def adata() -> anndata.AnnData:
    rng = np.random.default_rng(0)
    tissues = [TISSUES[k % 3] for k in range(30)]
    names = [f"s{k:02d}" for k in range(30)]
    x = rng.gamma(2.0, 1.0, (30, GENES)).astype(np.float32)
    return anndata.AnnData(x, obs=pd.DataFrame({"tissue": tissues}, index=names))


def settings(**values: Any) -> Any:
    defaults = {
        "explain_batch": 256, "cnn_explain_batch": 256, "batch_composition": "tissue", "seed": 0,
        "mode": "training", "combine": "signed_mean", "engine": "exact", "integration_steps": 4,
        "deepliftshap": "mean_over_references", "gradcampp_mode": "as_others",
        "cnn_explained_samples": 2,
    }  # fmt: skip
    return SimpleNamespace(**(defaults | values))


def chosen(adata: anndata.AnnData, *names: str) -> list[Samples]:
    table = pd.DataFrame({"tissue": adata.obs.loc[list(names), "tissue"].to_numpy(),
                          "sample": names})  # fmt: skip
    return explained_samples(adata, table)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    torch.manual_seed(0)
    network = MLP(GENES, len(TISSUES)).eval()
    for buffer in network.buffers():
        if buffer.dtype.is_floating_point:
            buffer.uniform_(0.5, 1.5)
    return SimpleNamespace(  # type: ignore[return-value]
        model=network, classes=list(TISSUES), architecture="mlp"
    )


def test_a_batch_holds_the_explained_samples_and_then_their_tissue_in_order(
    adata: anndata.AnnData,
) -> None:
    (group,) = chosen(adata, "s09", "s03")
    (batch,) = batches(group, settings(explain_batch=5), "mlp")
    assert batch.explained == 2
    wanted = ["s09", "s03", "s00", "s06", "s12"]
    np.testing.assert_array_equal(batch.x, np.asarray(adata[wanted].X))
    assert batch.classes == ["liver"] * 5


def test_a_tissue_with_fewer_samples_gives_a_smaller_batch(adata: anndata.AnnData) -> None:
    (group,) = chosen(adata, "s00")
    (batch,) = batches(group, settings(), "mlp")
    assert len(batch.x) == 10
    table = describe_batches(
        adata, pd.DataFrame({"tissue": ["liver"], "sample": ["s00"]}),
        settings(cnn_explain_batch=4), ["mlp", "cnn"],
    )  # fmt: skip
    assert table["asked"].tolist() == [256, 4]
    assert table["rows"].tolist() == [10, 4]
    assert table["coupled"].all()
    still = describe_batches(
        adata, pd.DataFrame({"tissue": ["liver"], "sample": ["s00"]}), settings(mode="dropout"),
        ["mlp"],
    )  # fmt: skip
    assert not still["coupled"].any()


def test_a_mixed_batch_holds_all_tissues_each_with_its_own_class(adata: anndata.AnnData) -> None:
    (group,) = chosen(adata, "s00")
    (batch,) = batches(group, settings(explain_batch=9, batch_composition="mixed"), "mlp")
    assert set(batch.classes) == set(TISSUES)
    places = [int(np.flatnonzero((row == adata.X).all(axis=1))[0]) for row in batch.x]
    assert [adata.obs["tissue"].iloc[k] for k in places] == batch.classes
    assert len(set(places)) == 9


@given(st.integers(1, 10), st.integers(2, 40), st.sampled_from(["tissue", "mixed"]))
def test_every_explained_sample_is_in_one_batch_and_no_batch_is_too_large(
    adata: anndata.AnnData, count: int, size: int, composition: str
) -> None:
    names = [f"s{k:02d}" for k in range(0, 3 * count, 3)]
    (group,) = chosen(adata, *names)
    chosen_settings = settings(explain_batch=size, batch_composition=composition)
    found = batches(group, chosen_settings, "mlp")
    explained = np.concatenate([batch.x[: batch.explained] for batch in found])
    np.testing.assert_array_equal(explained, group.x)
    limit = min(size, 10 if composition == "tissue" else 30)
    for batch in found:
        assert 2 <= len(batch.x) <= max(limit, 2)
        assert len(np.unique(batch.x, axis=0)) == len(batch.x) == len(batch.classes)
    assert max(len(batch.x) for batch in found) == limit


@pytest.mark.parametrize("composition", ["tissue", "mixed"])
def test_a_batch_of_one_is_refused(adata: anndata.AnnData, composition: str) -> None:
    (group,) = chosen(adata, "s00")
    how = settings(explain_batch=1, batch_composition=composition)
    with pytest.raises(BadInputError, match=r"'s00' \(liver\) would hold it alone.*explain_batch"):
        batches(group, how, "mlp")
    alone = Samples("liver", ["s00"], group.x)  # there are no others
    with pytest.raises(BadInputError, match="would hold it alone"):
        batches(alone, settings(), "mlp")


@pytest.mark.parametrize("explainer", ["Saliency", "DeepLift", "IntegratedGradients"])
def test_scores_are_those_of_the_whole_batch_cut_to_the_explained_samples(
    adata: anndata.AnnData, model: TrainedModel, explainer: str
) -> None:
    (group,) = chosen(adata, "s00", "s03")
    references = np.full((1, GENES), 0.5, dtype=np.float32)
    found = explain_coupled(
        model, group, explainer=explainer, members=np.ones((1, 1), dtype=bool),
        references=references, noise_sd=0.0, combine="signed_mean", steps=4,
        settings=settings(), seed=3,
    )[0]  # fmt: skip
    (batch,) = batches(group, settings(), "mlp")
    whole = explain_sets(
        model.model, batch.x, class_indices(model, batch.classes), explainer=explainer,
        members=np.ones((1, 1), dtype=bool), references=references, mode="training",
        integration_rule="steps", integration_steps=4, engine="exact", seed=derived_seed(3, 0),
    )[0]  # fmt: skip
    np.testing.assert_allclose(found, whole[:2], rtol=1e-6)


def test_what_shares_the_batch_changes_the_scores_in_training_mode_alone(
    adata: anndata.AnnData, model: TrainedModel
) -> None:
    (group,) = chosen(adata, "s00")
    pool = SetsOfEstimates("Saliency", np.ones((1, 3), dtype=bool), None)

    def scores(**values: Any) -> np.ndarray:
        return combined_sets(model, 0, group, pool, settings(**values))

    assert not np.allclose(scores(explain_batch=5), scores(explain_batch=9))
    assert not np.allclose(scores(), scores(batch_composition="mixed"))
    for mode in ("dropout", "eval"):
        np.testing.assert_array_equal(
            scores(mode=mode, explain_batch=5), scores(mode=mode, batch_composition="mixed")
        )


def test_replicates_are_estimates_of_their_own(adata: anndata.AnnData, model: TrainedModel) -> None:
    groups = chosen(adata, "s00", "s03", "s01")
    found = explain_groups(
        model, 0, groups, explainer="Saliency", references=dict.fromkeys(TISSUES),
        integration_steps=4, settings=settings(combine="absolute_median"), replicates=3,
    )  # fmt: skip
    assert found.shape == (3, 3, GENES)
    assert not np.allclose(found[0], found[1])
    # One replicate is one pass of the batch: what a pool of three holds one by one.
    seed = derived_seed(0, EXPLANATION_STREAM, 0, *b"liver")
    pool = explain_coupled(
        model, groups[0], explainer="Saliency", members=np.eye(3, dtype=bool), references=None,
        noise_sd=0.0, combine="signed_mean", steps=4, settings=settings(),
        seed=seed,
    )  # fmt: skip
    np.testing.assert_allclose(found[:, :2], np.abs(pool), rtol=1e-6)


def test_with_one_reference_deepliftshap_is_deeplift(
    adata: anndata.AnnData, model: TrainedModel
) -> None:
    (group,) = chosen(adata, "s00", "s03")
    rng = np.random.default_rng(1)
    references = rng.random((4, GENES)).astype(np.float32)
    members = np.ones((1, 4), dtype=bool)

    def scores(explainer: str, pool: np.ndarray, **values: Any) -> np.ndarray:
        return combined_sets(
            model, 0, group, SetsOfEstimates(explainer, members, pool), settings(**values)
        )

    copied = np.repeat(references[:1], 4, axis=0)
    as_released = scores("DeepLiftShap", references, deepliftshap="one_reference")
    np.testing.assert_allclose(as_released, scores("DeepLift", copied), rtol=1e-5, atol=1e-7)
    assert not np.allclose(as_released, scores("DeepLiftShap", references))


def test_noisy_copies_are_averaged_with_their_sign_and_then_made_absolute(
    adata: anndata.AnnData, model: TrainedModel
) -> None:
    (group,) = chosen(adata, "s00", "s03")
    pool = SetsOfEstimates("InputXGradient", np.ones((1, 5), dtype=bool), None, 1.0)
    for mode in ("training", "dropout", "eval"):
        signed = combined_sets(model, 0, group, pool, settings(mode=mode))
        absolute = combined_sets(model, 0, group, pool,
                                 settings(mode=mode, combine="absolute_median"))  # fmt: skip
        assert (signed < 0).any()
        np.testing.assert_array_equal(absolute, np.abs(signed))


@pytest.mark.parametrize("mode", ["training", "dropout", "eval"])
def test_noise_of_each_gene_is_as_large_as_asked_for(
    adata: anndata.AnnData, model: TrainedModel, mode: str
) -> None:
    """A gene without noise keeps its value, so that its score times the input does too."""
    (group,) = chosen(adata, "s00")
    quiet = np.zeros(GENES, dtype=np.float32)
    pool = SetsOfEstimates("InputXGradient", np.ones((1, 4), dtype=bool), None, quiet)
    same = SetsOfEstimates("InputXGradient", np.ones((1, 4), dtype=bool), None, 0.0)
    assert not pool.noisy
    loud = np.where(np.arange(GENES) == 2, 5.0, 0.0).astype(np.float32)
    noisy = SetsOfEstimates("InputXGradient", np.ones((1, 4), dtype=bool), None, loud)
    plain = combined_sets(model, 0, group, same, settings(mode=mode))
    silent = combined_sets(model, 0, group, pool, settings(mode=mode))
    np.testing.assert_allclose(plain, silent, rtol=1e-5)
    assert not np.allclose(plain, combined_sets(model, 0, group, noisy, settings(mode=mode)))


def test_in_evaluation_mode_equal_estimates_are_made_once(
    adata: anndata.AnnData, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    (group,) = chosen(adata, "s00", "s03")
    members = np.tri(4, 6, dtype=bool)
    pool = SetsOfEstimates("DeepLift", members, np.full((6, GENES), 0.3, dtype=np.float32))
    found = combined_sets(model, 0, group, pool, settings(mode="eval"))
    assert found.shape == (4, 2, GENES)
    np.testing.assert_array_equal(found[0], found[3])
    several = SetsOfEstimates(
        "DeepLift", members, np.vstack([pool.references[:5], pool.references[:1] + 1])
    )
    other = combined_sets(model, 0, group, several, settings(mode="eval"))
    np.testing.assert_allclose(other[:4], found, rtol=1e-5)  # the sixth is in no set
