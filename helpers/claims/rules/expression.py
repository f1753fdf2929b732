"""Rules on the expression of top genes (statements E1 to E9)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import (
    CORRELATION,
    DIFFERENCE,
    SHARE,
    over_left_out,
    without_interval,
)
from helpers.claims.judging import (
    LARGER,
    LOW,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    SIMILAR,
    SMALLER,
    Compared,
    Rule,
    Tables,
    Verdict,
)
from helpers.claims.rules.lists import (
    NOTHING,
    few_of_groups,
    grid,
    largest_of_group_iii,
    listed,
    liver,
    of_groups,
    over_models,
    over_tissues,
    shares_of_cnns,
    with_groups,
    with_shares,
)

CHAPTER = "08_expression_status"

WEAK, STRONG = 0.3, 0.5
"""A correlation is weak below the first, strong from the second on (Cohen: medium and large)."""

FEWER = 2 / 3
"""A number is far below another if it is less than this part of it."""

GROUPS = ("I", "II", "III")

HIGHEST = "top_expressed"
"""The set of the highest expressed genes in the table ``left_out``."""

_EXCEPTION = "InputXGradient"
_STRONG_IN_I = ("InputXGradient", "IntegratedGradients", "DeepLift", "DeepLiftShap")
_JUDGED, _BESIDE = "spearman_absolute", "spearman"


def _correlations(tables: Tables, column: str, *groups: str) -> pd.DataFrame:
    """Return correlations of the groups' members: tissues × (group, explainer)."""
    rows = of_groups(with_groups(tables["expression"]), *groups)
    return grid(rows, column, ["paper_group", "explainer"])


def _said(levels: pd.Series) -> str:
    rows = levels.rename("value").reset_index()
    return ", ".join(
        f"{row['explainer']} ({row['paper_group']}) {row['value']:+.2f}"
        for row in rows.to_dict("records")
    )


def _signed(tables: Tables, chosen: pd.DataFrame, *groups: str) -> str:
    """Say what the signed scores of the same explainers give, beside the absolute ones."""
    beside = _correlations(tables, _BESIDE, *groups)[chosen.columns]
    return f"with signed scores {_said(beside.mean())}"


