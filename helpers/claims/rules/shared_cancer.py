"""Rules on genes that samples of one cancer share (statements K7 to K9, Figures 5C and S16)."""

from __future__ import annotations

import pandas as pd

from helpers.biology.shared_cancer import NO_ROLE
from helpers.claims.defined import NotTestableError
from helpers.claims.intervals import POSITIVE, SHARE, Estimate, over_units
from helpers.claims.judging import (
    LARGER,
    MET,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    Compared,
    Rule,
    Tables,
    Verdict,
)
from helpers.claims.rules.lists import ABOUT, is_about

CHAPTER = "12_cancer"

MOSTLY = 0.5
SHARED_GENES, TYPES = 1179, 33
SEVERAL, FEW = 3, 2
"""Cancers that are several, or very few."""
EXAMPLE = "SFRP2"


def _how_many(tables: Tables) -> Verdict:
    lists, shared = tables["tumour_top_genes"], tables["shared_cancer_genes"]
    types = lists["tissue"].nunique()
    if types < TYPES:
        raise NotTestableError(
            f"The paper counts over {TYPES} cancer types, and the data have {types}."
        )
    if shared.empty:
        raise NotTestableError("No gene is a top gene of two samples of one cancer in this run.")
    samples = lists.drop_duplicates(["tissue", "sample"]).groupby("tissue").size().median()
    count = shared["gene"].nunique()
    # A gene counts once, so each cancer that shares it gets its part.
    parts = (1 / shared["types"]).groupby(shared["cancer"]).sum()
    every = parts.reindex(sorted(set(lists["tissue"])), fill_value=0.0).to_frame("part")
    found = over_units(
        every, lambda rows: types * float(rows["part"].mean()), "cancer types", POSITIVE
    )
    near = max(count, 1) / SHARED_GENES
    verdict = (
        REPRODUCED if is_about(count, SHARED_GENES) else PARTLY if 0.5 <= near <= 2
        else NOT_REPRODUCED
    )  # fmt: skip
    reason = (
        f"{count:,} genes over {types} cancer types, {samples:g} samples of each (the paper does "
        "not say how many it explained, and the more there are, the more genes two of them "
        "share)"
    )
    return found.verdict(verdict, reason)


def _share_of_genes(shared: pd.DataFrame, holds: pd.Series) -> Estimate:
    """Estimate the share of shared genes with a property; the units are cancers.

    Parameters
    ----------
    shared
        Rows of ``shared_cancer_genes``: a gene for each cancer that shares it.
    holds
        Whether the gene of each row has the property.
    """
    # A gene counts once, so each of its cancers gets its part of it.
    part = 1 / shared["types"].astype(float)
    rows = pd.DataFrame({"all": part, "with": part.where(holds, 0.0)})
    by_cancer = rows.groupby(shared["cancer"]).sum()
    return over_units(
        by_cancer, lambda kept: float(kept["with"].sum() / kept["all"].sum()), "cancer types", SHARE
    )


def _mostly_specific(tables: Tables) -> Verdict:
    shared = tables["shared_cancer_genes"]
    cancers = shared["cancer"].nunique()
    if cancers < FEW + 1:
        raise NotTestableError(f"Genes are shared within {cancers} cancer types, too few to tell.")
    types = shared.drop_duplicates("gene")["types"]
    found = _share_of_genes(shared, shared["types"] == 1)
    verdict = (
        REPRODUCED if found.surely_above > MOSTLY else PARTLY if found.value > MOSTLY
        else NOT_REPRODUCED
    )  # fmt: skip
    return found.verdict(
        verdict,
        f"{int((types == 1).sum()):,} of {len(types):,} genes belong to one of {cancers} cancers",
    )


def _known_genes(tables: Tables) -> Verdict:
    shared = tables["shared_cancer_genes"]
    if shared["cancer"].nunique() < SEVERAL:
        raise NotTestableError(f"Genes are shared within fewer than {SEVERAL} cancer types.")
    rows = shared[shared["role"] != NO_ROLE]
    known = rows.drop_duplicates("gene").set_index("gene")["types"]
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
        f"is shared by {example}{listed}; observed: share of those shared by {SEVERAL} or more"
    )
    return _share_of_genes(rows, rows["types"] >= SEVERAL).verdict(verdict, reason)


SHARED_CANCER_RULES: dict[str, Rule] = {
    "K7": Rule(
        statistic="genes in the top 100 of two or more samples of one cancer type",
        expected=f"{SHARED_GENES:,}, within {ABOUT:.0%} (partly: within a factor of two)",
        fair="The paper does not say how many samples of a type it explained, on which the number "
        "depends.",
        tables=("tumour_top_genes", "shared_cancer_genes"),
        produced_by=f"{CHAPTER}#figure_5c",
        judge=_how_many,
        networks=("mlp",),
        compared=Compared(MET, "genes that samples share"),
    ),
    "K8": Rule(
        statistic="share of shared top genes that belong to one cancer type",
        expected="more than half with its interval (partly: more than half)",
        fair="Mostly is more than half.",
        tables=("shared_cancer_genes",),
        produced_by=f"{CHAPTER}#figure_5c",
        judge=_mostly_specific,
        networks=("mlp",),
        compared=Compared(LARGER, "share of these in one cancer only"),
    ),
    "K9": Rule(
        statistic="share of the known cancer genes among them that three or more cancers share",
        expected=f"some shared by {SEVERAL} or more, some by {FEW} or fewer, and {EXAMPLE} by "
        "several (partly: without the last)",
        fair=f"The paper says some and others; both must exist. Its example {EXAMPLE} is looked at "
        "by name, whether or not the list of cancer genes holds it; the observed share is over "
        "genes of the list.",
        tables=("shared_cancer_genes",),
        produced_by=f"{CHAPTER}#figure_s16",
        judge=_known_genes,
        networks=("mlp",),
        compared=Compared(MET, "share of these in three cancers or more"),
    ),
}
