"""Rules about unoptimised explanations, on tables whose verdict is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.claims.judging import bootstrap_interval
from helpers.claims.rules.reproducibility import (
    EXCEPTION,
    REPRODUCIBILITY_RULES,
    _middle,
    _middle_interval,
)


def reproducibility(intra: float, inter: float, others: float | None = None) -> pd.DataFrame:
    """Six explainers, four samples; the first two explainers have the value `others`."""
    rows = []
    for number, explainer in enumerate("ABCDEF"):
        for design, level in (("intra_model", intra), ("inter_model", inter)):
            value = others if others is not None and number < 2 else level
            rows += [
                ("mlp", explainer, "none", design, "zero", f"s{sample}", metric, value)
                for sample in range(4)
                for metric in ("spearman", "top100")
            ]
    columns = [
        "architecture",
        "explainer",
        "optimisation",
        "design",
        "reference",
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
        ("cnn", explainer, "none", design, "none", f"s{sample}", metric, level + noise)
        for design, of in levels.items()
        for explainer, level in of.items()
        for metric in ("spearman", "top100")
        for sample, noise in enumerate(rng.uniform(-0.01, 0.01, samples))
    ]
    columns = ["architecture", "explainer", "optimisation", "design", "reference", "sample"]
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


@pytest.mark.parametrize("claim", ["B1", "B2", "B4", "B5", "B6"])
def test_missing_values_of_an_explainer_are_left_out(claim: str) -> None:
    levels = {**same(0.5), EXCEPTION: 0.9}
    designs = dict.fromkeys(("intra_model", "inter_model", "gene_order"), levels)
    tables = cnn(designs)
    table = tables["unoptimised"]
    table.loc[table["explainer"] == "A", "value"] = np.nan
    found = REPRODUCIBILITY_RULES[claim].judge(tables)
    assert np.isfinite([found.observed, found.ci_low, found.ci_high]).all()


@pytest.mark.parametrize(
    ("overlap", "verdict"), [(0.1, "reproduced"), (0.45, "partly"), (0.6, "not_reproduced")]
)
def test_different_orders_lower_agreement_most_in_the_overlap(overlap: float, verdict: str) -> None:
    tables = cnn({"inter_model": same(0.5), "gene_order": same(0.3)})
    table = tables["unoptimised"]
    table.loc[(table["design"] == "gene_order") & (table["metric"] == "top100"), "value"] = overlap
    assert REPRODUCIBILITY_RULES["B6"].judge(tables).verdict == verdict


def test_the_interval_of_all_draws_at_once_is_that_of_one_draw_after_the_other() -> None:
    values = np.random.default_rng(1).normal(size=(7, 4))
    values[2:, 3] = np.nan
    assert _middle_interval(values) == pytest.approx(bootstrap_interval(values, _middle))
