from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xarray
from scipy.stats import spearmanr

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import make_scores
from helpers.stability import REPRODUCIBILITY_COLUMNS, Comparison, compare, summarise
from helpers.stability import overlap as overlap_module
from helpers.stability import reproducibility as reproducibility_module

EXPLAINERS = ["Saliency", "DeepLift"]


@pytest.fixture
def scores() -> xarray.DataArray:
    """Explainers × models × replicates × samples × genes."""
    return make_scores(
        np.random.default_rng(0).normal(size=(2, 3, 4, 5, 200)),
        genes=[f"GENE{i}" for i in range(200)],
        explainers=EXPLAINERS,
        models=[0, 1, 2],
        replicates=4,
        samples=[f"s{i}" for i in range(5)],
        tissues=["liver", "liver", "lung", "lung", "ovary"],
    )


def intra_model(scores, explainer=None, **how):
    return compare(scores, Comparison(**how), designs=["intra_model"], explainer=explainer)


def inter_model(scores, **how):
    return compare(scores, Comparison(**how), designs=["inter_model"])


def top(vector: np.ndarray, k: int) -> set[int]:
    return set(np.argsort(-np.abs(vector), kind="stable")[:k].tolist())


def test_intra_model_compares_replicates_of_each_model(scores):
    table = intra_model(scores, architecture="mlp", reference="universal")
    assert table.columns.tolist() == REPRODUCIBILITY_COLUMNS == [
        "architecture", "explainer", "optimisation", "design", "reference", "n", "tissue",
        "sample", "metric", "value",
    ]  # fmt: skip
    assert len(table) == 2 * 3 * 5 * 6 * 2
    for metric in ("spearman", "top100"):
        rows = table.query(f"explainer == 'DeepLift' and sample == 's2' and metric == '{metric}'")
        expected = []
        for model in range(3):
            for a, b in combinations(scores.values[1, model, :, 2], 2):
                shared = len(top(a, 100) & top(b, 100)) / 100
                expected.append(spearmanr(a, b).statistic if metric == "spearman" else shared)
        np.testing.assert_allclose(rows["value"], expected, atol=1e-12)
        assert set(rows["tissue"]) == {"lung"}
    assert set(table["design"]) == {"intra_model"}
    assert set(table["n"]) == {1}
    assert set(table["optimisation"]) == {"none"}
    assert set(table["architecture"]) == {"mlp"}


def test_inter_model_compares_models_within_each_replicate(scores):
    table = inter_model(scores, architecture="mlp", k=10, n=60, optimisation="references")
    assert len(table) == 2 * 4 * 5 * 3 * 2
    rows = table.query("explainer == 'Saliency' and sample == 's4' and metric == 'top10'")
    expected = [
        len(top(a, 10) & top(b, 10)) / 10
        for replicate in range(4)
        for a, b in combinations(scores.values[0, :, replicate, 4], 2)
    ]
    np.testing.assert_allclose(rows["value"], expected)
    assert set(table["design"]) == {"inter_model"}
    assert set(table["n"]) == {60}
    assert set(table["optimisation"]) == {"references"}


def test_reference_is_named_for_explainers_that_need_one(scores):
    table = intra_model(scores, architecture="mlp", reference="universal")
    named = table.groupby("explainer")["reference"].unique()
    assert named["Saliency"].tolist() == ["none"]
    assert named["DeepLift"].tolist() == ["universal"]


def test_one_explainer_and_no_model_dimension(scores):
    single = scores.isel(explainer=1, model=0).transpose("gene", "sample", "replicate")
    table = intra_model(single, architecture="mlp", explainer="DeepLift")
    whole = intra_model(scores.isel(model=[0]), architecture="mlp")
    expected = whole[whole["explainer"] == "DeepLift"].reset_index(drop=True)
    assert table.equals(expected)


def test_signed_or_absolute_scores(scores):
    flipped = scores.copy()
    flipped[:, :, 1] *= -1
    same = {"architecture": "mlp", "scores_as": "absolute"}
    assert intra_model(scores, **same).equals(intra_model(flipped, **same))
    signed = intra_model(scores, architecture="mlp")
    assert not signed.equals(intra_model(flipped, architecture="mlp"))


def test_each_vector_is_ranked_once(scores, monkeypatch):
    """12 vectors a sample are in 18 + 12 pairs, but each is ranked once for both designs."""
    calls = []
    original = overlap_module.top_indices
    monkeypatch.setattr(
        overlap_module, "top_indices", lambda *a: calls.append(1) or original(*a)
    )  # fmt: skip
    shapes = []
    spearman = reproducibility_module.spearman_matrix
    monkeypatch.setattr(
        reproducibility_module, "spearman_matrix", lambda v: shapes.append(v.shape) or spearman(v)
    )
    both = compare(scores, Comparison("mlp"))
    assert len(calls) == 2 * 5 * 12
    assert shapes == [(12, 200)] * (2 * 5)
    apart = [intra_model(scores, architecture="mlp"), inter_model(scores, architecture="mlp")]
    order = REPRODUCIBILITY_COLUMNS
    found = both.sort_values(order, ignore_index=True)
    expected = pd.concat(apart).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def test_summary(scores):
    scores.values[0, 0, 0, 0] = 0.0
    table = intra_model(scores, architecture="mlp")
    summary = summarise(table)
    assert len(summary) == 2 * 3 * 2
    rows = table.query("explainer == 'Saliency' and tissue == 'liver' and metric == 'spearman'")
    assert rows["value"].isna().sum() == 3
    row = summary.query("explainer == 'Saliency' and tissue == 'liver' and metric == 'spearman'")
    assert row["median"].item() == pytest.approx(np.nanmedian(rows["value"]))
    assert row["q25"].item() == pytest.approx(np.nanquantile(rows["value"], 0.25))
    assert row["q75"].item() == pytest.approx(np.nanquantile(rows["value"], 0.75))
    assert row["pairs"].item() == 3 * 2 * 6 - 3
    assert row["samples"].item() == 2


def test_bad_input(scores):
    with pytest.raises(BadInputError, match="dimension 'replicate'"):
        intra_model(scores.isel(replicate=0), architecture="mlp")
    with pytest.raises(BadInputError, match=r"At least two models .* there is 1"):
        inter_model(scores.isel(model=[0]), architecture="mlp")
    with pytest.raises(BadInputError, match="coordinate 'tissue'"):
        intra_model(scores.drop_vars("tissue"), architecture="mlp")
    with pytest.raises(BadInputError, match="give 'explainer'"):
        intra_model(scores.isel(explainer=0, drop=True), architecture="mlp")
    with pytest.raises(BadInputError, match="top 300 genes"):
        intra_model(scores, architecture="mlp", k=300)
    with pytest.raises(UnknownNameError, match="did you mean 'signed'"):
        intra_model(scores, architecture="mlp", scores_as="sign")
    with pytest.raises(UnknownNameError, match="did you mean 'inter_model'"):
        compare(scores, Comparison("mlp"), designs=["intermodel"])
