"""Steps: the paper's statements, judged by their plain rules on networks that know nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from helpers.annotations import (
    cancer_gene_files,
    cancer_gene_roles,
    cofactor_files,
    gene_set_files,
    load_gene_sets,
    regulator_lists,
    transcription_factor_files,
)
from helpers.biology.cancer import paired, segregation, share_different
from helpers.biology.enrichment import background, enriched_terms
from helpers.biology.expression_status import top_expressed
from helpers.biology.housekeeping import HOUSEKEEPING_RULES
from helpers.biology.over_representation import gene_set, over_representation
from helpers.biology.profiles import distinct_genes, tissue_overlap
from helpers.biology.regulators import regulators
from helpers.biology.shared_cancer import shared_top_genes
from helpers.biology.specificity import own_tissue_specificity
from helpers.claims.constant_lists import without_constant_lists
from helpers.claims.control import (
    CONTROL,
    JUDGED_COLUMNS,
    KINDS,
    compared_number,
    plain_verdict,
    summary,
)
from helpers.claims.inputs import as_rules_read
from helpers.claims.rulebook import CONTROLLED, PLAIN_RULES
from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.stability.combinations import COMBINATION, split_name
from helpers.stability.groups import PAPER_GROUPS
from helpers.stability.overlap import list_length
from helpers.study.controls.lists import COLUMNS, LISTS, unpacked
from helpers.study.controls.networks import OWN, SIZE_SETTINGS, ensemble_size, number_of
from helpers.study.formats import TABLE
from helpers.study.top_genes.expression_status import tissue_means
from helpers.study.top_genes.specificity import COUNTED, DEFINITIONS, sets_of
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

JUDGED = "control/judged"

KEYS = [*COMBINATION, "tissue"]

OF_CNNS = ("expression", "specificity", "housekeeping", "regulators", "distinct_genes",
           "tissue_overlap", "top_genes", "top_lists", "own_specificity")  # fmt: skip
"""Tables of the run whose rows on averages of CNNs stay: no CNN is trained on shuffled labels."""

_FACTS = ("data/expression", "data/tissues", "tables/explained", "tables/specific_sets",
          "tables/housekeeping_genes", "tables/cancer_de",
          *(f"tables/{name}" for name in OF_CNNS))  # fmt: skip

_FILES = {
    "gene_set_libraries": gene_set_files,
    "transcription_factor_file": transcription_factor_files,
    "cofactor_file": cofactor_files,
    "cancer_gene_file": cancer_gene_files,
}


class Facts:
    """What lists are compared with, read once for all that are judged."""

    def __init__(self, context: Context) -> None:
        chosen = context.settings
        self.means = tissue_means(context)
        self.measured = self.means.index.tolist()
        self.highest = top_expressed(self.means, list_length(chosen.top, len(self.means)))
        self.specific = sets_of(context["tables/specific_sets"], COUNTED)
        genes = context["tables/housekeeping_genes"]
        self.housekeeping = pd.concat(
            [
                gene_set(name, genes.loc[genes["rule"] == name, "gene"])
                for name in HOUSEKEEPING_RULES
            ],
            ignore_index=True,
        )
        self.own = own_tissue_specificity(self.means)
        self.known = regulator_lists(chosen.transcription_factor_file, chosen.cofactor_file)
        self.libraries = [
            background(load_gene_sets(name), self.measured) for name in chosen.gene_set_libraries
        ]
        self.different = paired(context["tables/cancer_de"])
        self.roles = cancer_gene_roles(chosen.cancer_gene_file)
        self.normal = set(context["tables/explained"]["tissue"])
        self.of_cnns = {name: _of_cnns(context[f"tables/{name}"]) for name in OF_CNNS}

    def tables_of(self, found: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Make all tables that rules on lists read, from those of one ensemble of MLPs."""
        every = found["lists"].assign(architecture="mlp", aggregated=True)
        lists = every[every["tissue"].isin(self.normal)].reset_index(drop=True)
        count = partial(over_representation, keys=KEYS, matching=None)
        correlations = found["correlations"].assign(architecture="mlp", aggregated=True)
        hits = count(lists, self.highest, self.means)
        tables = {
            "expression": hits.merge(
                correlations.drop(columns="kind"), on=KEYS, validate="one_to_one"
            ).assign(genes=len(self.means)),
            "specificity": count(lists, self.specific, self.means),
            "housekeeping": count(lists, self.housekeeping, self.means),
            "regulators": regulators(lists, self.known, self.measured),
            "distinct_genes": distinct_genes(lists),
            "tissue_overlap": tissue_overlap(lists),
            "top_genes": lists,
            "top_lists": lists,
            "own_specificity": self._own_specificity(lists),
        }
        for name, rows in self.of_cnns.items():
            tables[name] = pd.concat([tables[name], rows], ignore_index=True)
        own = tables["own_specificity"]
        tables["own_specificity"] = own.drop_duplicates(["gene", "tissue"], ignore_index=True)
        tables["go"] = enriched_terms(lists, self.libraries)
        tables["cancer_shares"] = share_different(every, self.different)
        tables["segregation"] = segregation(every, self.different)
        tables["marker_ranks"] = found["markers"]
        tables["tumour_top_genes"] = found["tumours"]
        tables["shared_cancer_genes"] = shared_top_genes(found["tumours"], self.roles)
        return without_constant_lists(as_rules_read(tables))

    def _own_specificity(self, lists: pd.DataFrame) -> pd.DataFrame:
        listed = lists[["gene", "tissue"]].drop_duplicates(ignore_index=True)
        rows = self.own.index.get_indexer(pd.Index(listed["gene"]))
        columns = self.own.columns.get_indexer(pd.Index(listed["tissue"]))
        return listed.assign(specificity=self.own.to_numpy()[rows, columns])


