"""Rules of the statements on normal tissue and cancer (K1 to K6, Figures 5A and 5B).

Where a group of explainers is spoken of, its members on aggregated MLPs are averaged. The top genes
of K1 to K3 are those of the normal tissue. Several cancers can have one normal tissue, so that
tissues, not pairs, are the units of intervals.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.biology.cancer import segregation_summary
from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import (
    DIFFERENCE,
    POSITIVE,
    Estimate,
    over_units,
    without_interval,
)
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
from helpers.claims.rules.lists import ABOUT, is_about, means_of, need_tissue, rows_of_group
from helpers.stability.groups import PAPER_GROUPS

SHARES = {"II": (0.4, 0.8), "III": (0.3, 0.6)}
FOLDS = {"II": 2.0, "III": 1.5}
MOSTLY = 0.5
NO_SEPARATION = 0.25
"""Segregation, from -1 to 1, up to which there is none."""
MARKER, NORMAL, CANCER = "GPC3", "liver", "TCGA_LIHC"

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
        Index (``normal``, ``cancer``); ``share``, ``fold``, ``chance``. The fold is missing where
        no gene differs between the two.

    Raises
    ------
    NotTestableError
        If no cancer is compared with a tissue that was explained, or a number is undefined.
    """
    table = tables["cancer_shares"]
    if table.empty:
        raise NotTestableError("No cancer could be compared with an explained normal tissue.")
    rows = rows_of_group(table[table["tissue"] == table["normal"]], group)
    pairs = means_of(rows, _PAIR, ["share", "fold", "chance"])
    defined(pairs[["share", "chance"]], "the share of genes that differ")
    defined(pairs.loc[pairs["chance"] > 0, "fold"], "the fold over chance")
    return pairs


def _within(shares: pd.Series, group: str) -> pd.Series:
    low, high = SHARES[group]
    return (shares >= low) & (shares <= high)


def _about(folds: pd.Series, group: str) -> pd.Series:
    return pd.Series([is_about(fold, FOLDS[group]) for fold in folds], folds.index, dtype=bool)


def _said(pairs: pd.DataFrame, column: str, form: str) -> str:
    rows = pairs.reset_index().to_dict("records")
    return ", ".join(f"{row['normal']} and {row['cancer']} {row[column]:{form}}" for row in rows)


