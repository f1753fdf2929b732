"""Rules of the statements on enriched terms (G1 to G5, Table S5).

A term is enriched at a false discovery rate of at most 0.05. Groups are the paper's. Terms depend
on each other, and so do explainers; the units of intervals are tissues.
"""

from __future__ import annotations

import pandas as pd

from helpers.biology.enrichment import ALPHA
from helpers.biology.term_agreement import (
    jaccard_between_explainers,
    jaccard_between_tissues,
    terms_named,
)
from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import (
    DIFFERENCE,
    SHARE,
    mean_over_units,
    over_left_out,
    without_interval,
)
from helpers.claims.judging import (
    LARGER,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    Compared,
    Rule,
    Tables,
    Verdict,
)
from helpers.claims.rules.lists import need_tissue, need_tissues, rows_of_group

MOSTLY = 0.5
"""Mostly, or the same: more than half."""

BY_ALGEBRA = (
    "the three agree by algebra (Methods), so this holds for any network with one hidden layer and "
    "is no evidence about biology"
)

LIPOPROTEIN = ("lipoprotein",)
PANCREAS = ("oligosaccharide", "peptidoglycan")
EVERYWHERE = ("CCR7", "neuropeptide hormone", "neuropeptide receptor", "transcription activator")
"""What the paper names in every tissue for group III."""

_LIST = ["explainer", "tissue"]


def _go(tables: Tables, group: str) -> pd.DataFrame:
    """Return the tested terms of a group's lists.

    Raises
    ------
    NotTestableError
        If the gene sets and the lists have no gene in common, or a list is no list.
    """
    lists = rows_of_group(tables["top_genes"], group)
    if tables["go"].empty:
        raise NotTestableError("No gene set holds any of the top genes of this run.")
    try:
        rows = rows_of_group(tables["go"], group)
    except NotTestableError:
        raise NotTestableError(
            f"No gene set holds any of the {lists['gene'].nunique()} top genes of group {group}."
        ) from None
    defined(rows.set_index(_LIST)["fdr"], "the false discovery rate of terms")
    return rows


def _nothing_enriched(tables: Tables) -> Verdict:
    lists = rows_of_group(tables["top_genes"], "I")[_LIST].drop_duplicates()
    go = _go(tables, "I")
    enriched = go[go["fdr"] <= ALPHA]
    counts = enriched.groupby(_LIST, observed=True).size()
    found = counts.reindex(pd.MultiIndex.from_frame(lists), fill_value=0)
    none = (found == 0).astype(float)
    by_tissue = none.groupby("tissue", sort=False).mean()
    share = float(by_tissue.mean())
    verdict = REPRODUCED if share == 1 else PARTLY if share > MOSTLY else NOT_REPRODUCED
    reason = f"{int(none.sum())} of {len(none)} lists have no enriched term"
    if share < 1:
        some = found[found > 0].reset_index(name="terms").to_dict("records")
        named = [f"{row['explainer']} in {row['tissue']}: {row['terms']}" for row in some]
        reason += f" ({', '.join(named[:4])}{' and more' if len(named) > 4 else ''})"
    return mean_over_units(by_tissue, "tissues", SHARE).verdict(verdict, reason)


def _unique_terms(go: pd.DataFrame) -> pd.Series:
    """Return, by tissue, the share of its enriched terms that no other tissue has.

    Terms of each explainer are compared among themselves. A tissue without enriched terms has none.
    """
    enriched = go[go["fdr"] <= ALPHA]
    keys = ["explainer", "ontology", "term_id"]
    tissues = enriched.groupby(keys, observed=True)["tissue"].transform("nunique")
    return (tissues == 1).groupby(enriched["tissue"], sort=False).mean()


def share_of_unique_terms(tables: Tables) -> float:
    """Return what the control compares for G2: 0 where no term is enriched at all."""
    unique = _unique_terms(_go(tables, "II"))
    return float(unique.mean()) if len(unique) else 0.0


def _one_tissue(tables: Tables) -> Verdict:
    go = _go(tables, "II")
    lists = rows_of_group(tables["top_genes"], "II")
    name = need_tissue(lists, "liver")
    need_tissues(lists)
    unique = defined(_unique_terms(go), "the share of terms of one tissue")
    liver = terms_named(go[go["tissue"] == name], LIPOPROTEIN)
    members = lists["explainer"].nunique()
    with_lipoprotein = liver["explainer"].nunique() / members
    share = float(unique.mean())
    mostly, named = share > MOSTLY, with_lipoprotein > MOSTLY
    verdict = REPRODUCED if mostly and named else PARTLY if mostly or named else NOT_REPRODUCED
    examples = list(dict.fromkeys(liver.sort_values("fdr")["term"]))[:3]
    terms = go.loc[go["fdr"] <= ALPHA, ["ontology", "term_id"]].drop_duplicates()
    reason = (
        f"{len(terms)} terms are enriched, in {len(unique)} of {lists['tissue'].nunique()} "
        f"tissues; of a tissue's terms {share:.0%} are enriched nowhere else (mean of tissues); "
        f"lipoprotein terms in {name} for {with_lipoprotein:.0%} of {members} explainers"
        + (f" ({', '.join(examples)})" if examples else "")
    )
    return mean_over_units(unique, "tissues", SHARE).verdict(verdict, reason)


