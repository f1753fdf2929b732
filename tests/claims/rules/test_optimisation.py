"""Each rule gives each verdict on tables that are made to call for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from verdicts import check

from helpers.claims.judging import Verdict
from helpers.claims.ledger import claims
from helpers.claims.rulebook import RULES
from helpers.claims.rules.aggregation import AGGREGATION_RULES
from helpers.claims.rules.optimisation import OPTIMISATION_RULES
from helpers.claims.rules.references import REFERENCE_RULES
from helpers.explain import EXPLAINERS
from helpers.stability import compare_references, sample_medians, saturation

Make = Callable[..., pd.DataFrame]
MLP = [name for name, entry in EXPLAINERS.items() if "mlp" in entry.architectures]
CNN = list(EXPLAINERS)
DEEP = [name for name, entry in EXPLAINERS.items() if entry.needs_reference]


def judge(name: str, *parts: pd.DataFrame) -> Verdict:
    # A tissue for each sample, since tissues are the units of intervals.
    table = pd.concat(parts).assign(tissue=lambda rows: "tissue " + rows["sample"])
    tables: dict[str, pd.DataFrame] = {"curves": sample_medians(table)}
    if "saturation" in RULES[name].tables:
        tables["saturation"] = saturation(table, resamples=20)
    if "references_compared" in RULES[name].tables:
        tables["references_compared"] = compare_references(table, resamples=50)
    found = RULES[name].judge({key: tables[key] for key in RULES[name].tables})
    return check(found)


def test_all_statements_on_optimisation_have_a_rule() -> None:
    own = OPTIMISATION_RULES | REFERENCE_RULES | AGGREGATION_RULES
    assert set(own) == {f"O{number}" for number in range(1, 18)}
    assert set(own) <= set(RULES)
    assert set(own) <= set(claims())
    assert all(rule.fair and rule.statistic and rule.expected for rule in own.values())


def changes(make: Make, optimisation: str, start: str, change: dict[tuple[str, str], float],
            default: float) -> list[pd.DataFrame]:  # fmt: skip
    """Curves of all conditions that change by `default` or by what `change` says."""
    parts = []
    for architecture, names in (("mlp", MLP), ("cnn", CNN)):
        for name in names:
            end = 0.5 + change.get((architecture, name), default)
            named = {"architecture": architecture, "explainer": name}
            if start != optimisation:
                parts.append(make({1: 0.5}, optimisation=start, **named))
                parts.append(make({1: 0.1, 50: end}, optimisation=optimisation, **named))
            else:
                parts.append(make({1: 0.5, 50: end}, optimisation=optimisation, **named))
    return parts


HELPED = {("mlp", "Saliency"): 0.2, ("cnn", "GuidedBackprop"): 0.2}
UNHELPED = {("cnn", "Saliency"): 0.0, ("cnn", "GuidedGradCam++"): -0.1}


@pytest.mark.parametrize("start", ["none", "repeats"])
@pytest.mark.parametrize(
    ("change", "default", "verdict", "observed"),
    [
        (HELPED, -0.1, "reproduced", 1.0),
        ({}, -0.1, "partly", 12 / 14),
        (HELPED, 0.0, "not_reproduced", 2 / 14),
        (HELPED | {("mlp", "DeepLift"): 0.1}, -0.1, "partly", 13 / 14),
    ],
)
def test_smoothgrad(
    curve_rows: Make, start: str, change: dict, default: float, verdict: str, observed: float
) -> None:
    found = judge("O1", *changes(curve_rows, "smoothgrad", start, change, default))
    assert (found.verdict, found.observed) == (verdict, pytest.approx(observed))


def test_smoothgrad_names_what_is_not_as_stated(curve_rows: Make) -> None:
    found = judge("O1", *changes(curve_rows, "smoothgrad", "none", {}, -0.1))
    assert "Saliency (MLP) -0.10" in found.reason
    assert "GuidedBackprop (CNN) -0.10" in found.reason
    assert "MLP: 5 samples of 5 tissues and CNN: 5 samples of 5 tissues" in found.reason


def test_smoothgrad_is_compared_with_the_same_reference_and_design(curve_rows: Make) -> None:
    named = {"explainer": "DeepLift", "optimisation": "smoothgrad"}
    plain = {"explainer": "DeepLift", "optimisation": "none"}
    found = judge(
        "O1",
        curve_rows({1: 0.1, 50: 0.5}, reference="universal", **named),
        curve_rows({1: 0.7}, reference="universal", **plain),
        curve_rows({1: 0.2}, reference="zero", **plain),
        curve_rows({1: 0.1}, reference="universal", design="intra_model", **plain),
        curve_rows({1: 0.3, 50: 0.9}, explainer="DeepLift", reference="universal"),
    )
    assert found.observed == 1
    assert found.verdict == "partly"


@pytest.mark.parametrize(
    ("change", "default", "verdict"),
    [
        (UNHELPED, 0.2, "reproduced"),
        ({}, 0.2, "partly"),
        (UNHELPED, 0.005, "not_reproduced"),
    ],
)
def test_repeats(curve_rows: Make, change: dict, default: float, verdict: str) -> None:
    found = judge("O4", *changes(curve_rows, "repeats", "repeats", change, default))
    assert found.verdict == verdict


def test_one_architecture_alone_is_half_of_a_statement(curve_rows: Make) -> None:
    parts = changes(curve_rows, "repeats", "repeats", UNHELPED, 0.2)
    found = judge("O4", *(part[part["architecture"] == "mlp"] for part in parts))
    assert found.verdict == "partly"
    assert "nothing of CNNs can be told" in found.reason


def low_curves(make: Make, optimisation: str, cnn: float, gain: float = 0.0) -> list[pd.DataFrame]:
    """CNNs agree at a level that repeats or noise move by a little; MLPs as stated."""
    named = {"optimisation": optimisation}
    parts = [
        part
        for part in changes(make, optimisation, optimisation, HELPED, 0.2)
        if part["architecture"].iloc[0] == "mlp"
    ]
    own = [make({1: cnn, 50: cnn + gain}, architecture="cnn", explainer=e, **named) for e in CNN]
    return parts + own


def test_conditions_in_which_models_do_not_agree_are_left_out(curve_rows: Make) -> None:
    """A correlation of 0.01 that noise lifts to 0.03 is no gain of anything."""
    found = judge("O4", *low_curves(curve_rows, "repeats", 0.01, 0.02))
    assert (found.verdict, found.observed) == ("partly", 1.0)
    assert "6 of 6 conditions change as stated" in found.reason
    assert "left out, since models agree below 0.1 before and after: " in found.reason
    assert "nothing of CNNs can be told" in found.reason
    assert "14 of" not in found.reason
    raised = judge("O4", *low_curves(curve_rows, "repeats", 0.05, 0.2))
    assert "12 of 14 conditions change as stated" in raised.reason


@pytest.mark.parametrize(("name", "how"), [("O1", "smoothgrad"), ("O4", "repeats")])
def test_nothing_rises_or_falls_where_models_do_not_agree(
    curve_rows: Make, name: str, how: str
) -> None:
    parts = changes(curve_rows, how, "none", {}, -0.48)
    low = [part.assign(value=part["value"] / 20) for part in parts]
    found = judge(name, *low)
    assert found.verdict == "not_testable"
    assert "In none of 14 conditions models agree by 0.1 or more" in found.reason


@pytest.mark.parametrize("name", ["O5", "O11"])
def test_nothing_saturates_where_models_do_not_agree(curve_rows: Make, name: str) -> None:
    named = {"architecture": "cnn", "explainer": "DeepLift", "reference": "zero"}
    named["optimisation"] = "repeats" if name == "O5" else "references"
    low = {n: level / 10 for n, level in rising_until(20).items()}
    found = judge(name, curve_rows(low, **named))
    assert found.verdict == "not_testable"
    assert "No curve reaches 0.1 (the highest ends at 0.08)" in found.reason
    other = named | {"explainer": "IntegratedGradients"}
    both = judge(name, curve_rows(low, **named), curve_rows(rising_until(20), **other))
    assert both.verdict == "reproduced"
    assert "left out, since models agree below 0.1: DeepLift" in both.reason


def test_where_a_tissue_is_left_out_the_place_is_told(curve_rows: Make) -> None:
    found = judge("O6", curve_rows(rising_until(40)))
    assert "40 to 40 where one of 5 tissues is left out" in found.reason
    assert np.isnan(found.ci_low)


def rising_until(n: int) -> dict[int, float]:
    """Levels that rise until n and are flat from there on."""
    sizes = [1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100]
    return {size: 0.3 + 0.5 * min(size, n) / n for size in sizes}


@pytest.mark.parametrize(
    ("name", "named", "cases"),
    [
        ("O2", {"optimisation": "smoothgrad"},
         {50: "reproduced", 40: "reproduced", 20: "partly", 5: "not_reproduced"}),
        ("O3", {"optimisation": "smoothgrad", "architecture": "cnn", "explainer": "GuidedBackprop"},
         {30: "reproduced", 60: "partly", 100: "not_reproduced"}),
        ("O5", {"architecture": "cnn"},
         {20: "reproduced", 40: "partly", 80: "not_reproduced", 5: "not_reproduced"}),
        ("O6", {}, {40: "reproduced", 20: "partly", 10: "not_reproduced"}),
        ("O11", {"optimisation": "references", "architecture": "cnn", "explainer": "DeepLift",
                 "reference": "zero"},
         {20: "reproduced", 5: "partly", 50: "partly", 80: "not_reproduced"}),
        ("O12", {"optimisation": "references", "explainer": "DeepLift", "reference": "universal"},
         {60: "reproduced", 10: "partly"}),
    ],
)  # fmt: skip
def test_saturation(curve_rows: Make, name: str, named: dict, cases: dict[int, str]) -> None:
    for n, verdict in cases.items():
        found = judge(name, curve_rows(rising_until(n), **named))
        assert (found.verdict, found.observed) == (verdict, n)


def test_saturation_needs_a_gain_and_curves_that_are_long_enough(curve_rows: Make) -> None:
    flat = curve_rows(dict.fromkeys(range(1, 101, 9), 0.5))
    assert judge("O6", flat).verdict == "not_reproduced"
    assert "no gain" in judge("O6", flat).reason
    short = judge("O6", curve_rows({1: 0.1, 5: 0.4}))
    assert short.verdict == "not_testable"
    assert "end at 5 estimates" in short.reason
    assert judge("O5", flat).verdict == "not_testable"
    assert "repeats on CNNs" in judge("O5", flat).reason


def test_saturation_is_the_median_over_explainers_that_gain(curve_rows: Make) -> None:
    parts = [
        curve_rows(rising_until(40)),
        curve_rows(rising_until(40), explainer="DeepLift", reference="zero"),
        curve_rows(rising_until(5), explainer="InputXGradient"),
        curve_rows(dict.fromkeys([1, 50], 0.5), explainer="GuidedBackprop"),
    ]
    found = judge("O6", *parts)
    assert (found.verdict, found.observed) == ("partly", 40)
    assert "2 of 4 explainers within a factor of 1.5 of 40" in found.reason
    assert "InputXGradient 5, GuidedBackprop no gain" in found.reason
    more = curve_rows(rising_until(50), explainer="IntegratedGradients", reference="zero")
    assert judge("O6", *parts, more).verdict == "reproduced"


def kinds(make: Make, optimisation: str, architecture: str, **levels: float) -> list[pd.DataFrame]:
    return [
        make(
            {1: 0.1, 100: level}, explainer=name, reference=kind, optimisation=optimisation,
            architecture=architecture,
        )
        for name in DEEP
        for kind, level in levels.items()
    ]  # fmt: skip


OTHERS = {"normal": 0.3, "specific": 0.4}


@pytest.mark.parametrize(
    ("name", "optimisation", "architecture", "best", "other"),
    [
        ("O7", "references", "cnn", "zero", "universal"),
        ("O8", "references", "mlp", "universal", "zero"),
        ("O10", "references_and_repeats", "cnn", "zero", "universal"),
    ],
)
@pytest.mark.parametrize(
    ("own", "verdict"), [(0.7, "reproduced"), (0.495, "partly"), (0.45, "not_reproduced")]
)
def test_best_reference(
    curve_rows: Make, name: str, optimisation: str, architecture: str, best: str, other: str,
    own: float, verdict: str,
) -> None:  # fmt: skip
    levels = {best: own, other: 0.5} | OTHERS
    found = judge(name, *kinds(curve_rows, optimisation, architecture, **levels))
    assert (found.verdict, found.observed) == (verdict, pytest.approx(own - 0.5))


@pytest.mark.parametrize("name", ["O7", "O10"])
def test_a_ranking_of_levels_near_zero_is_none(curve_rows: Make, name: str) -> None:
    how = "references" if name == "O7" else "references_and_repeats"
    low = kinds(curve_rows, how, "cnn", zero=0.03, universal=0.02, normal=0.01, specific=0.01)
    low = [part[part["n"] == 100] for part in low]
    found = judge(name, *low)
    assert found.verdict == "not_testable"
    assert "No kind of reference makes models agree: between 0.01 and 0.03" in found.reason
    assert "100 estimates of each kind, 5 samples of 5 tissues" in found.reason


def test_explainers_on_which_models_do_not_agree_are_left_out_of_a_ranking(
    curve_rows: Make,
) -> None:
    parts = kinds(curve_rows, "references", "cnn", zero=0.7, universal=0.5, **OTHERS)
    low = kinds(curve_rows, "references", "cnn", zero=0.01, universal=0.05, normal=0, specific=0)
    mixed = [part for part in parts if part["explainer"].iloc[0] != "DeepLift"]
    mixed += [part for part in low if part["explainer"].iloc[0] == "DeepLift"]
    found = judge("O7", *(part[part["n"] == 100] for part in mixed))
    assert found.verdict == "reproduced"
    assert "DeepLift left out, all kinds below 0.1" in found.reason
    assert "IntegratedGradients 1 (0.70, +0.200 to the best other)" in found.reason


def test_a_lead_smaller_than_its_error_is_none(curve_rows: Make) -> None:
    def lead(over_tissues: tuple[float, ...]) -> str:
        parts = kinds(curve_rows, "references", "mlp", zero=0.5, **OTHERS)
        parts += [
            curve_rows(
                {1: 0.1, 100: 0.51}, over_tissues, explainer=name, reference="universal",
                optimisation="references",
            )
            for name in DEEP
        ]  # fmt: skip
        found = judge("O8", *parts)
        assert found.observed == pytest.approx(0.01)
        return found.verdict

    assert lead((-0.02, -0.01, 0.0, 0.01, 0.02)) == "reproduced"
    assert lead((0.02, 0.01, 0.0, -0.01, -0.02)) == "partly"


def test_three_kinds_of_reference_do_not_tell_which_of_four_is_best(curve_rows: Make) -> None:
    found = judge("O8", *kinds(curve_rows, "references", "mlp", universal=0.5, zero=0.1))
    assert found.verdict == "not_testable"


@pytest.mark.parametrize(
    ("gap", "verdict"), [(0.03, "reproduced"), (0.08, "partly"), (0.2, "not_reproduced")]
)
def test_zero_references_and_repeats(curve_rows: Make, gap: float, verdict: str) -> None:
    named = {"explainer": "DeepLift", "reference": "zero"}
    found = judge(
        "O9",
        curve_rows({1: 0.3, 10: 0.5, 20: 0.6}, **named),
        curve_rows({1: 0.3, 10: 0.5 - gap, 100: 0.9}, optimisation="references", **named),
    )
    # The curves meet in one of the two points that they have in common.
    assert (found.verdict, found.observed) == (verdict, pytest.approx(gap / 2))
    alone = judge("O9", curve_rows({1: 0.3, 10: 0.5}, **named))
    assert alone.verdict == "not_testable"
