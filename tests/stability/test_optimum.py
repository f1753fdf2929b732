from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import REFERENCES
from helpers.stability import (
    choose_optimum,
    curve_summary,
    optimum,
    paper_optimum,
    paper_saturation,
    saturation,
)
from helpers.stability.paper import OPTIMUM_COLUMNS


def computed(*parts: pd.DataFrame) -> pd.DataFrame:
    table = pd.concat(parts)
    return optimum(curve_summary(table), saturation(table, resamples=0)).set_index("explainer")


RISING = {1: 0.3, 10: 0.6, 20: 0.8, 50: 0.805}


def test_smoothgrad_is_used_only_where_it_helps(curve_rows):
    better = {1: 0.2, 10: 0.85, 50: 0.852}
    found = computed(
        curve_rows(RISING),
        curve_rows({1: 0.2, 10: 0.7, 50: 0.81}, optimisation="smoothgrad"),
        curve_rows(RISING, explainer="GuidedBackprop"),
        curve_rows(better, explainer="GuidedBackprop", optimisation="smoothgrad"),
        curve_rows(RISING, explainer="InputXGradient"),
    )
    assert found["smoothgrad"].to_dict() == {
        "Saliency": False, "GuidedBackprop": True, "InputXGradient": False
    }  # fmt: skip
    assert found["repeats"].to_dict() == {
        "Saliency": 20, "GuidedBackprop": 10, "InputXGradient": 20
    }  # fmt: skip
    assert found.loc["Saliency", "smoothgrad_gain"] == pytest.approx(0.005)
    assert found.loc["GuidedBackprop", "smoothgrad_gain"] == pytest.approx(0.047)
    assert set(found["reference"]) == {"none"}
    assert set(found["references"]) == {0}


def deep_lift(curve_rows, levels: dict[str, float]) -> list[pd.DataFrame]:
    return [
        curve_rows(
            {1: 0.1, 60: level, 100: level}, explainer="DeepLift", reference=kind,
            optimisation="references",
        )
        for kind, level in levels.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "reference", "tied"),
    [
        ({"zero": 0.5, "universal": 0.8, "specific": 0.6}, "universal", "universal"),
        ({"specific": 0.809, "universal": 0.8, "zero": 0.6}, "universal", "universal, specific"),
        ({"specific": 0.8, "zero": 0.795, "normal": 0.79}, "zero", "zero, normal, specific"),
    ],
)
def test_of_equally_good_references_the_simplest_is_taken(curve_rows, levels, reference, tied):
    row = computed(*deep_lift(curve_rows, levels)).loc["DeepLift"]
    assert (row["reference"], row["tied"]) == (reference, tied)
    assert (row["references"], row["repeats"]) == (60, 1)
    assert row["level"] == pytest.approx(levels[reference])


def test_smoothgrad_of_an_explainer_with_references(curve_rows):
    named = {"explainer": "DeepLift", "reference": "zero"}
    row = computed(
        *deep_lift(curve_rows, {"zero": 0.5, "universal": 0.8}),
        curve_rows(RISING, **named),
        curve_rows({1: 0.1, 20: 0.95}, optimisation="smoothgrad", **named),
    ).loc["DeepLift"]
    assert row["smoothgrad_gain"] == pytest.approx(0.15)
    assert row["smoothgrad"]
    # The noise was tried with zero: its curve, not that of universal references, is the one used.
    assert (row["references"], row["repeats"]) == (20, 1)
    assert row["level"] == pytest.approx(0.95)


def test_the_curve_with_noise_of_the_reference_that_is_taken_decides(curve_rows):
    named = {"explainer": "DeepLift", "reference": "universal"}
    other = {"explainer": "DeepLift", "reference": "zero"}
    row = computed(
        *deep_lift(curve_rows, {"zero": 0.5, "universal": 0.8}),
        curve_rows(RISING, **named),
        curve_rows({1: 0.1, 10: 0.9, 20: 0.9}, optimisation="smoothgrad", **named),
        curve_rows(RISING, **other),
        curve_rows({1: 0.1, 20: 0.3}, optimisation="smoothgrad", **other),
    ).loc["DeepLift"]
    assert (row["smoothgrad"], row["reference"], row["references"]) == (True, "universal", 10)
    assert row["level"] == pytest.approx(0.9)


