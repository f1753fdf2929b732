from __future__ import annotations

import gseapy
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.annotations import GeneSets, load_gene_sets
from helpers.biology.enrichment import (
    GO_COLUMNS,
    background,
    enrich,
    enriched_terms,
    reduce_terms,
)
from helpers.biology.term_agreement import (
    count_terms,
    jaccard_between_explainers,
    jaccard_between_tissues,
    terms_named,
)
from helpers.datasets.reference import reference_medians
from helpers.errors import BadInputError


def library(sets: dict[str, tuple[str, ...]]) -> GeneSets:
    return GeneSets("own", "OWN", "Own", "x", "x", sets, {term: f"name of {term}" for term in sets})


MEASURED = [f"G{i}" for i in range(200)]
LIBRARY = library(
    {
        "first": tuple(MEASURED[:10]),
        "half": (*MEASURED[5:10], "not measured"),
        "other": tuple(MEASURED[100:140]),
        "unmeasured": ("not measured",),
    }
)


@pytest.fixture(scope="module")
def genes() -> list[str]:
    return reference_medians().index.tolist()


@pytest.mark.parametrize("name", ["go_mf", "go_bp"])
def test_p_values_are_those_of_gseapy(genes: list[str], name: str) -> None:
    sets = load_gene_sets(name)
    chosen = np.random.default_rng(0).choice(genes, 100, replace=False).tolist()
    found = enrich(chosen, background(sets, genes)).set_index("term_id")
    own = gseapy.enrich(
        chosen,
        {term: list(of) for term, of in sets.sets.items()},
        background=genes,
        outdir=None,
        no_plot=True,
    )
    oracle = own.results.set_index("Term").loc[found.index]
    assert len(own.results) == len(found)
    np.testing.assert_allclose(found["p"], oracle["P-value"], rtol=1e-12)
    overlap = found["overlap"].astype(str) + "/" + found["size"].astype(str)
    assert overlap.tolist() == oracle["Overlap"].tolist()
    ordered = oracle["Genes"].map(lambda text: ";".join(sorted(text.split(";"))))
    assert found["genes"].tolist() == ordered.tolist()


def test_symbols_in_mixed_case_are_found(genes: list[str]) -> None:
    mixed = [gene for gene in genes if "orf" in gene][:60]
    sets = library({"mixed": tuple(mixed[:20]), "upper": ("ALB", "TP53")})
    assert enrich(mixed, background(sets, genes)).at[0, "overlap"] == 20


def test_counts_and_expectation() -> None:
    table = enrich(["G0", "G5", "G6", "G50"], background(LIBRARY, MEASURED)).set_index("term_id")
    first = table.loc["first"]
    assert (first["overlap"], first["size"], first["genes"]) == (3, 10, "G0;G5;G6")
    assert first["expected"] == pytest.approx(4 * 10 / 200)
    assert first["fold"] == pytest.approx(15)
    assert first["p"] == pytest.approx(stats.hypergeom.sf(2, 200, 10, 4))
    assert table.loc["half", "size"] == 5
    assert set(table.index) == {"first", "half"}


def test_the_false_discovery_rate_counts_sets_without_a_hit() -> None:
    table = enrich(["G0", "G5"], background(LIBRARY, MEASURED))
    # Three sets hold a measured gene; "other" has no hit, so its p is 1.
    expected = stats.false_discovery_control([*table["p"], 1.0])[:2]
    np.testing.assert_allclose(table["fdr"], expected)


@given(st.sets(st.sampled_from(MEASURED), min_size=1))
def test_the_terms_of_a_list_are_the_enriched_ones_of_all_that_are_tested(chosen: set[str]) -> None:
    against = background(LIBRARY, MEASURED)
    table = enrich(sorted(chosen), against)
    missed = len(against.sets) - len(table)
    expected = stats.false_discovery_control([*table["p"], *np.ones(missed)])[: len(table)]
    assert table["fdr"].tolist() == expected.tolist()
    table = table[(table["fdr"] <= 0.05) | (table.index == 0)]
    found = enriched_terms(top({("DeepLift", "liver"): sorted(chosen)}), [against])
    assert found[table.columns].to_numpy().tolist() == table.to_numpy().tolist()


@given(st.sets(st.sampled_from(MEASURED), min_size=1))
def test_no_list_is_better_than_all_hits_and_shares_stay_shares(chosen: set[str]) -> None:
    table = enrich(sorted(chosen), background(LIBRARY, MEASURED))
    assert (table["overlap"] <= table["size"]).all()
    assert table["p"].is_monotonic_increasing
    assert table["fdr"].between(table["p"], 1).all()


def test_genes_that_are_not_measured_or_there_twice_are_refused() -> None:
    with pytest.raises(BadInputError, match=r"hold X, not among the 200 genes measured"):
        enrich(["G1", "X"], background(LIBRARY, MEASURED))
    with pytest.raises(BadInputError, match="hold G1 more than once"):
        enrich(["G1", "G1"], background(LIBRARY, MEASURED))


