"""Rules on aggregation: each verdict, and what aggregates of few models can say."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from verdicts import check

from helpers.claims.judging import Verdict
from helpers.claims.rulebook import RULES
from helpers.explain import EXPLAINERS
from helpers.stability import REPRODUCIBILITY_COLUMNS, sample_medians

Make = Callable[..., pd.DataFrame]
NAMES = {
    name: [explainer for explainer, entry in EXPLAINERS.items() if name in entry.architectures]
    for name in ("mlp", "cnn")
}
TO_ONE = ("DeepLift", "DeepLiftShap", "IntegratedGradients", "Saliency")


def aggregated(
    make: Make, architecture: str, after: float, before: float = 0.5, *, n: int = 20,
    metrics: tuple[str, ...] = ("spearman", "top100"), names: tuple[str, ...] | None = None,
    samples: tuple[float, ...] = (-0.02, -0.01, 0.0, 0.01, 0.02),
) -> list[pd.DataFrame]:  # fmt: skip
    return [
        make(
            {1: before, n: after}, samples, explainer=name, metric=metric,
            architecture=architecture, optimisation="aggregated", shared=0.0,
        )
        for name in names or NAMES[architecture]
        for metric in metrics
    ]  # fmt: skip


def judge(name: str, *parts: pd.DataFrame, apart: list[pd.DataFrame] | None = None) -> Verdict:
    """Judge by the paper's design, and by pairs without a common model: the same if not given."""
    # A tissue for each sample, since tissues are the units of intervals.
    curves = pd.concat(parts).assign(tissue=lambda table: "tissue " + table["sample"])
    disjoint = curves if apart is None else pd.concat(apart)
    disjoint = disjoint.assign(tissue=lambda table: "tissue " + table["sample"])
    tables = {"curves": sample_medians(curves), "disjoint": disjoint[REPRODUCIBILITY_COLUMNS]}
    return check(RULES[name].judge(tables))


def others(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in NAMES["mlp"] if name not in names)


@pytest.mark.parametrize(
    ("high", "verdict"),
    [(TO_ONE, "reproduced"), (TO_ONE[:2], "partly"), (TO_ONE[:1], "not_reproduced")],
)
@pytest.mark.parametrize("n", [20, 7])
def test_correlations_of_nearly_one(
    curve_rows: Make, high: tuple[str, ...], verdict: str, n: int
) -> None:
    found = judge(
        "O13",
        *aggregated(curve_rows, "mlp", 0.97, n=n, names=high),
        *aggregated(curve_rows, "mlp", 0.8, n=n, names=others(high)),
    )
    if n < 20 and verdict == "not_reproduced":
        assert found.verdict == "not_testable"
        assert "n = 7 models, too few beside the paper's 20" in found.reason
    else:
        assert found.verdict == verdict
    assert found.observed == pytest.approx(0.97 if high == TO_ONE else 0.8)


@pytest.mark.parametrize(
    ("mlp", "cnn", "verdict", "observed"),
    [(0.8, 0.7, "reproduced", 1.0), (0.505, 0.7, "partly", 16 / 28),
     (0.8, 0.4, "not_reproduced", 12 / 28)],
)  # fmt: skip
def test_aggregation_helps_every_explainer(
    curve_rows: Make, mlp: float, cnn: float, verdict: str, observed: float
) -> None:
    parts = [*aggregated(curve_rows, "mlp", mlp), *aggregated(curve_rows, "cnn", cnn)]
    found = judge("O14", *parts)
    assert (found.verdict, found.observed) == (verdict, pytest.approx(observed))


def test_one_architecture_alone_is_half_of_a_statement(curve_rows: Make) -> None:
    found = judge("O14", *aggregated(curve_rows, "mlp", 0.8))
    assert found.verdict == "partly"
    assert "No CNNs were aggregated" in found.reason


@pytest.mark.parametrize(
    ("few", "verdict"), [(0, "reproduced"), (3, "partly"), (5, "not_reproduced")]
)
def test_the_overlap_gains_most(curve_rows: Make, few: int, verdict: str) -> None:
    names = tuple(NAMES["cnn"])
    parts = aggregated(curve_rows, "cnn", 0.7, metrics=("spearman",))
    if few:
        parts += aggregated(curve_rows, "cnn", 0.6, metrics=("top100",), names=names[:few])
    parts += aggregated(curve_rows, "cnn", 0.9, metrics=("top100",), names=names[few:])
    assert judge("O15", *parts).verdict == verdict


