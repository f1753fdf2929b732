"""Figures on consistency, expression and specificity: they fit, and no label is cut or covered."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
import nasty
import numpy as np
import pandas as pd
import pytest
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from helpers.biology import (
    REPRESENTATIVES,
    Matching,
    distinct_genes,
    expression_correlation,
    expression_profiles,
    gene_set,
    over_representation,
    specific_counts,
    specific_genes,
    tau,
    tau_of_top_genes,
    tissue_overlap,
    tissue_specificity,
    top_expressed,
)
from helpers.figures import consistency, expression_status, profiles, shares, specificity, style
from helpers.stability import find_groups, overlap_square, pairwise_overlap, relations

RNG = np.random.default_rng(0)
TISSUES = ["liver", "thyroid_gland", "ovary", "pancreas"]
COMBINATIONS = [
    (architecture, explainer, aggregated)
    for architecture, explainers in (("cnn", style.EXPLAINERS), ("mlp", style.EXPLAINERS[:6]))
    for explainer in explainers
    for aggregated in (False, True)
]
GENES = [f"G{i}" for i in range(500)]
CLASSES = [*TISSUES, *(f"TCGA_{i:04d}" for i in range(46))]
EXPRESSION = pd.DataFrame(
    RNG.gamma(0.5, 60, (500, 1)) * RNG.lognormal(0, 1.5, (500, 50)), GENES, CLASSES
)


def top_genes() -> pd.DataFrame:
    """Lists by expression in the tissue (MLP, DeepLift) or by chance."""
    ratio = np.log(EXPRESSION[TISSUES] / EXPRESSION.mean(axis=1).to_numpy()[:, None])
    rows = []
    for architecture, explainer, aggregated in COMBINATIONS:
        specific = architecture == "mlp" and explainer not in ("Saliency", "GuidedBackprop")
        for tissue in TISSUES:
            noise = RNG.normal(size=500) * (0.3 if aggregated else 1)
            score = (ratio[tissue] if specific else np.arange(500) / 100) + noise
            best = np.argsort(-score.to_numpy() if specific else -score)[:60]
            rows += [
                (architecture, explainer, aggregated, tissue, rank, GENES[gene])
                for rank, gene in enumerate(best, 1)
            ]
    columns = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene"]
    return pd.DataFrame(rows, columns=columns)


TOP = top_genes()
CONSISTENCY = pairwise_overlap(TOP)
GROUPS = find_groups(CONSISTENCY)
SPECIFIC = tissue_specificity(EXPRESSION)
CHANCE = over_representation(
    TOP,
    pd.concat([specific_genes(SPECIFIC), gene_set("housekeeping", GENES[:90])]),
    EXPRESSION,
    matching=Matching(1.0, 50, 50, 0),
)
HIGHEST = over_representation(
    TOP, top_expressed(EXPRESSION, 60), EXPRESSION, matching=Matching(1.0, 50, 50, 0)
)
SHARED = pd.DataFrame(
    [
        (architecture, explainer, "liver", f"s{sample}", times, 50, RNG.random())
        for architecture, explainer, aggregated in COMBINATIONS
        if aggregated
        for sample in range(3)
        for times in range(1, 6)
    ],
    columns=["architecture", "explainer", "tissue", "sample", "shared_by", "genes", "overlap"],
)
SCORES = {
    key: pd.DataFrame(RNG.normal(size=(4, 500)), TISSUES, GENES) for key in COMBINATIONS
}  # fmt: skip
ONLY_MLP = TOP[TOP["architecture"] == "mlp"]


def figure_3(table: pd.DataFrame) -> Figure:
    overlaps = pairwise_overlap(table)
    return consistency.figure_3(overlap_square(overlaps), find_groups(overlaps).table, 0.12, 4)


TAU = tau(EXPRESSION)
FIGURES: dict[str, Callable[[], Figure]] = {
    "figure_3": lambda: figure_3(TOP),
    "figure_3_mlp": lambda: figure_3(ONLY_MLP),
    "relations": lambda: consistency.relations(relations(CONSISTENCY), 0.12),
    "figure_s8": lambda: consistency.figure_s8(SHARED, 0.12),
    "figure_s8_mlp": lambda: consistency.figure_s8(SHARED[SHARED["architecture"] == "mlp"], 0.12),
    "figure_s9": lambda: expression_status.figure_s9(expression_correlation(SCORES, EXPRESSION)),
    "figure_4a": lambda: expression_status.figure_4a(HIGHEST, TISSUES[:1]),
    "figure_4a_mlp": lambda: expression_status.figure_4a(
        HIGHEST[HIGHEST["architecture"] == "mlp"], TISSUES[:2]
    ),
    "figure_s10": lambda: expression_status.figure_4a(HIGHEST, TISSUES),
    "figure_4b": lambda: profiles.figure_4b(expression_profiles(TOP, EXPRESSION)),
    "figure_4b_mlp": lambda: profiles.figure_4b(expression_profiles(ONLY_MLP, EXPRESSION)),
    "figure_4c": lambda: profiles.figure_4c(tissue_overlap(TOP), REPRESENTATIVES),
    "distinct_genes": lambda: profiles.distinct_genes(distinct_genes(TOP)),
    "tau": lambda: profiles.tau(tau_of_top_genes(TOP, TAU), TAU, REPRESENTATIVES),
    "figure_4d": lambda: specificity.figure_4d(CHANCE, TISSUES[:1], "tissue_specific"),
    "figure_s11": lambda: specificity.figure_4d(CHANCE, TISSUES, "tissue_enhanced"),
    "figure_4e": lambda: specificity.figure_4e(CHANCE, TISSUES, "housekeeping"),
    "figure_s11b": lambda: specificity.figure_s11b(specific_counts(SPECIFIC)),
    "figure_s11b_few": lambda: specificity.figure_s11b(specific_counts(SPECIFIC), TISSUES),
    "folds": lambda: shares.folds(
        CHANCE[CHANCE["set"] == "tissue_specific"], TISSUES[0], "tissue-specific genes"
    ),
}


@pytest.fixture(params=FIGURES, scope="module")
def figure(request: pytest.FixtureRequest):
    drawn = FIGURES[request.param]()
    drawn.canvas.draw()
    yield drawn
    plt.close(drawn)


@pytest.mark.parametrize("name", ["figure_3", "figure_4b", "tau", "folds"])
def test_the_same_data_give_the_same_bytes(name: str) -> None:
    def rendered() -> bytes:
        drawn, buffer = FIGURES[name](), io.BytesIO()
        with style.journal():
            drawn.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(drawn)
        return buffer.getvalue()

    assert rendered() == rendered()


def ticks(axis: Axis) -> list:
    low, high = sorted(axis.get_view_interval())
    return [
        tick.label1
        for tick in axis.get_major_ticks()
        if tick.label1.get_visible() and tick.label1.get_text() and low <= tick.get_loc() <= high
    ]


def test_figures_fit_the_page_and_their_text_is_large_enough(figure: Figure) -> None:
    assert figure.get_figwidth() <= style.WIDTH + 1e-9
    for axes in figure.axes:
        texts = [*ticks(axes.xaxis), *ticks(axes.yaxis), axes.xaxis.label, axes.yaxis.label]
        assert min((text.get_fontsize() for text in texts if text.get_text()), default=9) >= 7


def test_no_label_is_cut(figure: Figure) -> None:
    page = figure.bbox
    texts = [
        text
        for axes in figure.axes
        for text in (*ticks(axes.xaxis), *ticks(axes.yaxis), axes.xaxis.label, axes.yaxis.label,
                     axes.title, *axes.texts)
        if text.get_text()
    ]  # fmt: skip
    texts += [text for legend in figure.legends for text in legend.get_texts()]
    texts += [text for text in (figure._supxlabel, figure._supylabel) if text is not None]
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= page.x0 - 1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y0 >= page.y0 - 1, text
        assert box.y1 <= page.y1 + 1, text


def test_labels_of_an_axis_do_not_overlap(figure: Figure) -> None:
    for axes in figure.axes:
        for labels in (ticks(axes.xaxis), ticks(axes.yaxis)):
            # The boxes of slanted labels overlap where the labels do not.
            straight = [text for text in labels if text.get_rotation() % 90 == 0]
            boxes = [text.get_window_extent() for text in straight]
            for one, two, text in zip(boxes, boxes[1:], straight, strict=False):
                # A pixel of tolerance: boxes include the space above letters.
                shrunk = one.padded(-1)
                assert not shrunk.overlaps(two.padded(-1)), text


def test_panels_and_labels_beside_each_other_do_not_overlap(figure: Figure) -> None:
    labels = [axes.xaxis.label for axes in figure.axes if axes.xaxis.label.get_text()]
    titles = [axes.title for axes in figure.axes if axes.title.get_text()]
    for texts in (labels, titles):
        boxes = [text.get_window_extent().padded(-1) for text in texts]
        for i, one in enumerate(boxes):
            assert not any(one.overlaps(two) for two in boxes[i + 1 :]), texts[i]


def test_figure_3_shows_every_overlap_in_the_order_of_the_clusters() -> None:
    figure = figure_3(TOP)
    image = next(axes.images[0] for axes in figure.axes if axes.images)
    names = GROUPS.table["combination"]
    square = overlap_square(CONSISTENCY)
    assert np.array_equal(image.get_array(), square.loc[names, names])
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == [style.combination_label(name) for name in names]
    plt.close(figure)


def test_bars_are_shares() -> None:
    figure = specificity.figure_4e(CHANCE, ["liver"], "housekeeping")
    mlp = next(axes for axes in figure.axes if axes.get_title() == "liver, MLP")
    explainers = [text.get_text() for text in mlp.get_xticklabels()]
    rows = CHANCE[(CHANCE["set"] == "housekeeping") & (CHANCE["tissue"] == "liver")]
    rows = rows[(rows["architecture"] == "mlp")].set_index(["aggregated", "explainer"])
    expected = [
        rows.loc[(aggregated, name), "hits"] / 60
        for aggregated in (False, True)
        for name in explainers
    ]
    assert [bar.get_height() for bar in mlp.patches] == pytest.approx(expected)
    assert [text.get_text() for text in mlp.texts] == ["III", "III", "II", "II", "II", "II"]
    plt.close(figure)


def test_bars_carry_the_groups_that_are_given() -> None:
    figure = specificity.figure_4e(CHANCE, ["liver"], "housekeeping", {"mlp:DeepLift:single": "II"})
    mlp = next(axes for axes in figure.axes if axes.get_title() == "liver, MLP")
    assert [text.get_text() for text in mlp.texts] == ["II"]
    assert mlp.texts[0].xy[0] == style.EXPLAINERS.index("DeepLift") - 0.2
    plt.close(figure)


def test_combinations_have_labels() -> None:
    assert style.combination_label("mlp:DeepLift:aggregated") == "DeepLift, MLP-Agg"
    assert style.combination_label("cnn:GuidedGradCam++:single") == "GuidedGradCam++, CNN"


@pytest.mark.parametrize("start", [0, 14, 28])
@pytest.mark.parametrize(
    "name", ["figure_4b", "figure_4c", "figure_s10", "tau", "figure_s11", "figure_s11b", "folds"]
)
def test_names_may_be_anything(name: str, start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = nasty.mapping(TISSUES, start)
    for key, table in nasty.renamed(globals(), names).items():
        monkeypatch.setitem(globals(), key, table)
    monkeypatch.setitem(globals(), "TISSUES", [names[tissue] for tissue in TISSUES])
    nasty.check(FIGURES[name])
