"""Whether networks have learnt: more than chance, and as much as a linear model."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.training.learnt import LEARNT_COLUMNS, learnt


def judged(level: float, linear: float, *, classes: int = 5, each: int = 20, models: int = 3):
    """Judge networks of one accuracy, on so many test samples of each class."""
    split = pd.DataFrame({"tissue": [f"c{k}" for k in range(classes)] * each, "split": "test"})
    split = pd.concat([split, split.assign(split="train")])
    rows = [("mlp", side, found) for side, found in (("test", level), ("train", 1.0))] * models
    accuracy = pd.DataFrame(rows, columns=["architecture", "split", "balanced_accuracy"])
    table = learnt(accuracy, split, pd.DataFrame({"balanced_accuracy": [linear]}))
    assert list(table) == LEARNT_COLUMNS
    assert table["test_samples"].tolist() == [classes * each]
    assert table["models"].tolist() == [models]
    return table.iloc[0]


@pytest.mark.parametrize(
    ("level", "linear", "expected"),
    [
        (0.97, 0.98, True),
        (0.89, 0.98, True),
        (0.85, 0.98, False),
        (0.20, 0.20, False),
        (0.29, 0.20, False),
        (0.31, 0.20, True),
        (0.50, 0.20, True),
    ],
)
def test_margins_of_a_tenth(level: float, linear: float, expected: bool) -> None:
    assert bool(judged(level, linear)["learnt"]) is expected


def test_few_test_samples_ask_for_more() -> None:
    """With two test samples a class, two standard errors are more than a tenth."""
    row = judged(0.40, 0.20, each=2)
    assert row["over_chance"] == pytest.approx(0.2 + 2 * (0.2 * 0.8 / 10) ** 0.5)
    assert not row["learnt"]
    assert judged(0.40, 0.20, each=20)["learnt"]
    # And a shortfall that may be luck is none.
    assert judged(0.60, 0.80, each=2)["learnt"]
    assert not judged(0.60, 0.80, each=20)["learnt"]


def test_who_names_every_sample_rightly_has_learnt() -> None:
    assert judged(1.0, 0.9, classes=2, each=1)["learnt"]
    assert not judged(0.5, 0.9, classes=2, each=1)["learnt"]
