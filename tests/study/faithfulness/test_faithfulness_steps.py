"""Steps of chapters 20 and 21, on tiny files whose networks learn their classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.config import settings
from helpers.datasets.registry import find_dataset
from helpers.errors import UnknownNameError
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.study import Study
from helpers.study.catalogue import STEPS
from helpers.study.designs.samples import explained_samples
from helpers.study.faithfulness.data import held_out
from helpers.study.faithfulness.retraining import members
from helpers.study.faithfulness.sources import crossed
from helpers.study.faithfulness.students import halves
from helpers.study.faithfulness.ways import PROBABILITIES, SINGLE, WAYS, usable
from helpers.workflow.step import Context


@pytest.fixture(scope="module")
def study(tiny_study: Study) -> Study:
    return tiny_study


def test_samples_that_no_network_was_trained_on_come_first() -> None:
    explained = pd.DataFrame({
        "tissue": ["a", "a", "b", "b"], "sample": list("stuv"),
        "split": ["test", "train", "train", "train"],
    })  # fmt: skip
    assert held_out(explained)["sample"].tolist() == ["s", "u", "v"]


def test_the_genes_that_networks_rest_on_move_the_output_more_than_random_ones(
    study: Study,
) -> None:
    table = study.get("tables/faithfulness")
    own = table[(table["architecture"] == "mlp") & (table["by"] == "signed")]
    means = own[own["explainer"] != "t_test"].groupby("explainer")["over_random"].mean()
    assert set(means.index) == set(explainers("mlp"))
    assert means[["DeepLift", "InputXGradient"]].min() > 0
    cnns = table[(table["architecture"] == "cnn") & (table["explainer"] != "t_test")]
    assert set(cnns["explainer"]) <= set(explainers("cnn"))
    curves = study.get("tables/faithfulness_curves")
    assert set(curves["kind"]) == {"ranked", "matched", "random", "t_test"}
    assert curves["probability"].between(0, 1).all()


def test_metrics_have_a_row_for_each_network_explainer_and_sample(study: Study) -> None:
    table = study.get("tables/faithfulness_metrics")
    samples = len(held_out(study.get("tables/explained")))
    counts = table.groupby("architecture").size()
    assert counts["mlp"] == 2 * samples * len(explainers("mlp"))
    assert counts["cnn"] == 1 * samples * len(explainers("cnn"))
    assert table["sensitivity"].min() >= 0
    assert table["unexplained"].dropna().min() >= 0


def test_the_same_halves_are_tested_whatever_is_removed(study: Study) -> None:
    table = study.get("tables/retrained")
    assert set(table["ranking"]) == {"nothing", "DeepLift", "t_test", "matched", "random"}
    assert table.groupby("tissue")["samples"].nunique().max() == 1
    removed = table.groupby(["ranking", "genes"])["removed"].first()
    assert removed["nothing", 0] == 0
    assert removed["DeepLift", 10] >= 10
    assert table[["recall", "probability"]].stack().between(0, 1).all()


def test_what_is_removed_is_named_by_the_settings() -> None:
    dataset = find_dataset("reference", settings("smoke"))
    quick = members(settings("smoke"), dataset)
    assert quick[0] == "nothing-0-0"
    assert "DeepLift-100-0" in quick
    paper = members(settings("paper"), dataset)
    assert {name.split("-")[0] for name in paper} > set(explainers("mlp"))
    with pytest.raises(UnknownNameError, match="DeepLift"):
        members(settings("smoke", roar_explainers="DeepLit"), dataset)


def test_the_crossed_design_holds_masks_and_references_fixed(study: Study) -> None:
    context = Context(study, study.step("faithfulness/sources_mlp"))
    group = explained_samples(study.get("data/expression"), study.get("tables/explained"))[0]
    models = [context.member("models/mlp", name) for name in context.members("models/mlp")[:2]]
    scores, factors = crossed(context, "DeepLift", models, group, smoothgrad=True)
    assert [factor.name for factor in factors] == ["model", "mask", "reference", "noise", "sample"]
    assert scores.shape[:-1] == (2, 2, 2, 2, len(group.names))
    again, _ = crossed(context, "DeepLift", models, group, smoothgrad=True)
    np.testing.assert_array_equal(scores, again)
    flat = scores.reshape(16, -1)
    assert len(np.unique(flat.round(6), axis=0)) == 16
    plain, _ = crossed(context, "Saliency", models, group, smoothgrad=False)
    assert plain.shape[:-1] == (2, 2, 1, 1, len(group.names))


def test_sources_are_told_apart_for_every_explainer(study: Study) -> None:
    table = study.get("tables/sources")
    keys = ["architecture", "explainer", "smoothgrad", "tissue"]
    np.testing.assert_allclose(table.groupby(keys)["share"].sum(), 1)
    mlps = table[table["architecture"] == "mlp"]
    plain = mlps[~mlps["smoothgrad"].astype(bool)]
    for explainer, part in plain.groupby("explainer"):
        needs = EXPLAINERS[str(explainer)].needs_reference
        assert ("reference" in set(part["source"])) == needs
        assert "noise" not in set(part["source"])
    assert "noise" in set(mlps.loc[mlps["smoothgrad"].astype(bool), "source"])
    cnns = table[table["architecture"] == "cnn"]
    assert {"model", "gene_order", "mask"} <= set(cnns["source"])
    needed = study.get("tables/networks_needed")
    assert set(needed["how"]) <= {"measured", "extrapolated", "unknown"}
    np.testing.assert_allclose(needed["between"] + needed["within"], 1)


def test_halves_share_no_network_and_every_way_is_gone_twice(study: Study) -> None:
    own = halves(study.settings)
    assert not set(own["0"]) & set(own["1"])
    table = study.get("tables/averaged")
    assert set(table["way"]) == set(WAYS)
    for (way, explainer), part in table.groupby(["way", "explainer"]):
        assert usable(str(way), str(explainer))
        assert set(part["half"]) == {0, 1}
    assert not usable(PROBABILITIES, "DeepLift")
    assert not usable(PROBABILITIES, "GuidedBackprop")
    assert usable(PROBABILITIES, "IntegratedGradients")
    assert usable(SINGLE, "DeepLift")
    identity = study.get("tables/averaged_identity").set_index("explainer")["difference"]
    assert identity.drop("Saliency").max() < 1e-5


def test_the_table_answers_each_question_for_each_explainer(study: Study) -> None:
    table = study.get("tables/recommendation")
    assert table["architecture"].tolist() == ["mlp"] * 6 + ["cnn"] * 8 + ["none"]
    assert table.groupby("architecture")["chosen"].sum().max() <= 1
    own = table.set_index(["architecture", "explainer"])
    halves_of = study.get("tables/halves")
    lists = halves_of[halves_of["metric"].str.startswith("top")]
    means = lists.groupby(["architecture", "explainer"])["value"].mean()
    assert own.loc[("mlp", "DeepLift"), "reproduces"] == pytest.approx(means["mlp", "DeepLift"])
    assert own.loc[("mlp", "DeepLift"), "passes"] == 2 * study.settings.references
    steps = study.settings.integration_steps
    assert own.loc[("mlp", "IntegratedGradients"), "passes"] == steps * study.settings.references


def test_estimates_are_those_of_the_conditions_that_the_run_follows() -> None:
    step = STEPS["tables/networks_needed"]
    assert "tables/optimum" not in step.under(settings("smoke")).inputs
    assert "tables/optimum" in step.under(settings("smoke", optimum="ours")).inputs


def test_a_study_without_cnns_asks_nothing_of_them() -> None:
    dataset = find_dataset("reference", settings("smoke"))
    none = settings("smoke", cnn_models=0)
    for name in ("faithfulness/cnn", "faithfulness/metrics_cnn", "faithfulness/sources_cnn"):
        wanted = STEPS[name].members
        assert wanted is not None
        assert wanted(settings("smoke"), dataset)
        assert wanted(none, dataset) == []
