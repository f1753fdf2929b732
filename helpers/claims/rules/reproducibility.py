"""Rules of the statements about unoptimised explanations (Figure 1).

Where the paper gives a word and no number ("low", "similar"), the number that we read it as
is a constant here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon

from helpers.claims.judging import (
    LOW,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    SIMILAR,
    Rule,
    Tables,
    Verdict,
    percentiles,
    resampled_places,
)

SIGNIFICANT = 0.05
"""Level of the paired tests."""

METRICS = {"spearman": "Spearman correlation", "top": "top-100 overlap"}
EXCEPTION = "GuidedGradCam++"


def _baseline(tables: Tables, architecture: str, metric: str = "") -> pd.DataFrame:
    """Return unoptimised rows of the figure: explainers without or with zero reference."""
    table = tables["unoptimised"]
    chosen = (
        (table["architecture"] == architecture)
        & (table["optimisation"] == "none")
        & table["reference"].isin(["none", "zero"])
        & table["metric"].str.startswith(metric)
    )
    return table[chosen]


def _sample_grid(table: pd.DataFrame, design: str) -> pd.DataFrame:
    """Return medians over pairs: one row a sample, one column an (explainer, metric)."""
    chosen = table[table["design"] == design]
    grid = chosen.groupby(["sample", "explainer", "metric"])["value"].median()
    return pd.DataFrame(grid.unstack([1, 2]))


def _level(table: pd.DataFrame, design: str) -> pd.DataFrame:
    """Return each explainer's median over samples: rows explainer, columns metric."""
    return pd.DataFrame(_sample_grid(table, design).median().unstack("metric"))