def _of_cnns(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows on averages of CNNs; a table without architectures is about genes."""
    if "architecture" not in table:
        return table
    return table[(table["architecture"] == "cnn") & table["aggregated"].astype(bool)]


def _by_kind(tables: Any) -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    """Yield the kinds of networks of a member, with their tables."""
    every = {name: unpacked(tables, name) for name in COLUMNS if name != "similarity"}
    for kind in dict.fromkeys(every["lists"]["kind"]):
        yield str(kind), {name: table[table["kind"] == kind] for name, table in every.items()}


PARTS = ("first", "second")
"""The ensembles are judged in two parts, since what lists are compared with takes long to read."""


def parts(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the parts."""
    return list(PARTS)


def make_judged(context: Context, part: str) -> pd.DataFrame:
    """Judge every statement of the control by its plain rule, on every other ensemble."""
    facts = Facts(context)
    rows: list[list[Any]] = []
    for member in context.members(LISTS)[PARTS.index(part) :: len(PARTS)]:
        replicate = 0 if member == OWN else number_of(member)
        for kind, found in _by_kind(context.member(LISTS, member)):
            tables = facts.tables_of(found)
            for claim in CONTROLLED:
                rule = PLAIN_RULES[claim]
                verdict = plain_verdict(rule, tables)
                number = compared_number(rule, tables, verdict)
                rows.append(
                    [claim, kind, replicate, verdict.verdict, verdict.observed, number,
                     verdict.reason]
                )  # fmt: skip
    return pd.DataFrame(rows, columns=JUDGED_COLUMNS)


def make_know_nothing(context: Context) -> pd.DataFrame:
    """Put the verdicts on all networks below each other."""
    together = pd.concat([table for _, table in context.each(JUDGED)], ignore_index=True)
    places = {kind: place for place, kind in enumerate(KINDS)}
    order = together.assign(place=together["kind"].map(places))
    return order.sort_values(["place", "replicate"], kind="stable", ignore_index=True)[
        JUDGED_COLUMNS
    ]


def make_control(context: Context) -> pd.DataFrame:
    """Summarise them: a permutation p-value, and who of those that know nothing meets the rule."""
    judged = context["tables/know_nothing"]
    directions = {
        claim: compared.supports
        for claim in CONTROLLED
        if (compared := PLAIN_RULES[claim].compared) is not None
    }
    return summary(judged, directions, ensemble_size(context.settings))


OF_GROUP_II = tuple(split_name(name)[1] for name in PAPER_GROUPS["II"])

DEFINITION_COLUMNS = ["labels", "set", "tissue", "set_size", "explainer", "share"]


def make_specific_control(context: Context) -> pd.DataFrame:
    """Count tissue-specific genes by every definition, with true and with shuffled labels.

    A definition by which networks do better that learnt shuffled labels does not measure what
    networks learn (statements E10 and E11). Of shuffles the mean stands.
    """
    normal = set(context["tables/explained"]["tissue"])
    sets, means = sets_of(context["tables/specific_sets"], DEFINITIONS), tissue_means(context)
    shares = []
    for member, tables in context.each(LISTS):
        for kind, found in _by_kind(tables):
            lists = found["lists"]
            lists = lists[lists["tissue"].isin(normal) & lists["explainer"].isin(OF_GROUP_II)]
            counts = over_representation(
                lists, sets, means, keys=["explainer", "tissue"], matching=None
            )
            share = counts["hits"] / counts["size"]
            shares.append(counts.assign(labels=kind, share=share, member=member))
    keys = ["labels", "set", "tissue", "set_size", "explainer"]
    together = pd.concat(shares, ignore_index=True)
    return together.groupby(keys, sort=False)["share"].mean().reset_index()[DEFINITION_COLUMNS]


def make_networks(context: Context) -> pd.DataFrame:
    """List the networks of the control: how accurate they are, and when their training was best."""
    found = [
        unpacked(tables, "networks").assign(replicate=0 if member == OWN else number_of(member))
        for member, tables in context.each(LISTS)
    ]
    columns = ["kind", "replicate", "model", "accuracy", "best_epoch", "epochs"]
    return pd.concat(found, ignore_index=True)[columns]


def make_cascade(context: Context) -> pd.DataFrame:
    """Show how far explanations of a network are still the same as its layers are drawn anew."""
    return unpacked(context.member(LISTS, OWN), "similarity")


def _borrowed(settings: Settings) -> bool:
    return settings.control_beside == "headline"


STEPS = (
    Step(
        name=JUDGED,
        path="control/judged-{member}.csv",
        form=TABLE,
        make=make_judged,
        title="Judging claims on networks that know nothing",
        inputs=(*_FACTS, LISTS),
        settings=("top",),
        named_files=_FILES,
        members=parts,
        parallel=True,
    ),
    table_step(
        "know_nothing",
        make_know_nothing,
        "Judging claims on networks that know nothing",
        inputs=(JUDGED,),
        borrowed=_borrowed,
    ),
    table_step(
        CONTROL,
        make_control,
        "Comparing claims with shuffled labels",
        text=("supports", "output", "hidden", "untrained"),
        inputs=("tables/know_nothing",),
        settings=SIZE_SETTINGS,
        borrowed=_borrowed,
    ),
    table_step(
        "specific_control",
        make_specific_control,
        "Counting tissue-specific genes on shuffled labels",
        inputs=("data/tissues", "tables/specific_sets", "tables/explained", LISTS),
        borrowed=_borrowed,
    ),
    table_step(
        "control_networks",
        make_networks,
        "Measuring networks that know nothing",
        inputs=(LISTS,),
        borrowed=_borrowed,
    ),
    table_step(
        "cascade",
        make_cascade,
        "Comparing explanations of random weights",
        text=("models",),
        inputs=(LISTS,),
        borrowed=_borrowed,
    ),
)
