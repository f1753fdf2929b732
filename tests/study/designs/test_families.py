"""Families of models: how many there are, and in which order each reads genes."""

from __future__ import annotations

import pytest

from helpers.config import settings
from helpers.study.designs.families import FAMILIES

MORE = FAMILIES["cnn_more_orders"]


@pytest.mark.parametrize(("orders", "models"), [(0, 0), (1, 3), (2, 6)])
def test_cnns_that_share_further_orders_are_as_many_for_each(orders: int, models: int) -> None:
    chosen = settings("quick", cnn_more_orders=orders, cnn_one_order_models=3, inter_models=3)
    members = MORE.members(chosen)
    assert len(members) == MORE.count(chosen) == models
    found = [MORE.arguments(chosen, int(name))["gene_order"] for name in members]
    assert found == [f"random-{1000 + i}" for i in range(orders) for _ in range(3)]


def test_no_shared_order_is_that_of_a_single_cnn() -> None:
    chosen = settings("paper")
    own = {FAMILIES["cnn"].arguments(chosen, i)["gene_order"] for i in range(chosen.cnn_models)}
    shared = {MORE.arguments(chosen, int(name))["gene_order"] for name in MORE.members(chosen)}
    assert shared
    assert not own & shared
    assert chosen.cnn_gene_order not in own | shared


def test_other_families_have_the_size_that_is_set() -> None:
    chosen = settings("quick")
    assert FAMILIES["mlp"].count(chosen) == len(FAMILIES["mlp"].members(chosen)) == 20
    assert FAMILIES["cnn_one_order"].count(chosen) == 5