def _middle(values: np.ndarray) -> float:
    """Return the median over columns of the medians over samples; columns without any left out."""
    known = values[:, ~np.isnan(values).all(axis=0)]
    if not known.size:
        return float("nan")
    # As np.nanmedian, which takes fifty times as long for a few samples: missing ones sort last.
    ordered, count = np.sort(known, axis=0), (~np.isnan(known)).sum(axis=0)
    low, high = (np.take_along_axis(ordered, at[None], 0) for at in ((count - 1) // 2, count // 2))
    return float(np.median((low + high) / 2))


def _middle_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the interval of `_middle` over resampled samples, all draws at once."""
    with warnings.catch_warnings():
        # A draw may hold only samples in which an explainer has no value.
        warnings.simplefilter("ignore", RuntimeWarning)
        medians = np.nanmedian(values[resampled_places(len(values))], axis=1)
        return percentiles(np.nanmedian(medians, axis=1))


def _of_samples(verdict: str, values: np.ndarray, reason: str) -> Verdict:
    """Return a verdict on the middle of values with a row for each sample."""
    return Verdict(
        verdict, _middle(values), *_middle_interval(values), reason, len(values), "samples"
    )


def _resampled(values: np.ndarray) -> str:
    return f"{len(values)} samples; the interval resamples samples."


def _low_for_most(metric: str) -> Callable[[Tables], Verdict]:
    def judge(tables: Tables) -> Verdict:
        table = _baseline(tables, "cnn", metric)
        levels = _level(table, "intra_model").iloc[:, 0]
        low = levels[levels < LOW]
        values = _sample_grid(table, "intra_model").to_numpy()
        share = len(low) / len(levels)
        verdict = REPRODUCED if share > 0.5 else PARTLY if share > 0 else NOT_REPRODUCED
        reason = (
            f"Below {LOW} for {len(low)} of {len(levels)} explainers "
            f"({', '.join(map(str, low.index)) or 'none'}); observed: median over explainers, "
            + _resampled(values)
        )
        return _of_samples(verdict, values, reason)

    return judge


def _low_within_models(tables: Tables) -> Verdict:
    table = _baseline(tables, "mlp")
    levels = _level(table, "intra_model")
    low = levels.to_numpy() < LOW
    both = low.all(axis=1)
    share_both, share_any = float(both.mean()), float(low.any(axis=1).mean())
    values = _sample_grid(table, "intra_model").to_numpy()
    verdict = REPRODUCED if share_both > 0.5 else PARTLY if share_any > 0.5 else NOT_REPRODUCED
    names = ", ".join(levels.index.to_numpy(str)[both]) or "none"
    reason = (
        f"Both medians below {LOW} for {int(both.sum())} of {len(levels)} explainers ({names}); "
        f"observed: median over explainers and both metrics, " + _resampled(values)
    )
    return _of_samples(verdict, values, reason)


def _similar_within_and_between(tables: Tables) -> Verdict:
    table = _baseline(tables, "mlp")
    intra, inter = (_level(table, design).to_numpy() for design in ("intra_model", "inter_model"))
    similar = (np.abs(intra - inter) <= SIMILAR).all(axis=1)
    low = ((intra < LOW) & (inter < LOW)).all(axis=1)
    gap = _sample_grid(table, "intra_model") - _sample_grid(table, "inter_model")
    values = gap.to_numpy()
    is_similar, is_low = bool(similar.mean() > 0.5), bool(low.mean() > 0.5)
    verdict = (
        REPRODUCED if is_similar and is_low else PARTLY if is_similar or is_low else NOT_REPRODUCED
    )
    reason = (
        f"Similar (within {SIMILAR}) for {int(similar.sum())} and low (below {LOW}) for "
        f"{int(low.sum())} of {len(similar)} explainers; observed: intra minus inter, median over "
        "explainers and both metrics, " + _resampled(values)
    )
    return _of_samples(verdict, values, reason)


def _exception(tables: Tables) -> Verdict:
    """Compare GuidedGradCam++ with the best of the others, metric by metric."""
    table = _baseline(tables, "cnn")
    grid = _sample_grid(table, "intra_model")

    levels = pd.DataFrame(grid.median().unstack("metric"))
    leads = pd.Series(levels.loc[EXCEPTION] - levels.drop(EXCEPTION).max())
    values = grid.to_numpy()
    ci = _lead_interval(grid, levels.columns)
    count = int((leads > 0).sum())
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[count]
    said = ", ".join(f"{name} {value:+.3f}" for name, value in leads.items())
    reason = (
        f"{EXCEPTION} minus the best of the others: {said}; observed: the smaller of the two, "
        + _resampled(values)
    )
    return Verdict(verdict, float(leads.min()), *ci, reason, len(values), "samples")


def _lead_interval(grid: pd.DataFrame, metrics: pd.Index) -> tuple[float, float]:
    """Return the interval of the smaller lead over resampled samples, all draws at once."""
    picks = resampled_places(len(grid))
    with warnings.catch_warnings():
        # A draw may hold only samples in which an explainer has no value.
        warnings.simplefilter("ignore", RuntimeWarning)
        leads = []
        for metric in metrics:
            part = grid.xs(metric, axis=1, level="metric")
            medians = np.nanmedian(part.to_numpy()[picks], axis=1)
            own = part.columns == EXCEPTION
            leads.append(medians[:, own][:, 0] - np.nanmax(medians[:, ~own], axis=1))
        return percentiles(np.minimum.reduce(leads))


def _below_intra(tables: Tables) -> Verdict:
    table = _baseline(tables, "cnn")
    drop = _sample_grid(table, "intra_model") - _sample_grid(table, "inter_model")
    p = drop.apply(lambda column: _one_sided(column.to_numpy())).unstack("metric")
    explainers = p.index.to_numpy(str)
    below = explainers[(p < SIGNIFICANT).all(axis=1)]
    share = len(below) / len(explainers)
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    others = [name for name in explainers if name not in below]
    values = drop.to_numpy()
    reason = (
        f"Significantly below in both metrics (Wilcoxon signed-rank, one-sided, p < {SIGNIFICANT}) "
        f"for {len(below)} of {len(explainers)} explainers"
        + (f", not for {', '.join(others)}" if others else "")
        + "; observed: intra minus inter, median over explainers and both metrics, "
        + _resampled(values)
    )
    return _of_samples(verdict, values, reason)


def _one_sided(differences: np.ndarray) -> float:
    """Return the p-value of a Wilcoxon signed-rank test for differences above zero."""
    known = differences[~np.isnan(differences)]
    if not known.any():
        return 1.0
    return float(wilcoxon(known, alternative="greater").pvalue)


def _orders_lower(tables: Tables) -> Verdict:
    table = _baseline(tables, "cnn")
    one, different = (_sample_grid(table, d) for d in ("inter_model", "gene_order"))
    drop = one - different
    # What is lost, relative to what one order reaches, so that the two metrics compare.
    relative = (drop.median() / one.median().clip(lower=1e-9)).unstack("metric").median()
    dropped = pd.DataFrame(drop.median().unstack("metric"))
    lower, explainers = (dropped > 0).sum(), len(dropped)
    is_lower = bool((lower > explainers / 2).all())
    overlap = next(name for name in relative.index if str(name).startswith("top"))
    most_in_overlap = bool(relative[overlap] > relative["spearman"])
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[is_lower + (is_lower and most_in_overlap)]
    values = drop.to_numpy()
    reason = (
        f"Lower with different orders for {lower['spearman']} of {explainers} explainers in "
        f"Spearman correlation and {lower[overlap]} in overlap; median share lost: "
        f"{relative['spearman']:.0%} and {relative[overlap]:.0%}; observed: one order minus "
        "different orders, median over explainers and both metrics, " + _resampled(values)
    )
    return _of_samples(verdict, values, reason)


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
    ),
    "B4": Rule(
        statistic=f"intra-model agreement of {EXCEPTION} minus the best of the other explainers",
        expected="above zero in Spearman correlation and in overlap (partly: in one of them)",
        fair="An exception that is reproducible where others are not has the highest value.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_exception,
    ),
    "B5": Rule(
        statistic="intra-model minus inter-model agreement of CNNs",
        expected="significantly above zero in both metrics for all explainers (partly: for most)",
        fair="The paper says significantly and names no exception; samples are the pairs.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_below_intra,
    ),
    "B6": Rule(
        statistic="agreement of CNNs of one gene order minus that of different orders",
        expected="above zero for most explainers in both metrics, and a larger share lost in the "
        "overlap (partly: without the latter)",
        fair="Both halves of the sentence are tested; shares make the two metrics comparable.",
        tables=_TABLES,
        produced_by=_1A,
        judge=_orders_lower,
    ),
    "B7": Rule(
        statistic="intra-model minus inter-model agreement of MLPs",
        expected=f"within ± {SIMILAR} and both below {LOW} for more than half of the explainers "
        "(partly: one of the two)",
        fair="The paper says similar and very low without numbers; both words are tested.",
        tables=_TABLES,
        produced_by=_1B,
        judge=_similar_within_and_between,
    ),
}
