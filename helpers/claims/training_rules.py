"""Rules of the statements about data and accuracy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.claims.judging import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    Rule,
    Tables,
    Verdict,
    bootstrap_interval,
)
from helpers.training.orders import order_groups


def _test_accuracies(tables: Tables, architecture: str) -> np.ndarray:
    table = tables["accuracy"]
    chosen = (table["architecture"] == architecture) & (table["split"] == "test")
    return table.loc[chosen, "accuracy"].to_numpy(float)


def _counts(tables: Tables) -> Verdict:
    classes = tables["classes"]
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
    reason += "; a count, so no interval."
    return Verdict(verdict, samples, reason=reason, n=samples, unit="samples")


def _median_accuracy(architecture: str, paper: float) -> Callable[[Tables], Verdict]:
    def judge(tables: Tables) -> Verdict:
        found = _test_accuracies(tables, architecture)
        observed = float(np.median(found))
        low, high = bootstrap_interval(found, lambda values: float(np.median(values)))
        gap = abs(observed - paper)
        verdict = REPRODUCED if gap <= 0.015 else PARTLY if gap <= 0.03 else NOT_REPRODUCED
        reason = f"Median of {len(found)} models; the interval resamples models."
        return Verdict(verdict, observed, low, high, reason, len(found), "models")

    return judge


def _spread(values: np.ndarray) -> float:
    """Return the standard deviation between models over their error rate."""
    error = 1 - np.median(values)
    return float(np.std(values, ddof=1) / error) if error > 0 else 0.0


def _comparable_accuracy(tables: Tables) -> Verdict:
    names = list(dict.fromkeys(tables["accuracy"]["architecture"]))
    found = {name: _test_accuracies(tables, name) for name in names}
    widest = max(names, key=lambda name: _spread(found[name]))
    observed = _spread(found[widest])
    low, high = bootstrap_interval(found[widest], _spread)
    verdict = REPRODUCED if observed <= 0.5 else PARTLY if observed <= 1 else NOT_REPRODUCED
    counts = ", ".join(f"{len(values)} {name.upper()}s" for name, values in found.items())
    reason = (
        f"{counts}; the architecture that spreads more, {widest.upper()}, is judged; the interval "
        "resamples models."
    )
    return Verdict(verdict, observed, low, high, reason, len(found[widest]), "models")


def _gene_order(tables: Tables) -> Verdict:
    table = tables["accuracy"]
    table = table.assign(group=order_groups(table))
    cnn = table[(table["architecture"] == "cnn") & (table["split"] == "test")]
    one, different = (
        cnn.loc[cnn["group"] == name, "accuracy"].to_numpy(float)
        for name in ("one order", "different orders")
    )
    observed = float(different.mean() - one.mean())
    spread = float(np.std(one, ddof=1))
    rng = np.random.default_rng(0)
    draws = [rng.choice(v, (2000, len(v))).mean(axis=1) for v in (different, one)]
    low, high = np.percentile(draws[0] - draws[1], [2.5, 97.5])
    gap = abs(observed)
    verdict = REPRODUCED if gap <= spread else PARTLY if gap <= 2 * spread else NOT_REPRODUCED
    reason = (
        f"Mean accuracy of {len(different)} CNNs of different gene orders minus that of {len(one)} "
        f"of one order; seeds alone spread accuracy by {spread:.4f} (standard deviation of the "
        "latter); the interval resamples models."
    )
    n = len(different) + len(one)
    return Verdict(verdict, observed, float(low), float(high), reason, n, "models")


_TUNED = (
    "The simulation's difficulty was tuned towards the paper's accuracy, so meeting it here is "
    "no evidence; use real data."
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
        circular_on={"reference": _TUNED},
    ),
    "T3": Rule(
        statistic="median test accuracy of the MLPs",
        expected="0.978 ± 0.015 (partly: ± 0.03)",
        fair="Other samples and other splits move accuracy by a percentage point or so.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_median_accuracy("mlp", 0.978),
        circular_on={"reference": _TUNED},
    ),
    "T4": Rule(
        statistic="mean test accuracy of CNNs of different gene orders minus that of one order",
        expected="at most one standard deviation between seeds (partly: two)",
        fair="An effect of the order is one that seeds alone do not make.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_gene_order,
    ),
    "T5": Rule(
        statistic="standard deviation of test accuracy between models over the error rate",
        expected="at most 0.5 (partly: at most 1)",
        fair="Models are comparable if they differ by less than what they all get wrong.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_comparable_accuracy,
    ),
}
