"""Rules on the aggregation of models (statements O13 to O17).

Two averages that share a third of their models correlate by about a third even if no two models
agree in anything. So aggregates are compared that have no model in common, at the largest n. Beside
that stands the paper's design, whose aggregates share models, at the largest n at which they share
no more than in the paper (`helpers.stability.curves.MOST_SHARED`); what only this design shows is
reproduced partly. All tissues are taken together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import (
    CORRELATION,
    DIFFERENCE,
    mean_over_units,
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
from helpers.claims.rules.curves import Levels, at_ends, curve_rows, tissue_levels
from helpers.stability.curves import sample_medians
from helpers.stability.saturation import TOLERANCE

CHAPTER = "05_aggregation"

PAPER_MODELS = 20
"""Models in the paper's largest aggregates (Figure 2D)."""

NEARLY_ONE = 0.95
HIGH = 0.9
CORRELATED = "spearman"
_TO_ONE = ("DeepLift", "DeepLiftShap", "IntegratedGradients", "Saliency")
_SHARE = "a share of all that was aggregated, so no interval"


@dataclass(frozen=True)
class Aggregated:
    """Agreement with and without aggregation: columns (when, metric, explainer).

    Attributes
    ----------
    levels
        Medians over samples.
    n
        Models in the largest aggregates.
    overlap
        Name of the overlap of lists among the metrics.
    """

    levels: Levels
    n: int
    overlap: str

    @property
    def metrics(self) -> tuple[str, str]:
        """Name the correlation and the overlap."""
        return CORRELATED, self.overlap

    def after(self, metric: str) -> pd.DataFrame:
        """Return agreement with aggregation: tissues × explainers."""
        return pd.DataFrame(self.levels.table["after", metric])

    def gains(self, metric: str) -> pd.DataFrame:
        """Return what aggregation adds: tissues × explainers."""
        return pd.DataFrame(self.after(metric) - self.levels.table["before", metric])


def _overlap(tables: Tables) -> str:
    """Name the overlap of lists of this run: of 100 genes, or of fewer where few are measured."""
    found = [name for name in tables["curves"]["metric"].unique() if str(name).startswith("top")]
    if len(found) != 1:
        raise NotTestableError("No lists of top genes were compared in this run.")
    return str(found[0])


def _aggregated(tables: Tables, architecture: str) -> Aggregated:
    metrics = (CORRELATED, _overlap(tables))
    parts = [at_ends(curve_rows(tables, architecture, "aggregated", metric)) for metric in metrics]
    rows = pd.concat(parts)
    if set(rows["metric"]) != set(metrics):
        raise NotTestableError(f"No {architecture.upper()}s were aggregated in this run.")
    largest = int(rows["n"].max())
    if largest == 1:
        raise TooFewModelsError(
            f"There are too few {architecture.upper()}s for aggregates of several models that do "
            "not share more than a third of them."
        )
    return Aggregated(tissue_levels(rows, ["when", "metric", "explainer"]), largest, metrics[1])


def _with_fewer_models(verdict: str, n: int) -> tuple[str, str]:
    """Agreement grows with n: what fails with fewer models than the paper's is no failure.

    Returns the verdict, and how n is written in its reason.
    """
    if verdict == NOT_REPRODUCED and n < PAPER_MODELS:
        return NOT_TESTABLE, f"n = {n} models, too few beside the paper's {PAPER_MODELS}"
    return verdict, f"n = {n} models"


class TooFewModelsError(NotTestableError):
    """A run whose aggregates are of one model each, or share too many."""


def _without_common_models(plain: Callable[[Tables], Verdict]) -> Callable[[Tables], Verdict]:
    """Judge by aggregates without a common model, and say what the paper's design gives."""

    def judge(tables: Tables) -> Verdict:
        paper = _unless_too_few(plain, tables["curves"])
        apart = _unless_too_few(plain, sample_medians(tables["disjoint"]))
        if apart.verdict == NOT_TESTABLE and np.isnan(apart.observed):
            if paper.verdict == NOT_TESTABLE:
                return paper
            reason = f"All averages compared share models. {paper.reason}"
            return replace(paper, verdict=_at_most_partly(paper.verdict), reason=reason)
        reason = (
            f"{apart.reason} The same in the paper's design, whose averages share models: "
            f"{paper.reason}"
        )
        only_there = paper.verdict == REPRODUCED and apart.verdict != REPRODUCED
        return replace(apart, verdict=PARTLY if only_there else apart.verdict, reason=reason)

    return judge


