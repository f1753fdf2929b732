"""Groups without copies: overlaps in which group II is algebra, or more."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest

from helpers.stability.collapsed import collapsed_groups, is_copy, without_copies
from helpers.stability.groups import PAPER_MEMBERS

NAMES = (*PAPER_MEMBERS, "mlp:DeepLift:single", "cnn:DeepLiftShap:single")


def consistency(gradient: float) -> pd.DataFrame:
    """Make overlaps: copies 0.9, InputXGradient with these `gradient`, all else 0.1."""
    rows = []
    for a, b in combinations(NAMES, 2):
        same = PAPER_MEMBERS.get(a, a) == PAPER_MEMBERS.get(b, b)
        odd = "mlp:InputXGradient:aggregated" in (a, b)
        level = 0.1 if not same else gradient if odd else 0.9
        rows.append((a, b, "liver", level))
    return pd.DataFrame(rows, columns=["a", "b", "tissue", "overlap"])


def test_copies_are_those_of_mlps_only() -> None:
    assert is_copy("mlp:IntegratedGradients:aggregated")
    assert is_copy("mlp:DeepLiftShap:single")
    assert not is_copy("cnn:DeepLiftShap:aggregated")
    assert not is_copy("mlp:DeepLift:aggregated")
    left = without_copies(consistency(0.5))
    assert not {"mlp:IntegratedGradients:aggregated", "mlp:DeepLiftShap:aggregated"} & {
        *left["a"], *left["b"],
    }  # fmt: skip


@pytest.mark.parametrize(("gradient", "together"), [(0.8, True), (0.1, False)])
def test_what_is_left_of_group_two(gradient: float, together: bool) -> None:
    found = collapsed_groups(consistency(gradient)).set_index("kept")
    assert found["members"].to_dict() == {"all": 4, "one": 2}
    assert found.loc["all", "inside"] == pytest.approx((3 * 0.9 + 3 * gradient) / 6)
    assert found.loc["one", "inside"] == pytest.approx(gradient)
    assert found.loc["one", "outside"] == pytest.approx(0.1)
    assert found.loc["one", "together"] == together
    assert found.loc["one", "others"] == 0
