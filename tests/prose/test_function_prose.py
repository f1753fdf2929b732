"""Sentences about function and cancer hold the numbers of the tables they are made from."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
from said import said, table_rows

from helpers.annotations import GeneList, match
from helpers.prose import cancer, enrichment, regulators

THIN = "\u202f"

WITHIN = {
    "strongest_terms": "ontologies",
    "terms_of_the_paper": "groups",
    "term_counts": "groups",
    "regulators": "groups",
    "top_genes_different": "sides",
    "segregation": "explainers",
    "marker": "explainers",
}
"""Blocks that say the same of several, and what these are called."""
CHAPTERS = {enrichment: "10_gene_ontology", regulators: "11_transcription_factors"}
LABORATORIES = cancer.batch_effects(pd.DataFrame())
NO_PAIRS = {"pairs": 0, "apart": 0, "normal": [], "cancer": []}


def sentence(room: ModuleType, block: str, *given: object, **more: object) -> str:
    """Return what a chapter says on what a function of the room found."""
    facts = getattr(room, block)(*given)
    if block in WITHIN:
        facts = {WITHIN[block]: [{"name": "X", "architecture": "mlp", "networks": 1} | facts]}
    return said(CHAPTERS.get(room, "12_cancer"), block, facts, **more)


def test_coverage_has_a_line_for_each_annotation() -> None:
    matches = [
        match("Some", ["A", "B", "C"], ["B", "X"]),
        match("Many", [f"G{i:02d}" for i in range(30)], ["G00"]),
        match("Other names", ["A", "B"], ["ENSG01"]),
        match("All", ["A"], ["A"]),
    ]
    some, many, none, every = sentence(enrichment, "coverage", matches).splitlines()
    assert some == (
        "- Some: 1 of its 3 genes are among the 2 measured. Not measured, and left out: A, C."
    )
    assert many.endswith("G08 and 21 more.")
    assert none.endswith("give them symbols such as A, B.")
    assert every == "- All: 1 of its 1 genes are among the 1 measured."


def test_terms_are_counted_by_explainer() -> None:
    counts = pd.DataFrame(
        {"explainer": ["DeepLift"] * 3 + ["Saliency"], "tissue": [*"abc", "a"],
         "ontology": "MF", "terms": [5, 0, 1, 0]}
    )  # fmt: skip
    text = sentence(enrichment, "term_counts", counts)
    assert text.startswith(
        "On X the top genes of 1 of 2 explainers have enriched terms, up to 5 terms in a list."
    )
    assert table_rows(text) == [
        ["networks, aggregated", "explainer", "lists with enriched terms", "terms in a list"],
        ["X", "DeepLift", "2 of 3", "0 to 5"],
        ["X", "Saliency", "0 of 1", "0"],
    ]
    none = sentence(enrichment, "term_counts", counts.assign(terms=0))
    assert none.startswith("On X no term is enriched among the top genes of any explainer.")


GO = pd.DataFrame(
    {
        "tissue": ["liver", "liver", "lung"], "term": ["lipoprotein binding", "twin", "far"],
        "fdr": [0.001, 0.002, 0.3], "p": [1e-5, 1e-4, 0.1], "fold": [12.4, 3.0, 2.0],
        "reduced": [True, False, False], "word": ["lipoprotein", "x", "x"],
    }
)  # fmt: skip


def test_the_strongest_terms_are_named_and_none_is_said() -> None:
    text = sentence(enrichment, "strongest_terms", GO)
    assert text.startswith("Of 2 lists (a tissue, a library), 1 has an enriched term.")
    assert table_rows(text)[1:] == [
        ["X", "liver", "lipoprotein binding (12-fold)"],
        ["X", "lung", "none (smallest false discovery rate 0.3)"],
    ]
    assert "twin" not in text
    named = sentence(enrichment, "terms_of_the_paper", GO.iloc[:1], ["lipoprotein", "CCR7"])
    assert named.startswith("X. Of these words, in enriched terms here:")
    assert named.endswith("“lipoprotein” in liver; “CCR7” nowhere.")


def agreement_of_terms(*tables: pd.DataFrame) -> str:
    found = [
        {"name": name} | enrichment.agreement_of_terms(table, "tissues")
        for name, table in zip("AB", tables, strict=False)
    ]
    return said("10_gene_ontology", "agreement_between_tissues", explainers=found)


def test_agreement_of_terms_names_the_extremes() -> None:
    table = pd.DataFrame(
        {"a": ["liver", "liver"], "b": ["lung", "ovary"], "jaccard": [0.1, 0.5], "shared": [1, 2]}
    )
    assert agreement_of_terms(table, table.assign(jaccard=[0.0, 0.2])) == (
        "Two tissues share most of their enriched terms by A (mean Jaccard index 0.30; liver and "
        "ovary most, 0.50) and least by B (0.10)."
    )
    assert agreement_of_terms(table.iloc[:1]).startswith("Two tissues share 0.10 of their enriched")
    nothing = agreement_of_terms(table.assign(jaccard=float("nan")))
    assert nothing == "No two tissues have enriched terms to compare."
    facts = enrichment.agreement_of_terms(table.iloc[:1], "explainers")
    words = said("10_gene_ontology", "agreement_between_explainers", group=facts)
    assert words.startswith("Group II: Over 1 pair of explainers, the enriched terms have")


def test_regulators_beyond_chance_are_named() -> None:
    table = pd.DataFrame(
        {
            "explainer": ["DeepLift", "DeepLift", "Saliency"],
            "tissue": ["liver", "ovary", "liver"],
            "set": "transcription_factors", "source": "go", "hits": [1, 15, 8], "size": 100,
            "expected": 7.3, "fold": [0.14, 2.05, 1.1], "fdr": [0.01, 0.02, 0.9],
        }
    )  # fmt: skip
    text = sentence(regulators, "regulators", table)
    assert text.startswith(
        "Of MLPs, 1 of 2 explainers name more transcription factors (GO) than chance in a tissue "
        "and 1 names fewer; chance is 7.3 of 100 top genes"
    )
    assert table_rows(text)[1:] == [
        ["MLP, GO", "DeepLift", "1 to 15", "0.1 to 2.0", "ovary", "liver"],
        ["MLP, GO", "Saliency", "8", "1.1", "–", "–"],
    ]
    none = sentence(regulators, "regulators", table.assign(fdr=0.9))
    assert "no explainer names more transcription factors (GO) than chance and none fewer" in none


def lists_compared(lists: list[GeneList]) -> str:
    facts = regulators.lists_compared(lists)
    return said("11_transcription_factors", "lists", facts, annotations=[])


def test_lists_of_regulators_are_compared_with_those_given_or_published() -> None:
    def entry(name: str, source: str, genes: str) -> GeneList:
        return GeneList(name, source, "title", "licence", frozenset(genes))

    ours = [entry("transcription_factors", "go", "abc"), entry("cofactors", "go", "xy")]
    text = lists_compared(ours)
    assert "GO lists 2 cofactors, AnimalTFDB 1,025." in text
    assert "are the published ones" in text
    text = lists_compared([*ours, entry("cofactors", "animaltfdb", "yzw")])
    assert "GO lists 3 transcription factors, AnimalTFDB 1,665." in text
    assert "GO lists 2 cofactors, AnimalTFDB 3; 1 gene in both." in text


PAIRS = pd.DataFrame(
    {"organ": ["liver"], "normal": ["liver"], "cancer": ["TCGA_LIHC"], "n_normal": [30],
     "n_cancer": [25]}
)  # fmt: skip


def test_pairs_and_those_left_out_are_named() -> None:
    out = pd.DataFrame({"organ": ["eye"], "tissue": ["TCGA_UVM"], "reason": ["no normal class"]})
    text = sentence(cancer, "pairs", PAIRS, out)
    assert text.startswith("1 pair of a normal tissue and a cancer is compared. What is left out")
    assert table_rows(text)[1:] == [
        ["TCGA_LIHC", "liver", "25", "30"],
        ["TCGA_UVM", "left out: no normal class", "–", "–"],
    ]
    two = pd.concat([out, out.assign(tissue="TCGA_SKCM")])
    assert table_rows(sentence(cancer, "pairs", PAIRS, two))[2][0] == "TCGA_UVM and TCGA_SKCM"
    assert "left out" not in sentence(cancer, "pairs", PAIRS, out.iloc[:0])
    assert sentence(cancer, "pairs", PAIRS.iloc[:0], out).startswith("No cancer can be compared.")


def test_shares_of_all_and_of_top_genes() -> None:
    de = pd.DataFrame(
        {"normal": "liver", "cancer": "TCGA_LIHC", "direction": ["up", "up", "down", "none"],
         "fold_change": [2.0, 3.0, -3.0, 0.5]}
    )  # fmt: skip
    text = sentence(cancer, "different", de)
    assert text.startswith(f"75{THIN}% of all genes differ between liver and TCGA_LIHC.")
    assert table_rows(text)[1] == ["liver", "TCGA_LIHC", f"75{THIN}%", "2", "1", "+1.25"]
    assert "composition" not in text
    moved = sentence(
        cancer, "different", pd.concat([de, de.assign(normal="pancreas", fold_change=1.6)])
    )
    assert "In 1 of 2 pairs the median gene changes as much" in moved
    assert moved.startswith(f"Between 75{THIN}% (liver and TCGA_LIHC) and")
    shares = pd.DataFrame(
        {"explainer": "DeepLift", "normal": "lung", "cancer": ["TCGA_LUAD", "TCGA_LUSC"],
         "share": [0.4, 0.8], "fold": [1.5, 2.5], "chance": 0.3}
    )  # fmt: skip
    text = sentence(cancer, "top_genes_different", shares)
    assert text.startswith(
        "Top genes of the X differ 2.0 times as often as by chance by DeepLift, the median of 2 "
        "pairs"
    )
    assert table_rows(text)[1] == ["X", "DeepLift", f"40{THIN}% to 80{THIN}%", "1.5 to 2.5", "2.0"]
    assert "The other way round" not in text
    fewer = sentence(cancer, "top_genes_different", shares.assign(fold=[0.5, 2.5]))
    assert (
        "The other way round, fewer top genes differ than of all genes, in lung and TCGA_LUAD "
        "(1 of 1 explainer)."
    ) in fewer
    two = pd.concat([shares, shares.assign(explainer="Saliency", fold=1.0)])
    assert "differ 1.0 times (Saliency) to 2.0 times (DeepLift) as often" in sentence(
        cancer, "top_genes_different", two
    )


def test_the_studies_effect_is_said_or_that_it_cannot_be_known() -> None:
    table = pd.DataFrame(
        {
            "organ": "kidney", "comparison": ["studies", "cancer, same study"],
            "a": ["kidney (GTEx)", "kidney (TCGA)"], "b": ["kidney (TCGA)", "TCGA_KICH (TCGA)"],
            "n_a": [32, 25], "n_b": [25, 60], "share": [0.001, 0.2],
        }
    )  # fmt: skip
    found = cancer.batch_effects(table)
    text = said("12_cancer", "confounding", NO_PAIRS | found)
    assert f"In kidney, 0.1{THIN}% of the genes differ" in text
    assert "(kidney (GTEx), 32; kidney (TCGA), 25)" in text
    assert f"20.0{THIN}% between normal samples and tumours of the same study." in text
    found = cancer.batch_effects(table.iloc[:0])
    assert "cannot be measured" in said("12_cancer", "confounding", NO_PAIRS | found)


def test_laboratory_and_cancer_are_told_apart_only_where_a_study_gave_both() -> None:
    classes = pd.DataFrame(
        {
            "class": ["liver", "TCGA_LIHC", "lung", "TCGA_LUAD"],
            "study": ["HPA", "TCGA", "GTEx, TCGA", "TCGA"],
        }
    )
    pairs = pd.DataFrame({"normal": ["liver", "lung"], "cancer": ["TCGA_LIHC", "TCGA_LUAD"]})
    text = sentence(cancer, "confounding", pairs, classes, **LABORATORIES)
    assert "In 1 of 2 pairs all normal samples come from HPA and all tumours from TCGA" in text
    assert "In every pair all normal samples" in sentence(
        cancer, "confounding", pairs.iloc[:1], classes, **LABORATORIES
    )
    assert "gave both normal samples and tumours" in sentence(
        cancer, "confounding", pairs.iloc[1:], classes, **LABORATORIES
    )
    assert "no pair" in sentence(cancer, "confounding", pairs.iloc[:0], classes, **LABORATORIES)


def test_without_pairs_or_terms_there_is_a_sentence() -> None:
    empty = pd.DataFrame()
    for block in ("different", "top_genes_different", "segregation"):
        assert "There is no pair of a normal tissue and" in sentence(cancer, block, empty)
    for block in ("strongest_terms", "term_counts"):
        text = sentence(enrichment, block, empty)
        assert text.lower().endswith("no gene set holds any of these top genes.")


def test_segregation_says_which_way_each_group_goes() -> None:
    summary = pd.DataFrame(
        {
            "normal": "liver", "cancer": "TCGA_LIHC",
            "group": ["normal_only", "both", "cancer_only"],
            "genes": [10, 0, 20], "down": [9, 0, 1], "none": [1, 0, 4], "up": [0, 0, 15],
        }
    )  # fmt: skip
    text = sentence(cancer, "segregation", summary)
    assert "more often than they fall, by 1 of 1 explainer." in text
    assert table_rows(text)[1:] == [
        ["X (1 pair)", "of the normal tissue only", "10", f"90{THIN}%", f"0{THIN}%"],
        ["X (1 pair)", "of both", "none", "–", "–"],
        ["X (1 pair)", "of the cancer only", "20", f"5{THIN}%", f"75{THIN}%"],
    ]
    turned = sentence(cancer, "segregation", summary.assign(down=[0, 0, 9], up=[9, 0, 1]))
    assert "by 0 of 1 explainer." in turned


def test_the_rank_of_a_marker_is_told_in_order() -> None:
    ranks = pd.DataFrame(
        {"gene": "GPC3", "tissue": ["liver", "TCGA_LIHC", "ovary"], "rank": [3000, 4, 2],
         "genes": 19000}
    )  # fmt: skip
    text = sentence(cancer, "marker", ranks, "GPC3", 100)
    assert text.startswith(
        "GPC3 is among the first 100 of 19,000 genes in some class for 1 of 1 explainer."
    )
    assert table_rows(text)[1] == [
        "X",
        "number 2 in ovary and number 4 in TCGA_LIHC",
        "3,000 in liver",
    ]
    nowhere = sentence(cancer, "marker", ranks.iloc[:1], "GPC3", 100)
    assert table_rows(nowhere)[1] == ["X", "nowhere", "3,000 in liver"]
    unknown = sentence(cancer, "marker", ranks, "AFP", 100)
    assert unknown == "AFP is not among the genes of these data."


def shared(summary: pd.DataFrame) -> str:
    return said("12_cancer", "shared", found=cancer.shared(summary), models=3, tumour_samples=5)


def test_facts_of_cancer_are_numbers() -> None:
    de = pd.DataFrame(
        {"normal": "liver", "cancer": "TCGA_LIHC", "direction": ["up", "none"],
         "fold_change": [4.0, 0.0]}
    )  # fmt: skip
    assert cancer.different(de)["pairs"] == [
        {"normal": "liver", "cancer": "TCGA_LIHC", "share": 0.5, "up": 1, "down": 0, "median": 2.0,
         "moved": True}
    ]  # fmt: skip
    assert cancer.pairs(PAIRS, pd.DataFrame({"reason": []})) == {
        "pairs": [{"cancer": "TCGA_LIHC", "n_cancer": 25, "normal": "liver", "n_normal": 30}],
        "left_out": [],
    }


def test_shared_genes_are_counted_and_known_ones_named() -> None:
    summary = pd.DataFrame(
        {"cancers": [33], "samples": [165], "samples_per_cancer": [5.0], "genes": [1179],
         "specific": [900], "share_specific": [0.763], "known": [27], "most_types": [6]}
    )  # fmt: skip
    text = shared(summary)
    assert "1,179 genes are shared by samples of one of 33 cancers (5 samples of each" in text
    assert f"76{THIN}% are shared within one cancer only, and none in more than 6." in text
    assert "27 are known cancer genes." in text
    assert "No gene is shared" in shared(summary.assign(genes=0))
    genes = pd.DataFrame({"gene": ["SFRP2", "TP53"], "role": ["suppressor"] * 2, "types": [4, 1]})
    named = sentence(cancer, "known", genes, "Bailey")
    assert "Of 2 known cancer genes (Bailey), two or more cancers share 1, and 1 belong" in named
    assert "SFRP2 (suppressor, 4 cancers) and TP53 (suppressor, 1 cancer)" in named
    assert sentence(cancer, "known", genes.iloc[:0], "Bailey").startswith(
        "None of the shared genes"
    )
