from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.biology import Matching, expression_bins, gene_set, over_representation
from helpers.errors import BadInputError

KEY = ("mlp", "DeepLift", True)
MATCHING = Matching(width=1.0, smallest=40, draws=2000, seed=1)
COUNTED = ["hits", "size", "set_size", "expected", "fold", "fold_low", "fold_high", "p", "fdr"]
MATCHED = ["expected_matched", "fold_matched", "p_matched", "fdr_matched"]


@pytest.fixture
def lists(expression, make_lists):
    highest = expression["liver"].nlargest(40).index.tolist()
    rng = np.random.default_rng(2)
    return make_lists(
        {
            (*KEY, "liver"): highest,
            ("cnn", "Saliency", False, "liver"): rng.choice(expression.index, 40, False).tolist(),
            (*KEY, "lung"): rng.choice(expression.index, 40, False).tolist(),
        }
    )


@pytest.fixture
def sets(expression):
    liver = expression["liver"].nlargest(100).index[::2]
    return pd.concat(
        [
            gene_set("every_third", [f"G{i}" for i in range(0, 600, 3)]),
            gene_set("unmeasured", ["X", "Y"]),
            gene_set("high", liver).assign(tissue="liver"),
        ]
    )


def test_counts_and_exact_chance(lists, sets, expression) -> None:
    table = over_representation(lists, sets, expression, matching=MATCHING)
    keys = ["architecture", "explainer", "aggregated", "tissue"]
    assert table.columns.tolist() == [*keys, "set", *COUNTED, *MATCHED]
    assert len(table) == 3 * 3
    for row in table.itertuples():
        own = set(lists.loc[
            (lists["explainer"] == row.explainer) & (lists["tissue"] == row.tissue), "gene"
        ])  # fmt: skip
        members = sets[sets["set"] == row.set]
        members = members[members["tissue"].isna() | (members["tissue"] == row.tissue)]
        inside = set(members["gene"]) & set(expression.index)
        assert (row.hits, row.size, row.set_size) == (len(own & inside), 40, len(inside))
        assert row.expected == pytest.approx(40 * len(inside) / 600)
        tails = [
            stats.fisher_exact(
                [[row.hits, 40 - row.hits],
                 [len(inside) - row.hits, 600 - 40 - len(inside) + row.hits]],
                alternative=side,
            ).pvalue
            for side in ("less", "greater")
        ]  # fmt: skip
        assert row.p == pytest.approx(min(1, 2 * min(tails)))
        if inside:
            share = stats.binomtest(row.hits, 40).proportion_ci(0.95, "exact")
            chance = len(inside) / 600
            assert row.fold == pytest.approx(row.hits / 40 / chance)
            assert row.fold_low == pytest.approx(share.low / chance)
            assert row.fold_high == pytest.approx(share.high / chance)
        else:
            assert np.isnan([row.fold, row.fold_low, row.fold_high, row.fold_matched]).all()
    np.testing.assert_allclose(table["fdr"], stats.false_discovery_control(table["p"]))


def test_limits_of_the_interval(expression, make_lists) -> None:
    lists = make_lists({(*KEY, "liver"): ["G0", "G1", "G2"]})
    sets = pd.concat([gene_set("all_of_it", ["G0", "G1", "G2", "G9"]), gene_set("none", ["G9"])])
    table = over_representation(lists, sets, expression, matching=None).set_index("set")
    assert table.loc["all_of_it", "fold_high"] == pytest.approx(600 / 4)
    assert table.loc["none", "fold_low"] == 0
    assert "p_matched" not in table.columns


def exact_matched(taken, within, sizes):
    """Distribution of the hits of matched random genes: a sum of hypergeometric numbers."""
    law = np.ones(1)
    for n, good, size in zip(taken, within, sizes, strict=True):
        law = np.convolve(law, stats.hypergeom(size, good, n).pmf(np.arange(n + 1)))
    return law


def test_matched_chance_is_that_of_its_bins(lists, sets, expression) -> None:
    table = over_representation(lists, sets, expression, matching=MATCHING)
    bins = pd.Series(expression_bins(expression["liver"].to_numpy(), MATCHING), expression.index)
    sizes = bins.value_counts().sort_index()
    high = set(sets.loc[sets["set"] == "high", "gene"])
    own = lists.iloc[:40]["gene"]
    taken = bins[own].value_counts().reindex(sizes.index, fill_value=0)
    within = bins[list(high)].value_counts().reindex(sizes.index, fill_value=0)
    law = exact_matched(taken, within, sizes)
    row = table[(table["set"] == "high") & (table["explainer"] == "DeepLift")].iloc[0]
    assert row["expected_matched"] == pytest.approx(law @ np.arange(len(law)))
    hits = row["hits"]
    exact = min(1, 2 * min(law[hits:].sum(), law[: hits + 1].sum()))
    assert row["p_matched"] == pytest.approx(exact, abs=4 * np.sqrt(exact / 2000) + 0.001)
    # The set is one of highly expressed genes, and so is the list: much of the excess goes.
    assert row["fold"] > 2 * row["fold_matched"]


