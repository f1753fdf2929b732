"""States of the network: batches, what is measured of lists, effects, and weights."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.models import MLP
from helpers.study.network_state import batch_curves, statistics
from helpers.study.network_state.first_layer import weight_sizes
from helpers.study.network_state.states import (
    COMBINATIONS,
    MIXED,
    MODES,
    RELEASED,
    SAME,
    STATES,
    TEXT,
    batches,
)
from helpers.study.top_genes.lists import ALL_MODELS


@given(st.integers(1, 30), st.integers(0, 40), st.integers(2, 64), st.integers(0, 5))
def test_every_sample_is_explained_once_in_a_batch_of_the_size_asked_for(
    explained: int, others: int, size: int, seed: int
) -> None:
    own, rest = np.arange(explained), np.arange(explained, explained + others)
    found = list(batches(own, rest, size, np.random.default_rng(seed)))
    asked = np.concatenate([batch[:wanted] for batch, wanted in found])
    np.testing.assert_array_equal(asked, own)
    for batch, wanted in found:
        assert len(set(batch.tolist())) == len(batch) <= size
        assert set(batch[wanted:].tolist()) <= set(rest.tolist())
        assert len(batch) == min(size, wanted + others)
        assert wanted <= max(1, size // 2)


def test_the_design_is_crossed_and_holds_both_experiments() -> None:
    assert {TEXT, RELEASED} <= set(STATES)
    for mode, combine in product(MODES, COMBINATIONS):
        own = [s for s in STATES if (s.mode, s.combine) == (mode, combine)]
        assert len(own) == (3 if mode == "training" else 1)
    assert len({state.name for state in STATES}) == len(STATES)


def test_changes_compare_states_that_differ_in_one_factor() -> None:
    for change in statistics.CHANGES:
        assert len(change.after) == len(change.before) > 0
        for after, before in zip(change.after, change.before, strict=True):
            differ = {
                name for name in ("mode", "combine", "batch", "company")
                if getattr(after, name) != getattr(before, name)
            }  # fmt: skip
            allowed = {"mode": {"mode", "batch", "company"}, "combination": {"combine"},
                       "batch size": {"batch"}, "company": {"company"}}  # fmt: skip
            assert differ <= allowed[change.factor]
            assert differ


KNOWN = statistics.Compared(
    tissues=["liver", "lung"],
    changes=pd.DataFrame(),
    sets={
        "tissue_specific": lambda tissue: frozenset({f"{tissue}1", f"{tissue}2"}),
        "top_expressed": lambda tissue: frozenset(),
        "transcription_factors": lambda tissue: frozenset({"both"}),
    },
    weights={"0": frozenset({"both", "liver1"}), ALL_MODELS: frozenset({"both", "x"})},
)
"""By hand: two genes of each tissue are specific, one is a factor, and what is weighed most."""

LISTS = {
    ("0", "liver"): ["liver1", "both"],
    ("0", "lung"): ["lung1", "both"],
    ("1", "liver"): ["liver1", "liver2"],
    ("1", "lung"): ["both", "lung2"],
    (ALL_MODELS, "liver"): ["liver1", "liver2"],
    (ALL_MODELS, "lung"): ["lung1", "lung2"],
}


def test_what_is_measured_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_segregations", lambda lists, compared: iter(()))
    lists = pd.DataFrame(
        [
            {"explainer": "Saliency", "model": model, "tissue": tissue, "gene": gene}
            for (model, tissue), genes in LISTS.items()
            for gene in genes
        ]
    )
    found = pd.DataFrame(statistics.measured(lists, KNOWN), columns=statistics.MEASURED)
    value = found.set_index(["statistic", "model"])["value"]
    assert value["between_models", "0"] == 0.5
    assert np.isnan(value["between_models", ALL_MODELS])
    assert np.isnan(value["between_explainers", "0"])
    assert (value["between_tissues", "0"], value["between_tissues", ALL_MODELS]) == (0.5, 0.0)
    assert (value["tissue_specific", "0"], value["tissue_specific", "1"]) == (0.5, 0.75)
    assert value["transcription_factors", "0"] == 0.5
    assert value["largest_weights", "0"] == 0.75
    assert np.isnan(value["largest_weights", "1"])


def test_lists_of_one_tissue_share_with_none_and_no_lists_have_no_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statistics, "_segregations", lambda lists, compared: iter(()))
    one = pd.DataFrame(
        {"explainer": "Saliency", "model": "0", "tissue": "liver", "gene": ["liver1", "both"]}
    )
    none = one.iloc[:0]
    assert list(statistics.measured(none, KNOWN)) == []
    rows = pd.DataFrame(list(statistics.measured(one[one["tissue"] == "liver"], KNOWN))).set_index(
        "statistic"
    )["value"]
    assert np.isnan(rows["between_tissues"])


def test_effects_have_students_interval() -> None:
    differences = np.array([0.1, 0.4, 0.2, np.nan, 0.3])
    mean, low, high, n = statistics.paired_effect(differences)
    interval = stats.ttest_1samp(differences[~np.isnan(differences)], 0).confidence_interval()
    assert (mean, n) == (pytest.approx(0.25), 4)
    assert (low, high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert statistics.paired_effect(np.array([0.5]))[0] == 0.5
    assert np.isnan(statistics.paired_effect(np.array([0.5]))[1])
    assert np.isnan(statistics.paired_effect(np.array([np.nan]))[0])


@pytest.mark.parametrize(
    ("alike", "expected"),
    [
        (1, []),
        (2, [(2, 2)]),
        (30, [(2, 2), (4, 4), (8, 8), (16, 16), (32, 30)]),
        (300, [(n, n) for n in batch_curves.SIZES]),
    ],
)
def test_sizes_end_with_all_samples_of_the_smallest_tissue(
    alike: int, expected: list[tuple[int, int]]
) -> None:
    assert batch_curves.usable_sizes(alike) == expected


def test_weights_are_those_that_prediction_uses() -> None:
    torch.manual_seed(0)
    model = MLP(6, 3, hidden=5).double()
    with torch.no_grad():
        assert model.norm.running_var is not None
        model.norm.running_var.uniform_(0.5, 4)
        model.norm.weight.uniform_(0.5, 2)
    x = torch.zeros(1, 6, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(
        lambda rows: model.eval().norm(model.hidden(rows))[0], x
    )[:, 0]
    expected = jacobian.square().mean(dim=0).sqrt().numpy()
    np.testing.assert_allclose(weight_sizes(model), expected, rtol=1e-12)


def test_company_names_are_those_of_the_figures() -> None:
    from helpers.figures.network_state import COMPANY

    assert list(COMPANY) == [SAME, MIXED]
