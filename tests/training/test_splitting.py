"""Splits are 9:1 in each class, and donors never straddle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import BadInputError, UnknownNameError
from helpers.training.splitting import folds, hold_out, split

SIDES = {"train", "validation", "test"}
sizes = st.lists(st.integers(5, 60), min_size=1, max_size=6)
seeds = st.integers(0, 2**32)


def samples(class_sizes: list[int], seed: int = 0) -> pd.DataFrame:
    tissue = np.repeat([f"tissue {i}" for i in range(len(class_sizes))], class_sizes)
    tissue = np.random.default_rng(seed).permutation(tissue)
    return pd.DataFrame({"tissue": tissue}, index=[f"s{i}" for i in range(len(tissue))])


def donated(seed: int, donors: int = 60, tissues: int = 6) -> pd.DataFrame:
    """Make donors who each gave some tissues, the first tissue the rarest."""
    generator = np.random.default_rng(seed)
    chance = np.linspace(0.2, 0.9, tissues)
    given_by = [
        (d, t) for d in range(donors) for t in range(tissues) if generator.random() < chance[t]
    ]
    obs = pd.DataFrame(given_by, columns=["donor", "tissue"]).astype(str)
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


@given(sizes, seeds)
@settings(max_examples=50, deadline=None)
def test_a_tenth_of_each_class(class_sizes: list[int], seed: int) -> None:
    obs = samples(class_sizes)
    sides = split(obs, seed=seed)
    assert sides.index.equals(obs.index)
    assert set(sides) == SIDES
    for tissue, part in sides.groupby(obs["tissue"]):
        n = class_sizes[int(str(tissue).split()[1])]
        test, validation = (part == "test").sum(), (part == "validation").sum()
        assert test == max(1, np.floor(n / 10 + 0.5))
        assert validation == max(1, np.floor((n - test) / 10 + 0.5))


@given(sizes, st.integers(2, 5), seeds)
@settings(max_examples=50, deadline=None)
def test_folds_are_even_and_complete(class_sizes: list[int], n_folds: int, seed: int) -> None:
    obs = samples(class_sizes)
    fold = folds(obs, n_folds, seed)
    assert fold.index.equals(obs.index)
    counts = pd.crosstab(obs["tissue"], fold)
    assert list(counts.columns) == list(range(n_folds))
    assert (counts.max(axis=1) - counts.min(axis=1) <= 1).all()
    assert np.ptp(fold.value_counts()) <= 1


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_donors_never_straddle(seed: int) -> None:
    obs = donated(seed)
    for sides, wanted in (
        (split(obs, by="donor", seed=seed), {"train": 0.81, "validation": 0.09, "test": 0.1}),
        (folds(obs, 5, seed, by="donor"), dict.fromkeys(range(5), 0.2)),
        (hold_out(obs, by="donor", seed=seed), {"train": 0.9, "validation": 0.1}),
    ):
        assert (sides.groupby(obs["donor"]).nunique() == 1).all()
        counts = pd.crosstab(obs["tissue"], sides)
        assert (counts > 0).all(axis=None)
        total = counts.sum(axis=1)
        for side, share in wanted.items():
            assert (abs(counts[side] - share * total) <= 1.5 + 0.03 * total).all()


def test_rare_class_reaches_every_side_where_only_few_choices_work() -> None:
    # Class "rare" has three donors who all gave the common classes too.
    obs = pd.DataFrame(
        [("rare", f"d{d}") for d in range(3)]
        + [(tissue, f"d{d}") for tissue in ("a", "b") for d in range(30)],
        columns=["tissue", "donor"],
    )
    sides = split(obs, by="donor", seed=0)
    assert set(sides[obs["tissue"] == "rare"]) == SIDES


def test_impossible_overlap_of_donors_is_named() -> None:
    # Four donors, every three of them make a class: no three-way division serves them all.
    obs = pd.DataFrame(
        [(f"without {out}", f"d{d}") for out in range(4) for d in range(4) if d != out],
        columns=["tissue", "donor"],
    )
    with pytest.raises(BadInputError, match=r"'without \d' shares its donors"):
        split(obs, by="donor", seed=0)


def test_same_seed_same_split_and_another_seed_another() -> None:
    obs = samples([30, 40])
    assert split(obs, seed=1).equals(split(obs, seed=1))
    assert not split(obs, seed=1).equals(split(obs, seed=2))
    assert folds(obs, 5, 1).equals(folds(obs, 5, 1))
    assert not folds(obs, 5, 1).equals(folds(obs, 5, 2))
    obs = donated(0)
    assert split(obs, by="donor", seed=1).equals(split(obs, by="donor", seed=1))


def test_folds_do_not_repeat_the_draws_of_the_split() -> None:
    obs = pd.DataFrame({"tissue": ["liver"] * 40}, index=[f"s{i}" for i in range(40)])
    dealt = np.empty(40, dtype=int)
    dealt[np.random.default_rng(3).permutation(40)] = np.arange(40) % 5
    assert (folds(obs, 5, seed=3).to_numpy() != dealt).any()


def test_samples_without_donor_stand_for_themselves() -> None:
    obs = samples([30]).assign(
        donor=pd.Series(["d"] * 4 + [None] * 20 + [""] * 6, dtype=object).to_numpy()
    )
    sides = split(obs, by="donor", seed=0)
    assert sides[:4].nunique() == 1
    assert (sides == "test").sum() == 3


def test_classes_too_small_are_named() -> None:
    with pytest.raises(BadInputError, match=r"'tissue 1' has 2 samples, .*at least 3.*leave"):
        split(samples([10, 2]), seed=0)
    with pytest.raises(BadInputError, match=r"'tissue 0' has 1 sample, "):
        split(samples([1]), seed=0)
    with pytest.raises(BadInputError, match=r"'tissue 0' has 4 samples, .*5-fold.*at least 5"):
        folds(samples([4, 9]), 5, 0)
    obs = samples([10]).assign(donor=["a"] * 5 + ["b"] * 5)
    with pytest.raises(BadInputError, match=r"'tissue 0' has 2 donors, .*at least 3"):
        split(obs, by="donor", seed=0)


@pytest.mark.parametrize("donors", [{}, {"donor": None}, {"donor": " "}])
def test_unknown_donors(donors: dict[str, str | None]) -> None:
    with pytest.raises(BadInputError, match="split by tissue"):
        split(samples([10]).assign(**donors), by="donor", seed=0)


def test_unknown_way_to_split() -> None:
    with pytest.raises(UnknownNameError, match="'donor'"):
        split(samples([10]), by="donors", seed=0)


def test_hold_out_keeps_every_class_in_training() -> None:
    obs = samples([1, 2, 30])
    counts = pd.crosstab(obs["tissue"], hold_out(obs, seed=0))
    assert counts["train"].tolist() == [1, 1, 27]
    with pytest.raises(BadInputError, match="more folds"):
        hold_out(samples([1, 1]), seed=0)


def test_the_only_donor_of_a_class_trains() -> None:
    # By numbers alone donor 1, the only one of class c, would be the best to validate on.
    given_by = {"a": [5, 5, 4], "b": [0, 0, 2], "c": [0, 3, 0], "d": [0, 0, 5]}
    obs = pd.DataFrame(
        [(t, f"d{d}") for t, by in given_by.items() for d, n in enumerate(by) for _ in range(n)],
        columns=["tissue", "donor"],
    )
    for seed in range(20):
        sides = hold_out(obs, by="donor", seed=seed)
        assert set(obs["tissue"][sides == "train"]) == set(given_by)
        assert "validation" in set(sides)


def test_the_scripts_sizes_are_a_twentieth_each_of_the_same_order() -> None:
    tissues = np.repeat(["liver", "lung"], [30, 100])
    obs = pd.DataFrame({"tissue": tissues}, index=[f"s{k}" for k in range(130)])
    text, scripts = (split(obs, by=by, seed=3) for by in ("tissue", "tissue_90_5_5"))
    counts = scripts.groupby(tissues).value_counts().unstack()
    assert counts.loc["liver", ["train", "validation", "test"]].tolist() == [26, 2, 2]
    assert counts.loc["lung", ["train", "validation", "test"]].tolist() == [90, 5, 5]
    # What is tested by the scripts is tested by the text, and none of it is trained on there.
    assert set(scripts.index[scripts == "test"]) < set(text.index[text == "test"])
    assert not set(scripts.index[scripts == "validation"]) & set(text.index[text == "train"])
