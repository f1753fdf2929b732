"""How each statement is judged: a statistic, a rule fixed beforehand, and why it is fair.

The rules come from the paper's wording and are the same for every data set.
Where the paper gives a word and no number ("low", "similar"), the number that
we read it as is a constant here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE = (
    "reproduced",
    "partly",
    "not_reproduced",
    "not_testable",
)

LOW = 0.5
"""A correlation or overlap is called low below this: two lists that share less than half."""

SIMILAR = 0.1
"""Two correlations or overlaps that differ by at most this are called similar."""

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Verdict:
    """A verdict with the number it rests on and a 95 % interval (NaN where there is none)."""

    verdict: str
    observed: float = float("nan")
    ci_low: float = float("nan")
    ci_high: float = float("nan")
    reason: str = ""


@dataclass(frozen=True)
class Rule:
    """How a statement is judged.

    Attributes
    ----------
    statistic
        What is measured.
    expected
        What the paper's value or wording asks of it.
    fair
        Why this is a fair reading.
    tables
        The tables read.
    produced_by
        Notebook and cell that show it.
    judge
        From the tables to a verdict.
    """

    statistic: str
    expected: str
    fair: str
    tables: tuple[str, ...]
    produced_by: str
    judge: Callable[[Tables], Verdict]
    circular_on: Mapping[str, str] = field(default_factory=dict)
    """Data sets that were made to have this property, and in what way: no evidence there."""


def bootstrap_interval(
    values: np.ndarray, statistic: Callable[[np.ndarray], float], draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic over resampled units.

    Parameters
    ----------
    values
        One entry (or row) for each independent unit, such as a model or a sample.
    statistic
        From resampled values to a number.
    draws
        Number of resamples.
    seed
        Seed of the resampling.
    """
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(values), size=(draws, len(values)))
    found = np.array([statistic(values[pick]) for pick in picks])
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return float(low), float(high)


def _test_accuracies(tables: Tables, architecture: str) -> np.ndarray:
    table = tables["accuracy"]
    chosen = (table["architecture"] == architecture) & (table["split"] == "test")
    return table.loc[chosen, "accuracy"].to_numpy(float)


def _counts(tables: Tables) -> Verdict:
    classes = tables["classes"]
    samples = int(classes["samples"].sum())
    if (samples, len(classes)) == (27_417, 82):
        return Verdict(REPRODUCED, samples, reason="The same samples and classes.")
    return Verdict(
        NOT_TESTABLE,
        samples,
        reason=f"This data set has {samples:,} samples in {len(classes)} classes: "
        "it is not the paper's, so its size says nothing about the paper's.",
    )


def _median_accuracy(architecture: str, paper: float) -> Callable[[Tables], Verdict]:
    def judge(tables: Tables) -> Verdict:
        found = _test_accuracies(tables, architecture)
        observed = float(np.median(found))
        low, high = bootstrap_interval(found, lambda values: float(np.median(values)))
        gap = abs(observed - paper)
        verdict = REPRODUCED if gap <= 0.015 else PARTLY if gap <= 0.03 else NOT_REPRODUCED
        reason = f"Median of {len(found)} models; the interval resamples models."
        return Verdict(verdict, observed, low, high, reason)

    return judge


def _comparable_accuracy(tables: Tables) -> Verdict:
    def spread(values: np.ndarray) -> float:
        error = 1 - np.median(values)
        return float(np.std(values, ddof=1) / error) if error > 0 else 0.0

    found = _test_accuracies(tables, "mlp")
    observed = spread(found)
    low, high = bootstrap_interval(found, spread)
    verdict = REPRODUCED if observed <= 0.5 else PARTLY if observed <= 1 else NOT_REPRODUCED
    reason = f"{len(found)} MLPs; the interval resamples models."
    return Verdict(verdict, observed, low, high, reason)


def _baseline(tables: Tables) -> pd.DataFrame:
    """Return unoptimised MLP rows of the figure: explainers without or with zero reference."""
    table = tables["reproducibility"]
    chosen = (
        (table["architecture"] == "mlp")
        & (table["optimisation"] == "none")
        & table["reference"].isin(["none", "zero"])
    )
    return table[chosen]


def _medians(table: pd.DataFrame) -> pd.DataFrame:
    """Return each explainer's median over samples: rows explainer, columns (metric, design)."""
    by_sample = table.groupby(["explainer", "metric", "design", "sample"])["value"].median()
    medians = by_sample.groupby(["explainer", "metric", "design"]).median()
    return pd.DataFrame(medians.unstack([1, 2]))


def _design(medians: pd.DataFrame, design: str) -> pd.DataFrame:
    """Return the medians of one design: rows explainer, columns metric."""
    return pd.DataFrame(medians.xs(design, axis=1, level="design"))