def _with_fold(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the pairs in which some gene differs, so that there is a chance to compare with."""
    kept = pairs[pairs["chance"] > 0]
    if kept.empty:
        raise NotTestableError("No gene differs between any cancer and its normal tissue.")
    return kept


def _of_pairs(holds: pd.Series, mean: pd.Series, what: str, reason: str) -> Verdict:
    """Judge how many pairs are as stated; the mean stands beside it with its interval."""
    share = float(holds.mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > MOSTLY else NOT_REPRODUCED
    by_tissue = over_units(
        mean.rename("value").reset_index().set_index("normal")[["value"]],
        lambda rows: float(rows["value"].mean()),
        "normal tissues",
        POSITIVE,
    )
    interval = "" if np.isnan(by_tissue.low) else f" ({by_tissue.low:.2f} to {by_tissue.high:.2f})"
    why = "a share of the pairs that there are, so no interval"
    return without_interval(share, len(holds), "pairs", why).verdict(
        verdict,
        f"As stated in {int(holds.sum())} of {len(holds)} pairs. {reason}; {what}, mean of pairs, "
        f"{by_tissue.value:.2f}{interval}",
    )


def mean_share_ii(tables: Tables) -> float:
    """Return what the control compares for K1: the mean share of top genes that differ."""
    return float(pair_means(tables, "II")["share"].mean())


def mean_fold_ii(tables: Tables) -> float:
    """Return what the control compares for K2: the mean fold over chance of group II."""
    return float(_with_fold(pair_means(tables, "II"))["fold"].mean())


def mean_fold_iii(tables: Tables) -> float:
    """Return what the control compares for K3: the mean fold over chance of group III."""
    return float(_with_fold(pair_means(tables, "III"))["fold"].mean())


def _share_ii(tables: Tables) -> Verdict:
    pairs = pair_means(tables, "II")
    return _of_pairs(
        _within(pairs["share"], "II"),
        pairs["share"],
        "share",
        f"Share of the top genes: {_said(pairs, 'share', '.0%')}",
    )


def _fold_ii(tables: Tables) -> Verdict:
    pairs = _with_fold(pair_means(tables, "II"))
    return _of_pairs(
        _about(pairs["fold"], "II"),
        pairs["fold"],
        "fold",
        f"Fold over chance: {_said(pairs, 'fold', '.2f')}",
    )


def _share_and_fold_iii(tables: Tables) -> Verdict:
    pairs = _with_fold(pair_means(tables, "III"))
    return _of_pairs(
        _within(pairs["share"], "III") & _about(pairs["fold"], "III"),
        pairs["fold"],
        "fold",
        f"Share of the top genes: {_said(pairs, 'share', '.0%')}; fold over chance: "
        f"{_said(pairs, 'fold', '.2f')}",
    )


def _counts(tables: Tables, group: str) -> pd.DataFrame:
    """Return how many genes of each pair go down and up: columns (direction, group).

    Members of a group of explainers are added up, so that a gene counts once for each of them.
    """
    if tables["segregation"].empty:
        raise NotTestableError("No cancer is explained beside its normal tissue.")
    rows = rows_of_group(segregation_summary(tables["segregation"]), group)
    outer = rows[rows["group"] != "both"].groupby([*_PAIR, "group"], sort=False)
    counts = pd.DataFrame(outer[["down", "up"]].sum().unstack("group"))
    columns = pd.MultiIndex.from_product([["down", "up"], ["normal_only", "cancer_only"]])
    counts = counts.reindex(columns=columns).fillna(0)
    if counts.empty:
        raise NotTestableError("No cancer is explained beside its normal tissue.")
    return counts


def _segregation(counts: pd.DataFrame) -> float:
    """Return the share that goes up of the cancer's genes minus that of the normal tissue's."""
    total = counts.sum()
    shares = []
    for group in ("cancer_only", "normal_only"):
        both = total["up", group] + total["down", group]
        shares.append(total["up", group] / both if both else np.nan)
    return float(shares[0] - shares[1])


def _measured(counts: pd.DataFrame) -> Estimate:
    by_tissue = counts.set_axis(counts.index.get_level_values("normal"))
    found = over_units(by_tissue, _segregation, "normal tissues", DIFFERENCE)
    defined(found.value, "how far the two sides part: one has no gene that differs, so it")
    return found


def _described(counts: pd.DataFrame, group: str) -> str:
    total = counts.sum()
    members = len(PAPER_GROUPS[group])
    ways = ", ".join(
        f"of the {name} alone {int(total['down', group])} lower and {int(total['up', group])} "
        "higher in cancer"
        for group, name in (("normal_only", "normal tissue's"), ("cancer_only", "cancer's"))
    )
    return (
        f"Top genes that differ, over {len(counts)} pairs, a gene counted once for each of the "
        f"{members} explainers of group {group} that name it: {ways}"
    )


def _separated(tables: Tables) -> Verdict:
    counts = _counts(tables, "II")
    found = _measured(counts)
    ways = (("normal_only", "down", "up"), ("cancer_only", "up", "down"))
    by_pair = [(counts[way, group] > counts[other, group]).all() for group, way, other in ways]
    together = [counts[way, group].sum() > counts[other, group].sum() for group, way, other in ways]
    verdict = REPRODUCED if all(by_pair) else PARTLY if all(together) else NOT_REPRODUCED
    return found.verdict(verdict, _described(counts, "II"))


def _not_separated(tables: Tables) -> Verdict:
    counts = _counts(tables, "III")
    found = _measured(counts)
    other = _measured(_counts(tables, "II")).value
    none = abs(found.value) <= NO_SEPARATION
    verdict = REPRODUCED if none else PARTLY if found.value < other / 2 else NOT_REPRODUCED
    return found.verdict(verdict, f"Group II: {other:.2f}. {_described(counts, 'III')}")


def _size_of_separation(tables: Tables) -> float:
    """Return what the control compares for K6: the smaller, the less do the two sides part."""
    return abs(_measured(_counts(tables, "III")).value)


def _marker(tables: Tables) -> Verdict:
    ranks, lists = tables["marker_ranks"], tables["top_genes"]
    own = ranks[ranks["gene"] == MARKER].assign(architecture="mlp", aggregated=True)
    own = rows_of_group(own, "II") if len(own) else own
    table = own.pivot_table(index="explainer", columns="tissue", values="rank")
    if own.empty or lists.empty or CANCER not in table.columns:
        raise NotTestableError(
            f"{MARKER} has no rank in {CANCER}, which this run does not explain."
        )
    healthy, k = need_tissue(own, NORMAL), int(lists["rank"].max())
    table = defined(table[[CANCER, healthy]], f"the rank of {MARKER}")
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
        f"list of {CANCER} and not in that of {healthy}; observed is the median rank in {CANCER}"
    )
    median = float(table[CANCER].median())
    return without_interval(
        median, len(table), "explainers", "one list of each explainer, so no interval"
    ).verdict(verdict, reason)


def _rule(
    judge: Callable[[Tables], Verdict],
    tables: tuple[str, ...],
    figure: str,
    *,
    statistic: str,
    expected: str,
    fair: str,
    compared: Compared,
) -> Rule:
    where = f"12_cancer#{figure}"
    return Rule(
        statistic, expected, fair, tables, where, judge, networks=("mlp",), compared=compared
    )


_5A, _5B = "figure_5a", "figure_5b"

CANCER_RULES: dict[str, Rule] = {
    "K1": _rule(
        _share_ii, ("cancer_shares",), _5A,
        statistic="share of pairs of normal tissue and cancer in which 40 to 80 % of group II's "
        "top genes differ",
        expected="all (partly: more than half)",
        fair="The paper's range, over its top genes of the normal tissue, for each pair: the mean "
        "of pairs could be within it where none of them is.",
        compared=Compared(LARGER, "share that differs in cancer, II", mean_share_ii),
    ),
    "K2": _rule(
        _fold_ii, ("cancer_shares",), _5A,
        statistic="share of pairs of normal tissue and cancer in which about twice as many of "
        "group II's top genes as of all genes differ",
        expected=f"all, with a fold of 2 within {ABOUT:.0%} (partly: more than half)",
        fair="About twice is read as within a quarter of 2, in each pair: folds of 1 and 3 are not "
        "about 2.",
        compared=Compared(LARGER, "fold over chance of that share, II", mean_fold_ii),
    ),
    "K3": _rule(
        _share_and_fold_iii, ("cancer_shares",), _5A,
        statistic="share of pairs of normal tissue and cancer in which 30 to 60 % of group III's "
        "top genes differ, about 1.5 times as many as of all genes",
        expected=f"all, with a fold of 1.5 within {ABOUT:.0%} (partly: more than half)",
        fair="Both of the paper's numbers are asked for, in each pair.",
        compared=Compared(LARGER, "fold over chance of that share, III", mean_fold_iii),
    ),
    "K4": _rule(
        _separated, ("segregation",), _5B,
        statistic="share going up of group II's genes of the cancer alone minus that of the normal "
        "tissue alone, among those that differ",
        expected="more down than up in the normal tissue's, more up than down in the cancer's, in "
        "every pair (partly: over all pairs together)",
        fair="Two distinct populations: each goes mostly its own way.",
        compared=Compared(LARGER, "how far the two sides part, II"),
    ),
    "K5": _rule(
        _marker, ("marker_ranks", "top_genes"), "gpc3",
        statistic=f"rank of {MARKER} in {CANCER}, group II",
        expected=f"in the list of {CANCER} and not in that of {NORMAL} for most explainers "
        "(partly: in the cancer's list, or higher in the cancer for all)",
        fair="A top gene is one in the list of 100.",
        compared=Compared(SMALLER, "median rank of GPC3 in liver cancer"),
    ),
    "K6": _rule(
        _not_separated, ("segregation",), _5B,
        statistic="share going up of group III's genes of the cancer alone minus that of the "
        "normal tissue alone, among those that differ",
        expected=f"within ± {NO_SEPARATION} (partly: less than half of group II's)",
        fair="No separation is a value near 0 where complete separation is 1.",
        compared=Compared(SMALLER, "how far the two sides part, III", _size_of_separation),
    ),
}  # fmt: skip