def _unless_too_few(plain: Callable[[Tables], Verdict], curves: pd.DataFrame) -> Verdict:
    """Judge one design; "not testable" where it has too few models, whatever the other says."""
    try:
        return plain({"curves": curves})
    except TooFewModelsError as error:
        return Verdict(NOT_TESTABLE, reason=str(error))


def _at_most_partly(verdict: str) -> str:
    return PARTLY if verdict == REPRODUCED else verdict


def _nearly_one(tables: Tables) -> Verdict:
    found = _aggregated(tables, "mlp")
    after = found.after(CORRELATED)
    names = [name for name in _TO_ONE if name in after]
    if len(names) < len(_TO_ONE):
        raise NotTestableError(f"Of {', '.join(_TO_ONE)} not all were aggregated in this run.")
    means = defined(after[names].mean(), "agreement")
    share = float((means >= NEARLY_ONE).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share >= 0.5 else NOT_REPRODUCED
    verdict, size = _with_fewer_models(verdict, found.n)
    values = ", ".join(f"{name} {means[name]:.2f}" for name in names)
    estimate = over_units(
        after[names], lambda table: float(table.mean().min()), "tissues", CORRELATION
    )
    return estimate.verdict(verdict, f"{values}; {size}, {found.levels.said}")


def _helps_every_explainer(tables: Tables) -> Verdict:
    gains, notes, few = [], [], True
    for architecture in ("mlp", "cnn"):
        try:
            found = _aggregated(tables, architecture)
        except NotTestableError as error:
            notes.append(str(error).rstrip("."))
            few &= isinstance(error, TooFewModelsError)
            continue
        both = {(architecture, metric): found.gains(metric) for metric in found.metrics}
        gains.append(pd.concat(both, axis=1))
        notes.append(f"{architecture.upper()}: n = {found.n} models, {found.levels.said}")
    if not gains:
        kind = TooFewModelsError if few else NotTestableError
        raise kind(f"No models were aggregated in this run ({'; '.join(notes)}).")
    table = pd.concat(gains, axis=1)
    gain = defined(table.mean(), "the gain of agreement")
    share = float((gain > TOLERANCE).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    if len(gains) < 2:
        verdict = _at_most_partly(verdict)
    lost = gain[gain <= TOLERANCE].reset_index().to_numpy().tolist()
    named = [f"{e} ({a.upper()}, {m}) {change:+.3f}" for a, m, e, change in lost]
    each = [mean_over_units(table[name].dropna(), "tissues", DIFFERENCE) for name in table]
    sure = sum(one.low > 0 for one in each)
    reason = (
        f"{int((gain > TOLERANCE).sum())} of {len(gain)} curves rise by more than {TOLERANCE}"
        + (f", but not {', '.join(named)}" if named else "")
        + f"; {sure} gains have an interval over tissues above 0; {'; '.join(notes)}"
    )
    return without_interval(share, len(gain), "curves", _SHARE).verdict(verdict, reason)


def _helps_overlap_most(tables: Tables) -> Verdict:
    found = _aggregated(tables, "cnn")
    overlap, correlation = found.gains(found.overlap), found.gains(CORRELATED)
    more = overlap - correlation[overlap.columns]
    means = defined(more.mean(), "the gain of agreement")
    share = float((means > 0).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    reason = (
        f"Overlap gains more for {share:.0%} of {len(means)} explainers (median gain "
        f"{overlap.mean().median():.2f}, of the correlation {correlation.mean().median():.2f}); "
        f"n = {found.n} models, {found.levels.said}"
    )
    estimate = over_units(more, lambda table: float(table.mean().median()), "tissues", DIFFERENCE)
    return estimate.verdict(verdict, reason)


def _most_are_high(tables: Tables) -> Verdict:
    found = _aggregated(tables, "mlp")
    means = {metric: defined(found.after(metric).mean(), "agreement") for metric in found.metrics}
    high = {metric: values > HIGH for metric, values in means.items()}
    both = float((high[CORRELATED] & high[found.overlap]).mean())
    alone = max(float(values.mean()) for values in high.values())
    verdict = REPRODUCED if both > 0.5 else PARTLY if alone > 0.5 else NOT_REPRODUCED
    verdict, size = _with_fewer_models(verdict, found.n)
    shares = ", ".join(f"{name} {values.mean():.0%}" for name, values in high.items())
    count = len(high[CORRELATED])
    reason = f"Above {HIGH}: {shares} of {count} explainers; {size}, {found.levels.said}"
    return without_interval(both, count, "explainers", _SHARE).verdict(verdict, reason)


def _mlp_above_cnn(tables: Tables) -> Verdict:
    """Compare both architectures at the same n, since agreement grows with it."""
    overlap = _overlap(tables)
    rows = {name: curve_rows(tables, name, "aggregated", overlap) for name in ("mlp", "cnn")}
    for name, part in rows.items():
        if part.empty:
            raise NotTestableError(f"No {name.upper()}s were aggregated in this run.")
    n = max(set(rows["mlp"]["n"]) & set(rows["cnn"]["n"]), default=0)
    at_n = {name: part[part["n"] == n] for name, part in rows.items()}
    common = sorted(set(at_n["mlp"]["explainer"]) & set(at_n["cnn"]["explainer"]))
    if not common:
        raise NotTestableError("MLPs and CNNs have no n or no explainer in common.")
    mlp, cnn = (
        tissue_levels(part[part["explainer"].isin(common)], ["explainer"])
        for part in (at_n["mlp"], at_n["cnn"])
    )
    gap = (mlp.table[common] - cnn.table[common]).dropna()
    if gap.empty:
        raise NotTestableError("MLPs and CNNs have no explained tissue in common.")
    estimate = over_units(gap, lambda table: float(table.mean().median()), "tissues", DIFFERENCE)
    sure, observed = estimate.surely_above > 0, defined(estimate.value, "the difference")
    verdict = REPRODUCED if sure else PARTLY if observed > 0 else NOT_REPRODUCED
    reason = (
        f"MLP minus CNN {observed:+.2f}, median over {len(common)} explainers; n = {n} models "
        f"in each aggregate; MLP: {mlp.said} and CNN: {cnn.said}"
    )
    return estimate.verdict(verdict, reason)


_FAIR = (
    "Averages are compared that have no model in common, since common models alone make them "
    "agree; what holds only where they share models counts as partly."
)

AGGREGATION_RULES: dict[str, Rule] = {
    "O13": Rule(
        statistic="lowest median Spearman correlation of four explainers between aggregated MLPs",
        expected=f"at least {NEARLY_ONE} for all four (partly: for two)",
        fair=f"Nearly 1.0 has no number; {NEARLY_ONE} rounds to 1.0. With fewer than "
        f"{PAPER_MODELS} models a lower value is no evidence. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_nearly_one),
        networks=("mlp",),
    ),
    "O14": Rule(
        statistic="share of curves (explainer, architecture, metric) that aggregation raises",
        expected=f"all, by more than {TOLERANCE} (partly: more than half)",
        fair=f"Every explainer is said to gain, in the correlation and in the overlap. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_helps_every_explainer),
        networks=("mlp", "cnn"),
    ),
    "O15": Rule(
        statistic="gain of the top-100 overlap minus gain of the Spearman correlation on CNNs",
        expected="above 0 for every explainer (partly: for more than half)",
        fair="Most means more than in the other measure of the same figure, for all explainers. "
        f"{_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_helps_overlap_most),
        networks=("cnn",),
    ),
    "O16": Rule(
        statistic=f"share of explainers above {HIGH} in both measures between aggregated MLPs",
        expected="more than half (partly: in one of the measures)",
        fair=f"Most is more than half. With fewer than {PAPER_MODELS} models a lower share is no "
        f"evidence. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_most_are_high),
        networks=("mlp",),
    ),
    "O17": Rule(
        statistic="top-100 overlap of aggregated MLPs minus that of CNNs, same n, same explainers",
        expected="above 0 with its interval (partly: above 0)",
        fair=f"Better is a direction; both architectures are compared with as many models. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_mlp_above_cnn),
        networks=("mlp", "cnn"),
    ),
}