def _sample_grid(table: pd.DataFrame, design: str) -> pd.DataFrame:
    """Return medians over pairs: one row a sample, one column an (explainer, metric)."""
    chosen = table[table["design"] == design]
    grid = chosen.groupby(["sample", "explainer", "metric"])["value"].median()
    return pd.DataFrame(grid.unstack([1, 2]))


def _low_within_models(tables: Tables) -> Verdict:
    table = _baseline(tables)
    medians = _medians(table)
    low = _design(medians, "intra_model").to_numpy() < LOW
    both = low.all(axis=1)
    share_both, share_any = float(both.mean()), float(low.any(axis=1).mean())
    grid = _sample_grid(table, "intra_model")
    values = grid.to_numpy()
    observed = float(np.median(np.median(values, axis=0)))
    ci = bootstrap_interval(values, lambda rows: float(np.median(np.median(rows, axis=0))))
    verdict = REPRODUCED if share_both > 0.5 else PARTLY if share_any > 0.5 else NOT_REPRODUCED
    names = ", ".join(medians.index.to_numpy(str)[both]) or "none"
    reason = (
        f"Both medians below {LOW} for {share_both:.0%} of {len(medians)} explainers ({names}); "
        f"observed: median over explainers and both metrics, {len(values)} samples; "
        "the interval resamples samples."
    )
    return Verdict(verdict, observed, *ci, reason)


def _similar_within_and_between(tables: Tables) -> Verdict:
    table = _baseline(tables)
    medians = _medians(table)
    inter_table = _design(medians, "inter_model")
    inter = inter_table.to_numpy()
    intra = _design(medians, "intra_model")[inter_table.columns].to_numpy()
    similar = (np.abs(intra - inter) <= SIMILAR).all(axis=1)
    low = ((intra < LOW) & (inter < LOW)).all(axis=1)
    both = _sample_grid(table, "intra_model") - _sample_grid(table, "inter_model")
    values = both.to_numpy()
    observed = float(np.median(np.median(values, axis=0)))
    ci = bootstrap_interval(values, lambda rows: float(np.median(np.median(rows, axis=0))))
    is_similar, is_low = bool(similar.mean() > 0.5), bool(low.mean() > 0.5)
    verdict = (
        REPRODUCED if is_similar and is_low else PARTLY if is_similar or is_low else NOT_REPRODUCED
    )
    reason = (
        f"Similar (within {SIMILAR}) for {similar.mean():.0%} and low (below {LOW}) for "
        f"{low.mean():.0%} of {len(medians)} explainers; observed: intra minus inter, median over "
        f"explainers and both metrics, {len(values)} samples; the interval resamples samples."
    )
    return Verdict(verdict, observed, *ci, reason)


def judged(rule: Rule, tables: Tables, dataset: str) -> Verdict:
    """Judge a statement by its rule; where the data were made to fit, say so instead."""
    verdict = rule.judge({name: tables[name] for name in rule.tables})
    if dataset in rule.circular_on:
        reason = f"{rule.circular_on[dataset]} {verdict.reason}"
        return replace(verdict, verdict=NOT_TESTABLE, reason=reason)
    return verdict


_TUNED = (
    "The simulation's difficulty was tuned towards the paper's accuracy, so meeting it here is "
    "no evidence; use real data."
)

RULES: dict[str, Rule] = {
    "T1": Rule(
        statistic="number of samples",
        expected="27,417 samples in 82 classes",
        fair="Only the paper's own data can have the paper's counts.",
        tables=("classes",),
        produced_by="00_data, table of classes",
        judge=_counts,
    ),
    "T3": Rule(
        statistic="median test accuracy of the MLPs",
        expected="0.978 ± 0.015 (partly: ± 0.03)",
        fair="Other samples and other splits move accuracy by a percentage point or so.",
        tables=("accuracy",),
        produced_by="01_training, figure of accuracies",
        judge=_median_accuracy("mlp", 0.978),
        circular_on={"reference": _TUNED},
    ),
    "T5": Rule(
        statistic="standard deviation of test accuracy between models over the error rate",
        expected="at most 0.5 (partly: at most 1)",
        fair="Models are comparable if they differ by less than what they all get wrong.",
        tables=("accuracy",),
        produced_by="01_training, figure of accuracies",
        judge=_comparable_accuracy,
    ),
    "B3": Rule(
        statistic="median intra-model Spearman correlation and top-100 overlap",
        expected=f"both below {LOW} for more than half of the explainers (partly: one of them)",
        fair="The paper says low without a number; half is where two lists share a majority.",
        tables=("reproducibility",),
        produced_by="02_baseline_reproducibility, figure 1B",
        judge=_low_within_models,
    ),
    "B7": Rule(
        statistic="intra-model minus inter-model agreement",
        expected=f"within ± {SIMILAR} and both below {LOW} for more than half of the explainers "
        "(partly: one of the two)",
        fair="The paper says similar and very low without numbers; both words are tested.",
        tables=("reproducibility",),
        produced_by="02_baseline_reproducibility, figure 1B",
        judge=_similar_within_and_between,
    ),
}
