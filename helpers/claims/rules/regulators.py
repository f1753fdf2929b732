"""Rules of the statements on transcription factors and cofactors (G6 to G10, Figures 4F, S13, S14).

Where AnimalTFDB is given, the paper's source, its lists are judged; else those of GO.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import POSITIVE, SHARE, mean_over_units, over_units
from helpers.claims.judging import (
    LARGER,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    SMALLER,
    Compared,
    Rule,
    Tables,
    Verdict,
)
from helpers.claims.rules.lists import (
    is_about,
    means_of,
    need_tissue,
    over_models,
    rows_of_group,
)

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


def _of_group(tables: Tables, name: str, group: str) -> pd.DataFrame:
    """Return the rows of a group, with the share of each list; all must be defined."""
    rows = rows_of_group(_rows(tables, name), group)
    numbers = rows.set_index(["explainer", "tissue"])[["hits", "fold", "fdr", "p_depleted"]]
    defined(numbers, f"what was counted of {name.replace('_', ' ')}")
    return rows.assign(share=rows["hits"] / rows["size"])


def _source(rows: pd.DataFrame) -> str:
    return {"animaltfdb": "AnimalTFDB", "go": "GO"}[str(rows["source"].iloc[0])]


def _by_tissue(rows: pd.DataFrame, column: str) -> pd.Series:
    return means_of(rows, ["tissue"], [column])[column]


def _twice_in_group_iii(tables: Tables) -> Verdict:
    rows = _of_group(tables, "transcription_factors", "III")
    folds, share = _by_tissue(rows, "fold"), float(_by_tissue(rows, "share").mean())
    twice, about = folds.mean() > TWICE, is_about(100 * share, FACTORS_III)
    verdict = REPRODUCED if twice and about else PARTLY if twice or about else NOT_REPRODUCED
    reason = f"{100 * share:.0f} of 100 top genes are transcription factors ({_source(rows)})"
    return mean_over_units(folds, "tissues", POSITIVE).verdict(verdict, reason)


def _in_tissue(
    tissue: str, judge: Callable[[pd.DataFrame], tuple[str, str]]
) -> Callable[[Tables], Verdict]:
    """Judge group II in one tissue; observed is the mean over its explainers."""

    def judged(tables: Tables) -> Verdict:
        rows = _of_group(tables, "transcription_factors", "II")
        name = need_tissue(rows, tissue)
        own = rows[rows["tissue"] == name]
        verdict, said = judge(own)
        folds = ", ".join(f"{row['explainer']} {row['fold']:.2f}" for _, row in own.iterrows())
        chance = defined(float((own["expected"] / own["size"]).mean()), "chance")
        found = over_models(
            tables,
            own.set_index(["architecture", "explainer"])["share"],
            name,
            f"transcription_factors:{own['source'].iloc[0]}",
            lambda shares: float(shares.mean() / chance),
            POSITIVE,
        )
        return found.verdict(
            verdict, f"Fold over chance: {folds}, mean {found.value:.3f} ({_source(own)}); {said}"
        )

    return judged


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


def _group_i_as_chance(tables: Tables) -> Verdict:
    rows = _of_group(tables, "transcription_factors", "I")
    table = _rows(tables, "transcription_factors")
    odd = table[
        (table["architecture"] == "cnn") & table["aggregated"] & (table["explainer"] == EXCEPTION)
    ]
    rates = defined(odd.set_index("tissue")["fdr"], f"the false discovery rate of {EXCEPTION}")
    as_chance = rows.assign(as_chance=(rows["fdr"] > SIGNIFICANT).astype(float))
    by_tissue = _by_tissue(as_chance, "as_chance")
    every, exception = by_tissue.mean() == 1, (rates <= SIGNIFICANT).mean() > MOST
    verdict = (
        REPRODUCED if every and exception else PARTLY if every or exception else NOT_REPRODUCED
    )
    reason = (
        f"{int(as_chance['as_chance'].sum())} of {len(rows)} lists of group I are as chance, "
        f"{EXCEPTION} departs from it in {int((rates <= SIGNIFICANT).sum())} of {len(rates)} "
        f"tissues ({_source(rows)}, FDR ≤ {SIGNIFICANT})"
    )
    return mean_over_units(by_tissue, "tissues", SHARE).verdict(verdict, reason)


def _few_cofactors(tables: Tables) -> Verdict:
    groups = {name: _of_group(tables, "cofactors", name) for name in ("I", "II", "III")}
    shares = {name: _by_tissue(rows, "share") for name, rows in groups.items()}
    rows = pd.concat(list(groups.values()))
    few = all(share.mean() < LITTLE for share in shares.values())
    enriched = ((rows["fold"] > 1) & (rows["fdr"] <= SIGNIFICANT)).mean()
    verdict = REPRODUCED if few and enriched == 0 else PARTLY if few else NOT_REPRODUCED
    said = ", ".join(
        f"group {name} {100 * share.mean():.1f} (fold {groups[name]['fold'].mean():.1f})"
        for name, share in shares.items()
    )
    reason = (
        f"Cofactors of 100 top genes: {said}; {enriched:.0%} of {len(rows)} lists are enriched "
        f"({_source(rows)}, FDR ≤ {SIGNIFICANT}); observed: the largest of the groups"
    )
    found = over_units(
        pd.DataFrame(shares), lambda table: float(table.mean().max()), "tissues", SHARE
    )
    return found.verdict(verdict, reason)


def _cofactors_of_mlps(tables: Tables) -> float:
    """Return what the control compares for G10: the larger share of cofactors of II and III."""
    groups = [_of_group(tables, "cofactors", name) for name in ("II", "III")]
    return float(max(_by_tissue(rows, "share").mean() for rows in groups))


_TABLES = ("regulators",)
_OF_MODELS = ("regulators", "left_out")
_4F = "11_transcription_factors#figure_4f_go"

REGULATOR_RULES: dict[str, Rule] = {
    "G6": Rule(
        statistic="mean fold over chance of transcription factors in group III's lists",
        expected="above 2, with 15 to 25 of 100 top genes (partly: one of the two)",
        fair="The paper gives both numbers; about 20 is read as within a quarter of 20.",
        tables=_TABLES,
        produced_by=_4F,
        judge=_twice_in_group_iii,
        networks=("mlp",),
        compared=Compared(LARGER, "fold of transcription factors, III"),
    ),
    "G7": Rule(
        statistic="fold over chance of transcription factors in group II's lists of liver, "
        "mean over explainers",
        expected="below 1 with p ≤ 0.05 for more than half of the explainers (partly: below 1 for "
        "more than half)",
        fair="Depletion is fewer than chance, beyond chance (one-sided hypergeometric test).",
        tables=_OF_MODELS,
        produced_by=_4F,
        judge=_in_tissue("liver", _depleted),
        networks=("mlp",),
        compared=Compared(SMALLER, "fold of transcription factors, liver"),
    ),
    "G8": Rule(
        statistic="fold over chance of transcription factors in group II's lists of ovary, "
        "mean over explainers",
        expected="1.125 to 1.875 (partly: above 1)",
        fair="The paper's 1.5-fold, within a quarter of it.",
        tables=_OF_MODELS,
        produced_by=_4F,
        judge=_in_tissue("ovary", _enriched),
        networks=("mlp",),
        compared=Compared(LARGER, "fold of transcription factors, ovary"),
    ),
    "G9": Rule(
        statistic="share of group I's lists in which transcription factors are as chance has them",
        expected=f"all, and {EXCEPTION} beyond chance in most tissues (partly: one of the two)",
        fair="As chance: a two-sided test does not tell them apart at a false discovery rate of "
        "0.05.",
        tables=_TABLES,
        produced_by=_4F,
        judge=_group_i_as_chance,
        networks=("cnn",),
    ),
    "G10": Rule(
        statistic="share of cofactors among the top genes of a group, the largest of the three",
        expected="below a tenth in each group, and no list enriched (partly: the first)",
        fair="Low overlap is read as less than a tenth of the genes, and not above chance.",
        tables=_TABLES,
        produced_by="11_transcription_factors#figure_s14_go",
        judge=_few_cofactors,
        networks=("mlp", "cnn"),
        compared=Compared(SMALLER, "share of cofactors, larger of II and III", _cofactors_of_mlps),
    ),
}
