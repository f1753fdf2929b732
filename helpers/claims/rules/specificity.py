"""Rules on tissue-specific and housekeeping genes among top genes (statements E10 to E14).

They come from the paper's wording and were first fixed before any list was compared; the Methods
say what E10 asks for since.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.biology.housekeeping import ENOUGH, HOUSEKEEPING_RULES, usable_rule
from helpers.claims.judging import (
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    NotTestableError,
    Rule,
    Tables,
    Verdict,
    testable,
)
from helpers.claims.rules.lists import (
    few_of_groups,
    grid,
    listed,
    liver,
    mean,
    of_groups,
    over_genes,
    over_tissues,
    shares_of_cnns,
    with_groups,
    with_shares,
)

CHAPTER = "09_tissue_specific_and_housekeeping"

PAPER_SET, UNION = "tissue_enhanced", "tissue_specific"
"""TissueEnrich's group that the paper names, and all three together."""

_EXCEPTION = "InputXGradient"


def _near_seventy(share: float, margin: float) -> bool:
    return abs(share - 0.7) <= margin + 1e-9


@testable
def _most_are_specific(tables: Tables) -> Verdict:
    shares, size = {}, 0
    for name in (PAPER_SET, UNION):
        rows = liver(with_groups(with_shares(tables["specificity"], name)))
        own = of_groups(rows, "II").set_index("explainer")
        shares[name], size = own["share"], int(own["size"].iloc[0])
    enhanced, union = (float(shares[name].mean()) for name in (PAPER_SET, UNION))
    verdict = (
        REPRODUCED
        if _near_seventy(enhanced, 0.1)
        else PARTLY
        if _near_seventy(enhanced, 0.2) or _near_seventy(union, 0.1)
        else NOT_REPRODUCED
    )
    return over_genes(
        verdict, enhanced, size,
        f"Tissue-enhanced: {listed(shares[PAPER_SET])}; of all three groups of TissueEnrich: "
        f"{listed(shares[UNION])}; observed: mean of the first",
    )  # fmt: skip


@testable
def _few_are_specific(tables: Tables) -> Verdict:
    enhanced, union = (
        few_of_groups(liver(with_groups(with_shares(tables["specificity"], name))))
        for name in (PAPER_SET, UNION)
    )
    if union.verdict != REPRODUCED and enhanced.verdict == REPRODUCED:
        return replace(union, verdict=PARTLY)
    return union


@testable
def _aggregation_lowers_specific(tables: Tables) -> Verdict:
    before, after = shares_of_cnns(with_shares(tables["specificity"], UNION))
    lower = float((after.mean() < before.mean()).mean())
    found = over_tissues(
        NOT_REPRODUCED, before - after, mean,
        f"Without aggregation {before.mean().mean():.1%}, with {after.mean().mean():.1%}; lower "
        f"for {lower:.0%} of {before.shape[1]} explainers; observed: the mean difference",
    )  # fmt: skip
    if lower > 0.5 and found.ci_low > 0:
        return replace(found, verdict=REPRODUCED)
    return replace(found, verdict=PARTLY) if lower > 0.5 or found.observed > 0 else found


def _housekeeping(tables: Tables) -> tuple[pd.DataFrame, str]:
    """Return shares by the paper's rule or, where hardly a gene meets it, its source's rule."""
    parts = {name: with_shares(tables["housekeeping"], name) for name in HOUSEKEEPING_RULES}
    found = {name: int(rows["set_size"].max()) for name, rows in parts.items()}
    name = usable_rule(found)
    if found[name] < ENOUGH:
        raise NotTestableError(
            f"By neither rule there are {ENOUGH} housekeeping genes, so lists of top genes could "
            "not hold any to speak of."
        )
    said = "the paper's rule" if name == "paper" else "Eisenberg and Levanon's"
    return parts[name], f"By {said}, which {found[name]} genes meet: "


