"""Rules of the statements on transcription factors and cofactors (G6 to G10, Figures 4F, S13, S14).

They come from the paper's wording and were first fixed before any list was counted; the Methods say
what G7 and G8 show since. Where AnimalTFDB is given, the paper's source, its lists are judged; else
those of GO.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.biology.hypergeometric import share_interval
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
from helpers.claims.rules.lists import is_about, mean_verdict, need_tissue, rows_of_group

SIGNIFICANT = 0.05
TWICE = 2.0
FACTORS_III = 20
"""Transcription factors among 100 top genes of group III (the paper: about 20)."""
OVARY_FOLD = 1.5
LITTLE = 0.1
"""Little overlap: less than a tenth of the top genes."""
EXCEPTION = "GuidedGradCam++"
MOST = 0.5


def _rows(tables: Tables, name: str) -> pd.DataFrame:
    """Return the rows of transcription factors or cofactors, from the paper's source if there.

    Raises
    ------
    NotTestableError
        If none of them is measured, so that no list can hold one.
    """
    table = tables["regulators"]
    rows = table[table["set"] == name]
    paper = rows[rows["source"] == "animaltfdb"]
    rows = paper if len(paper) else rows
    if rows["fold"].isna().all():
        raise NotTestableError(
            f"None of the genes of this data set is known as one of the {name.replace('_', ' ')}: "
            "give genes their HGNC symbols."
        )
    return rows


def _source(rows: pd.DataFrame) -> str:
    return {"animaltfdb": "AnimalTFDB", "go": "GO"}[str(rows["source"].iloc[0])]


@testable
def _twice_in_group_iii(tables: Tables) -> Verdict:
    rows = rows_of_group(_rows(tables, "transcription_factors"), "III")
    share = float((rows["hits"] / rows["size"]).mean())
    twice, about = rows["fold"].mean() > TWICE, is_about(100 * share, FACTORS_III)
    verdict = REPRODUCED if twice and about else PARTLY if twice or about else NOT_REPRODUCED
    reason = f"{100 * share:.0f} of 100 top genes are transcription factors ({_source(rows)})"
    return mean_verdict(verdict, rows["fold"], reason, "lists (explainer and tissue)")


def _in_tissue(
    tissue: str, judge: Callable[[pd.DataFrame], tuple[str, str]]
) -> Callable[[Tables], Verdict]:
    """Judge group II in one tissue; observed is the mean over its explainers."""

    @testable
    def judged(tables: Tables) -> Verdict:
        rows = rows_of_group(_rows(tables, "transcription_factors"), "II")
        own = rows[rows["tissue"] == need_tissue(rows, tissue)]
        verdict, said = judge(own)
        fold, size = float(own["fold"].mean()), int(own["size"].min())
        low, high = _mean_interval(own)
        folds = ", ".join(f"{row['explainer']} {row['fold']:.2f}" for _, row in own.iterrows())
        reason = (
            f"Fold over chance: {folds}, mean {fold:.3f} ({_source(own)}); {said}. Observed is the "
            f"mean; its exact interval is that of one list of {size} genes, since three of the "
            "four explainers agree by algebra."
        )
        return Verdict(verdict, fold, low, high, reason, size, "genes")

    return judged


def _mean_interval(own: pd.DataFrame) -> tuple[float, float]:
    """Return the 95 % interval of the mean fold, as of one list that holds the mean of hits.

    Clopper & Pearson's, over a chance that is known. Lists that are nearly the same are not
    independent, so that more of them make it no narrower.
    """
    hits, size, expected = (float(own[name].mean()) for name in ("hits", "size", "expected"))
    low, high = share_interval(hits, size)
    return float(low * size / expected), float(high * size / expected)


def _depleted(own: pd.DataFrame) -> tuple[str, str]:
    below = own["fold"] < 1
    sure = below & (own["p_depleted"] <= SIGNIFICANT)
    said = (
        f"below 1 for {int(below.sum())} of {len(own)} explainers, for {int(sure.sum())} of them "
        f"with p ≤ {SIGNIFICANT}"
    )
    if sure.mean() > MOST:
        return REPRODUCED, said
    return PARTLY if below.mean() > MOST else NOT_REPRODUCED, said


def _enriched(own: pd.DataFrame) -> tuple[str, str]:
    fold = own["fold"].mean()
    verdict = REPRODUCED if is_about(fold, OVARY_FOLD) else PARTLY if fold > 1 else NOT_REPRODUCED
    return verdict, f"above 1 for {int((own['fold'] > 1).sum())} of {len(own)} explainers"


@testable
def _group_i_as_chance(tables: Tables) -> Verdict:
    table = _rows(tables, "transcription_factors")
    rows = rows_of_group(table, "I")
    as_chance = (rows["fdr"] > SIGNIFICANT).astype(float)
    odd = table[
        (table["architecture"] == "cnn") & table["aggregated"] & (table["explainer"] == EXCEPTION)
    ]
    exception = len(odd) > 0 and (odd["fdr"] <= SIGNIFICANT).mean() > MOST
    every = as_chance.mean() == 1
    verdict = (
        REPRODUCED if every and exception else PARTLY if every or exception else NOT_REPRODUCED
    )
    departs = int((odd["fdr"] <= SIGNIFICANT).sum())
    reason = (
        f"{int(as_chance.sum())} of {len(rows)} lists of group I are as chance, {EXCEPTION} "
        f"departs from it in {departs} of {len(odd)} tissues ({_source(rows)}, FDR ≤ {SIGNIFICANT})"
    )
    return mean_verdict(verdict, as_chance, reason, "lists (explainer and tissue)")


@testable
def _few_cofactors(tables: Tables) -> Verdict:
    groups = {name: rows_of_group(_rows(tables, "cofactors"), name) for name in ("I", "II", "III")}
    shares = {name: (rows["hits"] / rows["size"]).mean() for name, rows in groups.items()}
    rows = pd.concat(list(groups.values()))
    few = all(share < LITTLE for share in shares.values())
    enriched = ((rows["fold"] > 1) & (rows["fdr"] <= SIGNIFICANT)).mean()
    verdict = REPRODUCED if few and enriched == 0 else PARTLY if few else NOT_REPRODUCED
    said = ", ".join(
        f"group {name} {100 * share:.1f} (fold {groups[name]['fold'].mean():.1f})"
        for name, share in shares.items()
    )
    reason = (
        f"Cofactors of 100 top genes: {said}; {enriched:.0%} of {len(rows)} lists are enriched "
        f"({_source(rows)}, FDR ≤ {SIGNIFICANT}); observed: mean of all lists"
    )
    return mean_verdict(verdict, rows["hits"] / rows["size"], reason, "lists")


_TABLES = ("regulators",)
_4F = "11_transcription_factors#figure_4f_go"

REGULATOR_RULES: dict[str, Rule] = {
    "G6": Rule(
        statistic="mean fold over chance of transcription factors in group III's lists",
        expected="above 2, with 15 to 25 of 100 top genes (partly: one of the two)",
        fair="The paper gives both numbers; about 20 is read as within a quarter of 20.",
        tables=_TABLES,
        produced_by=_4F,
        judge=_twice_in_group_iii,
    ),
    "G7": Rule(
        statistic="fold over chance of transcription factors in group II's lists of liver, "
        "mean over explainers",
        expected="below 1 with p ≤ 0.05 for more than half of the explainers (partly: below 1 for "
        "more than half)",
        fair="Depletion is fewer than chance, beyond chance (one-sided hypergeometric test).",
        tables=_TABLES,
        produced_by=_4F,
        judge=_in_tissue("liver", _depleted),
    ),
    "G8": Rule(
        statistic="fold over chance of transcription factors in group II's lists of ovary, "
        "mean over explainers",
        expected="1.125 to 1.875 (partly: above 1)",
        fair="The paper's 1.5-fold, within a quarter of it.",
        tables=_TABLES,
        produced_by=_4F,
        judge=_in_tissue("ovary", _enriched),
    ),
    "G9": Rule(
        statistic="share of group I's lists in which transcription factors are as chance has them",
        expected=f"all, and {EXCEPTION} beyond chance in most tissues (partly: one of the two)",
        fair="As chance: a two-sided test does not tell them apart at a false discovery rate of "
        "0.05.",
        tables=_TABLES,
        produced_by=_4F,
        judge=_group_i_as_chance,
    ),
    "G10": Rule(
        statistic="share of cofactors among the top genes of the three groups",
        expected="below a tenth in each group, and no list enriched (partly: the first)",
        fair="Low overlap is read as less than a tenth of the genes, and not above chance.",
        tables=_TABLES,
        produced_by="11_transcription_factors#figure_s14_go",
        judge=_few_cofactors,
    ),
}
