"""Rules about unoptimised explanations, on tables whose verdict is known."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from helpers.claims.rules.reproducibility import EXCEPTION, REPRODUCIBILITY_RULES

TISSUES = ("liver", "lung", "ovary", "pancreas")


def reproducibility(intra: float, inter: float, others: float | None = None) -> pd.DataFrame:
    """Six explainers, a sample in each of four tissues; the first two have the value `others`."""
    rows = []
    for number, explainer in enumerate("ABCDEF"):
        for design, level in (("intra_model", intra), ("inter_model", inter)):
            value = others if others is not None and number < 2 else level
            rows += [
                ("mlp", explainer, "none", design, "zero", tissue, f"{tissue}-0", metric, value)
                for tissue in TISSUES
                for metric in ("spearman", "top100")
            ]
    columns = [
        "architecture",
        "explainer",
        "optimisation",
        "design",
        "reference",
        "tissue",
        "sample",
        "metric",
        "value",
    ]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("intra", "others", "verdict"),
    [(0.3, 0.9, "reproduced"), (0.7, 0.2, "not_reproduced"), (0.49, None, "reproduced"),
     (0.5, None, "not_reproduced")],
)  # fmt: skip
def test_low_means_low_for_most_explainers(
    intra: float, others: float | None, verdict: str
) -> None:
    table = reproducibility(intra, 0.2, others)
    assert REPRODUCIBILITY_RULES["B3"].judge({"unoptimised": table}).verdict == verdict


def test_low_in_one_metric_only_is_partly() -> None:
    table = reproducibility(0.3, 0.3)
    table.loc[table["metric"] == "spearman", "value"] = 0.8
    assert REPRODUCIBILITY_RULES["B3"].judge({"unoptimised": table}).verdict == "partly"


@pytest.mark.parametrize(
    ("intra", "inter", "verdict"),
    [(0.3, 0.25, "reproduced"), (0.9, 0.85, "partly"), (0.4, 0.1, "partly"),
     (0.9, 0.3, "not_reproduced")],
)  # fmt: skip
def test_similar_and_low_are_two_conditions(intra: float, inter: float, verdict: str) -> None:
    found = REPRODUCIBILITY_RULES["B7"].judge({"unoptimised": reproducibility(intra, inter)})
    assert found.verdict == verdict
    assert found.observed == pytest.approx(intra - inter)


def cnn(levels: dict[str, dict[str, float]], samples: int = 8) -> dict[str, pd.DataFrame]:
    """Make a table of both metrics: design → explainer → level, with little noise."""
    rng = np.random.default_rng(0)
    rows = [
        (
            "cnn",
            explainer,
            "none",
            design,
            "none",
            TISSUES[sample % 4],
            f"s{sample}",
            metric,
            level + noise,
        )
        for design, of in levels.items()
        for explainer, level in of.items()
        for metric in ("spearman", "top100")
        for sample, noise in enumerate(rng.uniform(-0.01, 0.01, samples))
    ]
    columns = ["architecture", "explainer", "optimisation", "design", "reference", "tissue",
               "sample"]  # fmt: skip
    return {"unoptimised": pd.DataFrame(rows, columns=[*columns, "metric", "value"])}


def same(level: float, explainers: str = "ABCD") -> dict[str, float]:
    return dict.fromkeys(explainers, level)


@pytest.mark.parametrize("claim", ["B1", "B2"])
@pytest.mark.parametrize(
    ("levels", "verdict"),
    [(same(0.3), "reproduced"), ({**same(0.8), "A": 0.2}, "partly"), (same(0.8), "not_reproduced")],
)
def test_low_for_most_explainers_of_cnns(
    claim: str, levels: dict[str, float], verdict: str
) -> None:
    found = REPRODUCIBILITY_RULES[claim].judge(cnn({"intra_model": levels}))
    assert found.verdict == verdict
    assert found.ci_low <= found.observed <= found.ci_high


@pytest.mark.parametrize(("level", "verdict"), [(0.9, "reproduced"), (0.4, "not_reproduced")])
def test_the_exception_leads_in_both_metrics(level: float, verdict: str) -> None:
    found = REPRODUCIBILITY_RULES["B4"].judge(cnn({"intra_model": {**same(0.5), EXCEPTION: level}}))
    assert found.verdict == verdict
    assert found.observed == pytest.approx(level - 0.5, abs=0.02)


def test_the_exception_in_one_metric_is_partly() -> None:
    tables = cnn({"intra_model": {**same(0.5), EXCEPTION: 0.9}})
    table = tables["unoptimised"]
    chosen = (table["explainer"] == EXCEPTION) & (table["metric"] == "top100")
    table.loc[chosen, "value"] = 0.1
    assert REPRODUCIBILITY_RULES["B4"].judge(tables).verdict == "partly"


@pytest.mark.parametrize(
    ("inter", "verdict"),
    [(same(0.3), "reproduced"), ({**same(0.3), "A": 0.6}, "partly"), (same(0.5), "not_reproduced")],
)
def test_below_within_means_significantly_and_everywhere(
    inter: dict[str, float], verdict: str
) -> None:
    tables = cnn({"intra_model": same(0.5), "inter_model": inter})
    assert REPRODUCIBILITY_RULES["B5"].judge(tables).verdict == verdict


def test_equal_values_are_not_significantly_below() -> None:
    tables = cnn({"intra_model": same(1.0), "inter_model": same(1.0)})
    tables["unoptimised"]["value"] = 1.0
    found = REPRODUCIBILITY_RULES["B5"].judge(tables)
    assert (found.verdict, found.observed) == ("not_reproduced", 0.0)


ON_CNNS = ["B1", "B2", "B4", "B5", "B6"]


def of_all_designs() -> dict[str, pd.DataFrame]:
    levels = {**same(0.5), EXCEPTION: 0.9}
    return cnn(dict.fromkeys(("intra_model", "inter_model", "gene_order"), levels))


@pytest.mark.parametrize("claim", ON_CNNS)
def test_an_explainer_without_values_leaves_nothing_to_compare(claim: str) -> None:
    tables = of_all_designs()
    table = tables["unoptimised"]
    table.loc[table["explainer"] == "A", "value"] = np.nan
    found = REPRODUCIBILITY_RULES[claim].judge(tables)
    assert found.verdict == "not_testable"
    assert "In 0 of 8 samples all that is compared here is defined" in found.reason
    assert "A" in found.reason


@pytest.mark.parametrize("claim", ON_CNNS)
@pytest.mark.parametrize(("samples", "tested"), [(3, True), (4, True), (5, False)])
def test_samples_with_scores_that_are_all_equal_are_left_out(
    claim: str, samples: int, tested: bool
) -> None:
    """Their lists of the first genes overlap fully, which must not count either."""
    tables = of_all_designs()
    table = tables["unoptimised"]
    odd = table["sample"].isin([f"s{number}" for number in range(samples)])
    odd &= table["explainer"] == "A"
    table.loc[odd & (table["metric"] == "spearman"), "value"] = np.nan
    table.loc[odd & (table["metric"] == "top100"), "value"] = 1.0
    found = REPRODUCIBILITY_RULES[claim].judge(tables)
    assert (found.verdict != "not_testable") == tested
    if tested:
        rest = table[~table["sample"].isin([f"s{number}" for number in range(samples)])]
        again = REPRODUCIBILITY_RULES[claim].judge({"unoptimised": rest})
        assert (found.verdict, found.observed) == (again.verdict, again.observed)
        assert f"{samples} more left out, with scores that are all equal" in found.reason


def test_the_number_is_the_mean_over_tissues_of_medians_over_samples() -> None:
    rows = [
        ("mlp", "A", "none", "intra_model", "none", tissue, f"{tissue}{i}", metric, value)
        for tissue, values in (("liver", [0.1, 0.2, 0.9]), ("lung", [0.25]), ("ovary", [0.2, 0.4]))
        for i, value in enumerate(values)
        for metric in ("spearman", "top100")
    ]
    columns = [*cnn({"intra_model": same(0.5)})["unoptimised"].columns]
    found = REPRODUCIBILITY_RULES["B3"].judge({"unoptimised": pd.DataFrame(rows, columns=columns)})
    assert found.observed == pytest.approx((0.2 + 0.25 + 0.3) / 3)
    assert (found.n, found.unit) == (3, "tissues")
    assert "6 samples of 3 tissues" in found.reason
    half = 4.302653 * np.std([0.2, 0.25, 0.3], ddof=1) / np.sqrt(3)
    assert found.ci_high - found.observed == pytest.approx(half, rel=1e-6)


@pytest.mark.parametrize(
    ("overlap", "verdict"), [(0.1, "reproduced"), (0.45, "partly"), (0.6, "not_reproduced")]
)
def test_different_orders_lower_agreement_most_in_the_overlap(overlap: float, verdict: str) -> None:
    tables = cnn({"inter_model": same(0.5), "gene_order": same(0.3)})
    table = tables["unoptimised"]
    table.loc[(table["design"] == "gene_order") & (table["metric"] == "top100"), "value"] = overlap
    assert REPRODUCIBILITY_RULES["B6"].judge(tables).verdict == verdict


def test_of_next_to_nothing_there_is_no_part_to_lose() -> None:
    """One explainer agrees by 1e-10 within an order: it once lost three billion per cent."""
    tables = cnn({"inter_model": {**same(0.5), "A": 0.0}, "gene_order": {**same(0.3), "A": -0.2}})
    found = REPRODUCIBILITY_RULES["B6"].judge(tables)
    lost = re.search(r"with at least 0.1 in one order: (\d+)% and (\d+)%", found.reason)
    assert lost is not None
    assert all(38 <= int(share) <= 42 for share in lost.groups())
    low = cnn({"inter_model": same(0.05), "gene_order": same(0.01)})
    assert REPRODUCIBILITY_RULES["B6"].judge(low).verdict == "not_testable"
