"""Steps of the chapter on correctness, on few classes: the truth is honest, and is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.baselines import BASELINES
from helpers.config import settings
from helpers.correctness.comparison import additive
from helpers.datasets.truth import DECOY, PRODUCT, TRUTH
from helpers.devices import one_thread
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.study import Study, open_study
from helpers.study.catalogue import STEPS
from helpers.study.ground_truth.baselines import ORACLE
from helpers.study.ground_truth.conditions import Condition, conditions, usual
from helpers.study.ground_truth.networks import NETWORKS, make_model, without_truth
from helpers.workflow.step import Context

SIZES = {
    "samples_per_class": 24, "planted_classes": 6, "planted_models": 4, "max_epochs": 40,
    "batch_size": 24, "explained_samples": 2, "sensitivity_estimates": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study("smoke", workspace=tmp_path_factory.mktemp("planted"), **SIZES)


def test_networks_learn_true_labels_and_shuffled_ones_leave_them_at_chance(study: Study) -> None:
    recall = study.get("tables/planted_recall")
    whole = recall[recall["tissue"] == "all"].groupby("labels")["recall"].mean()
    # Two of the six classes are told by a product alone.
    own = recall[recall["tissue"].isin(additive(study.get("tables/planted_genes")))]
    assert own.groupby("labels")["recall"].mean()["true"] > 0.7
    # Twelve test samples and six classes: more than half is beyond chance.
    assert whole["shuffled"] < 0.5


def test_explanations_find_the_truth_and_those_of_shuffled_labels_do_not(study: Study) -> None:
    compared = study.get("tables/right_compared")
    own = compared[compared["tissue"].isin(additive(study.get("tables/planted_genes")))]
    means = own.groupby(["kind", "explainer"])["auprc"].mean()
    assert means["together"].min() > 0.3
    assert means["shuffled"].max() < 0.1
    assert means["baseline"][["WelchT", ORACLE]].min() > 0.6
    assert means["baseline"]["MatchedRandom"] < 0.05


def test_nothing_that_trains_or_explains_sees_the_truth(study: Study) -> None:
    adata = study.get("data/planted")
    assert TRUTH in adata.uns
    seen = without_truth(adata)
    assert list(seen.obs) == ["tissue"]
    assert not dict(seen.uns)
    assert not list(seen.var)
    # What explains reads expression and classes, and no table of the truth.
    for networks in NETWORKS:
        assert "tables/planted_genes" not in STEPS[f"scores/planted_{networks.name}"].inputs
    assert "tables/planted_genes" not in STEPS["scores/planted_baselines"].inputs


def test_a_network_is_the_same_whatever_the_truth_says(study: Study) -> None:
    context = Context(study, STEPS["models/planted_mlp"])
    trained = study.member("models/planted_mlp", "000").model.state_dict()
    adata = study.get("data/planted")
    kept = adata.uns[TRUTH], adata.obs["batch"].copy()
    adata.uns[TRUTH] = kept[0].assign(gene=kept[0]["gene"].to_numpy()[::-1])
    adata.obs["batch"] = "one laboratory"
    try:
        # As a step is made: on more threads sums are rounded otherwise.
        with one_thread():
            again = make_model(NETWORKS[0], context, "000").model.state_dict()
    finally:
        adata.uns[TRUTH], adata.obs["batch"] = kept
    for name, weights in trained.items():
        np.testing.assert_array_equal(again[name].numpy(), weights.numpy())


@pytest.mark.parametrize("architecture", ["mlp", "cnn"])
def test_conditions_are_all_that_mean_anything(architecture: str) -> None:
    found = conditions(architecture)
    assert len(found) == len(set(found))
    assert {condition.explainer for condition in found} == set(explainers(architecture))
    for condition in found:
        assert Condition.of(condition.name) == condition
        needs = EXPLAINERS[condition.explainer].needs_reference
        assert condition.optimisation != ("repeats" if needs else "references")
        assert condition.mode != "eval" or condition.optimisation != "repeats"
    assert {usual(name) for name in explainers(architecture)} <= set(found)


def test_scores_have_every_condition_and_class(study: Study) -> None:
    scores = study.member("scores/planted_mlp", "000")
    assert sorted(scores["condition"].values) == sorted(c.name for c in conditions("mlp"))
    assert scores["tissue"].values.tolist() == ["liver", "lung", "ovary", "pancreas"]
    assert scores.sizes["gene"] == study.get("data/planted").n_vars
    assert np.isfinite(scores.values).all()
    # Single estimates of different modes are no copies of each other.
    one = [
        scores.sel(condition=f"DeepLift|{m}|none").values for m in ("eval", "dropout", "training")
    ]
    assert not np.array_equal(one[0], one[1])
    assert not np.array_equal(one[1], one[2])


def test_tables_have_a_row_for_all_that_was_compared(study: Study) -> None:
    recovery = study.get("tables/recovery")
    true = recovery[recovery["labels"] == "true"]
    sizes = true.groupby("n")["draw"].nunique()
    assert sizes.to_dict() == {1: 4, 2: 2, 3: 1, 4: 1}
    assert len(true) == len(conditions("mlp")) * 4 * 8
    assert recovery[["auprc", "recall", "decoys"]].stack().between(0, 1).all()
    agreement = study.get("tables/planted_agreement")
    assert set(agreement.loc[agreement["labels"] == "true", "n"]) == {1, 2}
    strata = study.get("tables/found_by_stratum")
    assert {"single", "together", "baseline"} == set(strata["kind"])
    assert {PRODUCT, DECOY} <= set(strata["stratum"])
    baselines = study.get("tables/baseline_recovery")
    assert set(baselines["explainer"]) == {*BASELINES, ORACLE}
    curves = study.get("tables/right_or_alike")
    assert "pancreas" not in set(curves["tissue"])
    point = curves.query("explainer == 'Saliency' and tissue == 'lung' and measure == 'auprc'")
    rows = true.query(
        "explainer == 'Saliency' and tissue == 'lung' and mode == 'dropout' and "
        "optimisation == 'repeats'"
    )
    expected = rows.groupby("n")["auprc"].mean()
    pd.testing.assert_series_equal(
        point.set_index("n")["value"], expected, check_names=False, check_index_type=False
    )


def test_real_samples_have_genes_shifted_in_half_of_a_class(
    tiny_data: Path, tmp_path: Path
) -> None:
    real = open_study("smoke", "rnaseqdb", tiny_data, tmp_path / "a", own_tissues=4)
    adata = real.get("data/planted")
    names = set(adata.obs["tissue"])
    assert len(names) == 2
    assert all(name.endswith((", shifted", ", as measured")) for name in names)
    assert not adata.uns["simulated"]
    assert set(real.get("tables/planted_explained")["tissue"]) == {
        name for name in names if name.endswith("shifted")
    }


def test_the_planted_data_can_be_the_data_set_of_a_run(tmp_path: Path) -> None:
    run = open_study("smoke", "planted", workspace=tmp_path, most_genes=0, samples_per_class=3)
    assert run.get("data/expression").n_obs == 3 * 83
    assert list(dict.fromkeys(run.get("tables/explained")["tissue"])) == ["liver", "lung"]


@pytest.mark.parametrize("cnns", [0, 2])
def test_there_are_cnns_of_planted_genes_where_the_study_has_some(cnns: int) -> None:
    by_name = {networks.name: networks for networks in NETWORKS}
    chosen = settings("paper", cnn_models=cnns)
    assert len(by_name["cnn"].members(chosen)) == (5 if cnns else 0)
    assert len(by_name["mlp"].members(chosen)) == 20
