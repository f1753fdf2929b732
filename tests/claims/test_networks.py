"""What is said of shrunken CNNs, and what they cannot test."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.claims.networks import (
    ACCURACY_OF_CNNS,
    LEAST_ACCURACY,
    LISTS_OF_CNNS,
    beyond,
    shrunk,
    shrunk_remarks,
)
from helpers.claims.rulebook import RULES
from helpers.config import settings


def accuracy(level: float) -> pd.DataFrame:
    rows = [("cnn", "test", level), ("cnn", "test", level), ("cnn", "train", 1.0),
            ("mlp", "test", 0.98)]  # fmt: skip
    return pd.DataFrame(rows, columns=["architecture", "split", "accuracy"])


GOOD = accuracy(0.97)


def test_every_verdict_that_rests_on_shrunken_cnns_says_so() -> None:
    assert shrunk_remarks(settings("paper")) == {}
    found = shrunk_remarks(settings("quick"))
    assert set(found) == {name for name, rule in RULES.items() if "cnn" in rule.networks}
    assert {"B1", "O17", "C1", "E9", "G1", "T4"} <= set(found)
    assert {"B3", "O13", "E4", "G2", "K1", "T1", "T3"}.isdisjoint(found)
    assert "feature maps 4/16/32 instead of 64/128/256 and at most 6 epochs" in found["B1"]
    assert shrunk(settings("paper", cnn_max_epochs=7)) == "at most 7 epochs"
    # More epochs than the paper's profile are no shrinking.
    assert shrunk(settings("paper", cnn_max_epochs=200)) == ""


def test_the_papers_networks_can_test_everything() -> None:
    assert beyond(settings("paper"), GOOD) == {}
    assert beyond(settings("paper"), None) == {}
    assert beyond(settings("paper"), GOOD.query("architecture == 'mlp'")) == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cnn_channels": (31, 64, 128)}, "feature maps 31/64/128, below 32/64/128"),
        ({"cnn_channels": (64, 128, 100)}, "feature maps 64/128/100, below 32/64/128"),
        ({"cnn_models": 19}, "averages of 19 networks, fewer than 20"),
    ],
)
def test_lists_of_small_cnns_are_not_tested(changed: dict, said: str) -> None:
    found = beyond(settings("paper", **changed), GOOD)
    assert set(LISTS_OF_CNNS) <= set(found)
    assert said in found["E12"]
    enough = {"cnn_channels": (32, 64, 128), "cnn_models": 20}
    assert not set(LISTS_OF_CNNS) & set(beyond(settings("paper", **enough), GOOD))


def test_lists_of_cnns_that_learnt_little_are_not_tested() -> None:
    found = beyond(settings("paper"), accuracy(0.4))
    assert set(found) == {*LISTS_OF_CNNS, "T4"}
    assert "median test accuracy of 40.0%, below 90%" in found["G1"]
    assert beyond(settings("paper"), accuracy(LEAST_ACCURACY)) == {}


def test_the_accuracy_of_shrunken_cnns_is_not_the_papers() -> None:
    found = beyond(settings("paper", cnn_max_epochs=6), GOOD)
    assert set(found) == set(ACCURACY_OF_CNNS) == {"T2", "T5"}
    assert "at most 6 epochs" in found["T5"]


def test_statements_on_lists_of_cnns_rest_on_cnns() -> None:
    assert all("cnn" in RULES[name].networks for name in (*LISTS_OF_CNNS, *ACCURACY_OF_CNNS))
