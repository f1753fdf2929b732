from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.errors import BadInputError, UnknownNameError
from helpers.stability import (
    CONSISTENCY_COLUMNS,
    chance_interval,
    chance_overlap,
    combination_name,
    mean_over_models,
    overlap_square,
    pairwise_overlap,
    relations,
    split_name,
    top_lists,
)


def table(lists: dict[tuple, list[str]], extra: tuple[str, ...] = ()) -> pd.DataFrame:
    """Lists by (architecture, explainer, aggregated, tissue, *extra)."""
    rows = [(*key, rank, gene) for key, of in lists.items() for rank, gene in enumerate(of, 1)]
    names = ["architecture", "explainer", "aggregated", "tissue", *extra, "rank", "gene"]
    return pd.DataFrame(rows, columns=names)


def random_lists(seed: int = 0, k: int = 10) -> dict[tuple, list[str]]:
    rng = np.random.default_rng(seed)
    return {
        (architecture, explainer, aggregated, tissue): [
            f"G{i}" for i in rng.choice(40, k, replace=False)
        ]
        for architecture in ("cnn", "mlp")
        for explainer in ("Saliency", "DeepLift", "InputXGradient")
        for aggregated in (False, True)
        for tissue in ("liver", "lung")
    }


def test_overlap_is_that_of_sets() -> None:
    lists = random_lists()
    found = pairwise_overlap(table(lists))
    assert found.columns.tolist() == CONSISTENCY_COLUMNS
    assert CONSISTENCY_COLUMNS == ["a", "b", "tissue", "overlap", "same_model"]
    assert len(found) == 2 * 12 * 11 / 2
    for row in found.itertuples():
        a, b = (set(lists[(*split_name(name), row.tissue)]) for name in (row.a, row.b))
        assert row.overlap == pytest.approx(len(a & b) / 10)
        assert row.a != row.b


def test_the_order_of_rows_within_lists_does_not_matter() -> None:
    whole = table(random_lists())
    shuffled = whole.sample(frac=1, random_state=0)
    keys = ["a", "b", "tissue"]
    square = overlap_square(pairwise_overlap(whole))
    other = overlap_square(pairwise_overlap(shuffled))
    pd.testing.assert_frame_equal(other.loc[square.index, square.columns], square)
    assert not pairwise_overlap(whole).duplicated(keys).any()


def test_lists_of_several_models_are_averaged() -> None:
    key = ("mlp", "DeepLift")
    lists = {
        (*key, False, "liver", 0): list("abcd"),
        (*key, False, "liver", 1): list("abxy"),
        (*key, True, "liver", np.nan): list("abcd"),
    }
    found = pairwise_overlap(table(lists, ("model",)))
    assert len(found) == 1
    assert found["overlap"].item() == pytest.approx((1 + 0.5) / 2)
    assert np.isnan(found["same_model"].item())


def test_lists_of_one_model_are_told_from_lists_of_two() -> None:
    lists = {
        ("mlp", "A", False, "liver", "0"): list("abcd"),
        ("mlp", "A", False, "liver", "1"): list("wxyz"),
        ("mlp", "B", False, "liver", "0"): list("abcx"),
        ("mlp", "B", False, "liver", "1"): list("wxya"),
        ("cnn", "A", False, "liver", "0"): list("abcd"),
    }
    found = pairwise_overlap(table(lists, ("model",))).set_index(["a", "b"])
    own = found.loc[("mlp:A:single", "mlp:B:single")]
    assert own["same_model"] == pytest.approx(0.75)
    assert own["overlap"] == pytest.approx((0.75 + 0.25 + 0.25 + 0.75) / 4)
    # Models of two architectures are not one because they have the same number.
    assert np.isnan(found.loc[("mlp:A:single", "cnn:A:single"), "same_model"])
    means = relations(found.reset_index()).set_index("relation")["overlap"]
    assert means["mlp_same_model"] == pytest.approx(0.75)
    assert means["mlp_single"] == pytest.approx(0.5)


def test_matrix_is_the_mean_over_tissues() -> None:
    found = pairwise_overlap(table(random_lists()))
    square = overlap_square(found)
    assert np.array_equal(square, square.T)
    assert np.array_equal(np.diag(square), np.ones(12))
    row = found.iloc[7]
    both = found[(found["a"] == row["a"]) & (found["b"] == row["b"])]["overlap"]
    assert square.loc[row["b"], row["a"]] == pytest.approx(both.mean())


def test_combinations_without_a_common_tissue_have_no_overlap() -> None:
    lists = {
        ("mlp", "A", True, "liver"): ["a"], ("mlp", "B", True, "liver"): ["a"],
        ("mlp", "A", True, "lung"): ["a"], ("mlp", "C", True, "lung"): ["a"],
    }  # fmt: skip
    with pytest.raises(BadInputError, match="no tissue in common"):
        overlap_square(pairwise_overlap(table(lists)))


