"""Rules of the statements about unoptimised explanations (Figure 1).

Where the paper gives a word and no number ("low", "similar"), the number that we read it as
is a constant here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import CORRELATION, DIFFERENCE, Estimate, over_units
from helpers.claims.judging import (
    LOW,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    SIMILAR,
    Rule,
    Tables,
    Verdict,
)
from helpers.claims.rules.curves import FLOOR, Levels, tissue_levels, with_ranks

SIGNIFICANT = 0.05
"""Level of the paired tests."""

METRICS = {"spearman": "Spearman correlation", "top": "top-100 overlap"}
EXCEPTION = "GuidedGradCam++"

_BY = ["explainer", "metric"]


def _baseline(tables: Tables, architecture: str, *designs: str, metric: str = "") -> pd.DataFrame:
    """Return unoptimised rows of the figure: explainers without or with zero reference.

    Raises
    ------
    NotTestableError
        If a design was not run.
    """
    table = tables["unoptimised"]
    chosen = (
        (table["architecture"] == architecture)
        & (table["optimisation"] == "none")
        & table["reference"].isin(["none", "zero"])
        & table["design"].isin(designs)
    )
    rows = with_ranks(table[chosen])
    rows = rows[rows["metric"].str.startswith(metric)]
    if not set(designs) <= set(rows["design"]):
        raise NotTestableError(
            f"Unoptimised explanations by {architecture.upper()}s were not compared in this run."
        )
    return rows


def _design_levels(rows: pd.DataFrame) -> Levels:
    return tissue_levels(rows, ["design", *_BY])


def _by_explainer(means: pd.Series) -> pd.DataFrame:
    """Return explainers × metrics."""
    return defined(pd.DataFrame(means.unstack("metric")), "agreement")


def _low_for_most(metric: str) -> Callable[[Tables], Verdict]:
    def judge(tables: Tables) -> Verdict:
        found = tissue_levels(_baseline(tables, "cnn", "intra_model", metric=metric), ["explainer"])
        means = defined(found.means, "agreement")
        low = means[means < LOW]
        share = len(low) / len(means)
        verdict = REPRODUCED if share > 0.5 else PARTLY if share > 0 else NOT_REPRODUCED
        reason = (
            f"Below {LOW} for {len(low)} of {len(means)} explainers "
            f"({', '.join(map(str, low.index)) or 'none'}); observed: median over explainers, "
            f"{found.said}"
        )
        return found.estimate(pd.Series.median, CORRELATION).verdict(verdict, reason)

    return judge


def _low_within_models(tables: Tables) -> Verdict:
    found = tissue_levels(_baseline(tables, "mlp", "intra_model"), _BY)
    levels = _by_explainer(found.means)
    low = levels.to_numpy() < LOW
    both = low.all(axis=1)
    share_both, share_any = float(both.mean()), float(low.any(axis=1).mean())
    verdict = REPRODUCED if share_both > 0.5 else PARTLY if share_any > 0.5 else NOT_REPRODUCED
    names = ", ".join(levels.index.to_numpy(str)[both]) or "none"
    reason = (
        f"Both below {LOW} for {int(both.sum())} of {len(levels)} explainers ({names}); "
        f"observed: median over explainers and both metrics, {found.said}"
    )
    return found.estimate(pd.Series.median, CORRELATION).verdict(verdict, reason)


def _gap(table: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return one design minus another: tissues × (explainer, metric)."""
    return pd.DataFrame(table[first] - table[second])


def _similar_within_and_between(tables: Tables) -> Verdict:
    found = _design_levels(_baseline(tables, "mlp", "intra_model", "inter_model"))
    intra, inter = (
        _by_explainer(found.means[design]).to_numpy() for design in ("intra_model", "inter_model")
    )
    similar = (np.abs(intra - inter) <= SIMILAR).all(axis=1)
    low = ((intra < LOW) & (inter < LOW)).all(axis=1)
    is_similar, is_low = bool(similar.mean() > 0.5), bool(low.mean() > 0.5)
    verdict = (
        REPRODUCED if is_similar and is_low else PARTLY if is_similar or is_low else NOT_REPRODUCED
    )
    reason = (
        f"Similar (within {SIMILAR}) for {int(similar.sum())} and low (below {LOW}) for "
        f"{int(low.sum())} of {len(similar)} explainers; observed: intra minus inter, median over "
        f"explainers and both metrics, {found.said}"
    )
    return _median_gap(found, "intra_model", "inter_model").verdict(verdict, reason)


def _median_gap(found: Levels, first: str, second: str) -> Estimate:
    return over_units(
        _gap(found.table, first, second),
        lambda table: float(table.mean().median()),
        "tissues",
        DIFFERENCE,
    )


def _leads(means: pd.Series) -> pd.Series:
    """Return the exception's lead over the best of the others, by metric."""
    levels = pd.DataFrame(means.unstack("metric"))
    return pd.Series(levels.loc[EXCEPTION] - levels.drop(EXCEPTION).max())


def _exception(tables: Tables) -> Verdict:
    """Compare GuidedGradCam++ with the best of the others, metric by metric."""
    found = tissue_levels(_baseline(tables, "cnn", "intra_model"), _BY)
    present = set(found.table.columns.get_level_values("explainer"))
    if EXCEPTION not in present or len(present) < 2:
        raise NotTestableError(f"{EXCEPTION} was not compared with other explainers in this run.")
    leads = defined(_leads(found.means), f"the lead of {EXCEPTION}")
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[int((leads > 0).any()) + int((leads > 0).all())]
    said = ", ".join(f"{name} {value:+.3f}" for name, value in leads.items())
    reason = (
        f"{EXCEPTION} minus the best of the others: {said}; observed: the smaller of the two, "
        f"{found.said}"
    )
    return found.estimate(lambda means: float(_leads(means).min()), DIFFERENCE).verdict(
        verdict, reason
    )


