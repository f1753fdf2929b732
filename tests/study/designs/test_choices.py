"""The table of choices: each option changes what it says and only that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.claims.intervals import middle
from helpers.config import Settings, settings
from helpers.datasets.registry import DATASETS
from helpers.explain.explainers import explainers
from helpers.study.designs.choices import (
    ALL_CHOICES,
    CHOICES,
    DEFAULT,
    OTHERWISE,
    chosen_settings,
    member_of,
    members,
    option_names,
    what_sources_say,
)
from helpers.study.designs.noise import spread_within_classes
from helpers.study.designs.reach import explained
from helpers.study.sensitivity.facts import completed
from helpers.study.sensitivity.statistics import concerns
from helpers.study.sensitivity.training import shuffled_labels
from helpers.study.sensitivity.verdicts import concerned

CHANGING = [
    (choice.name, option)
    for choice in ALL_CHOICES.values()
    for option in choice.options
    if option.changes
]


@pytest.mark.parametrize(("name", "option"), CHANGING, ids=lambda value: getattr(value, "name", ""))
def test_an_option_changes_one_setting_to_a_value_it_can_have(name: str, option) -> None:
    assert list(option.changes) == [name]
    assert settings("quick", **option.changes).model_dump()[name] == option.changes[name]


@pytest.mark.parametrize("name", CHOICES)
def test_the_first_option_is_the_default_of_every_profile(name: str) -> None:
    for profile in ("smoke", "quick", "paper"):
        assert CHOICES[name].default(settings(profile)) == CHOICES[name].options[0]


def test_under_an_option_all_other_settings_stay() -> None:
    run = settings("quick")
    for name in members(run, DATASETS["rnaseqdb"]):
        member = member_of(name)
        chosen = chosen_settings(run, member)
        differs = {f for f in Settings.model_fields if getattr(chosen, f) != getattr(run, f)}
        assert differs == (set() if name == DEFAULT else {member.choice.name})


def test_a_run_under_another_option_takes_that_as_its_default() -> None:
    run = settings("quick", mode="eval")
    names = members(run, DATASETS["rnaseqdb"])
    assert "mode-eval" not in names
    assert {"mode-dropout", "mode-training"} <= set(names)
    assert option_names(run)["mode", "eval"].endswith("(default)")
    assert CHOICES["training_noise"].default(settings("quick", training_noise=0.5)) == OTHERWISE


def test_options_that_cannot_be_tried_are_left_out() -> None:
    assert "split-donor" in members(settings("quick"), DATASETS["rnaseqdb"])
    assert "split-donor" not in members(settings("quick"), DATASETS["reference"])


def test_every_source_asks_for_an_option_of_every_choice() -> None:
    rows = pd.DataFrame(what_sources_say())
    assert set(rows["choice"]) == {choice.title for choice in ALL_CHOICES.values()}
    asked = rows.groupby("choice")["asked for by"].agg(" ".join)
    assert asked.str.contains("paper's text").all()
    for choice in CHOICES.values():
        assert set(explained(choice)) <= set(explainers("mlp"))


def test_what_an_option_does_not_change_is_the_defaults() -> None:
    base = pd.DataFrame(
        {"explainer": ["A", "A", "B"], "reference": ["zero", "universal", "none"], "value": 0.0}
    )
    own = pd.DataFrame({"explainer": ["A"], "reference": ["universal"], "value": 1.0})
    tables = {DEFAULT: base, "x": own, "nothing": own.iloc[:0]}
    found = completed(tables, "x").set_index(["explainer", "reference"])["value"]
    assert found.to_dict() == {("A", "zero"): 0, ("B", "none"): 0, ("A", "universal"): 1}
    for name in (DEFAULT, "nothing"):
        pd.testing.assert_frame_equal(completed(tables, name), base)


def test_a_statement_is_judged_again_only_where_an_option_can_change_it() -> None:
    single = {name for name, choice in CHOICES.items() if "B3" in concerned(choice)}
    assert single == {"mode", "combine", "rank_by", "training_noise", "split"}
    for choice in CHOICES.values():
        assert {"C4", "E4", "E10", "G2", "K1"} <= set(concerned(choice))
        members = [member_of(f"{choice.name}-{option.name}") for option in choice.options]
        assert {"zero" in member.single for member in members} == {choice.name in single}


@pytest.mark.parametrize(
    ("choice", "statistic", "answer"),
    [
        ("mode", "intra_spearman", True),
        ("mode", "inter_top100_universal", False),
        ("reference_cut", "intra_spearman", False),
        ("reference_cut", "intra_spearman_universal", True),
        ("deepliftshap", "inter_spearman", False),
        ("deepliftshap", "tau", True),
    ],
)
def test_a_number_is_told_only_where_a_choice_can_change_it(
    choice: str, statistic: str, answer: bool
) -> None:
    assert concerns(CHOICES[choice], statistic) is answer


def test_intervals_hold_their_middle() -> None:
    values = np.array([0.1, 0.4, np.nan, 0.7, 0.2, 0.3, 0.6])
    for median in (True, False):
        found, low, high = middle(values, median=median)
        assert low < found < high
    assert middle(values, median=False)[0] == pytest.approx(2.3 / 6)
    # Not even the lowest and the highest of five values hold their median often enough.
    found, low, high = middle(values[:-1], median=True)
    assert found == pytest.approx(0.3)
    assert np.isnan([low, high]).all()
    assert np.isnan(middle(np.array([np.nan]), median=True)).all()


def test_shuffled_labels_keep_the_sizes_of_classes_and_the_test_samples() -> None:
    rng = np.random.default_rng(0)
    names = [f"s{i}" for i in range(300)]
    labels = pd.Series(rng.choice(["a", "b", "c"], 300), index=names)
    sides = pd.Series(rng.choice(["train", "validation", "test"], 300), index=names)
    shuffled = shuffled_labels(labels, sides, seed=1)
    for side in ("train", "validation", "test"):
        own = sides == side
        assert shuffled[own].value_counts().to_dict() == labels[own].value_counts().to_dict()
    test = sides == "test"
    assert (shuffled[test] == labels[test]).all()
    assert (shuffled[~test] == labels[~test]).mean() < 0.5
    assert shuffled_labels(labels, sides, seed=1).equals(shuffled)
    assert not shuffled_labels(labels, sides, seed=2).equals(shuffled)


def test_the_spread_within_classes_does_not_see_their_means() -> None:
    rng = np.random.default_rng(0)
    classes = np.repeat(["a", "b"], 500)
    x = rng.normal(0, [0.5, 2.0], size=(1000, 2)) + np.where(classes == "a", 0, 10)[:, None]
    assert spread_within_classes(x, classes) == pytest.approx([0.5, 2.0], rel=0.05)
