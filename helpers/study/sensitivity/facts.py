"""What is measured and judged of explanations under an option."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from helpers.annotations import load_gene_sets
from helpers.biology.cancer import paired, share_different
from helpers.biology.enrichment import background, enriched_terms
from helpers.biology.expression_status import top_expressed
from helpers.biology.over_representation import over_representation
from helpers.biology.specificity import ENHANCED
from helpers.claims.intervals import middle
from helpers.stability.combinations import combination_names
from helpers.stability.consistency import pairwise_overlap, relations
from helpers.stability.curves import sample_medians
from helpers.stability.groups import PAPER_GROUPS
from helpers.stability.overlap import list_length
from helpers.study.designs.choices import CHOICES, DEFAULT, RELEASED, Choice, Member, Option, tried
from helpers.study.sensitivity.noise import CAM_EXPLAINER
from helpers.study.sensitivity.smoothing import BETWEEN
from helpers.study.top_genes.expression_status import KEYS, tissue_means
from helpers.study.top_genes.specificity import COUNTED, sets_of
from helpers.workflow.step import Context

ALL = "all"
"""In place of an explainer where a number is over all, or over pairs, of them."""


FACTS = ("data/expression", "data/tissues", "tables/specific_sets", "tables/tau",
         "tables/cancer_de")  # fmt: skip
"""Steps that `Facts` reads."""

_DESIGNS = {"intra_model": "intra", "inter_model": "inter", BETWEEN: BETWEEN}


def options_of(context: Context, choice: Choice) -> Iterator[tuple[Option, str, bool]]:
    """Yield the options of a choice that were tried: option, member, and if it is the default."""
    own = choice.default(context.settings)
    yield own, DEFAULT, True
    for option in tried(choice, context.settings, context.dataset):
        yield option, Member(choice, option).name, False


def completed(tables: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the rows of an option, with those of the default for what it does not change.

    Parameters
    ----------
    tables
        By member: rows with ``explainer`` and, where single estimates are compared,
        ``reference``.
    name
        A member.
    """
    own, base = tables[name], tables[DEFAULT]
    if name == DEFAULT or own.empty:
        return base
    keys = [key for key in ("explainer", "reference") if key in base.columns]
    made = pd.MultiIndex.from_frame(own[keys].drop_duplicates())
    kept = base[~pd.MultiIndex.from_frame(base[keys]).isin(made)]
    return pd.concat([kept, own], ignore_index=True)


def single_rows(table: pd.DataFrame, claim: str) -> list[dict[str, Any]]:
    """Summarise pairs of replicates and of models: a row an explainer, reference and measure."""
    rows = []
    medians = sample_medians(table)
    keys = ["architecture", "explainer", "reference", "design", "metric"]
    for (architecture, explainer, reference, design, metric), part in medians.groupby(
        keys, sort=False
    ):
        value, low, high = middle(part["value"].to_numpy(float), median=True)
        kind = "_universal" if reference == "universal" else ""
        rows.append(
            {"statistic": f"{_DESIGNS[str(design)]}_{metric}{kind}", "architecture": architecture,
             "explainer": explainer, "claim": claim, "value": value, "ci_low": low,
             "ci_high": high, "n": len(part), "unit": "samples"}
        )  # fmt: skip
    return rows


class Facts:
    """What lists are compared with, read once for all options."""

    def __init__(self, context: Context, libraries: tuple[str, ...] | None = None) -> None:
        self.means = tissue_means(context)
        self.highest = top_expressed(self.means, list_length(context.settings.top, len(self.means)))
        self.specific = sets_of(context["tables/specific_sets"], COUNTED)
        self.tau = context["tables/tau"]
        self.different = paired(context["tables/cancer_de"])
        self.backgrounds = [
            background(load_gene_sets(name), self.means.index) for name in libraries or ()
        ]

    def tables_of(self, lists: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Make the tables that rules on lists read.

        Terms are tested for group II only, and only where gene sets were asked for.
        """
        together = lists[lists["aggregated"]].drop(columns="model")
        count = partial(over_representation, keys=KEYS, matching=None)
        tables = {
            "consistency": pairwise_overlap(lists),
            "expression": count(lists, self.highest, self.means),
            "specificity": count(lists, self.specific, self.means),
            "top_genes": together,
            "cancer_shares": share_different(together, self.different),
        }
        if self.backgrounds:
            own = together[combination_names(together).isin(PAPER_GROUPS["II"])]
            tables["go"] = enriched_terms(own, self.backgrounds)
        return tables


def list_rows(lists: pd.DataFrame, default: pd.DataFrame, facts: Facts) -> list[dict[str, Any]]:
    """Summarise lists of top genes: a row an explainer and statistic."""
    rows: list[dict[str, Any]] = []

    def add(statistic: str, explainer: str, claim: str, values: pd.Series) -> None:
        value, low, high = middle(values.to_numpy(float), median=False)
        rows.append(
            {"statistic": statistic, "architecture": "mlp", "explainer": explainer,
             "claim": claim, "value": value, "ci_low": low, "ci_high": high, "n": len(values),
             "unit": "tissues"}
        )  # fmt: skip

    judged = facts.tables_of(lists)
    for table, chosen, statistic, claim in (
        ("expression", None, "top_expressed", "E4"),
        ("specificity", ENHANCED, ENHANCED, "E10"),
        ("specificity", "tissue_enhanced", "tissue_enhanced", "E10"),
        ("specificity", "tissue_specific", "tissue_specific", "E10"),
    ):
        hits = judged[table]
        hits = hits[hits["aggregated"] & (chosen is None or hits["set"] == chosen)]
        for explainer, part in hits.groupby("explainer", sort=False):
            add(statistic, str(explainer), claim, part["hits"] / part["size"])
    together, before = lists[lists["aggregated"]], default[default["aggregated"]]
    tau = together.merge(facts.tau, on="gene").groupby(["explainer", "tissue"], sort=False)["tau"]
    for explainer, medians in tau.median().groupby("explainer", sort=False):
        add("tau", str(explainer), "E7", medians)
    for explainer, part in together.groupby("explainer", sort=False):
        both = part.merge(before[before["explainer"] == explainer], on=["tissue", "gene"])
        sizes = part.groupby("tissue", sort=False).size()
        shared = both.groupby("tissue").size().reindex(sizes.index, fill_value=0) / sizes
        add("overlap_with_default", str(explainer), "", shared)
    kinds = relations(judged["consistency"])
    for relation, statistic, claim in (
        ("mlp_same_model", "between_explainers_single", "C1"),
        ("mlp_aggregated", "between_explainers", "C1"),
        ("mlp_same_explainer", "single_and_aggregated", "C4"),
    ):
        add(statistic, ALL, claim, kinds.loc[kinds["relation"] == relation, "overlap"])
    return rows


def cnn_modes(context: Context) -> dict[Option, pd.DataFrame]:
    """Return the comparisons of CNNs' replicates in each mode, and as the scripts mix modes."""
    table = context["tables/modes"]
    present = set(table["mode"])
    found = {
        option: table[table["mode"] == option.name]
        for option in CHOICES["mode"].options
        if option.name in present
    }
    if "training" in present:
        alone = table["explainer"] == CAM_EXPLAINER
        fixed = alone & (table["mode"] == "eval")
        found[RELEASED] = table[fixed | (~alone & (table["mode"] == "training"))]
    return found