def _below_intra(tables: Tables) -> Verdict:
    rows = _baseline(tables, "cnn", "intra_model", "inter_model")
    found = _design_levels(rows)
    medians = rows.groupby(["sample", "design", *_BY])["value"].median().unstack([1, 2, 3]).dropna()
    drop = _gap(medians, "intra_model", "inter_model")
    p = drop.apply(lambda column: _one_sided(column.to_numpy())).unstack("metric")
    p = defined(pd.DataFrame(p), "the p-value")
    explainers = p.index.to_numpy(str)
    lower = explainers[(p < SIGNIFICANT).all(axis=1)]
    share = len(lower) / len(explainers)
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    others = [name for name in explainers if name not in lower]
    reason = (
        f"Significantly below in both metrics (Wilcoxon signed-rank over samples, one-sided, "
        f"p < {SIGNIFICANT}) for {len(lower)} of {len(explainers)} explainers"
        + (f", not for {', '.join(others)}" if others else "")
        + "; observed: intra minus inter, median over explainers and both metrics, "
        + found.said
    )
    return _median_gap(found, "intra_model", "inter_model").verdict(verdict, reason)


def _one_sided(differences: np.ndarray) -> float:
    """Return the p-value of a Wilcoxon signed-rank test for differences above zero."""
    if not differences.any():
        return 1.0
    return float(wilcoxon(differences, alternative="greater").pvalue)


def _orders_lower(tables: Tables) -> Verdict:
    found = _design_levels(_baseline(tables, "cnn", "inter_model", "gene_order"))
    one, drop = found.means["inter_model"], _gap(found.table, "inter_model", "gene_order").mean()
    dropped = _by_explainer(drop)
    lower, explainers = (dropped > 0).sum(), len(dropped)
    is_lower = bool((lower > explainers / 2).all())
    # What is lost, relative to what one order reaches, so that the two metrics compare: of next to
    # nothing there is no part that could be lost.
    relative = (drop / one)[one >= FLOOR].groupby("metric").median()
    overlap = next(name for name in dropped.columns if str(name).startswith("top"))
    lost = {name: float(relative.get(name, np.nan)) for name in ("spearman", overlap)}
    if is_lower:
        for name, value in lost.items():
            defined(value, f"the part of the {name} lost where CNNs agree by {FLOOR} or more")
    most_in_overlap = is_lower and lost[overlap] > lost["spearman"]
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[is_lower + most_in_overlap]
    parts = " and ".join("–" if np.isnan(value) else f"{value:.0%}" for value in lost.values())
    reason = (
        f"Lower with different orders for {lower['spearman']} of {explainers} explainers in "
        f"Spearman correlation and {lower[overlap]} in overlap; median part lost, of explainers "
        f"with at least {FLOOR} in one order: {parts}; observed: one order minus different orders, "
        f"median over explainers and both metrics, {found.said}"
    )
    return _median_gap(found, "inter_model", "gene_order").verdict(verdict, reason)


_TABLES = ("unoptimised",)
_1A = "02_baseline_reproducibility#figure_1a"
_1B = "02_baseline_reproducibility#figure_1b"


def _low_rule(metric: str) -> Rule:
    return Rule(
        statistic=f"median intra-model {METRICS[metric]} of CNNs",
        expected=f"below {LOW} for more than half of the explainers (partly: for some)",
        fair="The paper says low without a number; half is where two lists share a majority.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_low_for_most(metric),
        networks=("cnn",),
    )


REPRODUCIBILITY_RULES: dict[str, Rule] = {
    "B1": _low_rule("spearman"),
    "B2": _low_rule("top"),
    "B3": Rule(
        statistic="median intra-model Spearman correlation and top-100 overlap of MLPs",
        expected=f"both below {LOW} for more than half of the explainers (partly: one of them)",
        fair="The paper says low without a number; half is where two lists share a majority.",
        tables=_TABLES,
        produced_by=_1B,
        judge=_low_within_models,
        networks=("mlp",),
    ),
    "B4": Rule(
        statistic=f"intra-model agreement of {EXCEPTION} minus the best of the other explainers",
        expected="above zero in Spearman correlation and in overlap (partly: in one of them)",
        fair="An exception that is reproducible where others are not has the highest value.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_exception,
        networks=("cnn",),
    ),
    "B5": Rule(
        statistic="intra-model minus inter-model agreement of CNNs",
        expected="significantly above zero in both metrics for all explainers (partly: for most)",
        fair="The paper says significantly and names no exception; samples are the pairs.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_below_intra,
        networks=("cnn",),
    ),
    "B6": Rule(
        statistic="agreement of CNNs of one gene order minus that of different orders",
        expected="above zero for most explainers in both metrics, and a larger share lost in the "
        "overlap (partly: without the latter)",
        fair="Both halves of the sentence are tested; shares make the two metrics comparable.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_orders_lower,
        networks=("cnn",),
    ),
    "B7": Rule(
        statistic="intra-model minus inter-model agreement of MLPs",
        expected=f"within ± {SIMILAR} and both below {LOW} for more than half of the explainers "
        "(partly: one of the two)",
        fair="The paper says similar and very low without numbers; both words are tested.",
        tables=_TABLES,
        produced_by=_1B,
        judge=_similar_within_and_between,
        networks=("mlp",),
    ),
}
