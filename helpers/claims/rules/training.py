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


def _comparable_accuracy(tables: Tables) -> Verdict:
    """Judge all models of all architectures together: the paper says that all are comparable."""
    names = list(dict.fromkeys(tables["accuracy"]["architecture"]))
    found = [_test_accuracies(tables, name) for name in names]
    rng = np.random.default_rng(0)
    # Models are resampled within their architecture: how many there are of each is no chance.
    drawn = np.hstack([rng.choice(values, (2000, len(values))) for values in found])
    low, high = np.percentile(_spread(drawn), [2.5, 97.5])
    together = np.concatenate(found)
    observed = float(_spread(together[None])[0])
    verdict = REPRODUCED if observed <= 0.5 else PARTLY if observed <= 1 else NOT_REPRODUCED
    medians = [float(np.median(values)) for values in found]
    counts = ", ".join(
        f"{len(values)} {name.upper()}s (median {median:.1%})"
        for name, values, median in zip(names, found, medians, strict=True)
    )
    gap = (
        f"; the medians lie {100 * (max(medians) - min(medians)):.1f} percentage points apart"
        if len(medians) > 1
        else ""
    )
    reason = (
        f"{counts}{gap}; standard deviation of all models together "
        f"{100 * together.std(ddof=1):.1f} points, error of the median one "
        f"{100 * (1 - np.median(together)):.1f} points; the interval resamples models within an "
        "architecture."
    )
    return Verdict(verdict, observed, float(low), float(high), reason, len(together), "models")


def _spread(drawn: np.ndarray) -> np.ndarray:
    """Return the standard deviation between models (columns) over their median error, by row."""
    error = 1 - np.median(drawn, axis=1)
    none = np.zeros(len(drawn))  # without an error there is nothing to differ in
    return np.divide(drawn.std(axis=1, ddof=1), error, out=none, where=error > 0)


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
    low, high = (float(bound) for bound in np.percentile(draws[0] - draws[1], [2.5, 97.5]))
    within, possible = abs(observed) <= spread, low <= 0 <= high
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[int(within) + int(possible)]
    reason = (
        f"Mean accuracy of {len(different)} CNNs of different gene orders minus that of {len(one)} "
        f"of one order: {100 * observed:+.1f} percentage points, "
        f"{'within' if within else 'beyond'} the {100 * spread:.1f} points (one standard "
        f"deviation) that seeds alone spread the latter; the interval, from {100 * low:+.1f} to "
        f"{100 * high:+.1f}, {'includes' if possible else 'excludes'} 0"
        + ("" if possible else ", but the one order is a single draw of an order")
        + "; it resamples models."
    )
    n = len(different) + len(one)
    return Verdict(verdict, observed, low, high, reason, n, "models")


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
        expected="at most one standard deviation between seeds, and a 95 % interval that includes "
        "0 (partly: one of the two)",
        fair="An effect of the order is one that seeds alone do not make, and that is not chance.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_gene_order,
    ),
    "T5": Rule(
        statistic="standard deviation of test accuracy over all models of all architectures, over "
        "their median error",
        expected="at most 0.5 (partly: at most 1)",
        fair="Models are comparable if they differ by less than what they all get wrong.",
        tables=("accuracy",),
        produced_by="01_training#accuracy",
        judge=_comparable_accuracy,
    ),
}
