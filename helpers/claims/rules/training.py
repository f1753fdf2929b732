"""Rules of the statements about data and accuracy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import (
    POSITIVE,
    Gap,
    gap_between,
    median_over_units,
    over_units,
    without_interval,
)
from helpers.claims.judging import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    Rule,
    Tables,
    Verdict,
)

MARGIN = 0.01
"""Accuracies are equivalent within one percentage point: the paper calls medians of 97.2 and 97.8 %
comparable."""


def _test_accuracies(tables: Tables, architecture: str) -> pd.Series:
    table = tables["accuracy"]
    chosen = (table["architecture"] == architecture) & (table["split"] == "test")
    found = table.loc[chosen, "accuracy"].reset_index(drop=True)
    if found.empty:
        raise NotTestableError(f"No {architecture.upper()} was trained in this run.")
    return defined(found, f"the accuracy of {architecture.upper()}s")


def _counts(tables: Tables) -> Verdict:
    classes = tables["classes"]
    if classes.empty:
        raise NotTestableError("The data set has no classes.")
    samples = int(classes["samples"].sum())
    if (samples, len(classes)) == (27_417, 82):
        verdict, reason = REPRODUCED, "The same samples and classes"
    else:
        verdict, reason = (
            NOT_TESTABLE,
            (
                f"This data set has {samples:,} samples in {len(classes)} classes: it is not the "
                "paper's, so its size says nothing about the paper's"
            ),
        )
    return without_interval(samples, samples, "samples", "a count, so no interval").verdict(
        verdict, reason
    )


def _median_accuracy(architecture: str, paper: float) -> Callable[[Tables], Verdict]:
    def judge(tables: Tables) -> Verdict:
        found = median_over_units(_test_accuracies(tables, architecture).to_numpy(), "models")
        gap = abs(found.value - paper)
        verdict = REPRODUCED if gap <= 0.015 else PARTLY if gap <= 0.03 else NOT_REPRODUCED
        return found.verdict(verdict, f"Median of {found.n} models")

    return judge


def _comparable_accuracy(tables: Tables) -> Verdict:
    """Judge all models of both architectures together: the paper says that all are comparable."""
    found = {name: _test_accuracies(tables, name) for name in ("mlp", "cnn")}
    together = pd.concat(list(found.values()), ignore_index=True)
    estimate = over_units(together.to_frame("accuracy"), _spread, "models", POSITIVE)
    observed = defined(estimate.value, "the spread of accuracies over their error")
    verdict = REPRODUCED if observed <= 0.5 else PARTLY if observed <= 1 else NOT_REPRODUCED
    medians = {name: values.median() for name, values in found.items()}
    counts = ", ".join(
        f"{len(values)} {name.upper()}s (median {medians[name]:.1%})"
        for name, values in found.items()
    )
    gap = 100 * abs(medians["mlp"] - medians["cnn"])
    return estimate.verdict(
        verdict,
        f"{counts}; the medians lie {gap:.1f} percentage points apart; standard deviation of all "
        f"models together {100 * together.std():.1f} points, error of the median one "
        f"{100 * (1 - together.median()):.1f} points",
    )


def _spread(models: pd.DataFrame) -> float:
    """Return the standard deviation between models over the error of the median one."""
    error = 1 - models["accuracy"].median()
    return float(models["accuracy"].std() / error) if error > 0 else float("nan")


def _gene_order(tables: Tables) -> Verdict:
    """Test that CNNs of one gene order are as accurate as those of another: equivalence.

    A difference that is not significant is no sign of equality: with few models none is. So each
    two orders must be shown to lie within a margin, and what shows neither that nor a difference
    beyond it is not testable.
    """
    table = tables["accuracy"]
    cnn = table[(table["architecture"] == "cnn") & (table["split"] == "test")]
    orders = {
        str(order): defined(part["accuracy"], "the accuracy of CNNs").to_numpy(float)
        for order, part in cnn.groupby("gene_order", sort=False)
        if len(part) > 1
    }
    if len(orders) < 2:
        raise NotTestableError(
            f"{'One gene order is' if orders else 'No gene order is'} shared by several CNNs, and "
            "equivalence of orders takes two such orders at least: raise cnn_more_orders."
        )
    gaps = [gap_between((a, b), orders[a], orders[b]) for a, b in combinations(orders, 2)]
    known = [gap for gap in gaps if gap is not None]
    if len(known) < len(gaps):
        raise NotTestableError("CNNs of one gene order do not differ, so their spread is unknown.")
    widest = max(known, key=lambda gap: abs(gap.value))
    verdict = _equivalence(known)
    said = (
        f"{len(orders)} gene orders with {', '.join(str(len(v)) for v in orders.values())} CNNs; "
        f"the furthest apart, {widest.names[0]} and {widest.names[1]}, differ by "
        f"{100 * widest.value:+.1f} percentage points ({100 * widest.low:+.1f} to "
        f"{100 * widest.high:+.1f}); {sum(gap.within(MARGIN) for gap in known)} of {len(known)} "
        f"pairs of orders are within ± {100 * MARGIN:g} points with their whole interval"
    )
    if verdict == NOT_TESTABLE:
        said += ", and none is beyond: the CNNs are too few, or spread too much, to tell"
    n = sum(map(len, orders.values()))
    reason = f"{said}; the interval is Welch's, over models."
    return Verdict(verdict, widest.value, widest.low, widest.high, reason, n, "models")


def _equivalence(gaps: list[Gap]) -> str:
    if any(gap.beyond(MARGIN) for gap in gaps):
        return NOT_REPRODUCED
    for margin, verdict in ((MARGIN, REPRODUCED), (2 * MARGIN, PARTLY)):
        if all(gap.within(margin) for gap in gaps):
            return verdict
    return NOT_TESTABLE


_TUNED = (
    "The simulation's difficulty was tuned so that MLPs come near the paper's accuracy, and "
    "smaller profiles shrink the CNNs: neither meeting nor missing the paper's value is evidence "
    "here; use real data."
)

TRAINING_RULES: dict[str, Rule] = {
    "T1": Rule(
        statistic="number of samples",
        expected="27,417 samples in 82 classes",
        fair="Only the paper's own data can have the paper's counts.",
        tables=("classes",),
        produced_by="00_data#class_sizes",
        judge=_counts,
    ),
    "T2": Rule(
        statistic="median test accuracy of the CNNs",
        expected="0.972 ± 0.015 (partly: ± 0.03)",
        fair="Other samples and other splits move accuracy by a percentage point or so.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_median_accuracy("cnn", 0.972),
        networks=("cnn",),
        circular_on={"reference": _TUNED},
    ),
    "T3": Rule(
        statistic="median test accuracy of the MLPs",
        expected="0.978 ± 0.015 (partly: ± 0.03)",
        fair="Other samples and other splits move accuracy by a percentage point or so.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_median_accuracy("mlp", 0.978),
        networks=("mlp",),
        circular_on={"reference": _TUNED},
    ),
    "T4": Rule(
        statistic="mean test accuracy of CNNs of one gene order minus that of another, the "
        "furthest apart",
        expected=f"within ± {MARGIN} with the whole 95 % interval, for each two orders (partly: "
        f"within ± {2 * MARGIN}); not reproduced if one interval is wholly beyond",
        fair="No effect is shown by equivalence within a margin (two one-sided tests), not by a "
        "difference that few models cannot show; the paper calls accuracies 0.6 percentage points "
        "apart comparable.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_gene_order,
        networks=("cnn",),
    ),
    "T5": Rule(
        statistic="standard deviation of test accuracy over all models of both architectures, over "
        "the error of the median one",
        expected="at most 0.5 (partly: at most 1)",
        fair="Models are comparable if they differ by less than what they all get wrong.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_comparable_accuracy,
        networks=("mlp", "cnn"),
        circular_on={"reference": _TUNED},
    ),
}
