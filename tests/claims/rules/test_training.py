"""Rules about data and accuracy, on tables whose verdict is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from verdicts import check

from helpers.claims.rules.training import MARGIN, TRAINING_RULES


def accuracy(**values: list[float]) -> dict[str, pd.DataFrame]:
    """Accuracies by architecture."""
    rows = [(name, value) for name, found in values.items() for value in found]
    table = pd.DataFrame(rows, columns=["architecture", "accuracy"]).assign(split="test")
    return {"accuracy": table}


@pytest.mark.parametrize(
    ("median", "verdict"),
    [(0.978, "reproduced"), (0.990, "reproduced"), (0.96, "partly"), (0.9, "not_reproduced")],
)
def test_accuracy_is_judged_by_its_distance_from_the_paper(median: float, verdict: str) -> None:
    around = [median + step for step in (-0.003, -0.002, -0.001, 0, 0.001, 0.002, 0.003)]
    found = check(TRAINING_RULES["T3"].judge(accuracy(mlp=around)))
    assert (found.verdict, found.observed) == (verdict, median)
    assert (found.ci_low, found.ci_high) == (around[0], around[-1])
    few = check(TRAINING_RULES["T3"].judge(accuracy(mlp=around[2:5])))
    assert (few.verdict, few.observed) == (verdict, median)
    assert np.isnan(few.ci_low)
    assert TRAINING_RULES["T2"].judge(accuracy(mlp=around)).verdict == "not_testable"


def test_counts_are_testable_on_the_papers_data_only() -> None:
    ours = pd.DataFrame({"class": ["a", "b"], "samples": [3, 4]})
    assert TRAINING_RULES["T1"].judge({"classes": ours}).verdict == "not_testable"
    paper = pd.DataFrame({"class": range(82), "samples": [27_417 - 81, *[1] * 81]})
    assert TRAINING_RULES["T1"].judge({"classes": paper}).verdict == "reproduced"


@pytest.mark.parametrize(
    ("cnn", "verdict"),
    [([0.975, 0.977], "reproduced"), ([0.94, 0.95], "partly"), ([0.90, 0.91], "not_reproduced")],
)
def test_models_of_all_architectures_are_compared_together(cnn: list[float], verdict: str) -> None:
    """Each architecture alone is even enough; what counts is the gap between the two."""
    mlp = [0.98, 0.978, 0.976]
    tables = accuracy(mlp=mlp, cnn=cnn)
    found = check(TRAINING_RULES["T5"].judge(tables))
    assert found.verdict == verdict
    values = tables["accuracy"]["accuracy"]
    assert found.observed == pytest.approx(values.std() / (1 - values.median()))
    assert (found.n, found.unit) == (5, "models")
    gap = 100 * (0.978 - np.mean(cnn))
    assert f"the medians lie {gap:.1f} percentage points apart" in found.reason
    assert "3 MLPs (median 97.8%)" in found.reason


def test_models_of_one_architecture_are_not_all_models() -> None:
    """Nor are models comparable, or not, that make no error to compare with."""
    assert TRAINING_RULES["T5"].judge(accuracy(mlp=[0.97, 0.98])).verdict == "not_testable"
    perfect = accuracy(mlp=[1.0, 1.0], cnn=[1.0, 1.0])
    assert TRAINING_RULES["T5"].judge(perfect).verdict == "not_testable"
    assert "tuned" in TRAINING_RULES["T5"].circular_on["reference"]


def orders(*shifts: float, models: int = 5, spread: float = 0.004) -> dict[str, pd.DataFrame]:
    """CNNs of shared gene orders, and one of an order of its own, which tells nothing of orders."""
    steps = np.linspace(-spread, spread, models)
    rows = [
        (f"random-{1000 + k}" if k else "given", 0.96 + shift + step)
        for k, shift in enumerate(shifts)
        for step in steps
    ]
    table = pd.DataFrame([*rows, ("random-0", 0.5)], columns=["gene_order", "accuracy"])
    table = table.assign(architecture="cnn", split="test", model=range(len(table)))
    return {"accuracy": table}


@pytest.mark.parametrize(
    ("tables", "verdict", "said"),
    [
        (orders(0.0, 0.001), "reproduced", "1 of 1 pairs of orders are within ± 1 points"),
        (orders(0.0, 0.001, -0.002), "reproduced", "3 of 3 pairs"),
        (orders(0.0, 0.011), "partly", "0 of 1 pairs"),
        (orders(0.0, 0.0, 0.011), "partly", "random-1002"),
        (orders(0.0, 0.03), "not_reproduced", "-3.0 percentage points"),
        (orders(0.0, 0.001, 0.03), "not_reproduced", "1 of 3 pairs"),
        (orders(0.0, 0.001, models=2, spread=0.02), "not_testable", "too few, or spread too much"),
        (orders(0.0, 0.005, models=3, spread=0.03), "not_testable", "too few, or spread too much"),
        (orders(0.0), "not_testable", "One gene order is shared by several CNNs"),
        (orders(0.0, 0.0, spread=0.0), "not_testable", "their spread is unknown"),
    ],
)
def test_gene_orders_are_equivalent_within_a_margin(
    tables: dict[str, pd.DataFrame], verdict: str, said: str
) -> None:
    """No difference is shown by few models: that alone is no sign of equality."""
    found = check(TRAINING_RULES["T4"].judge(tables))
    assert found.verdict == verdict
    assert said in found.reason


def test_equivalence_is_that_of_two_one_sided_tests() -> None:
    """At 2.5 % each: the same as a 95 % interval within the margin."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        values = rng.normal(0.96, 0.006, (2, 6)) + np.array([[0.0], [rng.uniform(0, 0.015)]])
        tables = orders(0.0, 0.0, models=6)
        table = tables["accuracy"]
        table.loc[:11, "accuracy"] = values.ravel()
        a, b = values
        below, above = (
            stats.ttest_ind(a, b + shift, equal_var=False, alternative=side).pvalue
            for shift, side in ((MARGIN, "less"), (-MARGIN, "greater"))
        )
        found = TRAINING_RULES["T4"].judge(tables)
        assert (found.verdict == "reproduced") == (max(below, above) <= 0.025)