def test_draws_are_random_genes_of_the_same_bins(expression) -> None:
    """Hypergeometric numbers and genes drawn one by one have the same distribution."""
    rng = np.random.default_rng(0)
    bins = expression_bins(expression["lung"].to_numpy(), MATCHING)
    own, inside = rng.choice(600, 30, replace=False), np.arange(600) % 4 == 0
    drawn = []
    for _ in range(1000):
        hits = 0
        for name, n in zip(*np.unique(bins[own], return_counts=True), strict=True):
            hits += inside[rng.choice(np.flatnonzero(bins == name), n, replace=False)].sum()
        drawn.append(hits)
    counts = np.bincount(bins)
    taken, within = (np.bincount(bins[x], minlength=len(counts)) for x in (own, inside))
    law = exact_matched(taken, within, counts)
    mean = law @ np.arange(len(law))
    spread = np.sqrt(law @ (np.arange(len(law)) - mean) ** 2)
    assert np.mean(drawn) == pytest.approx(mean, abs=4 * spread / np.sqrt(1000))
    assert np.std(drawn) == pytest.approx(spread, rel=0.1)


def test_same_seed_same_numbers(lists, sets, expression) -> None:
    one = over_representation(lists, sets, expression, matching=MATCHING)
    two = over_representation(lists, sets, expression, matching=MATCHING)
    pd.testing.assert_frame_equal(one, two)
    other = over_representation(lists, sets, expression, matching=Matching(1.0, 40, 2000, 2))
    assert not one["p_matched"].equals(other["p_matched"])
    pd.testing.assert_series_equal(one["expected_matched"], other["expected_matched"])


def test_p_values_of_draws_are_never_0(lists, expression) -> None:
    own = lists.iloc[:40]["gene"]
    sets = gene_set("itself", own)
    found = over_representation(lists, sets, expression, matching=Matching(1.0, 100, 99, 0))
    assert found["p_matched"].min() == pytest.approx(2 / 100)


def test_random_lists_are_not_enriched(expression, make_lists) -> None:
    rng = np.random.default_rng(5)
    lists = make_lists(
        {
            ("mlp", f"E{i}", True, "liver"): rng.choice(expression.index, 50, False).tolist()
            for i in range(200)
        }
    )
    sets = gene_set("third", [f"G{i}" for i in range(0, 600, 3)])
    found = over_representation(lists, sets, expression, matching=Matching(1.0, 40, 500, 0))
    assert found["fold"].mean() == pytest.approx(1, abs=0.05)
    assert found["fold_matched"].mean() == pytest.approx(1, abs=0.05)
    assert (found["p"] < 0.05).mean() < 0.09
    assert (found["p_matched"] < 0.05).mean() < 0.09
    assert found["fold_low"].lt(1).mean() > 0.93


def test_bins_hold_similar_genes(expression) -> None:
    tpm = expression["liver"].to_numpy()
    bins = expression_bins(tpm, MATCHING)
    counts = np.bincount(bins)
    assert (counts >= MATCHING.smallest).all()
    # In order of expression; equal expression, equal bin.
    assert (np.diff(bins[np.argsort(-tpm, kind="stable")]) >= 0).all()
    assert len(set(bins[tpm == 0])) == 1
    assert set(expression_bins(tpm[:10], MATCHING)) == {0}


def test_more_keys(lists, sets, expression) -> None:
    one, two = lists.assign(model=0), lists.assign(model=1)
    found = over_representation(pd.concat([one, two]), sets, expression, matching=None)
    assert found["model"].tolist() == [0] * 9 + [1] * 9
    alone = over_representation(lists, sets, expression, keys=["explainer", "tissue"])
    assert alone.columns.tolist()[:3] == ["explainer", "tissue", "set"]


def test_bad_input(lists, sets, expression) -> None:
    with pytest.raises(BadInputError, match="sets of genes has no column 'set'"):
        over_representation(lists, sets.drop(columns="set"), expression)
    with pytest.raises(BadInputError, match="lists of top genes is empty"):
        over_representation(lists.iloc[:0], sets, expression)
    with pytest.raises(BadInputError, match=r"genes of the lists are not measured, 'G\d+' among"):
        over_representation(lists, sets, expression.iloc[300:])
    with pytest.raises(BadInputError, match="no expression of tissue 'lung'"):
        over_representation(lists, sets, expression[["liver"]])
    with pytest.raises(BadInputError, match=r"is twice in a list"):
        over_representation(lists, sets, expression, keys=["tissue"])
    with pytest.raises(BadInputError, match="'tissue' must be one of the keys"):
        over_representation(lists, sets, expression, keys=["explainer"])


def test_a_set_without_genes_is_kept(
    expression: pd.DataFrame, make_lists: Callable[..., pd.DataFrame]
) -> None:
    lists = make_lists({("mlp", "DeepLift", True, "liver"): ["G1", "G2"]})
    found = over_representation(lists, gene_set("nothing", []), expression)
    assert found[["set", "hits", "set_size", "p"]].to_numpy().tolist() == [["nothing", 0, 0, 1]]
    assert found[["fold", "fold_matched"]].isna().all(axis=None)