def test_an_optimum_needs_a_curve(curve_rows):
    with pytest.raises(BadInputError, match=r"optimum of Saliency \(mlp\) needs a curve"):
        computed(curve_rows(RISING, optimisation="smoothgrad"))


def test_what_no_curve_tells_is_the_papers(curve_rows):
    """Scores that are all equal correlate with nothing: there is no best number of them."""
    nothing = {"explainer": "GuidedBackprop"}
    flat = dict.fromkeys([1, 10, 50], float("nan"))
    found = computed(
        curve_rows(RISING), curve_rows(flat, **nothing),
        curve_rows(flat, optimisation="smoothgrad", **nothing),
    )  # fmt: skip
    row = found.loc["GuidedBackprop"]
    assert (row["repeats"], row["reference"], row["smoothgrad"]) == (40, "none", False)
    assert pd.isna(row["level"])
    assert found.loc["Saliency", "repeats"] == 20


@pytest.mark.parametrize("column", ["n_saturated", "level", "plateau"])
def test_an_undefined_point_chooses_nothing(curve_rows, column):
    table = pd.concat([curve_rows(RISING), *deep_lift(curve_rows, {"zero": 0.5, "universal": 0.8})])
    points = saturation(table, resamples=0)
    points[column] = points[column].astype(float).mask(points["reference"] == "universal")
    found = optimum(curve_summary(table), points).set_index("explainer")
    assert found.loc["DeepLift", "reference"] == "zero"
    none = optimum(curve_summary(table), points.assign(**{column: float("nan")}))
    assert none["level"].isna().all()
    assert none.set_index("explainer").loc["DeepLift", "reference"] == "universal"


def test_noise_whose_curve_is_undefined_is_not_used(curve_rows):
    """One point alone shows a gain, and no place where it saturates."""
    named = {"explainer": "DeepLift", "reference": "zero"}
    noisy = curve_rows({1: 0.1, 10: 0.95, 20: 0.96}, optimisation="smoothgrad", **named)
    noisy.loc[noisy["n"] < 20, "value"] = float("nan")
    row = computed(*deep_lift(curve_rows, {"zero": 0.5}), curve_rows(RISING, **named), noisy).loc[
        "DeepLift"
    ]
    assert row["smoothgrad_gain"] > 0.1
    assert not row["smoothgrad"]
    assert row["level"] == pytest.approx(0.5)


def test_ours_or_the_papers(curve_rows):
    found = computed(
        curve_rows(RISING), *deep_lift(curve_rows, {"zero": 0.5, "universal": 0.2})
    ).reset_index()
    ours, paper = choose_optimum("ours", found), choose_optimum("paper", found)
    assert ours.columns.tolist() == paper.columns.tolist() == OPTIMUM_COLUMNS
    assert ours["explainer"].tolist() == paper["explainer"].tolist()
    assert paper["repeats"].tolist() == [40, 1]
    assert paper["reference"].tolist() == ["none", "universal"]
    assert ours["reference"].tolist() == ["none", "zero"]
    with pytest.raises(UnknownNameError, match="optimum 'best'"):
        choose_optimum("best", found)


def test_the_papers_optimum_and_saturation_points():
    table = paper_optimum()
    assert table.groupby("architecture").size().to_dict() == {"cnn": 8, "mlp": 6}
    assert not table["smoothgrad"].any()
    assert set(table["reference"]) <= {"none", *REFERENCES}
    row = table.set_index(["architecture", "explainer"]).loc[("mlp", "DeepLiftShap")]
    assert (row["reference"], row["references"]) == ("universal", 60)
    points = paper_saturation().drop_duplicates("claim").set_index("claim")["n"].to_dict()
    assert points == {"O2": 50, "O3": 30, "O5": 20, "O6": 40, "O11": 20, "O12": 60}
    assert len(paper_saturation()) == 2 + 8 + 6 + 3 + 3
