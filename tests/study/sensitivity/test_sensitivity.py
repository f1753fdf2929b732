"""The audit on tiny files: defaults are the run's numbers, and options differ."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.explain import explain
from helpers.models import MLP
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS
from helpers.study import Study, open_study
from helpers.study.catalogue import catalogue
from helpers.study.designs.choices import ALL_CHOICES, CHOICES, DEFAULT, RELEASED, member_of
from helpers.study.designs.reach import explained
from helpers.study.sensitivity.group_two import with_fixed_mask
from helpers.study.sensitivity.lists import AGREEMENT, LISTS
from helpers.study.sensitivity.statistics import COLUMNS
from helpers.study.sensitivity.verdicts import VERDICT_COLUMNS
from helpers.workspace.store import Workspace

OPTIONS = [
    f"{choice.name}-{option.name}"
    for choice in CHOICES.values()
    for option in choice.options[1:]
    if option.name != "training"  # of one sample a tissue, as here, no batch has statistics
]


@pytest.fixture(scope="module")
def study(tiny_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Open a copy of the workspace, with as many estimates in a list as the run has."""
    run, place = tiny_study.settings, tmp_path_factory.mktemp("sensitivity") / "ws"
    shutil.copytree(tiny_study.workspace.root, place)
    return Study(
        tiny_study.profile,
        tiny_study.dataset.name,
        run.model_copy(update={"sensitivity_estimates": run.references}),
        tiny_study.data,
        Workspace(place),
        catalogue,
    )


def test_single_estimates_of_the_default_are_those_of_figure_1(study: Study) -> None:
    ours = study.member(AGREEMENT, DEFAULT)
    figure_1 = study.get("tables/unoptimised")
    wanted = figure_1[
        (figure_1["architecture"] == "mlp")
        & figure_1["reference"].isin(["none", "zero", "universal"])
    ]
    keys = [name for name in REPRODUCIBILITY_COLUMNS if name != "value"]
    a, b = (t.sort_values([*keys, "value"], ignore_index=True) for t in (ours, wanted))
    pd.testing.assert_frame_equal(a[[*keys, "value"]], b[[*keys, "value"]])


def test_lists_of_the_default_are_those_of_the_run(study: Study) -> None:
    keys = ["explainer", "model", "tissue", "rank"]
    ours, run = study.member(LISTS, DEFAULT), study.get("tables/top_lists")
    ours, run = (t[~t["aggregated"] & (t["architecture"] == "mlp")] for t in (ours, run))
    both = ours.astype({"model": str}).merge(run.astype({"model": str}), on=keys)
    assert len(both) == len(ours) == len(run)
    assert (both["gene_x"] == both["gene_y"]).all()
    assert both["score_x"].to_numpy() == pytest.approx(both["score_y"].to_numpy())


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_makes_anew_what_it_concerns_and_nothing_else(study: Study, name: str) -> None:
    member = member_of(name)
    single, lists = study.member(AGREEMENT, name), study.member(LISTS, name)
    assert set(lists["explainer"]) == set(explained(member))
    with_zero = "zero" in member.single
    assert set(single["reference"]) == ({"zero", "none"} if with_zero else set(member.single))
    default = study.member(LISTS, DEFAULT)
    own = default[default["explainer"].isin(explained(member))]
    assert len(own) == len(lists)
    assert not np.allclose(own["score"], lists["score"])


def test_one_reference_makes_deepliftshap_the_mean_of_deeplift_on_it(study: Study) -> None:
    model = study.member("models/mlp", "000").model
    rng = np.random.default_rng(0)
    x, pool = (rng.random((3, 150), dtype=np.float32) for _ in range(2))
    released = explain(
        model, x, 0, explainer="DeepLiftShap", references=pool, mode="eval",
        deepliftshap="one_reference", seed=0,
    )  # fmt: skip
    plain = explain(
        model, x, 0, explainer="DeepLift", references=pool[:1], mode="eval", seed=0
    )  # fmt: skip
    assert released == pytest.approx(plain, abs=1e-6)
    many = explain(model, x, 0, explainer="DeepLiftShap", references=pool, mode="eval", seed=0)
    assert not np.allclose(many, plain, atol=1e-3)


def test_a_fixed_mask_is_dropout_with_this_mask() -> None:
    model = MLP(8, 3, hidden=6).eval()
    kept = np.array([1, 0, 1, 1, 0, 1], dtype=bool)
    fixed = with_fixed_mask(model, kept).eval()
    x = torch.rand(4, 8, dtype=torch.float64)
    wide = model.double()
    hidden = wide.relu(wide.norm(wide.hidden(x))) * torch.tensor(kept) / 0.75
    assert torch.allclose(fixed(x), wide.output(hidden))