def test_relations_average_the_pairs_of_the_claims() -> None:
    found = pairwise_overlap(table(random_lists()))
    means = relations(found).set_index(["relation", "tissue"])
    square = {(r.a, r.b, r.tissue): r.overlap for r in found.itertuples()}
    square |= {(b, a, tissue): value for (a, b, tissue), value in square.items()}
    names = [combination_name("cnn", e, True) for e in ("Saliency", "DeepLift", "InputXGradient")]
    expected = np.mean([square[a, b, "lung"] for a, b in combinations(names, 2)])
    assert means.loc[("cnn_aggregated", "lung"), "overlap"] == pytest.approx(expected)
    mlp = [name.replace("cnn", "mlp") for name in names]
    mlp += [name.replace("aggregated", "single") for name in mlp]
    expected = np.mean([square[a, b, "liver"] for a in names for b in mlp])
    assert means.loc[("cnn_aggregated_mlp", "liver"), "overlap"] == pytest.approx(expected)
    expected = np.mean([square[a, a.replace("aggregated", "single"), "liver"] for a in names])
    assert means.loc[("cnn_same_explainer", "liver"), "overlap"] == pytest.approx(expected)
    pairs = means["pairs"].groupby("relation").first().to_dict()
    assert pairs == {
        "cnn_single": 3, "cnn_aggregated": 3, "mlp_single": 3, "mlp_aggregated": 3,
        "cnn_same_model": 3, "mlp_same_model": 3,
        "cnn_aggregated_mlp": 18, "cnn_same_explainer": 3, "cnn_other_explainer": 6,
        "mlp_same_explainer": 3, "mlp_other_explainer": 6,
    }  # fmt: skip


def test_relations_that_have_no_pair_are_left_out() -> None:
    lists = {key: of for key, of in random_lists().items() if key[0] == "mlp"}
    found = relations(pairwise_overlap(table(lists)))
    assert set(found["relation"].str[:3]) == {"mlp"}


def test_chance_is_the_mean_overlap_of_random_lists() -> None:
    assert chance_overlap(100, 19_009) == pytest.approx(0.00526, abs=1e-5)
    rng = np.random.default_rng(0)
    draws = rng.hypergeometric(50, 150, 50, size=20_000) / 50
    assert chance_overlap(50, 200) == pytest.approx(draws.mean(), abs=0.005)
    low, high = chance_interval(50, 200)
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx([low, high], abs=0.021)
    assert low == stats.hypergeom(200, 50, 50).ppf(0.025) / 50
    with pytest.raises(BadInputError, match="list of 100 genes cannot be taken from 60"):
        chance_interval(100, 60)


@given(st.booleans(), st.sampled_from(["cnn", "mlp"]), st.sampled_from(["A", "GuidedGradCam++"]))
def test_names_can_be_taken_apart(aggregated: bool, architecture: str, explainer: str) -> None:
    name = combination_name(architecture, explainer, aggregated)
    assert split_name(name) == (architecture, explainer, aggregated)


def test_bad_input() -> None:
    good = table({("mlp", "A", True, "liver"): ["a", "b"], ("mlp", "B", True, "liver"): ["a", "c"]})
    with pytest.raises(BadInputError, match="no column 'tissue'"):
        top_lists(good.drop(columns="tissue"))
    with pytest.raises(BadInputError, match="is empty"):
        top_lists(good.iloc[:0])
    with pytest.raises(BadInputError, match=r"equally long.*mlp:B:aggregated in 'liver' has 1"):
        top_lists(good.iloc[:3])
    with pytest.raises(BadInputError, match=r"'a' is twice.*column 'model'"):
        top_lists(pd.concat([good, good]))
    with pytest.raises(BadInputError, match="True or False, not 'yes'"):
        top_lists(good.assign(aggregated="yes"))
    with pytest.raises(BadInputError, match="names no combination"):
        split_name("DeepLift")
    with pytest.raises(UnknownNameError, match="did you mean 'single'"):
        split_name("mlp:DeepLift:singles")


def test_rows_of_different_models_are_averaged() -> None:
    table = pd.DataFrame(
        {
            "architecture": "mlp", "explainer": "DeepLift", "aggregated": [False, False, True],
            "model": ["0", "1", "all"], "tissue": "liver", "hits": [10, 20, 40],
            "p": [0.1, 0.2, 0.3], "fold_low": 1.0,
        }
    )  # fmt: skip
    found = mean_over_models(table)
    assert found.columns.tolist() == ["architecture", "explainer", "aggregated", "tissue", "hits"]
    assert found["hits"].tolist() == [15, 40]
    assert found["aggregated"].tolist() == [False, True]
