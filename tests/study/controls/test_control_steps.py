"""Networks that know nothing: what is drawn anew, what is explained, and what is made of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.claims.control import (
    CONTROL_COLUMNS,
    HIDDEN,
    JUDGED_COLUMNS,
    KINDS,
    OUTPUT,
    SHUFFLED,
    TRUE,
    UNTRAINED,
)
from helpers.claims.ledger import headline
from helpers.claims.rulebook import CONTROLLED
from helpers.config import settings
from helpers.study import Study
from helpers.study.catalogue import STEPS
from helpers.study.controls import plain_verdicts as judging
from helpers.study.controls.lists import (
    ANOTHER,
    LISTS,
    Work,
    is_copy,
    similarity,
    together,
    unpacked,
)
from helpers.study.controls.networks import (
    OWN,
    ensemble_size,
    members,
    own_networks,
    shuffled_ensemble,
    without_knowledge,
)
from helpers.study.designs.choices import Chosen
from helpers.workflow.step import Context


@pytest.fixture(scope="module")
def context(tiny_study: Study) -> Context:
    return Context(tiny_study, STEPS[LISTS])


@pytest.fixture(scope="module")
def work(context: Context) -> Work:
    return Work(context, 0)


def test_layers_are_drawn_anew_from_the_output_down(context: Context) -> None:
    _, trained = next(own_networks(context))
    found = without_knowledge(trained, 5)
    assert list(found) == [TRUE, OUTPUT, HIDDEN, UNTRAINED]
    assert found[TRUE] is trained
    own, output, hidden, start = (found[kind].model.state_dict() for kind in found)
    assert torch.equal(output["hidden.weight"], own["hidden.weight"])
    assert torch.equal(output["norm.running_mean"], own["norm.running_mean"])
    assert not torch.equal(output["output.weight"], own["output.weight"])
    # The cascade goes on from where it was.
    assert torch.equal(hidden["output.weight"], output["output.weight"])
    assert not torch.equal(hidden["hidden.weight"], own["hidden.weight"])
    assert not hidden["norm.running_mean"].any()
    assert (hidden["norm.weight"] == 1).all()
    # Nothing is left of the trained network, and nothing of the random one in the initial weights.
    for name in ("hidden.weight", "output.weight"):
        assert not torch.equal(start[name], own[name])
        assert not torch.equal(start[name], hidden[name])
    again = without_knowledge(trained, 5)
    assert torch.equal(again[HIDDEN].model.hidden.weight, found[HIDDEN].model.hidden.weight)
    other = without_knowledge(trained, 6)
    assert not torch.equal(other[OUTPUT].model.output.weight, found[OUTPUT].model.output.weight)
    assert not any(found[kind].model.training for kind in found)


def test_untrained_weights_are_those_that_training_started_from(context: Context) -> None:
    """Weights of a trained network lie nearer to them than to those of any other seed."""
    _, trained = next(own_networks(context))
    start = without_knowledge(trained, 5)[UNTRAINED].model.output.weight
    random = without_knowledge(trained, 5)[OUTPUT].model.output.weight
    near, far = ((trained.model.output.weight - each).norm() for each in (start, random))
    assert near < far


def test_drawing_leaves_the_random_state_as_it_was(context: Context) -> None:
    _, trained = next(own_networks(context))
    before = torch.random.get_rng_state()
    without_knowledge(trained, 5)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_shuffles_are_independent_and_their_networks_learn_one_shuffle(context: Context) -> None:
    first, second = (list(shuffled_ensemble(context, number)) for number in (0, 1))
    assert len(first) == ensemble_size(context.settings)
    seeds = {model.seed for model in (*first, *second)}
    assert len(seeds) == len(first) + len(second)
    assert not seeds & {model.seed for _, model in own_networks(context)}
    again = next(shuffled_ensemble(context, 0))
    assert torch.equal(again.model.hidden.weight, first[0].model.hidden.weight)


def test_an_ensemble_is_as_large_as_the_run_has_models() -> None:
    for profile, expected in (("paper", 60), ("quick", 4), ("smoke", 2)):
        assert ensemble_size(settings(profile)) == expected
    assert ensemble_size(settings("quick", control_models=0)) == 20
    assert ensemble_size(settings("quick", control_models=50)) == 20
    assert len(members(settings("quick"), None)) == 21  # type: ignore[arg-type]
    assert members(settings("smoke", control_shuffles=0), None) == [OWN]  # type: ignore[arg-type]


def test_deep_lift_shap_is_deep_lift_where_lists_are_made(work: Work, context: Context) -> None:
    _, trained = next(own_networks(context))
    one, other = (work._scores(trained, name, work.groups) for name in ("DeepLift", "DeepLiftShap"))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    assert is_copy("DeepLiftShap", work.chosen)
    for changes in ({"deepliftshap": "one_reference"}, {"mode": "training"}):
        assert not is_copy("DeepLiftShap", Chosen(context.settings, changes))
    assert not is_copy("InputXGradient", work.chosen)


def test_samples_explained_together_have_their_own_class_and_scores(
    work: Work, context: Context
) -> None:
    """Where nothing is random a group of several tissues gives what each gives alone."""
    _, trained = next(own_networks(context))
    own = Work(context, 0)
    own.chosen = Chosen(context.settings, {"mode": "eval", "seed": 0})
    every = own._scores(trained, "InputXGradient", own.groups)
    for group, values in zip(own.groups, every, strict=True):
        (alone,) = own._scores(trained, "InputXGradient", [group])
        np.testing.assert_allclose(values, alone, rtol=1e-4, atol=1e-6)
    joined = together(work.groups)
    assert list(joined.classes) == [g.tissue for g in work.groups for _ in g.names]
    assert work._scores(trained, "Saliency", []) == []


def test_an_explanation_is_like_itself_and_the_measures_have_their_range(work: Work) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, len(work.names), len(work.groups), len(work.genes)))
    same = similarity(work, ANOTHER, "one", a, a)
    assert same[["spearman", "overlap"]].to_numpy() == pytest.approx(1)
    # Sizes are compared: a change of sign is none.
    assert similarity(work, ANOTHER, "one", a, -a)["spearman"].to_numpy() == pytest.approx(1)
    other = similarity(work, ANOTHER, "one", a, b)
    assert other["spearman"].abs().max() < 0.5
    assert set(same["tissue"]) == set(work.normal)


def test_lists_of_every_kind_are_whole(tiny_study: Study) -> None:
    own = tiny_study.member(LISTS, OWN)
    lists = unpacked(own, "lists")
    assert list(dict.fromkeys(lists["kind"])) == [TRUE, OUTPUT, HIDDEN, UNTRAINED]
    sizes = lists.groupby(["kind", "explainer", "tissue"])["gene"].agg(["size", "nunique"])
    assert set(sizes["size"]) == set(sizes["nunique"]) == {tiny_study.settings.top}
    shuffle = tiny_study.member(LISTS, "shuffle-00")
    assert set(unpacked(shuffle, "lists")["kind"]) == {SHUFFLED}
    networks = unpacked(shuffle, "networks")
    assert len(networks) == ensemble_size(tiny_study.settings)
    assert (networks["best_epoch"] <= networks["epochs"]).all()


def test_tables_and_ledger_follow_from_the_verdicts(tiny_study: Study) -> None:
    judged = tiny_study.get("tables/know_nothing")
    assert list(judged.columns) == JUDGED_COLUMNS
    counts = judged.groupby("kind")["claim"].size()
    assert counts[TRUE] == counts[OUTPUT] == counts[HIDDEN] == counts[UNTRAINED] == len(CONTROLLED)
    assert counts[SHUFFLED] == tiny_study.settings.control_shuffles * len(CONTROLLED)
    assert list(dict.fromkeys(judged["kind"])) == list(KINDS)
    control = tiny_study.get("tables/control")
    assert list(control.columns) == CONTROL_COLUMNS
    assert control["claim"].tolist() == list(CONTROLLED)
    for row in control.to_dict("records"):
        own = judged[(judged["claim"] == row["claim"]) & (judged["kind"] == SHUFFLED)]
        assert row["met"] == (own["verdict"] == "reproduced").sum()
    ledger = headline(tiny_study.get("tables/claims")).set_index("id")
    known = control.set_index("claim")
    for name in CONTROLLED:
        words = ledger.loc[name, "known_nothing"]
        assert words.startswith(f"{known.loc[name, 'met']} of {known.loc[name, 'shuffles']} shuff")
        # Two shuffles cannot tell: nothing of this is called reproduced.
        assert ledger.loc[name, "verdict"] != "reproduced"
    others = ledger.drop(index=list(CONTROLLED))
    assert others.loc["G1", "known_nothing"].startswith("no control: CNNs")
    assert others["p_value"].isna().all()


def test_cascade_and_networks_are_of_all_kinds(tiny_study: Study) -> None:
    cascade = tiny_study.get("tables/cascade")
    assert set(cascade["kind"]) == {ANOTHER, OUTPUT, HIDDEN, UNTRAINED}
    assert set(cascade["models"]) == {"one", "all"}
    assert cascade["overlap"].between(0, 1).all()
    networks = tiny_study.get("tables/control_networks")
    medians = networks.groupby("kind")["accuracy"].median()
    assert medians[TRUE] > 0.6 > medians[SHUFFLED]
    specific = tiny_study.get("tables/specific_control")
    assert set(specific["labels"]) == set(KINDS)
    assert specific["share"].between(0, 1).all()


def test_lists_of_cnns_stay_and_those_of_mlps_are_replaced(tiny_study: Study) -> None:
    context = Context(tiny_study, STEPS[judging.JUDGED])
    facts = judging.Facts(context)
    found = dict(judging._by_kind(tiny_study.member(LISTS, "shuffle-00")))[SHUFFLED]
    tables = facts.tables_of(found)
    run = tiny_study.get("tables/specificity")
    for name in ("specificity", "expression", "housekeeping"):
        rows = tables[name]
        assert rows["aggregated"].astype(bool).all()
        assert {"mlp", "cnn"} == set(rows["architecture"])
    ours = tables["specificity"][tables["specificity"]["architecture"] == "cnn"]
    own = run[(run["architecture"] == "cnn") & run["aggregated"]]
    pd.testing.assert_series_equal(
        ours["hits"].reset_index(drop=True), own["hits"].reset_index(drop=True), check_dtype=False
    )
