from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.errors import UnknownNameError
from helpers.stability import compare_references, effect, stages
from helpers.stability.effects import (
    EFFECT_COLUMNS,
    REFERENCE_COLUMNS,
    STAGES,
    interval_over_samples,
)


def test_the_interval_of_a_mean_is_that_of_theory():
    values = np.random.default_rng(0).normal(5, 2, size=400)
    low, high = interval_over_samples(values, lambda drawn: drawn.mean(1), 2000, 0)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.03)
    assert high == pytest.approx(values.mean() + half, abs=0.03)


def test_effect_against_the_curves_own_start(curve_rows):
    table = pd.concat(
        [
            curve_rows({1: 0.2, 5: 0.4, 20: 0.6}),
            curve_rows({1: 0.5, 20: 0.3}, explainer="Falling"),
            curve_rows({1: 0.5}, [-0.2, -0.1, 0, 0.1, 0.2], explainer="Noisy"),
            curve_rows({20: 0.5}, [0.2, -0.1, 0, 0.1, -0.2], explainer="Noisy"),
            curve_rows({1: 0.9}, optimisation="none"),
        ]
    )
    assert effect(table).columns.tolist() == EFFECT_COLUMNS
    found = effect(table).set_index("explainer")
    assert found["direction"].to_dict() == {
        "Saliency": "raises", "Falling": "lowers", "Noisy": "unclear"
    }  # fmt: skip
    row = found.loc["Saliency"]
    assert (row["before"], row["after"], row["change"]) == pytest.approx((0.2, 0.6, 0.4))
    assert (row["n_before"], row["n_after"], row["samples"]) == (1, 20, 5)
    assert row["ci_low"] <= row["change"] <= row["ci_high"]
    assert found.loc["Noisy", "ci_low"] < 0 < found.loc["Noisy", "ci_high"]
    pd.testing.assert_frame_equal(effect(table), effect(table))


def test_effect_against_no_optimisation(curve_rows):
    table = pd.concat(
        [
            curve_rows({1: 0.1, 20: 0.3}, optimisation="smoothgrad"),
            curve_rows({1: 0.35}, optimisation="none"),
            curve_rows({1: 0.1, 20: 0.3}, optimisation="smoothgrad", explainer="B"),
            curve_rows({1: 0.15, 20: 0.6}, optimisation="repeats", explainer="B"),
            curve_rows({1: 0.1, 20: 0.3}, optimisation="smoothgrad", explainer="C"),
        ]
    )
    found = effect(table, against="none").set_index(["explainer", "optimisation"])["change"]
    assert found.to_dict() == pytest.approx(
        {("Saliency", "smoothgrad"): -0.05, ("B", "smoothgrad"): 0.15, ("B", "repeats"): 0.45}
    )


def test_samples_are_paired(curve_rows):
    """Samples that differ widely, but all rise by the same: the rise is certain."""
    table = curve_rows({1: 0.3, 20: 0.35}, np.linspace(-0.3, 0.3, 6).tolist())
    found = effect(table).iloc[0]
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.05, 0.05))


def test_effect_needs_common_samples(curve_rows):
    after = curve_rows({20: 0.35}).replace({"s0": "x0", "s1": "x1", "s2": "x2"}).iloc[:3]
    table = pd.concat([curve_rows({1: 0.3}).iloc[:3], after])
    assert effect(table).empty
    with pytest.raises(UnknownNameError, match="comparison 'last'"):
        effect(table, against="last")


def test_effect_of_aggregation_stops_where_aggregates_are_the_same_models(curve_rows):
    table = pd.concat(
        [
            curve_rows({1: 0.5, 5: 0.8}, optimisation="aggregated", shared=0.0),
            curve_rows({20: 1.0}, optimisation="aggregated", shared=1.0),
        ]
    )
    assert effect(table)["n_after"].tolist() == [5]


def references(curve_rows, levels: dict[str, float], **named: object) -> pd.DataFrame:
    parts = [
        curve_rows({1: 0.1, 60: level}, reference=kind, explainer="DeepLift", **named)
        for kind, level in levels.items()
    ]
    return pd.concat(parts)