def _weak_correlations(tables: Tables) -> Verdict:
    wide = _correlations(tables, _JUDGED, "II", "III")
    levels = wide.mean()
    odd = levels.index.get_level_values("explainer") == _EXCEPTION
    as_stated = np.where(odd, levels.abs() >= WEAK, levels.abs() < WEAK)
    share = float(as_stated.mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    return over_tissues(
        verdict,
        wide.loc[:, ~odd],
        f"{int(as_stated.sum())} of {len(levels)} as stated: {_said(levels)}; "
        f"{_signed(tables, wide, 'II', 'III')}; observed: the largest without {_EXCEPTION}, "
        "without sign",
        SHARE,
        lambda rows: float(rows.mean().abs().max()),
    )


def _strong_correlations(tables: Tables) -> Verdict:
    wide = _correlations(tables, _JUDGED, "I")
    chosen = wide.loc[:, wide.columns.get_level_values("explainer").isin(_STRONG_IN_I)]
    levels = defined(chosen.mean(), "the correlation of score and expression")
    share = float((levels >= STRONG).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share >= 0.5 else NOT_REPRODUCED
    return over_tissues(
        verdict,
        chosen,
        f"{_said(levels)}; {_signed(tables, chosen, 'I')}; observed: the smallest",
        CORRELATION,
        lambda rows: float(rows.mean().min()),
    )


def _negative_correlation(tables: Tables) -> Verdict:
    wide = _correlations(tables, _JUDGED, "I")
    chosen = wide.loc[:, wide.columns.get_level_values("explainer") == "GuidedBackprop"]
    values = defined(chosen, "the correlation of score and expression").iloc[:, 0]
    negative = float((values < 0).mean())
    verdict = REPRODUCED if negative == 1 else PARTLY if values.mean() < 0 else NOT_REPRODUCED
    return over_tissues(
        verdict,
        chosen,
        f"Negative in {negative:.0%} of the tissues; {_signed(tables, chosen, 'I')}; observed: "
        "mean",
        CORRELATION,
    )


def _half_are_highly_expressed(tables: Tables) -> Verdict:
    rows = liver(with_groups(with_shares(tables["expression"])))
    own = of_groups(rows, "II")
    shares = defined(own.set_index(["architecture", "explainer"])["share"], "the share of a list")
    distance = abs(float(shares.mean()) - 0.5)
    verdict = REPRODUCED if distance <= 0.1 else PARTLY if distance <= 0.2 else NOT_REPRODUCED
    found = over_models(tables, shares, str(own["tissue"].iloc[0]), HIGHEST, pd.Series.mean)
    return found.verdict(
        verdict, f"{listed(own.set_index('explainer')['share'])}; observed: their mean"
    )


def _few_are_highly_expressed(tables: Tables) -> Verdict:
    rows = liver(with_groups(with_shares(tables["expression"])))
    return few_of_groups(tables, rows, HIGHEST)


def _aggregation_removes(tables: Tables) -> Verdict:
    rows = with_shares(tables["expression"])
    before, after = shares_of_cnns(rows)
    chance = defined(float(rows["chance"].mean()), "chance")
    lower = float((after.mean() < before.mean()).mean())
    first, last = float(before.mean().mean()), float(after.mean().mean())
    there, gone = first > chance + NOTHING, last <= chance + NOTHING
    verdict = (
        REPRODUCED
        if there and gone and lower > 0.5
        else PARTLY
        if there and lower > 0.5
        else NOT_REPRODUCED
    )
    return over_tissues(
        verdict,
        before - after,
        f"Without aggregation {first:.1%}, with {last:.1%}, chance {chance:.1%}; lower for "
        f"{lower:.0%} of {before.shape[1]} explainers; observed: the mean difference",
        DIFFERENCE,
    )


def _expressed_in_the_own_tissue(tables: Tables) -> Verdict:
    rows = of_groups(with_groups(tables["top_lists"]), *GROUPS)
    rows = rows.merge(tables["own_specificity"], on=["gene", "tissue"], how="left")
    keys = ["paper_group", "explainer", "tissue"]
    defined(rows.set_index(keys)["specificity"], "the specificity of top genes")
    medians = rows.groupby(keys)["specificity"].median().reset_index()
    wide = grid(medians, "specificity", ["paper_group"])
    levels = wide.mean()
    closest = _lead(levels)
    verdict = REPRODUCED if closest > SIMILAR else PARTLY if closest > 0 else NOT_REPRODUCED
    said = ", ".join(f"group {name} {value:.2f}" for name, value in levels.items())
    return over_tissues(
        verdict,
        wide,
        f"Median specificity of top genes to their tissue: {said}; observed: II minus the larger "
        "of the others",
        DIFFERENCE,
        lambda rows: _lead(rows.mean()),
    )


def _lead(levels: pd.Series) -> float:
    """Return how far group II is above the larger of the others."""
    return float(levels["II"] - levels[["I", "III"]].max())


def _fewer_distinct_genes(tables: Tables) -> Verdict:
    rows = with_groups(tables["distinct_genes"])
    if rows.empty or int(rows["tissues"].max()) < 2:
        raise NotTestableError("Top genes of several tissues are needed, but there is one tissue.")
    own = of_groups(rows, *GROUPS)
    defined(own.set_index("explainer")["distinct"], "the number of different genes")
    sizes = own.groupby("paper_group")["distinct"].mean()
    ratio = defined(float(sizes["III"] / sizes[["I", "II"]].min()), "the ratio of numbers of genes")
    verdict = REPRODUCED if ratio < FEWER else PARTLY if ratio < 0.9 else NOT_REPRODUCED
    said = ", ".join(f"group {name} {value:.0f}" for name, value in sizes.items())
    tissues = int(rows["tissues"].max())
    why = "a union of the lists of all tissues has no units to be left out, so no interval"
    return without_interval(ratio, tissues, "tissues", why).verdict(
        verdict,
        f"Different genes in the lists of {tissues} tissues: {said}; observed: III over the "
        "smaller of the others",
    )


def _shared_between_tissues(tables: Tables) -> Verdict:
    rows = with_groups(tables["tissue_overlap"])
    if rows.empty:
        raise NotTestableError("Top genes of several tissues are needed, but there is one tissue.")
    rows = of_groups(rows, *GROUPS)
    defined(rows.set_index("explainer")["overlap"], "the overlap of two tissues")
    pairs = rows.groupby(["paper_group", "a", "b"])["overlap"].mean().unstack("paper_group")
    levels = pairs.mean()
    found = over_left_out(
        _sharing(pairs), {"tissues": _without_tissues(pairs)}, "tissues", DIFFERENCE
    )
    stated = levels["III"] >= LOW and levels[["I", "II"]].max() < LOW
    verdict = REPRODUCED if stated else PARTLY if found.value > SIMILAR else NOT_REPRODUCED
    said = ", ".join(f"group {name} {value:.0%}" for name, value in levels.items())
    return found.verdict(
        verdict,
        f"Mean overlap of two tissues: {said}; observed: III minus the larger of the others",
    )


def _sharing(pairs: pd.DataFrame) -> float:
    means = pairs.mean()
    return float(means["III"] - means[["I", "II"]].max())


def _without_tissues(pairs: pd.DataFrame) -> list[float]:
    """Return the statistic without each tissue in turn, that is without the pairs it is in."""
    first, second = (pairs.index.get_level_values(side) for side in ("a", "b"))
    tissues = list(dict.fromkeys([*first, *second]))
    if len(tissues) < 3:
        return [float("nan")] * len(tissues)
    return [_sharing(pairs[(first != name) & (second != name)]) for name in tissues]


EXPRESSION_RULES: dict[str, Rule] = {
    "E1": Rule(
        statistic="Spearman correlation of absolute score and expression, groups II and III",
        expected=f"mean over tissues below {WEAK} for each explainer without its sign, and not "
        f"for {_EXCEPTION} (partly: for more than half as stated)",
        fair=f"The paper says weak; below {WEAK} is a usual reading. The exception is part of it. "
        "Lists rank by the size of a score, so its size is what is compared.",
        tables=("expression",),
        produced_by=f"{CHAPTER}#figure_s9_absolute",
        judge=_weak_correlations,
        networks=("mlp",),
        compared=Compared(SMALLER, "largest correlation with expression"),
    ),
    "E2": Rule(
        statistic="Spearman correlation of absolute score and expression, four members of group I",
        expected=f"mean over tissues at least {STRONG} for all four (partly: for two)",
        fair=f"The paper says strong; from {STRONG} on is a usual reading. Lists rank by the size "
        "of a score, so its size is what is compared.",
        tables=("expression",),
        produced_by=f"{CHAPTER}#figure_s9_absolute",
        judge=_strong_correlations,
        networks=("cnn",),
    ),
    "E3": Rule(
        statistic="Spearman correlation of absolute score and expression, group I's GuidedBackprop",
        expected="below 0 in every tissue (partly: in the mean)",
        fair="The paper states a sign and names no exception. Lists rank by the size of a score, "
        "so its size is what is compared.",
        tables=("expression",),
        produced_by=f"{CHAPTER}#figure_s9_absolute",
        judge=_negative_correlation,
        networks=("cnn",),
    ),
    "E4": Rule(
        statistic="share of group II's top genes among as many highest expressed ones, liver",
        expected="0.4 to 0.6 (partly: 0.3 to 0.7)",
        fair="The paper reads nearly half off a figure with bars; ten genes either way.",
        tables=("expression", "left_out"),
        produced_by=f"{CHAPTER}#figure_4a",
        judge=_half_are_highly_expressed,
        networks=("mlp",),
        compared=Compared(LARGER, "share of highest expressed, liver"),
    ),
    "E5": Rule(
        statistic="share of groups I's and III's top genes among the highest expressed ones, "
        "liver: the largest of their members",
        expected="below 0.1 for every member (partly: for more than half)",
        fair="The paper's own number, for both groups.",
        tables=("expression", "left_out"),
        produced_by=f"{CHAPTER}#figure_4a",
        judge=_few_are_highly_expressed,
        networks=("mlp", "cnn"),
        compared=Compared(
            SMALLER, "share of highest expressed, III's largest", largest_of_group_iii("expression")
        ),
    ),
    "E6": Rule(
        statistic="share of CNNs' top genes among the highest expressed ones, without minus with "
        "aggregation",
        expected=f"more than {NOTHING} above chance without aggregation and not with it, lower for "
        "more than half of the explainers (partly: lower, but not gone)",
        fair="What is removed must have been there; gone is as in C2.",
        tables=("expression",),
        produced_by=f"{CHAPTER}#figure_s10",
        judge=_aggregation_removes,
        networks=("cnn",),
    ),
    "E7": Rule(
        statistic="median specificity of group II's top genes to their own tissue minus the larger "
        "of groups I and III",
        expected=f"above {SIMILAR} (partly: above 0)",
        fair="The paper judges a heatmap by eye, whose genes should be high in the tissue that "
        "they explain; specific to another tissue is not meant. From 0 to 1 (Xiao et al. 2010): "
        "log expression there over the root of the sum of squares in all tissues.",
        tables=("top_lists", "own_specificity"),
        produced_by=f"{CHAPTER}#own_specificity",
        judge=_expressed_in_the_own_tissue,
        networks=("mlp", "cnn"),
        compared=Compared(LARGER, "specificity, II above I and III"),
    ),
    "E8": Rule(
        statistic="different top genes of all tissues: group III over the smaller of I and II",
        expected="below two thirds (partly: below 0.9)",
        fair="Much lower has no number in the text; the paper's heatmaps show it to the eye.",
        tables=("distinct_genes",),
        produced_by=f"{CHAPTER}#distinct_genes",
        judge=_fewer_distinct_genes,
        networks=("mlp", "cnn"),
        compared=Compared(SMALLER, "different genes, III over I and II"),
    ),
    "E9": Rule(
        statistic="overlap of two tissues' top genes: group III minus the larger of I and II",
        expected=f"III at least {LOW} and the others below (partly: more than {SIMILAR} apart)",
        fair="Shared is a majority of the genes, different is less than half.",
        tables=("tissue_overlap",),
        produced_by=f"{CHAPTER}#figure_4c",
        judge=_shared_between_tissues,
        networks=("mlp", "cnn"),
        compared=Compared(LARGER, "overlap of tissues, III above I and II"),
    ),
}