def _pancreas(tables: Tables) -> Verdict:
    go = _go(tables, "II")
    lists = rows_of_group(tables["top_genes"], "II")
    name = need_tissue(lists, "pancreas")
    own = terms_named(go[go["tissue"] == name], PANCREAS)
    members = lists["explainer"].nunique()
    found = own.groupby("word")["explainer"].nunique().reindex(list(PANCREAS), fill_value=0)
    shares = found / members
    verdict = (
        REPRODUCED if (shares > MOSTLY).all() else PARTLY if (shares > 0).any() else NOT_REPRODUCED
    )
    enriched = go[(go["tissue"] == name) & (go["fdr"] <= ALPHA)].sort_values("fdr")
    most = list(dict.fromkeys(enriched["term"]))[:3]
    reason = ", ".join(
        f"{word}: {share:.0%} of {members} explainers" for word, share in shares.items()
    ) + (f"; most enriched are {', '.join(most)}" if most else "; no term is enriched")
    why = "three of the four explainers agree by algebra, so no interval"
    return without_interval(float(shares.mean()), members, "explainers", why).verdict(
        verdict, reason
    )


def _three_agree(tables: Tables) -> Verdict:
    go = _go(tables, "II")
    jaccard = jaccard_between_explainers(go).dropna(subset="jaccard")
    odd = (jaccard["a"] == "InputXGradient") | (jaccard["b"] == "InputXGradient")
    means = {
        name: rows.groupby("tissue")["jaccard"].mean()
        for name, rows in (("three", jaccard[~odd]), ("odd", jaccard[odd]))
    }
    gain = (means["three"] - means["odd"]).dropna()
    if gain.empty:
        raise NotTestableError("No tissue has enriched terms of InputXGradient and of the others.")
    found = mean_over_units(gain, "tissues", DIFFERENCE)
    verdict = (
        REPRODUCED if found.surely_above > 0 else PARTLY if found.value > 0 else NOT_REPRODUCED
    )
    return found.verdict(
        verdict,
        f"Mean Jaccard index among the three {means['three'][gain.index].mean():.2f}, with "
        f"InputXGradient {means['odd'][gain.index].mean():.2f}; {BY_ALGEBRA}",
    )


def _same_everywhere(tables: Tables) -> Verdict:
    go = _go(tables, "III")
    lists = rows_of_group(tables["top_genes"], "III")
    need_tissues(lists)
    jaccard = jaccard_between_tissues(go).dropna(subset="jaccard")
    if jaccard.empty:
        raise NotTestableError(
            "No term is enriched in any list of group III, so there is nothing to compare."
        )
    pairs = jaccard.groupby(["a", "b"])["jaccard"].mean()
    tissues = lists["tissue"].nunique()
    named = terms_named(go, EVERYWHERE).groupby("word")["tissue"].nunique()
    everywhere = [word for word in EVERYWHERE if named.get(word, 0) == tissues]
    same, terms = bool(pairs.mean() >= MOSTLY), len(everywhere) == len(EVERYWHERE)
    some = sum(named.get(word, 0) for word in EVERYWHERE) / len(EVERYWHERE) > tissues / 2
    verdict = REPRODUCED if same and terms else PARTLY if same or some else NOT_REPRODUCED
    counts = ", ".join(f"{word} {named.get(word, 0)}" for word in EVERYWHERE)
    reason = (
        f"Mean Jaccard index between tissues {pairs.mean():.2f}; tissues (of {tissues}) in which "
        f"terms of these names are enriched: {counts}"
    )
    found = over_left_out(
        float(pairs.mean()), {"tissues": _without_tissues(pairs)}, "tissues", SHARE
    )
    return found.verdict(verdict, reason)


def _without_tissues(pairs: pd.Series) -> list[float]:
    """Return the mean without each tissue in turn, that is without the pairs it is in."""
    first, second = (pairs.index.get_level_values(side) for side in ("a", "b"))
    tissues = dict.fromkeys([*first, *second])
    return [float(pairs[(first != name) & (second != name)].mean()) for name in tissues]


_CHAPTER = "10_gene_ontology#table_s5"
_TABLES = ("go", "top_genes")

FUNCTION_RULES: dict[str, Rule] = {
    "G1": Rule(
        statistic="share of group I's lists without an enriched term",
        expected="all (partly: more than half)",
        fair="The paper says no term; by Benjamini and Hochberg's correction a list of random "
        "genes has one in at most 5 % of tests (of a list against a library).",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_nothing_enriched,
        networks=("cnn",),
    ),
    "G2": Rule(
        statistic="share of a tissue's enriched terms of group II that are enriched in no other, "
        "mean over tissues",
        expected="more than half, and terms named lipoprotein in liver for most explainers "
        "(partly: one of the two)",
        fair="Mostly unique is more than half; the terms of liver are looked up by their name.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_one_tissue,
        networks=("mlp",),
        compared=Compared(LARGER, "share of terms of one tissue only", share_of_unique_terms),
    ),
    "G3": Rule(
        statistic="share of group II's explainers with terms named oligosaccharide and "
        "peptidoglycan in pancreas, mean of the two words",
        expected="more than half of the explainers for both words (partly: any for one of them)",
        fair="These are the terms that the paper names, looked up by their name.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_pancreas,
        networks=("mlp",),
        compared=Compared(LARGER, "share of explainers with the terms"),
    ),
    "G4": Rule(
        statistic="Jaccard index of enriched terms among DeepLift, DeepLiftShap and "
        "IntegratedGradients minus that with InputXGradient",
        expected="above 0 with its interval (partly: above 0)",
        fair="Slightly more agreeable is a direction without a size.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_three_agree,
        networks=("mlp",),
        compared=Compared(LARGER, "Jaccard index, three above the fourth"),
    ),
    "G5": Rule(
        statistic="mean Jaccard index of group III's enriched terms between tissues",
        expected=f"at least {MOSTLY}, and the four terms that the paper names in every tissue "
        "(partly: the first, or the four in more than half of the tissues on average)",
        fair="The same terms: two tissues share at least half of those that either has.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_same_everywhere,
        networks=("mlp",),
        compared=Compared(LARGER, "Jaccard index between tissues"),
    ),
}
