"""The steps on tiny files: the states are what they say, and batches hold whom they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.explain import explain
from helpers.models import MLP
from helpers.study import Study
from helpers.study.catalogue import STEPS
from helpers.study.network_state import lists, training
from helpers.study.network_state.states import MIXED, RELEASED, STATES, State
from helpers.study.top_genes.lists import ALL_MODELS
from helpers.workflow.step import Context


@pytest.fixture(scope="module")
def context(tiny_study: Study) -> Context:
    tiny_study.ensure(lists.LISTS)
    return Context(tiny_study, STEPS[lists.LISTS])


def test_in_evaluation_mode_a_list_is_the_gradient(context: Context, tiny_study: Study) -> None:
    found = tiny_study.member(lists.LISTS, "Saliency")
    assert set(found["state"]) == {state.name for state in STATES}
    (number, model), *_ = lists.models_of(context)
    group = lists.groups_of(context)[0]
    place = model.classes.index(group.tissue)
    scores = explain(
        model.model, group.x, np.full(len(group.x), place), explainer="Saliency", mode="eval",
        seed=0,
    )  # fmt: skip
    means = pd.Series(scores[0].mean(axis=0), index=context["data/expression"].var_names)
    expected = set(means.nlargest(context.settings.top).index)
    own = found[
        (found["state"] == "eval, signed_mean") & (found["tissue"] == group.tissue)
        & (found["model"] == str(int(number)))
    ]  # fmt: skip
    assert set(own["gene"]) == expected


@pytest.mark.parametrize("company", ["one tissue", MIXED])
def test_batches_hold_samples_of_the_company_asked_for(
    context: Context, monkeypatch: pytest.MonkeyPatch, company: str
) -> None:
    seen: list[np.ndarray] = []

    def watch(models: list[MLP], x: np.ndarray, target: list[int], **more: Any) -> np.ndarray:
        seen.append(np.asarray(target))
        return np.zeros((1, 1, len(more["rows"]), x.shape[1]))

    monkeypatch.setattr(lists, "explain_batch", watch)
    groups = lists.groups_of(context)[:1]
    lists.listed(context, lists.models_of(context)[:1], groups, "Saliency",
                 State("training", "signed_mean", 8, company))  # fmt: skip
    assert all(len(target) == 8 for target in seen)
    kinds = {int(t) for target in seen for t in target}
    assert (len(kinds) == 1) is (company == "one tissue")


def test_a_tissue_of_one_sample_is_left_out_of_batches_of_its_own(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = lists.groups_of(context)
    alone = groups[0].tissue
    adata = context["data/expression"]
    first = np.flatnonzero((adata.obs["tissue"].astype(str) == alone).to_numpy())
    fewer = adata[np.setdiff1d(np.arange(len(adata)), first[1:])]

    class Fewer:
        def __getitem__(self, name: str) -> object:
            return fewer

    kept = lists.in_company(Fewer(), groups, RELEASED.company)  # type: ignore[arg-type]
    assert [group.tissue for group in kept] == [g.tissue for g in groups if g.tissue != alone]
    assert lists.in_company(Fewer(), groups, MIXED) == groups  # type: ignore[arg-type]
    none = lists.listed(context, lists.models_of(context), [], "Saliency", RELEASED)
    assert none.empty


def test_norms_differ_from_the_runs_models_in_nothing_but_the_norm(tiny_study: Study) -> None:
    tiny_study.ensure("tables/norms")
    names = tiny_study.members(training.TRAINED)
    assert {name.split("-")[0] for name in names} == {"layer", "none"}
    trained = tiny_study.member(training.TRAINED, names[0]).model
    assert isinstance(trained.norm, torch.nn.LayerNorm)
    table = tiny_study.get("tables/norms")
    assert set(table["norm"]) == {"batch", "layer", "none"}
    assert set(table["mode"]) == {"dropout", "training"}


@pytest.mark.parametrize("norm", ["layer", "none"])
def test_without_batchnorm_the_batch_changes_nothing(norm: str) -> None:
    torch.manual_seed(1)
    model = MLP(7, 3, hidden=6, norm=norm, dropout=0.0).double()
    x = np.random.default_rng(0).uniform(0, 5, (4, 7))
    target = np.array([0, 1, 2, 0])
    how: Any = {"explainer": "Saliency", "mode": "training", "seed": 0, "engine": "captum"}
    whole = explain(model, x, target, **how)[0]
    pair = explain(model, x[:2], target[:2], **how)[0]
    np.testing.assert_allclose(whole[:2], pair, rtol=1e-12)
    batch = MLP(7, 3, hidden=6, dropout=0.0).double()
    batch.load_state_dict({**batch.state_dict(), **{
        name: value for name, value in model.state_dict().items() if not name.startswith("norm")
    }})  # fmt: skip
    apart = explain(batch, x[:2], target[:2], **how)[0]
    assert not np.allclose(explain(batch, x, target, **how)[0][:2], apart, rtol=1e-3)


def test_effects_are_paired_by_model(tiny_study: Study) -> None:
    tiny_study.ensure("tables/state_effects")
    effects = tiny_study.get("tables/state_effects")
    table = tiny_study.get("tables/state_statistics")
    row = effects[
        (effects["factor"] == "company") & (effects["explainer"] == "Saliency")
        & (effects["statistic"] == "between_tissues")
    ].iloc[0]  # fmt: skip
    single = table[
        (table["model"] != ALL_MODELS) & (table["explainer"] == "Saliency")
        & (table["statistic"] == "between_tissues") & (table["batch"] == 256)
    ]  # fmt: skip
    means = single.groupby(["company", "model"])["value"].mean().unstack(0)
    assert row["effect"] == pytest.approx((means["mixed"] - means["one tissue"]).mean())
    assert row["n"] == len(means)
