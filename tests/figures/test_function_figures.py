"""Figures of function and cancer: the same bytes twice, on the page, and true to their tables."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
import nasty
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.figures import cancer, function, style

RNG = np.random.default_rng(0)
TISSUES = ["liver", "thyroid_gland", "ovary"]
LONG = "oxidoreductase activity, acting on paired donors, with incorporation or reduction of oxygen"

GO = pd.DataFrame(
    [
        ("mlp", explainer, True, tissue, "MF", f"GO:{number}",
         f"term {number} {LONG}"[: 20 * number], 2 * number, 30, 0.2, 10.0, 1e-6, 10.0**-number,
         "A;B", True)
        for explainer in ("DeepLift", "Saliency")
        for tissue in TISSUES[:2]
        for number in range(2, 7)
    ],
    columns=["architecture", "explainer", "aggregated", "tissue", "ontology", "term_id", "term",
             "overlap", "size", "expected", "fold", "p", "fdr", "genes", "reduced"],
)  # fmt: skip
REGULATORS = pd.DataFrame(
    [
        (architecture, explainer, aggregated, tissue, name, fold, 0.5 * fold, 1.6 * fold + 0.2, fdr)
        for architecture, aggregated in (("mlp", True), ("mlp", False), ("cnn", True))
        for explainer in ("Saliency", "DeepLift")
        for tissue in TISSUES
        for name in function.SET_NAMES
        for fold, fdr in [(RNG.uniform(0, 3), RNG.uniform(0, 0.2))]
    ],
    columns=["architecture", "explainer", "aggregated", "tissue", "set", "fold", "fold_low",
             "fold_high", "fdr"],
)  # fmt: skip
CHANGE = RNG.normal(0, 2, 300)
DE = pd.DataFrame(
    {
        "gene": [f"G{i}" for i in range(100)] * 3, "fold_change": CHANGE,
        "normal": ["liver"] * 100 + ["lung"] * 200, "p": 0.1,
        "cancer": ["TCGA_LIHC"] * 100 + ["TCGA_LUAD"] * 100 + ["TCGA_LUSC"] * 100,
        "fdr": np.where(np.arange(300) == 5, 0, 10 ** -np.abs(3 * CHANGE)),
        "direction": np.where(CHANGE > 1.6, "up", np.where(CHANGE < -1.6, "down", "none")),
        "n_normal": 30, "n_cancer": 25,
    }
)  # fmt: skip
NAMED = pd.DataFrame(
    {"cancer": ["TCGA_LIHC", "TCGA_LIHC", "TCGA_LUAD", "TCGA_OV"], "gene": ["G5", "G6", "G7", "G8"]}
)
PAIRS = [("liver", "TCGA_LIHC"), ("lung", "TCGA_LUAD"), ("lung", "TCGA_LUSC")]
SHARES = pd.DataFrame(
    [(explainer, tissue, *pair, RNG.uniform(), 0.3)
     for explainer in ("DeepLift", "Saliency") for pair in PAIRS for tissue in pair],
    columns=["explainer", "tissue", "normal", "cancer", "share", "chance"],
)  # fmt: skip
SUMMARY = pd.DataFrame(
    [(explainer, *pair, group, 60, 20, 30, 10)
     for explainer in ("DeepLift", "Saliency") for pair in PAIRS
     for group in cancer.SEGREGATION_LABELS],
    columns=["explainer", "normal", "cancer", "group", "genes", "down", "none", "up"],
)  # fmt: skip
SHARED = pd.DataFrame(
    {
        "gene": ["A", "B", "C", "A", "D"], "cancer": ["TCGA_X"] * 3 + ["TCGA_Y"] * 2,
        "samples": [2, 3, 5, 2, 4], "types": [2, 1, 1, 2, 1],
        "role": ["oncogene", "none", "suppressor", "oncogene", "none"],
    }
)  # fmt: skip

FIGURES: dict[str, Callable[[], Figure]] = {
    "enriched_terms": lambda: function.enriched_terms(GO[GO["explainer"] == "DeepLift"]),
    "enriched_by_explainer": lambda: function.enriched_terms(
        GO[GO["tissue"] == "liver"], along="explainer"
    ),
    "nothing_enriched": lambda: function.enriched_terms(GO.assign(fdr=0.5, reduced=False)),
    "no_terms": lambda: function.enriched_terms(GO.iloc[:0]),
    "no_volcano": lambda: cancer.volcano(DE.iloc[:0]),
    "no_shares": lambda: cancer.shares_different(SHARES.iloc[:0]),
    "no_segregation": lambda: cancer.segregation(SUMMARY.iloc[:0], ["DeepLift"]),
    "nothing_shared": lambda: cancer.shared_genes(SHARED.iloc[:0]),
    "nothing_known_or_shared": lambda: cancer.known_genes(SHARED.iloc[:0]),
    "regulators": lambda: function.regulators(REGULATORS),
    "one_set": lambda: function.regulators(REGULATORS[REGULATORS["set"] == "cofactors"], ["liver"]),
    "volcano": lambda: cancer.volcano(DE, NAMED),
    "one_volcano": lambda: cancer.volcano(DE.iloc[:100]),
    "shares_different": lambda: cancer.shares_different(SHARES),
    "segregation": lambda: cancer.segregation(SUMMARY, ["DeepLift", "Saliency"]),
    "shared_genes": lambda: cancer.shared_genes(SHARED),
    "equally_shared_genes": lambda: cancer.shared_genes(SHARED.assign(samples=1)),
    "known_genes": lambda: cancer.known_genes(SHARED),
    "no_known_genes": lambda: cancer.known_genes(SHARED.assign(role="none")),
}


def rendered(make: Callable[[], Figure]) -> bytes:
    figure, buffer = make(), io.BytesIO()
    with style.journal():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_data_give_the_same_bytes(name: str) -> None:
    assert rendered(FIGURES[name]) == rendered(FIGURES[name])


@pytest.mark.parametrize("name", FIGURES)
def test_figures_fit_the_page_and_their_text_is_large_enough(name: str) -> None:
    figure = FIGURES[name]()
    assert figure.get_figwidth() <= style.WIDTH
    labels = [
        label
        for axis in figure.axes
        for label in (*axis.get_xticklabels(), *axis.get_yticklabels(), axis.xaxis.label)
        if label.get_text()
    ]
    assert min((label.get_fontsize() for label in labels), default=7.5) >= 7
    plt.close(figure)


def texts(figure: Figure) -> list[str]:
    plt.close(figure)
    return [label.get_text() for axis in figure.axes for label in axis.get_yticklabels()]


def test_a_term_has_one_line_of_dots_wherever_it_is_enriched() -> None:
    figure = FIGURES["enriched_terms"]()
    dots = figure.axes[0].collections[0].get_offsets()
    assert len(dots) == 10
    assert len(np.unique(dots[:, 1])) == 5
    plt.close(figure)


def test_the_strongest_terms_are_drawn_wherever_they_stand_in_the_table() -> None:
    # As in go.csv: one ontology after the other, so the strongest terms may come last.
    part = GO[(GO["explainer"] == "DeepLift") & (GO["tissue"] == "liver")].sort_values("term_id")
    figure = function.enriched_terms(part.assign(ontology=["MF"] * 3 + ["BP"] * 2), terms=2)
    names = dict(zip(part["term"], part["term_id"], strict=True))
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    # Long ones lose their middle.
    starts = [label.replace("\n", " ").partition("…")[0] for label in shown]
    found = [term for start in starts for name, term in names.items() if name.startswith(start)]
    assert found == ["GO:6", "GO:5"]
    plt.close(figure)


def test_the_legend_names_only_sides_that_have_bars() -> None:
    both, normal = SHARES, SHARES[SHARES["tissue"] == SHARES["normal"]]
    for table, sides in ((both, 2), (normal, 1)):
        figure = cancer.shares_different(table)
        names = [text.get_text() for text in figure.legends[0].get_texts()]
        expected = ["top genes of the normal tissue", "top genes of the cancer"][:sides]
        assert names == [*expected, "all genes"]
        plt.close(figure)


def test_redundant_terms_are_not_drawn() -> None:
    part = GO[GO["explainer"] == "DeepLift"].copy()
    part.loc[part["term_id"] == "GO:6", "reduced"] = False
    figure = function.enriched_terms(part)
    assert len(figure.axes[0].get_yticks()) == 4
    plt.close(figure)


def test_every_gene_of_the_table_is_in_the_volcano() -> None:
    figure = FIGURES["volcano"]()
    for axis in figure.axes:
        assert sum(len(points.get_offsets()) for points in axis.collections[:3]) == 100
    plt.close(figure)


def test_genes_are_named_in_the_panel_of_their_cancer_alone() -> None:
    figure = cancer.volcano(DE, NAMED)
    named = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert [sorted(texts) for texts in named] == [["G5", "G6"], ["G7"], []]
    plt.close(figure)


def test_segregation_bars_add_up_to_the_genes() -> None:
    figure = FIGURES["segregation"]()
    heights = [patch.get_height() for patch in figure.axes[0].patches]
    assert sum(heights) == 3 * 60
    plt.close(figure)


def test_known_genes_stand_by_the_cancers_that_share_them() -> None:
    assert texts(FIGURES["known_genes"]())[:2] == ["A", "C"]
    figure = FIGURES["shared_genes"]()
    matrix = figure.axes[0].images[0].get_array()
    # Genes by cancer, those of one cancer first: C, B, A (of X), then D.
    assert matrix.filled(0).tolist() == [[5, 0], [3, 0], [2, 2], [0, 4]]
    plt.close(figure)


@pytest.mark.parametrize("start", [0, 14, 28])
@pytest.mark.parametrize("name", FIGURES)
def test_names_may_be_anything(name: str, start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = nasty.mapping(
        [*TISSUES, "lung", *DE["cancer"], *SHARED["cancer"], "G5", "G6", "A", "B", "C", LONG[:40]],
        start,
    )
    for key, table in nasty.renamed(globals(), names).items():
        monkeypatch.setitem(globals(), key, table)
    monkeypatch.setitem(globals(), "TISSUES", [names[tissue] for tissue in TISSUES])
    nasty.check(FIGURES[name])
