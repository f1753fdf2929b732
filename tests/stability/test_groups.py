from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from helpers.errors import BadInputError, UnknownNameError
from helpers.stability import (
    PAPER_GROUPS,
    architecture_rand,
    find_groups,
    group_members,
    paper_group,
    stand_out,
)

MEMBERS = [name for members in PAPER_GROUPS.values() for name in members]
OTHERS = [f"cnn:{name}:single" for name in ("Saliency", "DeepLift", "InputXGradient")]


def overlaps(labels: dict[str, object], within: float = 0.8, seed: int = 0) -> pd.DataFrame:
    """Overlaps of combinations that agree if they have the same label."""
    rng, names = np.random.default_rng(seed), list(labels)
    rows = [
        (a, b, tissue, (within if labels[a] == labels[b] else 0.05) + rng.uniform(0, 0.05))
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        for tissue in ("liver", "lung")
    ]
    return pd.DataFrame(rows, columns=["a", "b", "tissue", "overlap"])


PLANTED = {name: paper_group(name) for name in MEMBERS} | {name: name for name in OTHERS}


def test_the_paper_has_eleven_members() -> None:
    assert [len(members) for members in PAPER_GROUPS.values()] == [5, 4, 2]
    assert len(set(MEMBERS)) == 11
    assert paper_group("mlp:Saliency:aggregated") == "III"
    assert paper_group("mlp:Saliency:single") == ""


def test_planted_groups_are_found() -> None:
    found = find_groups(overlaps(PLANTED))
    assert found.adjusted_rand == 1
    assert found.moved == found.absent == ()
    assert found.table.columns.tolist() == ["combination", "cluster", "paper_group"]
    assert sorted(found.table["combination"]) == sorted(PLANTED)
    # Clusters are numbered in the order of the dendrogram, and each is one run of it.
    runs = found.table["cluster"].diff().fillna(1).ne(0).cumsum()
    assert runs.tolist() == found.table["cluster"].tolist()


def test_the_rule_is_the_largest_silhouette() -> None:
    found = find_groups(overlaps(PLANTED, within=0.3))
    assert found.choice["clusters"].tolist() == list(range(2, 9))
    chosen = found.choice[found.choice["chosen"]]
    assert len(chosen) == 1
    assert chosen["silhouette"].item() == found.choice["silhouette"].max()
    square = np.ones((len(found.names),) * 2)
    for row in overlaps(PLANTED, within=0.3).groupby(["a", "b"])["overlap"].mean().items():
        (a, b), value = row
        i, j = found.names.index(a), found.names.index(b)
        square[i, j] = square[j, i] = value
    cluster = found.table.set_index("combination")["cluster"].loc[list(found.names)]
    expected = silhouette_score(1 - square, cluster, metric="precomputed")
    assert chosen["silhouette"].item() == pytest.approx(expected)


def test_members_elsewhere_are_named() -> None:
    away = "mlp:InputXGradient:aggregated"
    found = find_groups(overlaps(PLANTED | {away: "I"}))
    assert found.moved == (away,)
    rows = found.table[found.table["paper_group"] != ""]
    expected = adjusted_rand_score(rows["paper_group"], rows["cluster"])
    assert found.adjusted_rand == pytest.approx(expected)
    assert 0 < found.adjusted_rand < 1


def test_what_the_architecture_alone_tells() -> None:
    groups = [paper_group(name) for name in MEMBERS]
    expected = adjusted_rand_score(groups, [name[:3] for name in MEMBERS])
    assert 0.5 < expected < 1
    assert architecture_rand([*MEMBERS, *OTHERS]) == pytest.approx(expected)
    assert find_groups(overlaps(PLANTED)).architecture_rand == pytest.approx(expected)
    assert architecture_rand([*PAPER_GROUPS["I"], *PAPER_GROUPS["II"]]) == 1
    assert np.isnan(architecture_rand(PAPER_GROUPS["I"]))


def test_only_mlps() -> None:
    labels = {name: group for name, group in PLANTED.items() if name.startswith("mlp")}
    found = find_groups(overlaps(labels))
    assert found.adjusted_rand == 1
    assert found.absent == PAPER_GROUPS["I"]


def test_no_members_no_agreement() -> None:
    found = find_groups(overlaps({f"mlp:{name}:single": name == "A" for name in "ABCD"}))
    assert np.isnan(found.adjusted_rand)
    assert found.moved == ()
    assert found.choice["clusters"].tolist() == [2, 3]


def test_groups_stand_out_from_what_is_around_them() -> None:
    table = overlaps(PLANTED)
    found = stand_out(table).set_index(["paper_group", "tissue"])
    assert found["members"].groupby("paper_group").first().to_dict() == {"I": 5, "II": 4, "III": 2}
    third = set(PAPER_GROUPS["III"])
    rows = table[table["tissue"] == "lung"]
    one = rows["a"].isin(third) != rows["b"].isin(third)
    both = rows["a"].isin(third) & rows["b"].isin(third)
    row = found.loc[("III", "lung")]
    assert row["within"] == pytest.approx(rows.loc[both, "overlap"].mean())
    assert row["outside"] == pytest.approx(rows.loc[one, "overlap"].mean())


def test_bad_input() -> None:
    with pytest.raises(BadInputError, match="at least three combinations, but there are 2"):
        find_groups(overlaps({"mlp:A:single": 1, "mlp:B:single": 2}))


def test_combinations_that_are_equally_far_from_each_other_are_one_cluster() -> None:
    same = overlaps(dict.fromkeys(["mlp:A:single", "mlp:B:single", "mlp:C:single"], 1))
    found = find_groups(same.assign(overlap=0.0))
    assert found.table["cluster"].tolist() == [1, 1, 1]
    assert found.choice["chosen"].tolist() == [True]
    assert group_members(found.table, "ours").empty


def test_groups_can_be_the_papers_or_ours() -> None:
    moved = PLANTED | {
        "mlp:InputXGradient:aggregated": "III", "cnn:DeepLift:single": "II",
    }  # fmt: skip
    table = find_groups(overlaps(moved)).table
    paper, ours = (group_members(table, which) for which in ("paper", "ours"))
    for name, members in PAPER_GROUPS.items():
        assert set(paper.loc[paper["group"] == name, "combination"]) == set(members)
        same = {combination for combination, label in moved.items() if label == name}
        assert set(ours.loc[ours["group"] == name, "combination"]) == same
    with pytest.raises(UnknownNameError, match="'theirs'"):
        group_members(table, "theirs")
