"""Rules on the aggregation of models (statements O13 to O17).

Two averages that share a third of their models correlate by about a third even if no two models
agree in anything. So aggregates are compared that have no model in common, at the largest n. Beside
that stands the paper's design, whose aggregates share models, at the largest n at which they share
no more than in the paper (`helpers.stability.curves.MOST_SHARED`); what only this design shows is
reproduced partly. All tissues are taken together. The first version of these rules, fixed before
any aggregate was compared, read the paper's design alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from helpers.claims.judging import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    NotTestableError,
    Rule,
    Tables,
    Verdict,
    testable,
)
from helpers.claims.rules.curves import (
    INTERVAL,
    Resampled,
    at_ends,
    concluded,
    curve_rows,
    resampled_medians,
)
from helpers.stability.curves import sample_medians
from helpers.stability.saturation import TOLERANCE

CHAPTER = "05_aggregation"

PAPER_MODELS = 20
"""Models in the paper's largest aggregates (Figure 2D)."""

NEARLY_ONE = 0.95
HIGH = 0.9
METRICS = ("spearman", "top100")
_TO_ONE = ("DeepLift", "DeepLiftShap", "IntegratedGradients", "Saliency")


def _require_lists_of_100(tables: Tables) -> None:
    if not (tables["curves"]["metric"] == "top100").any():
        raise NotTestableError("The lists of top genes of this run do not hold 100 genes.")


def _aggregated(tables: Tables, architecture: str) -> tuple[Resampled, int]:
    """Return medians with and without aggregation: columns metric, explainer, when."""
    _require_lists_of_100(tables)
    parts = [at_ends(curve_rows(tables, architecture, "aggregated", metric)) for metric in METRICS]
    rows = pd.concat(parts)
    if rows.empty:
        raise NotTestableError(f"No {architecture.upper()}s were aggregated in this run.")
    largest = int(rows["n"].max())
    if largest == 1:
        raise NotTestableError(
            f"There are too few {architecture.upper()}s for aggregates of several models that do "
            "not share more than a third of them."
        )
    return resampled_medians(rows, ["metric", "explainer", "when"]), largest


def _after(found: Resampled, metric: str) -> pd.DataFrame:
    medians = pd.DataFrame(found.medians[metric])
    return pd.DataFrame(medians.xs("after", axis=1, level="when"))


def _gains(found: Resampled, metric: str) -> pd.DataFrame:
    medians = pd.DataFrame(found.medians[metric])
    return pd.DataFrame(_after(found, metric) - medians.xs("before", axis=1, level="when"))


def _with_fewer_models(verdict: str, n: int) -> tuple[str, str]:
    """Agreement grows with n: what fails with fewer models than the paper's is no failure.

    Returns the verdict, and how n is written in its reason.
    """
    if verdict == NOT_REPRODUCED and n < PAPER_MODELS:
        return NOT_TESTABLE, f"n = {n} models, too few beside the paper's {PAPER_MODELS}"
    return verdict, f"n = {n} models"


def _without_common_models(plain: Callable[[Tables], Verdict]) -> Callable[[Tables], Verdict]:
    """Judge by aggregates without a common model, and say what the paper's design gives."""

    def judge(tables: Tables) -> Verdict:
        paper = plain({"curves": tables["curves"]})
        apart = plain({"curves": sample_medians(tables["disjoint"])})
        if apart.observed != apart.observed:
            # Without a number: no two aggregates of several models were without a common one.
            if paper.observed != paper.observed:
                return paper
            reason = f"All averages compared share models. {paper.reason}"
            return replace(paper, verdict=_at_most_partly(paper.verdict), reason=reason)
        said = paper.reason.removesuffix(INTERVAL)
        reason = (
            f"{apart.reason} The same in the paper's design, whose averages share models. {said}."
        )
        only_there = paper.verdict == REPRODUCED and apart.verdict != REPRODUCED
        return replace(apart, verdict=PARTLY if only_there else apart.verdict, reason=reason)

    return judge


def _at_most_partly(verdict: str) -> str:
    return PARTLY if verdict == REPRODUCED else verdict


