"""Rules of the statements on enriched terms (G1 to G5, Table S5).

Fixed from the paper's wording before any list was tested. A term is enriched at a false discovery
rate of at most 0.05. Groups are the paper's.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.biology.enrichment import ALPHA
from helpers.biology.term_agreement import (
    jaccard_between_explainers,
    jaccard_between_tissues,
    terms_named,
)
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
from helpers.claims.rules.lists import mean_verdict, need_tissue, need_tissues, rows_of_group

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
        If the gene sets and the lists have no gene in common.
    """
    lists = rows_of_group(tables["top_genes"], group)
    if tables["go"].empty:
        raise NotTestableError("No gene set holds any of the top genes of this run.")
    try:
        return rows_of_group(tables["go"], group)
    except NotTestableError:
        raise NotTestableError(
            f"No gene set holds any of the {lists['gene'].nunique()} top genes of group {group}."
        ) from None


@testable
def _nothing_enriched(tables: Tables) -> Verdict:
    lists = rows_of_group(tables["top_genes"], "I")[_LIST].drop_duplicates()
    if tables["go"].empty:
        raise NotTestableError("No gene set holds any of the top genes of this run.")
    go = tables["go"]
    enriched = go[(go["fdr"] <= ALPHA) & (go["architecture"] == "cnn") & go["aggregated"]]
    counts = enriched.groupby(_LIST, observed=True).size()
    found = counts.reindex(pd.MultiIndex.from_frame(lists), fill_value=0)
    none = (found == 0).astype(float)
    share = none.mean()
    verdict = REPRODUCED if share == 1 else PARTLY if share > MOSTLY else NOT_REPRODUCED
    reason = f"{int(none.sum())} of {len(none)} lists have no enriched term"
    if share < 1:
        some = found[found > 0].reset_index(name="terms").to_dict("records")
        named = [f"{row['explainer']} in {row['tissue']}: {row['terms']}" for row in some]
        reason += f" ({', '.join(named[:4])}{' and more' if len(named) > 4 else ''})"
    return mean_verdict(verdict, none, reason, "lists (explainer and tissue)")


@testable
def _one_tissue(tables: Tables) -> Verdict:
    go = _go(tables, "II")
    lists = rows_of_group(tables["top_genes"], "II")
    name = need_tissue(lists, "liver")
    need_tissues(lists)
    enriched = go[go["fdr"] <= ALPHA]
    tissues = enriched.groupby(["explainer", "ontology", "term_id"])["tissue"].nunique()
    own = (tissues == 1).groupby(["ontology", "term_id"]).mean()
    liver = terms_named(go[go["tissue"] == name], LIPOPROTEIN)
    members = lists["explainer"].nunique()
    with_lipoprotein = liver["explainer"].nunique() / members
    unique, named = bool(len(own) and own.mean() > MOSTLY), with_lipoprotein > MOSTLY
    verdict = REPRODUCED if unique and named else PARTLY if unique or named else NOT_REPRODUCED
    examples = list(dict.fromkeys(liver.sort_values("fdr")["term"]))[:3]
    reason = (
        f"{len(own)} terms are enriched, {own.mean() if len(own) else 0:.0%} of them in one "
        f"tissue; lipoprotein terms in liver for {with_lipoprotein:.0%} of {members} explainers"
        + (f" ({', '.join(examples)})" if examples else "")
    )
    return mean_verdict(verdict, own, reason, "terms")


@testable
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
    reason = (
        ", ".join(f"{word}: {share:.0%} of {members} explainers" for word, share in shares.items())
        + (f"; most enriched are {', '.join(most)}" if most else "; no term is enriched")
        + "; no interval, since three of the four explainers agree by algebra."
    )
    return Verdict(verdict, float(shares.mean()), reason=reason, n=members, unit="explainers")


@testable
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
    found = mean_verdict(
        "", gain,
        f"Mean Jaccard index among the three {means['three'][gain.index].mean():.2f}, with "
        f"InputXGradient {means['odd'][gain.index].mean():.2f}; {BY_ALGEBRA}", "tissues",
    )  # fmt: skip
    sure = found.ci_low > 0 and len(gain) > 1
    verdict = REPRODUCED if sure else PARTLY if found.observed > 0 else NOT_REPRODUCED
    return replace(found, verdict=verdict)


@testable
def _same_everywhere(tables: Tables) -> Verdict:
    go = _go(tables, "III")
    lists = rows_of_group(tables["top_genes"], "III")
    need_tissues(lists)
    jaccard = jaccard_between_tissues(go).dropna(subset="jaccard")
    pairs = jaccard.groupby(["a", "b"])["jaccard"].mean()
    tissues = lists["tissue"].nunique()
    named = terms_named(go, EVERYWHERE).groupby("word")["tissue"].nunique()
    everywhere = [word for word in EVERYWHERE if named.get(word, 0) == tissues]
    same, terms = bool(len(pairs) and pairs.mean() >= MOSTLY), len(everywhere) == len(EVERYWHERE)
    some = any(named.get(word, 0) > tissues / 2 for word in EVERYWHERE)
    verdict = REPRODUCED if same and terms else PARTLY if same or some else NOT_REPRODUCED
    counts = ", ".join(f"{word} {named.get(word, 0)}" for word in EVERYWHERE)
    start = (
        f"Mean Jaccard index between tissues {pairs.mean():.2f}"
        if len(pairs)
        else "No term is enriched in any tissue"
    )
    reason = f"{start}; tissues (of {tissues}) in which terms of these names are enriched: {counts}"
    return mean_verdict(verdict, pairs, reason, "pairs of tissues")


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
    ),
    "G2": Rule(
        statistic="share of group II's enriched terms that are enriched in one tissue only",
        expected="more than half, and terms named lipoprotein in liver for most explainers "
        "(partly: one of the two)",
        fair="Mostly unique is more than half; the terms of liver are looked up by their name.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_one_tissue,
    ),
    "G3": Rule(
        statistic="share of group II's explainers with terms named oligosaccharide and "
        "peptidoglycan in pancreas, mean of the two words",
        expected="more than half of the explainers for both words (partly: any for one of them)",
        fair="These are the terms that the paper names, looked up by their name.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_pancreas,
    ),
    "G4": Rule(
        statistic="Jaccard index of enriched terms among DeepLift, DeepLiftShap and "
        "IntegratedGradients minus that with InputXGradient",
        expected="above 0 with its interval (partly: above 0)",
        fair="Slightly more agreeable is a direction without a size.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_three_agree,
    ),
    "G5": Rule(
        statistic="mean Jaccard index of group III's enriched terms between tissues",
        expected=f"at least {MOSTLY}, and the four terms that the paper names in every tissue "
        "(partly: the first, or one of the four in most tissues)",
        fair="The same terms: two tissues share at least half of those that either has.",
        tables=_TABLES,
        produced_by=_CHAPTER,
        judge=_same_everywhere,
    ),
}
