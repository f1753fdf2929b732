"""Every figure can be drawn, twice the same, fits the page and leaves no trace."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
import nasty
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.figures import data, naming, reproducibility, style, training
from helpers.models import CNN
from helpers.models.layers import layer_table

RNG = np.random.default_rng(0)
TISSUES = ["liver", "thyroid_gland", "ovary"]


def agreement() -> pd.DataFrame:
    rows = [
        ("mlp", explainer, "none", design, reference, 1, tissue, f"{tissue}-{s}", metric, value)
        for explainer in ("Saliency", "DeepLift", "IntegratedGradients")
        for design in ("intra_model", "inter_model")
        for reference in (("none",) if explainer == "Saliency" else tuple(style.REFERENCES))
        for tissue in TISSUES
        for s in range(3)
        for metric in ("spearman", "top100")
        for value in RNG.uniform(0, 1, size=4)
    ]
    columns = ["architecture", "explainer", "optimisation", "design", "reference", "n", "tissue"]
    return pd.DataFrame(rows, columns=[*columns, "sample", "metric", "value"])


CLASSES = pd.DataFrame(
    {
        "class": [*TISSUES, "TCGA_LIHC"], "organ": "x", "study": "HPA",
        "status": ["normal"] * 3 + ["cancer"], "samples": [3, 4, 5, 6],
    }
)  # fmt: skip
POINTS = pd.DataFrame(
    {
        "sample": range(8), "tissue": ["liver"] * 4 + ["TCGA_LIHC"] * 4,
        "status": ["normal"] * 4 + ["cancer"] * 4, "pc1": RNG.normal(size=8),
        "pc2": RNG.normal(size=8), "share1": 0.2, "share2": 0.1,
    }
)  # fmt: skip
SPREADS = pd.DataFrame(
    {"tissue": ["liver"] * 3, "mean": [0.1, 2, 8], "sd": [0.1, 0.7, 0.6], "genes": [9, 9, 9]}
)
CURVES = pd.DataFrame(
    {
        "architecture": "mlp", "gene_order": "none", "model": [0] * 3 + [1] * 3,
        "epoch": [1, 2, 3] * 2,
        "train_loss": [2, 1, 0.5] * 2, "validation_loss": [2, 1, 0.9] * 2,
        "validation_accuracy": [0.4, 0.8, 0.9] * 2, "learning_rate": 0.001,
        "best": [False, False, True] * 2,
    }
)  # fmt: skip
ACCURACY = pd.DataFrame(
    {
        "architecture": "mlp", "model": [0, 1, 2] * 3, "seed": 0, "gene_order": "none",
        "split": ["train"] * 3 + ["validation"] * 3 + ["test"] * 3,
        "accuracy": RNG.uniform(0.9, 1, size=9), "group": "any order",
    }
)  # fmt: skip
THREE_GROUPS = pd.concat(
    [
        ACCURACY,
        ACCURACY.assign(architecture="cnn", gene_order="given", group="one order"),
        ACCURACY.assign(architecture="cnn", gene_order="random-1", group="different orders"),
    ]
)
RECALL = pd.DataFrame(
    {
        "architecture": ["mlp"] * 3 + ["cnn"] * 3, "tissue": TISSUES * 2, "n": [3, 4, 5, 1, 2, 2],
        "recall": [1, 0.5, 0.8, 0.9, 0.5, 0.7], "f1": 1.0,
    }
)  # fmt: skip
CONFUSION = pd.DataFrame(
    {
        "truth": ["liver", "ovary", "ovary"], "predicted": ["ovary", "ovary", "liver"],
        "samples": [2, 9, 1], "architecture": ["mlp", "mlp", "cnn"],
    }
)  # fmt: skip
LAYERS = layer_table(CNN(50, 3, channels=(2, 3, 4)), 50)

FIGURES: dict[str, Callable[[], Figure]] = {
    "class_sizes": lambda: data.class_sizes(CLASSES),
    "class_sizes_many": lambda: data.class_sizes(pd.concat([CLASSES] * 15)),
    "projection": lambda: data.projection(POINTS, ["liver"]),
    "spread": lambda: data.spread(SPREADS, {0.1: 0.1}),
    "learning_curves": lambda: training.learning_curves(CURVES),
    "accuracies": lambda: training.accuracies(ACCURACY, {"mlp": 0.978}),
    "accuracies_of_three": lambda: training.accuracies(THREE_GROUPS, {"mlp": 0.978, "cnn": 0.972}),
    "layers": lambda: training.layers(LAYERS),
    "recalls": lambda: training.recalls(RECALL),
    "confusions": lambda: training.confusions(CONFUSION),
    "no_confusions": lambda: training.confusions(CONFUSION.iloc[1:2]),
    "figure_1": lambda: reproducibility.figure_1(TABLE, TISSUES[:1]),
    "figure_s1": lambda: reproducibility.figure_1(TABLE, TISSUES),
    "modes": lambda: reproducibility.modes(MODES),
    "reference_kinds": lambda: reproducibility.reference_kinds(TABLE),
}
TABLE = agreement()
MODES = pd.concat([TABLE.assign(mode=mode) for mode in style.MODES])


def rendered(make: Callable[[], Figure]) -> bytes:
    figure, buffer = make(), io.BytesIO()
    with style.journal():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_data_give_the_same_bytes(name: str) -> None:
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    assert rendered(FIGURES[name]) == rendered(FIGURES[name])
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


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
    assert min(label.get_fontsize() for label in labels) >= 7
    plt.close(figure)


def test_every_panel_shows_its_own_tissue_and_metric() -> None:
    figure = FIGURES["figure_s1"]()
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert sorted(titles) == sorted(f"{naming.class_name(t)} (n = 3 samples)" for t in TISSUES)
    plt.close(figure)


@pytest.mark.parametrize(
    ("metric", "name"),
    [("spearman", "Spearman correlation"), ("top100", "Overlap of top 100")],
)
def test_metrics_have_names(metric: str, name: str) -> None:
    assert style.metric_name(metric) == name


def test_classes_have_names() -> None:
    assert naming.class_name("thyroid_gland") == "thyroid gland"
    assert naming.class_name("TCGA_LIHC") == "TCGA_LIHC"
    assert naming.class_name("T_cell_1") == "T_cell_1"
    assert style.with_size("liver", 1, "sample") == "liver (n = 1 sample)"
    assert style.with_size("MLP", 4, "tissue") == "MLP (n = 4 tissues)"


@pytest.mark.parametrize("start", [0, 14, 28])
@pytest.mark.parametrize(
    "name", [name for name in FIGURES if name not in {"accuracies_of_three", "layers"}]
)
def test_names_may_be_anything(name: str, start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = nasty.mapping([*TISSUES, "TCGA_LIHC"], start)
    for key, table in nasty.renamed(globals(), names).items():
        monkeypatch.setitem(globals(), key, table)
    monkeypatch.setitem(globals(), "TISSUES", [names[tissue] for tissue in TISSUES])
    nasty.check(FIGURES[name])