@testable
def _nearly_one(tables: Tables) -> Verdict:
    found, n = _aggregated(tables, "mlp")
    after = _after(found, "spearman")
    names = [name for name in _TO_ONE if name in after]
    if len(names) < len(_TO_ONE):
        raise NotTestableError(f"Of {', '.join(_TO_ONE)} not all were aggregated in this run.")
    lowest = after[names].min(axis=1)
    share = float((after[names].iloc[0] >= NEARLY_ONE).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share >= 0.5 else NOT_REPRODUCED
    verdict, size = _with_fewer_models(verdict, n)
    values = ", ".join(f"{name} {after[name].iloc[0]:.2f}" for name in names)
    return concluded(verdict, lowest, f"{values}; {size}, {found.samples} samples", found.samples)


@testable
def _helps_every_explainer(tables: Tables) -> Verdict:
    gains, notes, samples = [], [], 0
    for architecture in ("mlp", "cnn"):
        try:
            found, n = _aggregated(tables, architecture)
        except NotTestableError as error:
            notes.append(str(error).rstrip("."))
            continue
        both = {(architecture, metric): _gains(found, metric) for metric in METRICS}
        gains.append(pd.concat(both, axis=1))
        samples = max(samples, found.samples)
        notes.append(f"{architecture.upper()}: n = {n} models, {found.samples} samples")
    if not gains:
        raise NotTestableError("No models were aggregated in this run.")
    gain = pd.concat(gains, axis=1)
    share = (gain > TOLERANCE).mean(axis=1)
    verdict = REPRODUCED if share[0] == 1 else PARTLY if share[0] > 0.5 else NOT_REPRODUCED
    if len(gains) < 2 and verdict == REPRODUCED:
        verdict = PARTLY
    lost = gain.iloc[0][gain.iloc[0] <= TOLERANCE].reset_index().to_numpy().tolist()
    named = [f"{e} ({a.upper()}, {m}) {change:+.3f}" for a, m, e, change in lost]
    reason = (
        f"{int((gain.iloc[0] > TOLERANCE).sum())} of {gain.shape[1]} curves rise by more than "
        f"{TOLERANCE}"
        + (f", but not {', '.join(named)}" if named else "")
        + f"; {'; '.join(notes)}"
    )
    return concluded(verdict, share, reason, samples)


@testable
def _helps_overlap_most(tables: Tables) -> Verdict:
    found, n = _aggregated(tables, "cnn")
    overlap, correlation = _gains(found, "top100"), _gains(found, "spearman")
    more = overlap - correlation[overlap.columns]
    share = float((more.iloc[0] > 0).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    reason = (
        f"Overlap gains more for {share:.0%} of {more.shape[1]} explainers (median gain "
        f"{overlap.iloc[0].median():.2f}, of the correlation {correlation.iloc[0].median():.2f}); "
        f"n = {n} models, {found.samples} samples"
    )
    return concluded(verdict, more.median(axis=1), reason, found.samples)


@testable
def _most_are_high(tables: Tables) -> Verdict:
    found, n = _aggregated(tables, "mlp")
    high = {metric: _after(found, metric) > HIGH for metric in METRICS}
    both = (high["spearman"] & high["top100"]).mean(axis=1)
    alone = max(float(table.iloc[0].mean()) for table in high.values())
    verdict = REPRODUCED if both[0] > 0.5 else PARTLY if alone > 0.5 else NOT_REPRODUCED
    verdict, size = _with_fewer_models(verdict, n)
    shares = ", ".join(f"{name} {table.iloc[0].mean():.0%}" for name, table in high.items())
    count = high["spearman"].shape[1]
    reason = f"Above {HIGH}: {shares} of {count} explainers; {size}, {found.samples} samples"
    return concluded(verdict, both, reason, found.samples)


@testable
def _mlp_above_cnn(tables: Tables) -> Verdict:
    """Compare both architectures at the same n, since agreement grows with it."""
    _require_lists_of_100(tables)
    rows = {name: curve_rows(tables, name, "aggregated", "top100") for name in ("mlp", "cnn")}
    for name, part in rows.items():
        if part.empty:
            raise NotTestableError(f"No {name.upper()}s were aggregated in this run.")
    n = max(set(rows["mlp"]["n"]) & set(rows["cnn"]["n"]), default=0)
    at_n = {name: part[part["n"] == n] for name, part in rows.items()}
    common = set(at_n["mlp"]["explainer"]) & set(at_n["cnn"]["explainer"])
    if not common:
        raise NotTestableError("MLPs and CNNs have no n or no explainer in common.")
    found = {
        name: resampled_medians(part[part["explainer"].isin(common)], ["explainer"], seed)
        for seed, (name, part) in enumerate(at_n.items())
    }
    difference = (found["mlp"].medians - found["cnn"].medians).median(axis=1)
    low = float(difference[1:].quantile(0.025))
    verdict = REPRODUCED if low > 0 else PARTLY if difference[0] > 0 else NOT_REPRODUCED
    reason = (
        f"MLP minus CNN {difference[0]:+.2f}, median over {len(common)} explainers; n = {n} models "
        f"in each aggregate; "
        f"{found['mlp'].samples} and {found['cnn'].samples} samples"
    )
    return concluded(verdict, difference, reason, min(part.samples for part in found.values()))


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
    ),
    "O14": Rule(
        statistic="share of curves (explainer, architecture, metric) that aggregation raises",
        expected=f"all, by more than {TOLERANCE} (partly: more than half)",
        fair=f"Every explainer is said to gain, in the correlation and in the overlap. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_helps_every_explainer),
    ),
    "O15": Rule(
        statistic="gain of the top-100 overlap minus gain of the Spearman correlation on CNNs",
        expected="above 0 for every explainer (partly: for more than half)",
        fair="Most means more than in the other measure of the same figure, for all explainers. "
        f"{_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_helps_overlap_most),
    ),
    "O16": Rule(
        statistic=f"share of explainers above {HIGH} in both measures between aggregated MLPs",
        expected="more than half (partly: in one of the measures)",
        fair=f"Most is more than half. With fewer than {PAPER_MODELS} models a lower share is no "
        f"evidence. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_most_are_high),
    ),
    "O17": Rule(
        statistic="top-100 overlap of aggregated MLPs minus that of CNNs, same n, same explainers",
        expected="above 0 with its interval (partly: above 0)",
        fair=f"Better is a direction; both architectures are compared with as many models. {_FAIR}",
        tables=("curves", "disjoint"),
        produced_by=f"{CHAPTER}#figure_2d_disjoint",
        judge=_without_common_models(_mlp_above_cnn),
    ),
}