def test_a_list_outside_all_sets_gives_an_empty_table() -> None:
    assert enrich(["G199"], background(LIBRARY, MEASURED)).empty


def test_redundant_terms_are_dropped_in_order_of_fdr() -> None:
    terms = pd.DataFrame(
        [
            ("parent", 0.02, 0.01, 300, "A;B;C;D"),
            ("child", 0.01, 0.01, 20, "A;B;C"),
            ("inside", 0.03, 0.02, 5, "B"),
            ("apart", 0.04, 0.03, 9, "C;X;Y"),
            ("twin", 0.01, 0.01, 30, "A;B;C"),
        ],
        columns=["term_id", "fdr", "p", "size", "genes"],
        index=[7, 5, 3, 1, 0],
    )
    # child comes first; parent shares 3 of 4 hits with it, apart 1 of 5.
    assert terms.loc[reduce_terms(terms), "term_id"].tolist() == ["child", "apart"]
    assert reduce_terms(terms.iloc[:0]).tolist() == []
    assert "parent" in terms.loc[reduce_terms(terms, similar=0.8), "term_id"].tolist()


def top(lists: dict[tuple[str, str], list[str]]) -> pd.DataFrame:
    rows = [
        ("mlp", explainer, True, tissue, gene)
        for (explainer, tissue), genes in lists.items()
        for gene in genes
    ]
    return pd.DataFrame(rows, columns=["architecture", "explainer", "aggregated", "tissue", "gene"])


TOP = top(
    {
        ("DeepLift", "liver"): MEASURED[:8],
        ("DeepLift", "lung"): [*MEASURED[:5], *MEASURED[60:62]],
        ("DeepLift", "ovary"): MEASURED[100:120],
        ("Saliency", "liver"): MEASURED[:6],
        ("Saliency", "lung"): [*MEASURED[150:155], "G0"],
        ("Saliency", "ovary"): MEASURED[170:180],
    }
)


@pytest.fixture(scope="module")
def go() -> pd.DataFrame:
    return enriched_terms(TOP, [background(LIBRARY, MEASURED)])


def test_each_list_has_its_enriched_terms_or_its_best(go: pd.DataFrame) -> None:
    assert list(go.columns) == GO_COLUMNS
    counts = count_terms(go).set_index(["explainer", "tissue"])
    assert counts.loc[("DeepLift", "ovary"), "terms"] == 1
    assert counts.loc[("Saliency", "lung"), "terms"] == 0
    assert counts.loc[("Saliency", "lung"), "smallest_fdr"] > 0.05
    # No gene of this list is in any set.
    assert ("Saliency", "ovary") not in counts.index
    assert not go.loc[go["fdr"] > 0.05, "reduced"].any()
    assert (counts["reduced"] <= counts["terms"]).all()


def test_terms_are_compared_between_tissues_and_explainers(go: pd.DataFrame) -> None:
    tissues = jaccard_between_tissues(go).set_index(["explainer", "a", "b"])["jaccard"]
    # liver: first and half; lung: first; ovary: other.
    assert tissues["DeepLift", "liver", "lung"] == pytest.approx(0.5)
    assert tissues["DeepLift", "liver", "ovary"] == 0
    table = jaccard_between_explainers(go).set_index("tissue")
    assert (table.loc["liver", "a"], table.loc["liver", "b"]) == ("DeepLift", "Saliency")
    assert table.loc["liver", "jaccard"] == table.loc["liver", "shared"] / 2
    assert "ovary" not in table.index


def test_terms_are_found_by_name(go: pd.DataFrame) -> None:
    found = terms_named(go, ["nothing", "OF FIRST"])
    assert set(found["term_id"]) == {"first"}
    assert set(found["word"]) == {"OF FIRST"}
    assert "lung" not in set(found.loc[found["explainer"] == "Saliency", "tissue"])


def test_nothing_enriched_is_a_table_too() -> None:
    alone = top({("DeepLift", "liver"): MEASURED[180:190]})
    table = enriched_terms(alone, [background(LIBRARY, MEASURED)])
    assert list(table.columns) == GO_COLUMNS
    assert table.empty
    assert count_terms(table).empty
    assert jaccard_between_tissues(table).empty


def test_missing_columns_are_named() -> None:
    with pytest.raises(BadInputError, match="table of top genes has no column 'tissue'"):
        enriched_terms(TOP.drop(columns="tissue"), [background(LIBRARY, MEASURED)])
    with pytest.raises(BadInputError, match="table of enriched terms has no column 'fdr'"):
        count_terms(pd.DataFrame(columns=[c for c in GO_COLUMNS if c != "fdr"]))


def test_liver_genes_are_those_of_the_liver(genes: list[str]) -> None:
    chosen = ["ALB", "APOA1", "APOA2", "APOB", "APOC1", "APOC2", "APOC3", "APOH", "LPA", "CETP"]
    table = enrich(chosen, background(load_gene_sets("go_mf"), genes))
    best = table.loc[table["fdr"] <= 0.001, "term"]
    assert best.str.contains("lipoprotein").any()
