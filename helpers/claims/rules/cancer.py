"""Rules of the statements on cancer (K1 to K9, Figures 5 and S16).

Fixed from the paper's wording before any cancer was compared. Where a group of explainers is
spoken of, its members on aggregated MLPs are averaged. The top genes of K1 to K3 are those of the
normal tissue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.biology.cancer import segregation_summary
from helpers.biology.shared_cancer import NO_ROLE
from helpers.claims.judging import (
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    NotTestableError,
    Rule,
    Tables,
    Verdict,
    bootstrap_interval,
    testable,
)
from helpers.claims.rules.lists import ABOUT, is_about, mean_verdict, need_tissue, rows_of_group
from helpers.stability.groups import PAPER_GROUPS

SHARES = {"II": (0.4, 0.8), "III": (0.3, 0.6)}
FOLDS = {"II": 2.0, "III": 1.5}
MOSTLY = 0.5
NO_SEPARATION = 0.25
"""Segregation, from -1 to 1, up to which there is none."""
MARKER, NORMAL, CANCER = "GPC3", "liver", "TCGA_LIHC"
SHARED_GENES, TYPES = 1179, 33
SEVERAL, FEW = 3, 2
"""Cancers that are several, or very few."""
EXAMPLE = "SFRP2"

_PAIR = ["normal", "cancer"]


def pair_means(tables: Tables, group: str) -> pd.DataFrame:
    """Return share, fold and chance of each pair, mean over a group's lists of the normal tissue.

    Parameters
    ----------
    tables
        ``cancer_shares`` among them.
    group
        The paper's group of explainers, II or III.

    Returns
    -------
    DataFrame
        Index (``normal``, ``cancer``); ``share``, ``fold``, ``chance``.

    Raises
    ------
    NotTestableError
        If no cancer is compared with a tissue that was explained.
    """
    table = tables["cancer_shares"]
    if table.empty:
        raise NotTestableError("No cancer could be compared with an explained normal tissue.")
    rows = rows_of_group(table[table["tissue"] == table["normal"]], group)
    return rows.groupby(_PAIR, sort=False)[["share", "fold", "chance"]].mean()


def _within(shares: pd.Series, group: str) -> pd.Series:
    low, high = SHARES[group]
    return (shares >= low) & (shares <= high)


def _said(pairs: pd.DataFrame, column: str, form: str) -> str:
    rows = pairs.reset_index().to_dict("records")
    return ", ".join(f"{row['normal']} and {row['cancer']} {row[column]:{form}}" for row in rows)


@testable
def _share_ii(tables: Tables) -> Verdict:
    pairs = pair_means(tables, "II")
    inside = _within(pairs["share"], "II").mean()
    verdict = REPRODUCED if inside == 1 else PARTLY if inside > MOSTLY else NOT_REPRODUCED
    return mean_verdict(
        verdict, pairs["share"], f"Share of the top genes: {_said(pairs, 'share', '.0%')}", "pairs"
    )


@testable
def _fold_ii(tables: Tables) -> Verdict:
    pairs = pair_means(tables, "II").dropna(subset="fold")
    if pairs.empty:
        raise NotTestableError("No gene differs between any cancer and its normal tissue.")
    about = is_about(pairs["fold"].mean(), FOLDS["II"])
    above = (pairs["fold"] > 1).all()
    verdict = REPRODUCED if about else PARTLY if above else NOT_REPRODUCED
    return mean_verdict(
        verdict, pairs["fold"], f"Fold over chance: {_said(pairs, 'fold', '.2f')}", "pairs"
    )


@testable
def _share_and_fold_iii(tables: Tables) -> Verdict:
    pairs = pair_means(tables, "III").dropna(subset="fold")
    if pairs.empty:
        raise NotTestableError("No gene differs between any cancer and its normal tissue.")
    inside = bool(_within(pairs["share"], "III").all())
    about = is_about(pairs["fold"].mean(), FOLDS["III"])
    verdict = REPRODUCED if inside and about else PARTLY if inside or about else NOT_REPRODUCED
    reason = (
        f"Share of the top genes: {_said(pairs, 'share', '.0%')}; "
        f"fold over chance: {_said(pairs, 'fold', '.2f')}"
    )
    return mean_verdict(verdict, pairs["fold"], reason, "pairs")


def _counts(tables: Tables, group: str) -> pd.DataFrame:
    """Return how many genes of each pair go down and up: columns (group, direction).

    Members of a group of explainers are added up, so that a gene counts once for each of them.
    """
    if tables["segregation"].empty:
        raise NotTestableError("No cancer is explained beside its normal tissue.")
    rows = rows_of_group(segregation_summary(tables["segregation"]), group)
    outer = rows[rows["group"] != "both"].groupby([*_PAIR, "group"], sort=False)
    return pd.DataFrame(outer[["down", "up"]].sum().unstack("group"))


def _segregation(counts: pd.DataFrame) -> float:
    """Return the share that goes up of the cancer's genes minus that of the normal tissue's."""
    total = counts.sum()
    shares = []
    for group in ("cancer_only", "normal_only"):
        both = total["up", group] + total["down", group]
        shares.append(total["up", group] / both if both else np.nan)
    return float(shares[0] - shares[1])


def _measured(counts: pd.DataFrame) -> tuple[float, float, float]:
    places = np.arange(len(counts))
    if len(places) < 2:
        return _segregation(counts), float("nan"), float("nan")
    interval = bootstrap_interval(places, lambda drawn: _segregation(counts.iloc[drawn]), draws=500)
    return _segregation(counts), *interval


def _described(counts: pd.DataFrame, group: str) -> str:
    total = counts.sum()
    members = len(PAPER_GROUPS[group])
    ways = ", ".join(
        f"of the {name} alone {int(total['down', group])} lower and {int(total['up', group])} "
        "higher in cancer"
        for group, name in (("normal_only", "normal tissue's"), ("cancer_only", "cancer's"))
    )
    unit = "the interval resamples pairs" if len(counts) > 1 else "one pair, so no interval"
    return (
        f"Top genes that differ, over {len(counts)} pairs, a gene counted once for each of the "
        f"{members} explainers of group {group} that name it: {ways}; {unit}."
    )


@testable
def _separated(tables: Tables) -> Verdict:
    counts = _counts(tables, "II")
    observed, low, high = _measured(counts)
    ways = {
        ("normal_only", "down", "up"): counts,
        ("cancer_only", "up", "down"): counts,
    }
    by_pair = [(counts[way, group] > counts[other, group]).to_numpy() for group, way, other in ways]
    together = [counts[way, group].sum() > counts[other, group].sum() for group, way, other in ways]
    every = bool(np.all(by_pair))
    verdict = REPRODUCED if every else PARTLY if all(together) else NOT_REPRODUCED
    return Verdict(verdict, observed, low, high, _described(counts, "II"), len(counts), "pairs")


@testable
def _not_separated(tables: Tables) -> Verdict:
    counts = _counts(tables, "III")
    observed, low, high = _measured(counts)
    if np.isnan(observed):
        raise NotTestableError("One side has no gene of its own that differs: nothing to separate.")
    other = _segregation(_counts(tables, "II"))
    none = abs(observed) <= NO_SEPARATION
    verdict = REPRODUCED if none else PARTLY if observed < other / 2 else NOT_REPRODUCED
    reason = f"Group II: {other:.2f}. {_described(counts, 'III')}"
    return Verdict(verdict, observed, low, high, reason, len(counts), "pairs")


@testable
def _marker(tables: Tables) -> Verdict:
    ranks, lists = tables["marker_ranks"], tables["top_genes"]
    k = int(lists["rank"].max())
    own = ranks[ranks["gene"] == MARKER].assign(architecture="mlp", aggregated=True)
    own = rows_of_group(own, "II") if len(own) else own
    table = own.pivot_table(index="explainer", columns="tissue", values="rank")
    if own.empty or CANCER not in table.columns:
        raise NotTestableError(
            f"{MARKER} has no rank in {CANCER}, which this run does not explain."
        )
    healthy = need_tissue(own, NORMAL)
    cancer, normal = table[CANCER] <= k, table[healthy] > k
    share = float((cancer & normal).mean())
    first = bool(cancer.mean() > MOSTLY) or bool((table[CANCER] < table[healthy]).all())
    verdict = REPRODUCED if share > MOSTLY else PARTLY if first else NOT_REPRODUCED
    said = ", ".join(
        f"{explainer} {row[CANCER]:.0f} and {row[healthy]:.0f}"
        for explainer, row in table.iterrows()
    )
    reason = (
        f"Rank of {MARKER} among all {int(own['genes'].iloc[0]):,} genes in {CANCER} and in "
        f"{healthy}: {said}; for {int((cancer & normal).sum())} of {len(table)} explainers in the "
        f"list of {CANCER} and not in that of {healthy}; observed is the median rank in {CANCER}; "
        "no interval, one list each."
    )
    median = float(table[CANCER].median())
    return Verdict(verdict, median, reason=reason, n=len(table), unit="explainers")


@testable
def _how_many(tables: Tables) -> Verdict:
    lists, shared = tables["tumour_top_genes"], tables["shared_cancer_genes"]
    types = lists["tissue"].nunique()
    if types < TYPES:
        raise NotTestableError(
            f"The paper counts over {TYPES} cancer types, and the data have {types}."
        )
    samples = lists.drop_duplicates(["tissue", "sample"]).groupby("tissue").size().median()
    count = shared["gene"].nunique()
    # A gene counts once, so each cancer that shares it gets its part.
    parts = (1 / shared["types"]).groupby(shared["cancer"]).sum()
    parts = parts.reindex(sorted(set(lists["tissue"])), fill_value=0.0)
    low, high = bootstrap_interval(parts.to_numpy(), lambda drawn: float(drawn.sum()))
    near = max(count, 1) / SHARED_GENES
    verdict = (
        REPRODUCED if is_about(count, SHARED_GENES) else PARTLY if 0.5 <= near <= 2
        else NOT_REPRODUCED
    )  # fmt: skip
    reason = (
        f"{count:,} genes over {types} cancer types, {samples:g} samples of each (the paper does "
        "not say how many it explained, and the more there are, the more genes two of them "
        "share); the interval resamples cancer types."
    )
    return Verdict(verdict, float(count), low, high, reason, types, "cancer types")


@testable
def _mostly_specific(tables: Tables) -> Verdict:
    shared = tables["shared_cancer_genes"]
    cancers = shared["cancer"].nunique()
    if cancers < FEW + 1:
        raise NotTestableError(f"Genes are shared within {cancers} cancer types, too few to tell.")
    types = shared.drop_duplicates("gene")["types"]
    one = (types == 1).astype(float)
    found = mean_verdict(
        "", one, f"{int(one.sum()):,} of {len(one):,} genes belong to one of {cancers} cancers",
        "genes",
    )  # fmt: skip
    verdict = (
        REPRODUCED if found.ci_low > MOSTLY else PARTLY if found.observed > MOSTLY
        else NOT_REPRODUCED
    )  # fmt: skip
    return replace(found, verdict=verdict)


@testable
def _known_genes(tables: Tables) -> Verdict:
    shared = tables["shared_cancer_genes"]
    if shared["cancer"].nunique() < SEVERAL:
        raise NotTestableError(f"Genes are shared within fewer than {SEVERAL} cancer types.")
    known = shared[shared["role"] != NO_ROLE].drop_duplicates("gene").set_index("gene")["types"]
    if known.empty:
        raise NotTestableError("None of the shared genes is in the list of cancer genes.")
    several, few = int((known >= SEVERAL).sum()), int((known <= FEW).sum())
    example = int(shared.loc[shared["gene"] == EXAMPLE, "cancer"].nunique())
    both = several > 0 and few > 0
    verdict = REPRODUCED if both and example > 1 else PARTLY if both else NOT_REPRODUCED
    role = shared.loc[shared["gene"] == EXAMPLE, "role"]
    listed = (
        "" if role.empty
        else "; it is one of these known genes" if (role != NO_ROLE).any()
        else "; the list of cancer genes does not hold it, so it is not among these"
    )  # fmt: skip
    most = known[known == known.max()].index.tolist()
    reason = (
        f"Of {len(known)} known cancer genes {several} are shared by {SEVERAL} cancers or more and "
        f"{few} by {FEW} or fewer; by most, {int(known.max())}: {', '.join(most[:4])}. {EXAMPLE} "
        f"is shared by {example}{listed}"
    )
    units = known.to_numpy(float)
    low, high = (
        bootstrap_interval(units, lambda drawn: float((drawn >= SEVERAL).mean()))
        if len(units) > 1
        else (np.nan, np.nan)
    )
    reason += (
        f"; observed: share of those shared by {SEVERAL} or more; the interval resamples genes."
    )
    return Verdict(verdict, several / len(known), low, high, reason, len(known), "genes")


def _rule(
    judge: Callable[[Tables], Verdict],
    tables: tuple[str, ...],
    figure: str,
    *,
    statistic: str,
    expected: str,
    fair: str,
) -> Rule:
    return Rule(statistic, expected, fair, tables, f"12_cancer#{figure}", judge)


_5A, _5B = "figure_5a", "figure_5b"

CANCER_RULES: dict[str, Rule] = {
    "K1": _rule(
        _share_ii, ("cancer_shares",), _5A,
        statistic="share of group II's top genes that differ between normal tissue and cancer",
        expected="40 to 80 % in every pair (partly: in most)",
        fair="The paper's range, over its top genes of the normal tissue, for each pair.",
    ),
    "K2": _rule(
        _fold_ii, ("cancer_shares",), _5A,
        statistic="share of group II's top genes that differ between normal tissue and cancer over "
        "the share of all genes that do, mean over pairs",
        expected=f"2, within {ABOUT:.0%} (partly: above 1 in every pair)",
        fair="About twice is read as within a quarter of 2.",
    ),
    "K3": _rule(
        _share_and_fold_iii, ("cancer_shares",), _5A,
        statistic="share of group III's top genes that differ between normal tissue and cancer "
        "over the share of all genes that do, mean over pairs",
        expected=f"shares of 30 to 60 % in every pair, and a fold of 1.5, within {ABOUT:.0%} "
        "(partly: one of the two)",
        fair="Both of the paper's numbers are asked for.",
    ),
    "K4": _rule(
        _separated, ("segregation",), _5B,
        statistic="share going up of group II's genes of the cancer alone minus that of the normal "
        "tissue alone, among those that differ",
        expected="more down than up in the normal tissue's, more up than down in the cancer's, in "
        "every pair (partly: over all pairs together)",
        fair="Two distinct populations: each goes mostly its own way.",
    ),
    "K5": _rule(
        _marker, ("marker_ranks", "top_genes"), "gpc3",
        statistic=f"rank of {MARKER} in {CANCER}, group II",
        expected=f"in the list of {CANCER} and not in that of {NORMAL} for most explainers "
        "(partly: in the cancer's list, or higher in the cancer for all)",
        fair="A top gene is one in the list of 100.",
    ),
    "K6": _rule(
        _not_separated, ("segregation",), _5B,
        statistic="share going up of group III's genes of the cancer alone minus that of the "
        "normal tissue alone, among those that differ",
        expected=f"within ± {NO_SEPARATION} (partly: less than half of group II's)",
        fair="No separation is a value near 0 where complete separation is 1.",
    ),
    "K7": _rule(
        _how_many, ("tumour_top_genes", "shared_cancer_genes"), "figure_5c",
        statistic="genes in the top 100 of two or more samples of one cancer type",
        expected=f"{SHARED_GENES:,}, within {ABOUT:.0%} (partly: within a factor of two)",
        fair="The paper does not say how many samples of a type it explained, on which the number "
        "depends.",
    ),
    "K8": _rule(
        _mostly_specific, ("shared_cancer_genes",), "figure_5c",
        statistic="share of shared top genes that belong to one cancer type",
        expected="more than half with its interval (partly: more than half)",
        fair="Mostly is more than half.",
    ),
    "K9": _rule(
        _known_genes, ("shared_cancer_genes",), "figure_s16",
        statistic="share of the known cancer genes among them that three or more cancers share",
        expected=f"some shared by {SEVERAL} or more, some by {FEW} or fewer, and {EXAMPLE} by "
        "several (partly: without the last)",
        fair=f"The paper says some and others; both must exist. Its example {EXAMPLE} is looked at "
        "by name, whether or not the list of cancer genes holds it; the observed share is over "
        "genes of the list.",
    ),
}  # fmt: skip
