"""Rules on which top genes explainers and architectures share (statements C1 to C6).

They come from the paper's wording and were first fixed before any lists were compared; the Methods
say how those of C1 and C6 were changed since.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.claims.judging import (
    LOW,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    NotTestableError,
    Rule,
    Tables,
    Verdict,
    testable,
)
from helpers.claims.rules.curves import concluded, resampled_medians
from helpers.claims.rules.lists import (
    NOTHING,
    grid,
    listed,
    mean,
    over_tissues,
    rare_draws,
)
from helpers.stability.combinations import split_name
from helpers.stability.consistency import relations
from helpers.stability.groups import PAPER_MEMBERS, find_groups

CHAPTER = "07_consistency_and_groups"

RISES = 0.05
"""Genes that replicates share are closer to the aggregated list if 5 of 100 more are in it."""

ROUNDING = 1e-9
"""Two indices that differ by no more are the same."""

SAME_GROUPS, ALIKE_GROUPS = 0.8, 0.4
"""Adjusted Rand index from which two groupings are called the same, and alike."""


def _relations(tables: Tables, *names: str) -> pd.DataFrame:
    """Return the mean overlap of some kinds of pair: tissues × kinds."""
    found = relations(tables["consistency"])
    wide = grid(found[found["relation"].isin(names)], "overlap", ["relation"])
    missing = [name for name in names if name not in wide.columns]
    if missing:
        raise NotTestableError("Not all the lists that are compared here were made in this run.")
    return wide[list(names)]


@testable
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
    smaller = int(np.argmin(gains.mean().to_numpy()))
    return over_tissues(
        verdict, gains, lambda values: mean(values[:, smaller]),
        f"{said}; observed: the smaller of the two gains within a model",
    )  # fmt: skip


def _chance(tables: Tables) -> float:
    table = tables["expression"]
    return float((table["size"] / table["genes"]).iloc[0])


def _nothing_shared(*kinds: str) -> Rule:
    titles = {
        "cnn_aggregated_mlp": "aggregated CNNs and MLPs, aggregated or not",
        "cnn_same_explainer": "CNNs with and without aggregation",
    }

    @testable
    def judge(tables: Tables) -> Verdict:
        wide, chance = _relations(tables, *kinds), _chance(tables)
        found = relations(tables["consistency"]).drop_duplicates("relation")
        pairs = found.set_index("relation")["pairs"].loc[list(kinds)]
        weights = pairs.to_numpy(float) / pairs.sum()
        overlap = pd.DataFrame({"overlap": wide.to_numpy() @ weights}, index=wide.index)
        above = mean(overlap.to_numpy()) - chance
        verdict = (
            REPRODUCED if above <= NOTHING else PARTLY if above <= 2 * NOTHING else NOT_REPRODUCED
        )
        return over_tissues(
            verdict, overlap, mean,
            f"Chance is {chance:.1%}; mean of {pairs.sum()} pairs of combinations",
        )  # fmt: skip

    return Rule(
        statistic=f"mean overlap of top genes between {titles[kinds[0]]}",
        expected=f"at most {NOTHING} above chance (partly: {2 * NOTHING})",
        fair="The paper says that nothing is shared; 5 of 100 genes are not to be seen in its "
        "heatmap, and chance alone gives some.",
        tables=("consistency", "expression"),
        produced_by=f"{CHAPTER}#figure_3",
        judge=judge,
    )


@testable
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
    return over_tissues(verdict, wide, mean, f"{listed(level)}; observed: their mean")


@testable
def _shared_genes(tables: Tables) -> Verdict:
    table = tables["shared_genes"]
    rows = table[table["shared_by"].isin([1, 2])].rename(columns={"overlap": "value"})
    rising, gains, samples = {}, {}, {}
    for name, part in rows.groupby("architecture"):
        # Where models share no gene, sharing brings nothing.
        part = part.assign(value=part["value"].fillna(0.0))
        found = resampled_medians(part, ["explainer", "shared_by"])
        more, alone = (found.medians.xs(times, axis=1, level=1) for times in (2, 1))
        gain = pd.DataFrame(more - alone)
        rising[name] = float((gain.iloc[0] > RISES).mean())
        gains[name], samples[name] = gain.median(axis=1), found.samples
    if set(rising) != {"mlp", "cnn"}:
        raise NotTestableError("MLPs and CNNs were not both explained several times.")
    as_stated = int(rising["mlp"] > 0.5) + int(rising["cnn"] <= 0.5)
    verdict = (NOT_REPRODUCED, PARTLY, REPRODUCED)[as_stated]
    reason = "; ".join(
        f"{name.upper()}: more for {rising[name]:.0%} of explainers, median gain "
        f"{gains[name][0]:+.2f}, {samples[name]} samples"
        for name in ("mlp", "cnn")
    )
    return concluded(
        verdict, gains["mlp"], f"{reason}; observed: median gain on MLPs", samples["mlp"]
    )


@testable
def _groups_recovered(tables: Tables) -> Verdict:
    table = tables["consistency"]
    parts = {str(name): part for name, part in table.groupby("tissue", sort=False)}

    def index(tissues: tuple[str, ...]) -> float:
        drawn = [parts[name].assign(tissue=str(i)) for i, name in enumerate(tissues)]
        return find_groups(pd.concat(drawn)).adjusted_rand

    found = find_groups(table)
    observed, alone = found.adjusted_rand, found.architecture_rand
    if np.isnan(observed):
        raise NotTestableError("Members of fewer than two of the paper's groups were explained.")
    if alone == 1:
        raise NotTestableError(
            "Of each architecture only one of the paper's groups was explained, so that the "
            "architecture alone tells them apart."
        )
    beyond = observed > alone + ROUNDING
    verdict = (
        REPRODUCED
        if beyond and observed >= SAME_GROUPS
        else PARTLY
        if beyond and observed >= ALIKE_GROUPS
        else NOT_REPRODUCED
    )
    low, high = rare_draws(list(parts), index)
    clusters = int(found.choice.loc[found.choice["chosen"], "clusters"].iloc[0])
    present = sum(name in PAPER_MEMBERS for name in found.names)
    moved = ", ".join(found.moved) or "none"
    reason = (
        f"Index {observed:.2f}, and {alone:.2f} for who knows CNN from MLP and nothing else; "
        f"{clusters} clusters of {len(found.names)} combinations; of {present} members of the "
        f"paper's groups outside the cluster of theirs: {moved}; {len(parts)} tissues; the "
        "interval resamples tissues."
    )
    return Verdict(
        verdict, observed, min(low, observed), max(high, observed), reason, len(parts), "tissues"
    )


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
    ),
    "C2": _nothing_shared("cnn_aggregated_mlp"),
    "C3": _nothing_shared("cnn_same_explainer", "cnn_other_explainer"),
    "C4": Rule(
        statistic="overlap of an explainer's top genes with and without aggregation of MLPs",
        expected=f"at least {LOW} for every explainer (partly: for more than half)",
        fair=f"The paper says highly consistent without a number; below {LOW} is low throughout "
        "this book.",
        tables=("consistency",),
        produced_by=f"{CHAPTER}#figure_3",
        judge=_agree_with_and_without,
    ),
    "C5": Rule(
        statistic="share in the aggregated list: of genes that two or more unoptimised models "
        "share, minus of a single model's",
        expected=f"above {RISES} for more than half of the explainers on MLPs, and not so on CNNs "
        "(partly: one of the two)",
        fair="Both halves of the sentence are tested by the same threshold. Where models share no "
        "gene at all, sharing brings nothing.",
        tables=("shared_genes",),
        produced_by=f"{CHAPTER}#figure_s8",
        judge=_shared_genes,
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
    ),
}
