"""Rules about data and accuracy, on tables whose verdict is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.claims.rules.training import TRAINING_RULES


def accuracy(*values: float) -> dict[str, pd.DataFrame]:
    table = pd.DataFrame({"architecture": "mlp", "split": "test", "accuracy": values})
    return {"accuracy": table}


@pytest.mark.parametrize(
    ("median", "verdict"),
    [(0.978, "reproduced"), (0.990, "reproduced"), (0.96, "partly"), (0.9, "not_reproduced")],
)
def test_accuracy_is_judged_by_its_distance_from_the_paper(median: float, verdict: str) -> None:
    found = TRAINING_RULES["T3"].judge(accuracy(median - 0.001, median, median + 0.001))
    assert (found.verdict, found.observed) == (verdict, median)
    assert found.ci_low <= median <= found.ci_high


@pytest.mark.parametrize(
    ("values", "verdict"),
    [((0.97, 0.97, 0.97), "reproduced"), ((0.94, 0.97, 0.99), "partly"),
     ((0.80, 0.97, 0.99), "not_reproduced")],
)  # fmt: skip
def test_models_are_comparable_if_they_differ_by_less_than_their_error(
    values: tuple[float, ...], verdict: str
) -> None:
    found = TRAINING_RULES["T5"].judge(accuracy(*values))
    assert found.verdict == verdict
    assert found.observed == pytest.approx(np.std(values, ddof=1) / (1 - np.median(values)))


def test_counts_are_testable_on_the_papers_data_only() -> None:
    ours = pd.DataFrame({"class": ["a", "b"], "samples": [3, 4]})
    assert TRAINING_RULES["T1"].judge({"classes": ours}).verdict == "not_testable"
    paper = pd.DataFrame({"class": range(82), "samples": [27_417 - 81, *[1] * 81]})
    assert TRAINING_RULES["T1"].judge({"classes": paper}).verdict == "reproduced"


@pytest.mark.parametrize(
    ("cnn", "verdict"),
    [((0.975, 0.977), "reproduced"), ((0.94, 0.95), "partly"), ((0.90, 0.91), "not_reproduced")],
)
def test_models_of_all_architectures_are_compared_together(
    cnn: tuple[float, ...], verdict: str
) -> None:
    """Each architecture alone is even enough; what counts is the gap between the two."""
    values = [("mlp", 0.98), ("mlp", 0.978), ("mlp", 0.976), *(("cnn", value) for value in cnn)]
    table = pd.DataFrame(values, columns=["architecture", "accuracy"]).assign(split="test")
    found = TRAINING_RULES["T5"].judge({"accuracy": table})
    assert found.verdict == verdict
    accuracies = table["accuracy"]
    assert found.observed == pytest.approx(accuracies.std() / (1 - accuracies.median()))
    assert found.ci_low <= found.observed <= found.ci_high
    gap = 100 * (0.978 - np.mean(cnn))
    assert f"the medians lie {gap:.1f} percentage points apart" in found.reason
    assert "3 MLPs (median 97.8%)" in found.reason


@pytest.mark.parametrize(
    ("shift", "models", "verdict", "said"),
    [
        (0.0, 1, "reproduced", "includes 0"),
        (0.009, 1, "reproduced", "includes 0"),
        (0.012, 1, "partly", "beyond"),
        (-0.006, 20, "partly", "excludes 0, but the one order is a single draw"),
        (-0.03, 1, "not_reproduced", "excludes 0"),
    ],
)
def test_the_gene_order_counts_if_it_moves_accuracy_more_than_seeds_and_chance(
    shift: float, models: int, verdict: str, said: str
) -> None:
    one = [("given", value) for value in [0.95, 0.96, 0.97] * models]
    different = [(f"random-{i}", value + shift) for i, (_, value) in enumerate(one)]
    table = pd.DataFrame(one + different, columns=["gene_order", "accuracy"])
    table = table.assign(architecture="cnn", split="test", model=[*range(len(one))] * 2)
    found = TRAINING_RULES["T4"].judge({"accuracy": table})
    assert found.observed == pytest.approx(shift)
    assert found.verdict == verdict
    assert said in found.reason
    assert found.ci_low <= shift <= found.ci_high