def test_references_are_ranked_at_the_largest_n(curve_rows):
    levels = {"zero": 0.5, "normal": 0.4, "universal": 0.9, "specific": 0.7}
    table = references(curve_rows, levels, optimisation="references")
    found = compare_references(table)
    assert found.columns.tolist() == REFERENCE_COLUMNS
    rows = found.set_index("reference")
    assert rows["rank"].to_dict() == {"zero": 3, "normal": 4, "universal": 1, "specific": 2}
    assert rows["margin"].to_dict() == pytest.approx(
        {"zero": -0.4, "normal": -0.5, "universal": 0.2, "specific": -0.2}
    )
    assert set(found["n"]) == {60}
    for row in found.itertuples():
        assert row.ci_low <= row.margin <= row.ci_high


def test_zero_stands_for_itself_with_repeats(curve_rows):
    alone = references(curve_rows, {"zero": 0.5, "normal": 0.4}, optimisation="references")
    repeated = references(
        curve_rows, {"normal": 0.45, "universal": 0.6}, optimisation="references_and_repeats"
    )
    found = compare_references(pd.concat([alone, repeated]))
    ranks = found.set_index(["optimisation", "reference"])["rank"].to_dict()
    assert ranks == {
        ("references", "zero"): 1,
        ("references", "normal"): 2,
        ("references_and_repeats", "normal"): 3,
        ("references_and_repeats", "universal"): 1,
        ("references_and_repeats", "zero"): 2,
    }


def test_zero_is_compared_at_as_many_estimates_as_the_other_kinds(curve_rows):
    named = {"explainer": "DeepLift"}
    table = pd.concat(
        [
            curve_rows({1: 0.1, 2: 0.2, 20: 0.5, 30: 0.9}, reference="zero",
                       optimisation="references", **named),
            curve_rows({1: 0.3, 10: 0.6}, reference="normal",
                       optimisation="references_and_repeats", **named),
        ]
    )  # fmt: skip
    found = compare_references(table, repeats_per_reference=2).set_index("reference")
    assert found["n"].to_dict() == {"zero": 10, "normal": 10}
    assert set(found["estimates"]) == {20}
    assert found.loc["zero", ["value", "rank"]].tolist() == [pytest.approx(0.5), 2]


def test_kinds_without_a_common_number_are_compared_at_their_own(curve_rows):
    named = {"explainer": "DeepLift", "optimisation": "references"}
    table = pd.concat(
        [
            curve_rows({1: 0.1, 20: 0.5}, reference="zero", **named),
            curve_rows({5: 0.3, 10: 0.6}, reference="normal", **named),
        ]
    )
    found = compare_references(table).set_index("reference")
    assert found["n"].to_dict() == found["estimates"].to_dict() == {"zero": 20, "normal": 10}


def test_a_single_kind_of_reference_has_no_rank(curve_rows):
    table = references(curve_rows, {"zero": 0.5}, optimisation="references")
    assert compare_references(pd.concat([table, curve_rows({1: 0.2, 5: 0.4})])).empty


def test_stages(curve_rows):
    table = pd.concat(
        [
            curve_rows({1: 0.1}, optimisation="none", design="intra_model"),
            curve_rows({1: 0.2}, optimisation="none"),
            curve_rows({1: 0.3}, optimisation="none", explainer="DeepLift", reference="zero"),
            curve_rows({1: 0.4}, optimisation="none", explainer="DeepLift", reference="universal"),
            curve_rows({1: 0.5, 5: 0.8}, optimisation="aggregated", shared=0.0),
            curve_rows({20: 1.0}, optimisation="aggregated", shared=1.0),
            curve_rows({1: 0.2, 5: 0.3}, optimisation="smoothgrad"),
        ]
    )
    found = stages(table)
    medians = found.groupby(["stage", "explainer"])["value"].median()
    assert medians.to_dict() == pytest.approx(
        {
            ("unoptimised", "Saliency"): 0.2,
            ("unoptimised", "DeepLift"): 0.3,
            ("optimised", "Saliency"): 0.5,
            ("aggregated", "Saliency"): 0.8,
        }
    )
    assert found["stage"].unique().tolist() == list(STAGES)