def test_explainers_that_are_equal_by_algebra_are_equal_with_one_mask(study: Study) -> None:
    table = study.get("tables/fixed_masks").groupby("a")["max_relative_difference"].max()
    assert table["DeepLiftShap, one reference copied"] < 1e-12
    assert table["DeepLiftShap, two references"] < 1e-12
    assert table["IntegratedGradients"] < 0.01


def test_the_table_of_choices_is_tidy_and_complete(study: Study) -> None:
    table = study.get("tables/choices")
    assert table.columns.tolist() == COLUMNS
    assert set(table["choice"]) == set(ALL_CHOICES)
    keys = ["choice", "option", "statistic", "architecture", "explainer"]
    assert not table.duplicated(keys).any()
    known = table.dropna(subset=["ci_low"])
    assert (known["ci_low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["ci_high"] + 1e-9).all()
    stay = table[(table["statistic"] == "overlap_with_default") & table["is_default"]]
    assert (stay["value"] == 1).all()
    for name, part in table.groupby("choice"):
        assert part.loc[part["is_default"], "option"].nunique() == 1, name
    accuracy = table[table["statistic"] == "accuracy"]
    assert set(accuracy["choice"]) == {"training_noise", "split"}


def test_two_ways_to_smooth_share_noise_and_masks_and_differ(study: Study) -> None:
    table = study.get("tables/sensitivity_smoothed_cams")
    assert set(table["option"]) == {"none", "product", "factors", "both"}
    assert set(table["explainer"]) == {"GuidedGradCam", "GuidedGradCam++"}
    assert set(table.loc[table["option"] == "both", "design"]) == {"between_options"}
    keys = ["explainer", "design", "metric", "sample"]
    wide = table[table["option"].isin(["product", "factors"])].pivot(
        index=keys, columns="option", values="value"
    )
    assert not np.allclose(wide["product"], wide["factors"])
    # One sample by one model on the same copies is more alike than by different models.
    means = table[table["metric"] == "spearman"].groupby(["option", "design"])["value"].mean()
    assert means["product", "inter_model"] < means["both", "between_options"] < 1
    judged = study.get("tables/sensitivity_verdicts").query("choice == 'cam_smoothing'")
    assert judged[["option", "claim"]].to_numpy().tolist() == [
        ["product", "O1"], ["factors", "O1"]
    ]  # fmt: skip


def test_verdicts_say_whether_they_hold(study: Study) -> None:
    table = study.get("tables/sensitivity_verdicts")
    assert table.columns.tolist() == VERDICT_COLUMNS
    assert table.loc[table["is_default"], "holds"].all()
    assert (table["holds"] == (table["verdict"] == table["default_verdict"])).all()
    assert {"B3", "B7", "C4", "E4", "E10", "G2", "K1", "T3", "B4", "O1"} <= set(table["claim"])
    # CNNs explain the samples of all tissues as one batch, so that every mode can be tried.
    released = table[table["option"] == RELEASED.name]
    assert set(released["claim"]) == {"B1", "B2", "B4"}


def test_in_prediction_mode_replicates_are_the_same(study: Study) -> None:
    table = study.member(AGREEMENT, "mode-eval")
    assert table.loc[table["design"] == "intra_model", "value"].to_numpy() == pytest.approx(1)
    assert (table.loc[table["design"] == "inter_model", "value"] < 1).any()


def test_masks_that_count_are_those_that_are_drawn(study: Study) -> None:
    table = study.get("tables/effective_masks").set_index("explainer")
    assert table.loc["IntegratedGradients", "rows"] == study.settings.integration_steps
    others = table.drop("IntegratedGradients")
    assert (others["expected"] == 1).all()
    assert others["measured"].between(0.5, 1.6).all()
    assert table.loc["IntegratedGradients", "measured"] > others["measured"].max()


def test_the_same_seed_gives_the_same_audit(study: Study, tmp_path: Path) -> None:
    again = open_study(
        study.profile, study.dataset.name, study.data, tmp_path / "ws",
        **{
            name: getattr(study.settings, name)
            for name in ("max_epochs", "batch_size", "top", "own_tissues", "cnn_max_epochs",
                         "cnn_batch_size", "sensitivity_estimates")
        },
    )  # fmt: skip
    for name in ("fixed_masks", "mask_counts"):
        again.ensure(f"tables/{name}")
        file = f"tables/{name}.csv"
        assert again.workspace.path(file).read_bytes() == study.workspace.path(file).read_bytes()
