from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xarray
from scipy.stats import spearmanr

from helpers.errors import BadInputError, UnknownNameError
from helpers.stability import (
    REPRODUCIBILITY_COLUMNS,
    Comparison,
    aggregation_curve,
    compare,
    curve,
    curve_summary,
    disjoint_halves,
    draw_aggregates,
    drop_overlapping,
    sample_medians,
)

GENES, TISSUES = 150, ["liver", "liver", "lung"]
COMPARISON = Comparison("mlp", reference="universal", optimisation="references")


def labelled(values: np.ndarray, dims: tuple[str, ...], **coords: object) -> xarray.DataArray:
    named = {"tissue": ("sample", TISSUES), "sample": ["a", "b", "c"], **coords}
    return xarray.DataArray(values, dims=dims, coords=named)


@pytest.fixture
def sets() -> xarray.DataArray:
    values = np.random.default_rng(0).normal(size=(4, 3, 3, GENES))
    dims = ("model", "set", "sample", "gene")
    return labelled(values, dims, n=("set", [1, 1, 5]), draw=("set", [0, 1, 0]))


@pytest.fixture
def models() -> xarray.DataArray:
    """Twelve models that have something in common."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(3, GENES)) + rng.normal(size=(12, 3, GENES))
    return labelled(values, ("model", "sample", "gene"))


def top(vector: np.ndarray) -> set[int]:
    return set(np.argsort(-np.abs(vector), kind="stable")[:100].tolist())


def test_a_curve_compares_all_pairs_of_models_within_each_set(sets):
    table = curve(
        sets.transpose("gene", "set", "sample", "model"), COMPARISON, explainer="DeepLift"
    )
    assert table.columns.tolist() == REPRODUCIBILITY_COLUMNS
    assert len(table) == 3 * 3 * 2 * 6
    for n, positions in ((1, (0, 1)), (5, (2,))):
        rows = table.query(f"n == {n} and sample == 'b'")
        vectors = [sets.values[:, position, 1] for position in positions]
        pairs = [pair for some in vectors for pair in combinations(some, 2)]
        spearman = [spearmanr(a, b).statistic for a, b in pairs]
        overlap = [len(top(a) & top(b)) / 100 for a, b in pairs]
        for metric, expected in (("spearman", spearman), ("top100", overlap)):
            found = rows.loc[rows["metric"] == metric, "value"]
            np.testing.assert_allclose(found, expected, atol=1e-12)
    constant = table[["architecture", "optimisation", "design", "reference"]].drop_duplicates()
    assert constant.to_numpy().tolist() == [["mlp", "references", "inter_model", "universal"]]


def test_a_curve_of_models_with_gene_orders_of_their_own(sets):
    table = curve(sets, COMPARISON, explainer="DeepLift", design="gene_order")
    assert set(table["design"]) == {"gene_order"}


def test_one_set_is_a_comparison_of_models(sets):
    alone = compare(sets.isel(set=2).drop_vars(["n", "draw"]), Comparison("mlp", n=5),
                    designs=["inter_model"], explainer="Saliency")  # fmt: skip
    pd.testing.assert_frame_equal(
        curve(sets.isel(set=[2]), Comparison("mlp"), explainer="Saliency"), alone
    )


def test_aggregates_of_one_are_the_models(models):
    aggregates = draw_aggregates(12, [1], 0)
    found = aggregation_curve(models, aggregates, COMPARISON, explainer="DeepLift")
    expected = compare(models, COMPARISON, designs=["inter_model"], explainer="DeepLift")
    assert (found["shared"] == 0).all()
    assert set(found["optimisation"]) == {"aggregated"}
    for keys, part in expected.groupby(["sample", "metric"]):
        own = found[(found["sample"] == keys[0]) & (found["metric"] == keys[1])]
        np.testing.assert_allclose(np.sort(own["value"]), np.sort(part["value"]), atol=1e-12)


def test_aggregates_are_means_and_all_their_pairs_are_compared(models):
    aggregates = draw_aggregates(12, [2, 5], 3)
    table = aggregation_curve(models, aggregates, COMPARISON, explainer="DeepLift")
    assert table.columns.tolist() == [*REPRODUCIBILITY_COLUMNS, "shared"]
    assert table.groupby("n").size().to_dict() == {2: 15 * 3 * 2, 5: 6 * 3 * 2}
    members = [np.flatnonzero(weights) for weights in aggregates.weights[aggregates.n == 5]]
    means = [models.values[chosen, 2].mean(0) for chosen in members]
    rows = table.query("n == 5 and sample == 'c' and metric == 'spearman'")
    expected = [spearmanr(a, b).statistic for a, b in combinations(means, 2)]
    np.testing.assert_allclose(rows["value"], expected, atol=1e-12)
    shared = [len(set(a) & set(b)) / 5 for a, b in combinations(members, 2)]
    np.testing.assert_allclose(rows["shared"], shared)


def test_agreement_grows_with_the_number_of_models(models):
    aggregates = draw_aggregates(12, [1, 2, 3, 6], 0)
    table = aggregation_curve(models, aggregates, COMPARISON, explainer="DeepLift", disjoint=True)
    medians = table[table["metric"] == "spearman"].groupby("n")["value"].median()
    assert medians.is_monotonic_increasing
    # Signal and noise have variance 1, so means of n correlate with n / (n + 1).
    assert medians[6] == pytest.approx(6 / 7, abs=0.06)


def test_disjoint_aggregates_have_no_model_in_common(models):
    table = aggregation_curve(
        models, disjoint_halves(12, 3, 0), COMPARISON, explainer="DeepLift", disjoint=True,
        design="gene_order",
    )  # fmt: skip
    assert len(table) == 3 * 3 * 2
    assert set(table["n"]) == {6}
    assert set(table["design"]) == {"gene_order"}
    assert (table["shared"] == 0).all()


def test_medians_of_samples_and_summary(models):
    aggregates = draw_aggregates(12, [1, 12], 0)
    table = aggregation_curve(models, aggregates, COMPARISON, explainer="DeepLift")
    samples = sample_medians(table)
    assert samples.columns.tolist() == [*REPRODUCIBILITY_COLUMNS, "pairs", "shared"]
    assert len(samples) == 2 * 3 * 2
    rows = table.query("n == 1 and sample == 'a' and metric == 'top100'")
    own = samples.query("n == 1 and sample == 'a' and metric == 'top100'")
    assert own["value"].item() == np.median(rows["value"])
    assert own["pairs"].item() == 66
    assert set(samples.loc[samples["n"] == 12, "shared"]) == {1.0}
    pd.testing.assert_series_equal(sample_medians(samples)["value"], samples["value"])

    summary = curve_summary(samples)
    point = summary.query("n == 1 and metric == 'spearman'").iloc[0]
    values = samples.query("n == 1 and metric == 'spearman'")["value"]
    assert [point["q25"], point["median"], point["q75"]] == pytest.approx(
        np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    )
    assert point["samples"] == 3
    assert drop_overlapping(summary)["n"].unique().tolist() == [1]
    assert len(curve_summary(table, by_tissue=True)) == 2 * len(summary)


def test_a_curve_ends_where_aggregates_first_share_too_much(curve_rows):
    """At n = 8 the draws happen to share less than at 7: that is luck and does not count."""
    shares = {1: 0.0, 6: 0.2, 7: 0.36, 8: 0.29, 20: 1.0}
    table = curve_rows(dict.fromkeys(shares, 0.5), optimisation="aggregated", shared=0.0)
    table["shared"] = table["n"].map(shares)
    other = curve_rows({1: 0.5, 8: 0.5}, explainer="DeepLift", shared=0.3)
    kept = drop_overlapping(sample_medians(pd.concat([table, other])))
    found = kept.groupby("explainer")["n"].unique().map(list).to_dict()
    assert found == {"Saliency": [1, 6], "DeepLift": [1, 8]}


def test_each_curve_of_a_summary_is_sorted_by_n(sets):
    shuffled = sets.assign_coords(n=("set", [7, 3, 5]))
    summary = curve_summary(curve(shuffled, COMPARISON, explainer="DeepLift"))
    assert summary["n"].tolist() == [3, 5, 7] * 2


def test_rows_without_shared_models_may_stand_beside_aggregates(sets, models):
    aggregates = draw_aggregates(12, [1, 3], 0)
    both = pd.concat(
        [
            curve(sets, COMPARISON, explainer="DeepLift"),
            aggregation_curve(models, aggregates, COMPARISON, explainer="DeepLift"),
        ]
    )
    assert (sample_medians(both)["shared"] == 0).all()
    assert (curve_summary(both)["shared"] == 0).all()


def test_bad_input(sets, models):
    with pytest.raises(BadInputError, match="dimension 'set'"):
        curve(models, COMPARISON, explainer="DeepLift")
    with pytest.raises(BadInputError, match="coordinate 'n'"):
        curve(sets.drop_vars("n"), COMPARISON, explainer="DeepLift")
    with pytest.raises(BadInputError, match="at least one set"):
        curve(sets.isel(set=[]), COMPARISON, explainer="DeepLift")
    with pytest.raises(BadInputError, match="At least two models"):
        curve(sets.isel(model=[0]), COMPARISON, explainer="DeepLift")
    with pytest.raises(BadInputError, match="Aggregates of 5 models"):
        aggregation_curve(models, draw_aggregates(5, [1], 0), COMPARISON, explainer="DeepLift")
    with pytest.raises(BadInputError, match="No two aggregates"):
        aggregation_curve(
            models, draw_aggregates(12, [12], 0), COMPARISON, explainer="DeepLift", disjoint=True
        )
    with pytest.raises(UnknownNameError, match="design of a curve"):
        aggregation_curve(
            models, draw_aggregates(12, [1], 0), COMPARISON, explainer="DeepLift", design="x"
        )