@pytest.mark.parametrize(
    ("spearman", "overlap", "verdict"),
    [(0.95, 0.92, "reproduced"), (0.95, 0.8, "partly"), (0.8, 0.8, "not_reproduced")],
)
def test_most_explainers_are_high(
    curve_rows: Make, spearman: float, overlap: float, verdict: str
) -> None:
    most = tuple(NAMES["mlp"][:4])
    parts = [
        *aggregated(curve_rows, "mlp", spearman, metrics=("spearman",), names=most),
        *aggregated(curve_rows, "mlp", overlap, metrics=("top100",), names=most),
        *aggregated(curve_rows, "mlp", 0.6, names=others(most)),
    ]
    found = judge("O16", *parts)
    assert found.verdict == verdict
    assert found.observed == pytest.approx(4 / 6 if verdict == "reproduced" else 0)


@pytest.mark.parametrize(
    ("mlp", "verdict"), [(0.8, "reproduced"), (0.702, "partly"), (0.6, "not_reproduced")]
)
def test_overlaps_of_mlps_and_cnns(curve_rows: Make, mlp: float, verdict: str) -> None:
    apart = (0.02, -0.01, 0.0, 0.01, -0.02)
    found = judge(
        "O17",
        *aggregated(curve_rows, "mlp", mlp),
        *aggregated(curve_rows, "cnn", 0.7, 0.3, samples=apart),
    )
    assert (found.verdict, found.observed) == (verdict, pytest.approx(mlp - 0.7))


def test_mlps_and_cnns_are_compared_at_the_same_n(curve_rows: Make) -> None:
    parts = [
        *aggregated(curve_rows, "mlp", 0.9, 0.4, n=20),
        *aggregated(curve_rows, "cnn", 0.7, 0.3, n=3),
    ]
    found = judge("O17", *parts)
    assert found.observed == pytest.approx(0.1)
    assert "n = 1 models in each aggregate" in found.reason


def test_aggregates_that_are_the_same_models_do_not_count(curve_rows: Make) -> None:
    table = pd.concat(aggregated(curve_rows, "mlp", 0.99))
    table.loc[table["n"] == 20, "shared"] = 0.9
    found = judge("O13", table, apart=[table[table["n"] == 1]])
    assert found.verdict == "not_testable"
    assert "too few MLPs" in found.reason


def every(make: Make, mlp: float, cnn: float) -> list[pd.DataFrame]:
    return [*aggregated(make, "mlp", mlp), *aggregated(make, "cnn", cnn, 0.4)]


def overlap_most(make: Make, overlap: float) -> list[pd.DataFrame]:
    return [
        *aggregated(make, "cnn", 0.6, metrics=("spearman",)),
        *aggregated(make, "cnn", overlap, metrics=("top100",)),
        *aggregated(make, "mlp", 0.97),
    ]


@pytest.mark.parametrize(
    ("name", "make", "high", "low"),
    [
        ("O13", every, (0.97, 0.8), (0.8, 0.8)),
        ("O14", every, (0.7, 0.7), (0.4, 0.3)),
        ("O15", overlap_most, (0.7,), (0.5,)),
        ("O16", every, (0.95, 0.8), (0.8, 0.8)),
        ("O17", every, (0.8, 0.7), (0.6, 0.7)),
    ],
)
def test_what_only_common_models_show_is_partly(
    curve_rows: Make, name: str, make: Callable[..., list[pd.DataFrame]],
    high: tuple[float, ...], low: tuple[float, ...],
) -> None:  # fmt: skip
    holds, fails = make(curve_rows, *high), make(curve_rows, *low)
    found = judge(name, *holds, apart=fails)
    alone = judge(name, *fails, apart=fails)
    assert (found.verdict, alone.verdict) == ("partly", "not_reproduced")
    # What is observed is that of averages without a common model; the other is said.
    assert found.observed == alone.observed
    assert "The same in the paper's design, whose averages share models: " in found.reason
    assert found.reason != alone.reason
    assert judge(name, *fails, apart=holds).verdict == "reproduced"
    # Single models alone: nothing is said without a common model.
    only_one = [part[part["n"] == 1] for part in holds]
    if name != "O17":
        shared = judge(name, *holds, apart=only_one)
        assert shared.verdict == "partly"
        assert shared.reason.startswith("All averages compared share models.")


@pytest.mark.parametrize("name", ["O13", "O14", "O15", "O16", "O17"])
def test_nothing_can_be_said_without_aggregates(curve_rows: Make, name: str) -> None:
    assert judge(name, curve_rows({1: 0.5})).verdict == "not_testable"


def test_lists_may_be_shorter_where_few_genes_are_measured(curve_rows: Make) -> None:
    for metric in ("top100", "top20"):
        high = judge("O16", *aggregated(curve_rows, "mlp", 0.95, metrics=("spearman", metric)))
        assert high.verdict == "reproduced"
        assert metric in high.reason
    none = judge("O16", *aggregated(curve_rows, "mlp", 0.95, metrics=("spearman",)))
    assert none.verdict == "not_testable"
