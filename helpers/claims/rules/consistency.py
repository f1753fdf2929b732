"""Rules on which top genes explainers and architectures share (statements C1 to C6)."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import DIFFERENCE, SHARE, over_units, without_interval
from helpers.claims.judging import (
    LOW,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    Rule,
    Tables,
    Verdict,
)
from helpers.claims.rules.curves import tissue_levels
from helpers.claims.rules.lists import NOTHING, grid, listed, over_tissues
from helpers.stability.combinations import split_name
from helpers.stability.consistency import RELATIONS, relations
from helpers.stability.groups import PAPER_GROUPS, PAPER_MEMBERS, find_groups

CHAPTER = "07_consistency_and_groups"

RISES = 0.05
"""Genes that replicates share are closer to the aggregated list if 5 of 100 more are in it."""

ROUNDING = 1e-9
"""Two indices that differ by no more are the same."""

SAME_GROUPS, ALIKE_GROUPS = 0.8, 0.4
"""Adjusted Rand index from which two groupings are called the same, and alike."""


def _relations(tables: Tables, *names: str) -> pd.DataFrame:
    """Return the mean overlap of some kinds of pair: tissues × kinds."""
    table = tables["consistency"]
    if table.empty:
        raise NotTestableError("No lists of top genes were compared in this run.")
    found = relations(table)
    # Pairs without an overlap are left out of a mean: here they make it undefined.
    every = relations(table.fillna({"overlap": 0.0, "same_model": 0.0}))
    wide, pairs, of = (
        grid(part[part["relation"].isin(names)], column, ["relation"])
        for part, column in ((found, "overlap"), (found, "pairs"), (every, "pairs"))
    )
    missing = [name for name in names if name not in of.columns]
    if missing:
        titles = ", ".join(RELATIONS[name].title for name in missing)
        raise NotTestableError(f"Lists that are compared here were not made in this run: {titles}.")
    complete = pairs.reindex_like(of) == of
    return defined(wide.reindex_like(of).where(complete)[list(names)], "the overlap")


def _aggregation_raises(tables: Tables) -> Verdict:
    """Compare explainers within one model, since aggregated lists come from the same models too."""
    kinds = ("same_model", "single", "aggregated")
    wide = _relations(tables, *(f"{name}_{how}" for name in ("cnn", "mlp") for how in kinds))
    gains = pd.DataFrame(
        {name: wide[f"{name}_aggregated"] - wide[f"{name}_same_model"] for name in ("cnn", "mlp")}
    )
    rising = int((gains.mean() > 0).sum())
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[rising]
    said = "; ".join(
        f"{name.upper()}: {wide[f'{name}_same_model'].mean():.0%} within one single model "
        f"({wide[f'{name}_single'].mean():.0%} over all pairs), "
        f"{wide[f'{name}_aggregated'].mean():.0%} with aggregation"
        for name in gains.columns
    )
    return over_units(
        gains, lambda table: float(table.mean().min()), "tissues", DIFFERENCE
    ).verdict(verdict, f"{said}; observed: the smaller of the two gains within a model")


def _chance(tables: Tables) -> float:
    table = tables["expression"]
    if table.empty:
        raise NotTestableError("No lists of top genes were made in this run.")
    return defined(float((table["size"] / table["genes"]).iloc[0]), "chance")


def _near_chance(tables: Tables, overlap: pd.Series, said: str) -> Verdict:
    """Judge whether lists share no more than chance gives."""
    chance = _chance(tables)
    above = defined(float(overlap.mean()), "the overlap") - chance
    verdict = REPRODUCED if above <= NOTHING else PARTLY if above <= 2 * NOTHING else NOT_REPRODUCED
    return over_tissues(
        verdict, overlap.to_frame("overlap"), f"Chance is {chance:.1%}; {said}", SHARE
    )


def _architectures_share(tables: Tables) -> Verdict:
    wide = _relations(tables, "cnn_aggregated_mlp")
    found = relations(tables["consistency"]).drop_duplicates("relation").set_index("relation")
    pairs = found["pairs"].loc["cnn_aggregated_mlp"]
    return _near_chance(
        tables, wide["cnn_aggregated_mlp"], f"mean of {pairs} pairs of combinations"
    )


def _single_and_the_others(tables: Tables) -> Verdict:
    """Compare a single CNN with the average of the others, which it is no part of."""
    rows = tables["held_out"]
    rows = rows[rows["architecture"] == "cnn"]
    if rows.empty:
        raise NotTestableError(
            "There are too few CNNs to compare one with the average of the others."
        )
    overlap = grid(rows, "overlap", ["explainer", "other"])
    pairs, models = overlap.shape[1], rows["model"].nunique()
    return _near_chance(
        tables,
        overlap.mean(axis=1),
        f"mean of {pairs} pairs of explainers, of {models} single CNNs each with the average of "
        "all but it",
    )


def _nothing_shared(
    titles: str, judge: Callable[[Tables], Verdict], table: str, networks: tuple[str, ...], own: str
) -> Rule:
    return Rule(
        statistic=f"mean overlap of top genes between {titles}",
        expected=f"at most {NOTHING} above chance (partly: {2 * NOTHING})",
        fair="The paper says that nothing is shared; 5 of 100 genes are not to be seen in its "
        f"heatmap, and chance alone gives some.{own}",
        tables=(table, "expression"),
        produced_by=f"{CHAPTER}#figure_3",
        judge=judge,
        networks=networks,
    )


def _agree_with_and_without(tables: Tables) -> Verdict:
    table = tables["consistency"]
    sides = {name: split_name(name) for name in {*table["a"], *table["b"]}}
    pairs = [(sides[a], sides[b]) for a, b in zip(table["a"], table["b"], strict=True)]
    same = [a[:2] == b[:2] and a[0] == "mlp" for a, b in pairs]
    rows = table[same].assign(explainer=[a[1] for (a, _), is_same in zip(pairs, same, strict=True)
                                         if is_same])  # fmt: skip
    if rows.empty:
        raise NotTestableError("No MLPs were explained with and without aggregation.")
    wide = grid(rows, "overlap", ["explainer"])
    level = wide.mean()
    share = float((level >= LOW).mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
    return over_tissues(verdict, wide, f"{listed(level)}; observed: their mean", SHARE)


def _shared_genes(tables: Tables) -> Verdict:
    table = tables["shared_genes"]
    rows = table[table["shared_by"].isin([1, 2])].rename(columns={"overlap": "value"})
    # Where models share no gene, sharing brings nothing.
    rows = rows.assign(value=rows["value"].mask(rows["genes"] == 0, 0.0))
    rising, found, gains = {}, {}, {}
    for name, part in rows.groupby("architecture"):
        levels = tissue_levels(part, ["shared_by", "explainer"])
        if not {1, 2} <= set(levels.table.columns.get_level_values("shared_by")):
            continue
        gain = pd.DataFrame(levels.table[2] - levels.table[1])
        means = defined(gain.mean(), "the gain of shared genes")
        rising[name], found[name], gains[name] = float((means > RISES).mean()), levels, gain
    if set(rising) != {"mlp", "cnn"}:
        raise NotTestableError(
            "MLPs and CNNs were not both explained several times, with others left to average."
        )
    as_stated = int(rising["mlp"] > 0.5) + int(rising["cnn"] <= 0.5)
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[as_stated]
    reason = "; ".join(
        f"{name.upper()}: more for {rising[name]:.0%} of explainers, median gain "
        f"{gains[name].mean().median():+.2f}, {found[name].said}"
        for name in ("mlp", "cnn")
    )
    estimate = over_units(
        gains["mlp"], lambda gain: float(gain.mean().median()), "tissues", DIFFERENCE
    )
    return estimate.verdict(verdict, f"{reason}; observed: median gain on MLPs")


def _groups_recovered(tables: Tables) -> Verdict:
    table = tables["consistency"]
    if len({*table["a"], *table["b"]}) < 3:
        raise NotTestableError("Groups need at least three combinations, and there are fewer.")
    known = table.assign(overlap=table["overlap"].astype(float)).set_index("tissue")["overlap"]
    defined(known, "the overlap")
    present = [PAPER_MEMBERS[name] for name in {*table["a"], *table["b"]} & set(PAPER_MEMBERS)]
    absent = [name for name in PAPER_GROUPS if name not in present]
    if absent:
        raise NotTestableError(
            f"No member of the paper's group {' and '.join(absent)} was explained, so that three "
            "groups cannot be told apart."
        )
    found = find_groups(table)
    observed, alone = found.adjusted_rand, found.architecture_rand
    beyond = observed > alone + ROUNDING
    verdict = (
        REPRODUCED
        if beyond and observed >= SAME_GROUPS
        else PARTLY
        if beyond and observed >= ALIKE_GROUPS
        else NOT_REPRODUCED
    )
    tissues = list(dict.fromkeys(table["tissue"]))
    clusters = int(found.choice.loc[found.choice["chosen"], "clusters"].iloc[0])
    moved = ", ".join(found.moved) or "none"
    reason = (
        f"Index {observed:.2f}, and {alone:.2f} for who knows CNN from MLP and nothing else; "
        f"{clusters} clusters of {len(found.names)} combinations; of {len(present)} members of the "
        f"paper's groups outside the cluster of theirs: {moved}; {_without_one(table, tissues)}"
        f"{len(tissues)} tissues"
    )
    why = "an index of groups changes in steps, so no interval"
    return without_interval(observed, len(tissues), "tissues", why).verdict(verdict, reason)


def _without_one(table: pd.DataFrame, tissues: list[str]) -> str:
    """Say between which values the index lies if each tissue in turn is left out."""
    if len(tissues) < 2:
        return ""
    found = [find_groups(table[table["tissue"] != name]).adjusted_rand for name in tissues]
    return f"{min(found):.2f} to {max(found):.2f} where one tissue is left out; "


CONSISTENCY_RULES: dict[str, Rule] = {
    "C1": Rule(
        statistic="gain of the mean overlap between two explainers by aggregation, over that "
        "within one single model",
        expected="above 0 on CNNs and on MLPs (partly: on one of them)",
        fair="The statement is a direction, and names both architectures. Aggregated lists come "
        "from the same models, so single ones are compared within the same model.",
        tables=("consistency",),
        produced_by=f"{CHAPTER}#figure_3",
        judge=_aggregation_raises,
        networks=("mlp", "cnn"),
    ),
    "C2": _nothing_shared(
        "aggregated CNNs and MLPs, aggregated or not",
        _architectures_share,
        "consistency",
        ("mlp", "cnn"),
        "",
    ),
    "C3": _nothing_shared(
        "a single CNN and the average of the others",
        _single_and_the_others,
        "held_out",
        ("cnn",),
        " A network is compared with an average that it is no part of: else they share for that "
        "reason alone.",
    ),
    "C4": Rule(
        statistic="overlap of an explainer's top genes with and without aggregation of MLPs",
        expected=f"at least {LOW} for every explainer (partly: for more than half)",
        fair=f"The paper says highly consistent without a number; below {LOW} is low throughout "
        "this book.",
        tables=("consistency",),
        produced_by=f"{CHAPTER}#figure_3",
        judge=_agree_with_and_without,
        networks=("mlp",),
    ),
    "C5": Rule(
        statistic="share in the aggregated list: of genes that two or more unoptimised models "
        "share, minus of a single model's",
        expected=f"above {RISES} for more than half of the explainers on MLPs, and not so on CNNs "
        "(partly: one of the two)",
        fair="Both halves of the sentence are tested by the same threshold. Where models share no "
        "gene at all, sharing brings nothing. The aggregated list is that of the other models.",
        tables=("shared_genes",),
        produced_by=f"{CHAPTER}#figure_s8",
        judge=_shared_genes,
        networks=("mlp", "cnn"),
    ),
    "C6": Rule(
        statistic="adjusted Rand index of the clusters found and the paper's three groups",
        expected=f"at least {SAME_GROUPS} (partly: {ALIKE_GROUPS}), and above that of CNN against "
        "MLP",
        fair="1 means the same members in each group, 0 what chance gives. No group of the paper "
        "has both architectures, so telling these apart is no finding of groups. The number of "
        "clusters follows from a rule that does not know the paper's groups.",
        tables=("consistency",),
        produced_by=f"{CHAPTER}#figure_3",
        judge=_groups_recovered,
        networks=("mlp", "cnn"),
    ),
}