@testable
def _some_are_housekeeping(tables: Tables) -> Verdict:
    rows, said = _housekeeping(tables)
    own = of_groups(with_groups(rows), "I")["explainer"].unique()
    before, after = (table[list(own)] for table in shares_of_cnns(rows))
    first, last = mean(before.to_numpy()), mean(after.to_numpy())
    within, lower = 0.1 <= first <= 0.2, last < first
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[int(within) + int(lower)]
    return over_tissues(
        verdict, before, mean,
        f"{said}{first:.1%} without and {last:.1%} with aggregation, chance "
        f"{rows['chance'].mean():.1%}; observed: without aggregation",
    )  # fmt: skip


@testable
def _none_are_housekeeping(tables: Tables) -> Verdict:
    rows, said = _housekeeping(tables)
    own = of_groups(with_groups(rows), "II", "III")
    odd = own["explainer"] == _EXCEPTION
    wide = grid(own[~odd], "share", ["explainer"])
    levels, exception = wide.mean(), own.loc[odd, "share"].mean()
    none, few = bool((levels <= 0.01).all()), bool((levels <= 0.05).all())
    verdict = REPRODUCED if none and exception > 0.01 else PARTLY if few else NOT_REPRODUCED
    return over_tissues(
        verdict, wide, mean,
        f"{said}{listed(levels)}; {_EXCEPTION} {exception:.1%}; chance "
        f"{rows['chance'].mean():.1%}; observed: mean without {_EXCEPTION}",
    )  # fmt: skip


_BY_WHICH = (
    f"The paper's rule is taken to the letter; where fewer than {ENOUGH} genes meet it, that of "
    "the publication which it cites."
)

SPECIFICITY_RULES: dict[str, Rule] = {
    "E10": Rule(
        statistic="share of group II's top genes that are tissue-enhanced, liver",
        expected="0.6 to 0.8 (partly: 0.5 to 0.9, or 0.6 to 0.8 with all groups of TissueEnrich)",
        fair="The paper names the group tissue-enhanced; about 70 % allows ten genes either way.",
        tables=("specificity",),
        produced_by=f"{CHAPTER}#figure_4d",
        judge=_most_are_specific,
    ),
    "E11": Rule(
        statistic="share of groups I's and III's top genes that are tissue-specific, liver",
        expected="below 0.1 for every member (partly: for more than half, or for every member "
        "where tissue-enhanced genes alone count)",
        fair="The paper's own number. All groups of TissueEnrich together are the harder test.",
        tables=("specificity",),
        produced_by=f"{CHAPTER}#figure_4d",
        judge=_few_are_specific,
    ),
    "E12": Rule(
        statistic="share of CNNs' top genes that are tissue-specific, without minus with "
        "aggregation",
        expected="lower with aggregation for more than half of the explainers, and the mean above "
        "0 with its interval (partly: one of the two without the interval)",
        fair="The paper says significantly, and for most explainers.",
        tables=("specificity",),
        produced_by=f"{CHAPTER}#figure_s11a",
        judge=_aggregation_lowers_specific,
    ),
    "E13": Rule(
        statistic="share of housekeeping genes among the top genes of group I's explainers on "
        "single CNNs",
        expected="0.1 to 0.2, and lower with aggregation (partly: one of the two)",
        fair=_BY_WHICH,
        tables=("housekeeping",),
        produced_by=f"{CHAPTER}#figure_4e",
        judge=_some_are_housekeeping,
    ),
    "E14": Rule(
        statistic="share of housekeeping genes among the top genes of groups II and III",
        expected=f"at most 0.01 for every explainer but {_EXCEPTION}, and more for it (partly: at "
        "most 0.05)",
        fair=f"No overlap is at most one gene of a hundred. {_BY_WHICH}",
        tables=("housekeeping",),
        produced_by=f"{CHAPTER}#figure_4e",
        judge=_none_are_housekeeping,
    ),
}
