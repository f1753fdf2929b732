"""The floor on steps of the optimiser: few samples make few batches."""

from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.config import settings
from helpers.study.designs.families import FAMILIES
from helpers.training import Hyperparameters, Regime, accuracy_table, split, train_member
from helpers.training.enough_steps import (
    SMALLEST_BATCH,
    drawn_in_an_epoch,
    fewest_steps,
    with_enough_steps,
)
from helpers.training.loop import batch_sizes

RATES = Hyperparameters(0.001, 0.001)


@given(
    drawn=st.integers(2, 5000),
    batch=st.integers(2, 512),
    epochs=st.integers(1, 120),
    patience=st.integers(1, 30),
    floor=st.integers(0, 400),
    schedule=st.sampled_from(["plateau", "one_cycle"]),
)
def test_no_training_ends_before_the_floor(
    drawn: int, batch: int, epochs: int, patience: int, floor: int, schedule: str
) -> None:
    asked = Regime(RATES, epochs, batch, schedule=schedule, stop_after=patience,
                   minimum_steps=floor)  # fmt: skip
    found = with_enough_steps(asked, drawn)
    assert fewest_steps(found, drawn) >= floor
    assert with_enough_steps(found, drawn) is found
    # Nothing is changed without need, and nothing is made shorter.
    assert (found is asked) == (fewest_steps(asked, drawn) >= floor)
    assert found.batch_size <= batch
    assert found.batch_size >= min(batch, SMALLEST_BATCH)
    assert found.max_epochs >= epochs
    assert found.stop_after >= patience
    assert found.reduce_after >= asked.reduce_after


def test_the_rule_by_hand() -> None:
    quick = Regime(RATES, max_epochs=15, batch_size=256, minimum_steps=100)
    # 189 samples in 7 classes: 22 of each train, an epoch has 154.
    found = with_enough_steps(quick, 154)
    assert (found.batch_size, found.max_epochs, found.stop_after) == (19, 15, 15)
    assert len(batch_sizes(154, 19)) * 15 == 135
    # 100 samples in 5 classes: 16 of each train; batches of 16, and a third more epochs.
    found = with_enough_steps(quick, 80)
    assert (found.batch_size, found.max_epochs, found.stop_after) == (16, 20, 20)
    assert found.reduce_after == 7
    assert drawn_in_an_epoch(np.repeat([0, 1, 3], [4, 9, 2])) == 27


@pytest.mark.parametrize(
    ("profile", "drawn"), [("smoke", 83 * 4), ("quick", 83 * 24), ("paper", 83 * 32)]
)
def test_data_with_enough_samples_are_trained_on_as_before(profile: str, drawn: int) -> None:
    """The data set reference, class by class: what its profiles train on."""
    chosen = settings(profile)
    for family in FAMILIES.values():
        asked = family.regime(chosen)
        assert asked.minimum_steps == chosen.minimum_steps
        assert with_enough_steps(asked, drawn) is asked


@pytest.fixture(scope="module")
def few() -> anndata.AnnData:
    """189 samples of 200 genes in 7 classes, each with four genes that are higher there."""
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(7), 27)
    x = rng.gamma(4, 1, 200) + rng.normal(0, 1, (189, 200))
    for number in range(7):
        x[classes == number, 4 * number : 4 * number + 4] += 2.5
    obs = pd.DataFrame({"tissue": [f"class {number}" for number in classes]},
                       index=[f"s{i}" for i in range(189)])  # fmt: skip
    var = pd.DataFrame(index=[f"G{i}" for i in range(200)])
    return anndata.AnnData(np.maximum(x, 0).astype(np.float32), obs=obs, var=var)


def test_networks_learn_from_few_samples_with_the_floor_alone(few: anndata.AnnData) -> None:
    sides = split(few.obs, seed=0)

    def accuracy(**changed: Any) -> float:
        family, chosen = FAMILIES["mlp"], settings("quick", **changed)
        models = [
            train_member(few, sides, number, hyperparameter_spread=0.2,
                         **family.arguments(chosen, number))
            for number in range(3)
        ]  # fmt: skip
        table = accuracy_table(models, few, sides)
        assert set(table["split"]) == {"train", "validation", "test"}
        return float(table.loc[table["split"] == "test", "balanced_accuracy"].median())

    assert accuracy(minimum_steps=0) < 0.7
    assert accuracy() > 0.9
